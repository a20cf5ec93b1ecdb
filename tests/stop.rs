//! SIGTERM: what is under way may finish within a bound, and everything else is kept.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Options, World};

/// The first half of a form is sent.
fn half_sent(world: &World, name: &str) -> (TcpStream, Vec<u8>) {
    let bytes = world.marked_form().text("namn", name).bytes();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    stream.write_all(first).unwrap();
    (stream, rest.to_vec())
}

fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // Whoever is cut off gets an error, or nothing.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A letter in flight, an upload under way, and perhaps one that stalls. Gives how long the stop took.
fn stop(stalls: bool) -> Duration {
    let mut world = World::new();
    let gate = world.sink.gate.clone();
    let gate = gate.lock().unwrap();
    world.marked_form().send();
    world.until("the delivery", || !world.files_in("spool/inflight").is_empty());
    let (mut upload, rest) = half_sent(&world, "under veg");
    let mut stalled = stalls.then(|| half_sent(&world, "sit fast"));

    // Visitors are let in one after the other: when this one was answered, those before it are inside.
    assert_eq!(world.get("/").status, 200);
    std::thread::sleep(Duration::from_secs(1));
    world.signal(Signal::TERM);
    let begin = Instant::now();
    world.until("the closed door", || TcpStream::connect(world.address).is_err());
    upload.write_all(&rest).unwrap();
    let answer_to_upload = answer(&mut upload);
    assert!(answer_to_upload.starts_with("HTTP/1.1 303"), "{answer_to_upload}");
    assert!(answer_to_upload.contains("/kvittering/"), "{answer_to_upload}");
    drop(gate);
    if let Some((stream, _)) = &mut stalled {
        assert!(!answer(stream).contains("/kvittering/"));
    }
    assert_eq!(world.terminate(), Some(0));
    let took = begin.elapsed();

    // The letter in flight was finished, and the new one is kept.
    assert_eq!(world.files_in("spool/delivered").len(), 1);
    assert_eq!(world.spooled().len(), 2);
    world.start();
    world.until("the other delivery", || world.files_in("spool/delivered").len() == 2);
    assert_eq!(world.sink.count(), 2);
    took
}

#[test]
fn what_is_under_way_is_finished() {
    let took = stop(false);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
#[ignore = "needs half a minute"]
fn who_stalls_does_not_hold_the_stop_up_for_ever() {
    let took = stop(true);
    assert!(took < Duration::from_secs(45), "{took:?}");
}

/// A server that never answers: its letter waits for the next start.
#[test]
#[ignore = "needs half a minute"]
fn a_mail_server_that_stalls_does_not_either() {
    let mut world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    let gate = world.sink.gate.clone();
    let gate = gate.lock().unwrap();
    world.marked_form().send();
    world.until("the delivery", || !world.files_in("spool/inflight").is_empty());
    let begin = Instant::now();
    // Both roles end in peace.
    assert_eq!(world.terminate(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(45), "{:?}", begin.elapsed());
    assert_eq!(world.spooled().len(), 1);
    drop(gate);
    world.start();
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    // It may have come twice, but with the same bytes.
    let mails = world.sink.mails();
    assert!(mails.iter().all(|delivery| delivery.mail == mails[0].mail));
}
