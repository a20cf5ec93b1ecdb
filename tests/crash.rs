//! A receipt is a promise: `kill -9` at random moments under load loses nothing and tears nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::support::World;

/// `KONVOLUTT_KILLS` asks for more; the promise was measured with 500.
fn kills() -> u64 {
    std::env::var("KONVOLUTT_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10)
}

/// Sends one letter; the receipt's address, if it came before the kill.
fn send(request: &[u8], address: std::net::SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    stream.write_all(request).ok()?;
    let mut answer = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let location = text.lines().find_map(|line| line.strip_prefix("location: "))?;
    Some(location.to_owned())
}

#[test]
fn a_receipt_survives_a_kill() {
    survives(kills());
}

#[test]
#[ignore = "needs a minute"]
fn a_receipt_survives_a_hundred_kills() {
    survives(kills().max(100));
}

fn survives(kills: u64) {
    let mut world = World::new();
    let promised = Mutex::new(BTreeSet::new());
    for round in 0..kills {
        // Pages first, so that the kill falls among the letters.
        let pages: Vec<_> = (0..8).map(|_| world.marked_form().bytes()).collect();
        let stop = AtomicBool::new(false);
        let (receipts, seen) = mpsc::channel();
        std::thread::scope(|scope| {
            for page in &pages {
                let (stop, promised, address, receipts) = (&stop, &promised, world.address, receipts.clone());
                scope.spawn(move || {
                    if !stop.load(Ordering::Relaxed)
                        && let Some(receipt) = send(page, address)
                    {
                        promised.lock().unwrap().insert(receipt);
                        // Nobody counts any more once the kill is on its way.
                        let _ = receipts.send(());
                    }
                });
            }
            // From before the first byte to after the last delivery, on a machine of any speed: so many receipts first,
            // and then a moment.
            for _ in 0..round % 8 {
                seen.recv_timeout(Duration::from_secs(90)).expect("a receipt");
            }
            std::thread::sleep(Duration::from_millis(round * 7 % 40));
            world.kill();
            stop.store(true, Ordering::Relaxed);
        });
        world.start();
    }
    let addresses = promised.into_inner().unwrap();
    // Also the first of them, from before all the kills, opens under the key of the store.
    let promised: BTreeSet<_> = addresses.iter().map(|address| world.reference_at(address)).collect();
    assert!(
        promised.len() as u64 > kills,
        "only {} receipts: the kills fell too early",
        promised.len()
    );
    world.until("the deliveries", || {
        let there: BTreeSet<_> = delivered(&world).into_keys().collect();
        promised.is_subset(&there)
    });
    // A mail may come twice (a kill between the server's yes and ours), but byte for byte; none is torn.
    for mails in delivered(&world).values() {
        assert!(mails.iter().all(|mail| mail == &mails[0]));
        world.open(&mails[0]);
    }
    assert!(world.files_in("spool/corrupt").is_empty());
}

/// What the mailbox has, by reference.
fn delivered(world: &World) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut found: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for delivery in world.sink.mails() {
        let text = String::from_utf8_lossy(&delivery.mail).into_owned();
        let reference = text
            .lines()
            .find_map(|line| line.strip_prefix("X-Konvolutt-Reference: "));
        found
            .entry(reference.unwrap().to_owned())
            .or_default()
            .push(delivery.mail);
    }
    found
}
