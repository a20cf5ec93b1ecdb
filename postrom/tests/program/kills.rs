//! `kill -9` and the like, at any moment and at each step: the next start removes what was left and says so, and no letter
//! is half, twice or lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use super::desk::{Desk, Ran};
use super::process::{Running, send};

/// The next run, which nobody disturbs. `before` lay there already.
fn goes_on(desk: &Desk, letters: &[String], before: &[String]) -> Ran {
    desk.all_whole();
    let acks = |name: &String| desk.path(&format!("acks/{name}.ack")).exists();
    assert_eq!(
        letters
            .iter()
            .filter(|name| acks(name) && !desk.out().join(name).is_dir())
            .count(),
        0
    );
    let left = desk.unfinished().len();
    let ran = desk.open(&["mail", "--ack-to", "acks"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    // Every one that is in place, and none before it was.
    assert!(letters.iter().all(acks));
    assert_eq!(
        ran.out.contains("half-finished"),
        left > 0,
        "{left} left: {}",
        ran.said()
    );
    assert!(desk.unfinished().is_empty());
    desk.has_whole(letters);
    // What has a name is known, by its folder where the ledger was not told any more.
    assert_eq!(
        ran.out.matches('✓').count(),
        letters.len() - before.len(),
        "{}",
        ran.said()
    );
    ran
}

/// As on the first day.
fn begin(desk: &Desk) {
    for name in ["out", "acks"] {
        let _ = fs::remove_dir_all(desk.path(name));
    }
    fs::create_dir(desk.path("acks")).unwrap();
}

fn is_gone(process: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.is_empty() || state.contains(") Z ")
}

/// So many letters in, one is killed, or both; whether that was before all were in place.
fn killed(desk: &Desk, letters: &[String], after: usize, parent: bool, opener: bool) -> bool {
    begin(desk);
    let running = Running::start(desk.command(&["mail", "--ack-to", "acks"]));
    let child = running.opener();
    running.until("the letters", || desk.folders().len() >= after);
    match (parent, opener) {
        (true, true) => running.signal_all(Signal::KILL),
        (true, false) => running.signal(Signal::KILL),
        _ => send(child, Signal::KILL),
    }
    let in_time = desk.folders().len() < letters.len();
    if !parent {
        let ran = running.end();
        // It was no mail that did it: all are opened.
        assert_eq!(ran.code, Some(0), "after {after}: {}", ran.said());
        desk.has_whole(letters);
        assert!(desk.unfinished().is_empty());
        return in_time;
    }
    running.until("the end of both", || is_gone(child) && is_gone(running.pid()));
    if !opener {
        // The other one has noticed, and cleaned up.
        assert!(desk.unfinished().is_empty());
    }
    goes_on(desk, letters, &desk.folders());
    in_time
}

#[test]
fn a_kill_at_any_moment_loses_nothing() {
    let desk = Desk::new();
    let letters = desk.letters(0..120);
    let mut in_time = 0;
    for after in [0, 1, 30, 90] {
        for (parent, opener) in [(true, false), (true, true), (false, true)] {
            in_time += usize::from(killed(&desk, &letters, after, parent, opener));
        }
    }
    // The control: most of them came while there was something to do.
    assert!(in_time >= 6, "only {in_time} of 12 kills came in time");
}

/// Once the process that opens was killed in the middle of everything: only what it had at hand is gone through again.
#[test]
fn a_kill_of_the_process_that_opens_is_made_good() {
    let desk = Desk::new();
    let letters = desk.letters(0..200);
    let running = Running::start(desk.command(&["mail", "--json"]));
    let child = running.opener();
    running.until("some letters", || running.out().lines().count() > 3);
    send(child, Signal::KILL);
    let ran = running.end();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    let mut told: Vec<String> = Vec::new();
    for line in ran.lines().iter().filter(|line| line["source"].is_string()) {
        told.push(line["source"].as_str().unwrap().to_owned());
    }
    // What had its place and was not told yet is news, too.
    let summary = ran.lines().pop().unwrap();
    assert_eq!(summary["summary"]["new_letters"], 200, "{}", ran.said());
    told.sort();
    let all: Vec<String> = (0..200).map(|number| format!("mail/{number:04}.eml")).collect();
    assert_eq!(told, all);
    desk.has_whole(&letters);
}

/// The program under strace, which kills whichever process makes this call for the n-th time.
fn killed_at(desk: &Desk, call: &str, n: usize, log: &Path) -> Ran {
    let plain = desk.command(&["mail", "--ack-to", "acks"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(log);
    strace.args([
        "-e",
        &format!("trace={call}"),
        "-e",
        &format!("inject={call}:signal=KILL:when={n}"),
    ]);
    strace.arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut strace);
    strace.output().unwrap().into()
}

/// A kill at each call that makes, writes, syncs, names or removes something.
#[test]
#[ignore = "needs root and strace"]
fn a_kill_at_each_step_loses_nothing() {
    let desk = Desk::new();
    let letters = desk.letters(0..5);
    let log = desk.path("strace.log");
    let mut kills = 0;
    for (call, most) in [
        ("mkdir", 14),
        ("openat", 70),
        ("write", 40),
        ("syncfs", 6),
        ("fsync", 12),
        ("fdatasync", 6),
        ("renameat2", 6),
        ("flock", 12),
        ("unlinkat", 6),
        ("rmdir", 6),
    ] {
        for n in 1..=most {
            begin(&desk);
            let ran = killed_at(&desk, call, n, &log);
            let killed = fs::read_to_string(&log).unwrap().contains("killed by SIGKILL");
            kills += usize::from(killed);
            let before = desk.folders();
            assert!(
                killed || (ran.code == Some(0) && before.len() == letters.len()),
                "{call} {n}: {}",
                ran.said()
            );
            // Where only the opener was killed, the run went on, and what nobody was told of yet is news.
            assert!(
                ran.code != Some(0) || ran.out.contains("5 new letters"),
                "{call} {n}: {}",
                ran.said()
            );
            goes_on(&desk, &letters, &before);
        }
    }
    eprintln!("{kills} kills");
    assert!(kills > 60, "only {kills} kills");
}
