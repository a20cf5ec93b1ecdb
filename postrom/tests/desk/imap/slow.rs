//! Servers that say one byte after the other.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::ServerConnection;

use super::super::office::{Office, until};
use super::script::config;
use super::{open, plan};

/// The head of a record that never becomes whole, and a byte of it now and then until nobody listens.
fn trickle(mut stream: TcpStream, head: &[u8], begun: &AtomicBool, left: &AtomicBool) {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    stream.write_all(head).unwrap();
    begun.store(true, Ordering::Relaxed);
    let mut nothing = [0; 64];
    while stream.write_all(&[0]).is_ok() && !matches!(stream.read(&mut nothing), Ok(0)) {
        std::thread::sleep(Duration::from_millis(50));
    }
    left.store(true, Ordering::Relaxed);
}

/// Serves one connection so; whether that began, and ended.
fn serve(office: &Office, encrypted_first: bool) -> (String, Arc<AtomicBool>, Arc<AtomicBool>) {
    let config = config(office);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("imaps://post@localhost:{}/", listener.local_addr().unwrap().port());
    let (begun, left) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (begins, leaves) = (Arc::clone(&begun), Arc::clone(&left));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A part of the handshake, or of what is said after it.
        let head: &[u8] = if encrypted_first {
            &[23, 3, 3, 0x40, 0]
        } else {
            &[22, 3, 3, 0x40, 0, 2]
        };
        if encrypted_first {
            let mut tls = ServerConnection::new(config).unwrap();
            while tls.is_handshaking() || tls.wants_write() {
                tls.complete_io(&mut stream).unwrap();
            }
        }
        trickle(stream, head, &begins, &leaves);
    });
    (address, begun, left)
}

#[test]
fn a_desk_that_is_locked_leaves_a_server_that_only_trickles() {
    for encrypted_first in [false, true] {
        let office = Office::new();
        let (address, begun, left) = serve(&office, encrypted_first);
        let (room, _open) = open(plan(&office, "kari", address));
        until("it began", || begun.load(Ordering::Relaxed));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!left.load(Ordering::Relaxed));
        room.lock();
        let locked = Instant::now();
        until("nobody listens", || left.load(Ordering::Relaxed));
        // Sooner than it would give up by itself.
        assert!(locked.elapsed() < Duration::from_secs(8), "{:?}", locked.elapsed());
    }
}

#[test]
fn a_server_that_only_trickles_is_left_in_time() {
    let office = Office::new();
    let (address, begun, left) = serve(&office, false);
    let (_room, open) = open(plan(&office, "kari", address));
    until("it began", || begun.load(Ordering::Relaxed));
    let came = Instant::now();
    until("nobody listens", || left.load(Ordering::Relaxed));
    assert!(came.elapsed() < Duration::from_secs(25), "{:?}", came.elapsed());
    assert!(super::told(&open).contains("does not answer"));
}
