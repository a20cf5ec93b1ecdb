//! A disk that fails at any call: either a receipt and a letter, or a clear refusal with everything that was typed.
//! Well again by itself, but for a failed fsync: then there are no receipts until a restart.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Answer, Fault, Options, World};

/// The web side alone, so that every letter stays where it was put and every call is one of its way.
fn web() -> World {
    World::with(Options {
        without_relay: true,
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "[spool]",
                "[health]\naddress = \"127.0.0.1:0\"\n\n[spool]",
            );
        },
        ..Options::default()
    })
}

fn letters(world: &World) -> usize {
    world.files_in("spool/new").len()
}

fn is_receipt(answer: &Answer) -> bool {
    answer.location().contains("/kvittering/")
}

/// A page that says that nothing was received, what to do instead, and still has the text.
fn is_refused(world: &World, answer: &Answer) {
    assert!(!is_receipt(answer), "a receipt was given");
    let page = world.get(answer.location());
    assert_eq!(page.status, 503);
    for wanted in [
        &world.marker.text,
        "Vi har ikkje fått meldinga",
        "står her framleis",
        "112",
        "75 02 17 11",
    ] {
        assert!(page.body.contains(wanted), "{wanted} is missing:\n{}", page.body);
    }
}

/// Sends one letter while a call fails; whether there was a receipt.
fn sent_while(world: &World, inject: &str, path: Option<&str>) -> bool {
    let (before, page) = (letters(world), world.marked_form());
    let path = path.map(|path| world.root().join(path));
    let fault = Fault::new(world, inject, path);
    let answer = page.send();
    assert!(fault.end() > 0, "nothing failed: {inject}");
    let receipt = is_receipt(&answer);
    if receipt {
        assert_eq!(letters(world), before + 1, "{inject}")
    } else {
        is_refused(world, &answer)
    }
    receipt
}

fn is_open(world: &World) {
    world.until("the form opens", || world.get("/nn/s/skriv").status == 200);
}

/// The form opens by itself, and takes a letter.
fn is_well(world: &World) {
    is_open(world);
    let before = letters(world);
    assert!(is_receipt(&world.marked_form().send()), "{}", world.log());
    assert_eq!(letters(world), before + 1);
    assert_eq!(world.health()("/readyz").status, 200);
}

#[test]
#[ignore = "needs strace, root"]
fn a_call_that_fails_refuses_one_letter_and_heals() {
    let world = web();
    for (call, path) in [
        ("openat", Some("spool/draft")),
        ("linkat", Some("spool/new")),
        ("fsync", None),
    ] {
        for error in ["EIO", "ENOSPC", "EDQUOT", "EMFILE"] {
            // A failed fsync is another story, below.
            if call == "fsync" && !matches!(error, "ENOSPC" | "EDQUOT") {
                continue;
            }
            let before = letters(&world);
            let receipt = sent_while(&world, &format!("{call}:error={error}:when=1"), path);
            assert!(!receipt, "{call} {error}");
            assert_eq!(letters(&world), before, "{call} {error}");
            is_well(&world);
        }
    }
    // A signal that came between is no failure.
    for (call, path) in [
        ("openat", Some("spool/draft")),
        ("linkat", Some("spool/new")),
        ("fsync", None),
    ] {
        assert!(
            sent_while(&world, &format!("{call}:error=EINTR:when=1"), path),
            "{call}"
        );
        is_well(&world);
    }
}

/// A directory that could not be made durable for want of room: no receipt, and well again. The letter may be sent.
#[test]
#[ignore = "needs strace, root"]
fn a_full_directory_refuses_and_heals() {
    let world = web();
    for error in ["ENOSPC", "EDQUOT"] {
        assert!(!sent_while(
            &world,
            &format!("fsync:error={error}:when=1"),
            Some("spool/new")
        ));
        is_well(&world);
    }
}

