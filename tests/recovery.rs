//! After an outage: much at once, in little memory.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::{Options, World, put_letter};

/// `KONVOLUTT_RECOVERY` asks for more; the promise is made for 10 000.
fn letters() -> u32 {
    let wanted = std::env::var("KONVOLUTT_RECOVERY").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

/// A world whose spool is full of letters.
fn filled(count: u32, size: usize, away: bool) -> World {
    let mut world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    world.terminate();
    world.sink.away.store(away, Ordering::SeqCst);
    world.sink.keeps_heads_only.store(true, Ordering::SeqCst);
    let store = world.store();
    for number in 0..count {
        put_letter(&store, number, size);
    }
    world.start();
    if away {
        world.until("the alarm", || world.root().join("spool/alarms/mail-server").exists());
    }
    world
}

/// The server is there. How long until the spool is empty, and the most memory that the relay had, in MiB.
fn drain(world: &World, count: u32) -> (Duration, u64) {
    world.sink.away.store(false, Ordering::SeqCst);
    let begin = Instant::now();
    while world.files_in("spool/delivered").len() < count as usize {
        assert!(
            begin.elapsed() < Duration::from_secs(900),
            "{} came",
            world.sink.count()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let took = begin.elapsed();
    let status = fs::read_to_string(format!("/proc/{}/status", world.relay_pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    let seen: BTreeSet<_> = world.sink.mails().into_iter().map(|delivery| delivery.mail).collect();
    assert_eq!(seen.len(), count as usize);
    assert_eq!(world.sink.count(), count as usize, "letters came twice");
    // The search for the marker that follows each test need not read a gigabyte.
    fs::remove_dir_all(world.root().join("spool/delivered")).unwrap();
    (took, peak / 1024)
}

#[test]
#[ignore = "needs a minute"]
fn what_waited_is_drained_in_time_and_in_little_memory() {
    let count = letters();
    let world = filled(count, 100 * 1024, true);
    let (took, peak) = drain(&world, count);
    eprintln!("{count} letters of 100 KiB in {took:?}, at most {peak} MiB");
    // 10 000 in ten minutes; the pause before the server is found back counts as well.
    assert!(
        took < Duration::from_millis(60) * count + Duration::from_secs(10),
        "{took:?}"
    );
    assert!(peak <= 200, "{peak} MiB");
}

/// One large letter costs what a short one does, also when there are four at once.
#[test]
fn large_letters_do_not_multiply() {
    let world = filled(4, 35_000_000, false);
    let (took, peak) = drain(&world, 4);
    eprintln!("4 letters of 35 MB in {took:?}, at most {peak} MiB");
    assert!(peak <= 64, "{peak} MiB");
}