/// The letter has its name, and the directory was not made durable. A second fsync that succeeds would prove nothing: so
/// the same page gets no receipt while the letter waits, and gets it once the mail server has the letter.
#[test]
#[ignore = "needs strace, root"]
fn a_letter_in_doubt_has_no_receipt_until_it_is_delivered() {
    let world = World::new();
    let gate = world.sink.gate.clone();
    let gate = gate.lock().unwrap();
    let page = world.marked_form();
    let fault = Fault::new(
        &world,
        "fsync:error=ENOSPC:when=1",
        Some(world.root().join("spool/new")),
    );
    let first = page.send();
    assert!(fault.end() > 0, "nothing failed");
    is_refused(&world, &first);
    assert_eq!(letters(&world), 1);
    for _ in 0..2 {
        is_open(&world);
        is_refused(&world, &page.send());
    }
    // The control: other letters have theirs.
    is_open(&world);
    assert!(is_receipt(&world.marked_form().text("namn", "ein annan").send()));
    drop(gate);
    world.until("the deliveries", || world.files_in("spool/delivered").len() == 2);
    assert!(is_receipt(&page.send()), "{}", world.log());
    assert_eq!(world.sink.count(), 2);
}

#[test]
#[ignore = "needs strace, root"]
fn a_failed_fsync_fences_until_a_restart() {
    for path in [None, Some("spool/new")] {
        let mut world = web();
        is_well(&world);
        let open_pages = [(); 2].map(|()| world.marked_form());
        assert!(!sent_while(&world, "fsync:error=EIO:when=1", path));
        // The disk works again, and is not believed.
        let after = letters(&world);
        for page in open_pages {
            is_refused(&world, &page.send());
        }
        assert_eq!(letters(&world), after);
        assert_eq!(world.get("/nn/s/skriv").status, 503);
        assert_eq!(world.health()("/readyz").status, 503);
        // The next look says why, and raises the alarm.
        world.until("the fence is told", || {
            world.health()("/readyz").body.contains("fenced")
        });
        let alarm = world.root().join("spool/alarms/fenced");
        world.until("the alarm", || alarm.exists());
        world.terminate();
        world.start();
        is_well(&world);
        world.until("the end of the alarm", || !alarm.exists());
    }
}

/// The check at the start is not passed: the form is closed from the beginning, and says whom to phone.
#[test]
#[ignore = "needs strace, root"]
fn a_start_on_a_broken_disk_takes_nothing() {
    let mut world = web();
    world.terminate();
    let words = [
        "strace",
        "-D",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=fsync",
        "-e",
        "inject=fsync:error=EIO:when=4+",
    ];
    world.launcher = words.map(str::to_owned).to_vec();
    world.start();
    let page = world.get("/nn/s/skriv");
    assert!(page.status == 503 && page.body.contains("75 02 17 11"), "{}", page.body);
    assert!(world.health()("/readyz").body.contains("fenced"));
}

/// Writes that the system cuts short and then refuses.
#[test]
#[ignore = "needs prlimit, root"]
fn short_writes_refuse_and_heal() {
    let world = web();
    let limit = |bytes: &str| {
        let pid = world.pid().to_string();
        let set = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")])
            .status();
        assert!(set.unwrap().success());
    };
    for bytes in ["0", "1", "4096", "10000"] {
        let page = world.marked_form();
        limit(bytes);
        let (before, answer) = (letters(&world), page.send());
        // The log is a file too.
        limit("unlimited");
        is_refused(&world, &answer);
        assert_eq!(letters(&world), before);
        is_well(&world);
    }
}

/// Killed at each call of the commit: what was promised is there, and nothing is torn.
#[test]
#[ignore = "needs strace, root"]
fn a_kill_at_each_call_loses_nothing() {
    let mut world = web();
    let mut promised = Vec::new();
    for (inject, path) in [
        ("openat:signal=KILL:when=1", Some("spool/draft")),
        ("fsync:signal=KILL:when=1", None),
        ("linkat:signal=KILL:when=1", Some("spool/new")),
        ("fsync:signal=KILL:when=1", Some("spool/new")),
    ] {
        let page = world.marked_form();
        let path: Option<PathBuf> = path.map(|path| world.root().join(path));
        let fault = Fault::new(&world, inject, path);
        let answer = page.try_send();
        assert!(fault.end() > 0, "no kill: {inject}");
        assert!(answer.is_none(), "{inject}");
        world.reap();
        world.start();
        // The same page again is the same letter, whether it was there or not.
        let again = page.at(world.address).send();
        assert!(is_receipt(&again));
        promised.push(world.reference(&again));
    }
    world.terminate();
    world.without_relay = false;
    world.start();
    world.sink.wait_for(promised.len());
    let mut delivered = world.sink.references();
    delivered.sort();
    promised.sort();
    assert_eq!(delivered, promised);
    for mail in world.sink.mails() {
        world.open(&mail.mail);
    }
}
