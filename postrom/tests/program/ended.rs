//! A mail that ends the process which opens, for real: memory that cannot be had. Only that mail is lost, and named.

use std::process::Command;

use super::desk::{Desk, Ran};

/// Enough for any letter here, too little for a mail of 60 MB.
const ROOM: &str = "--as=200000000";

/// A mail with a large attachment.
fn large() -> Vec<u8> {
    let mut mail = b"From: a@b.example\nSubject: stor\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=\"a.pgp\"\n\
                     Content-Transfer-Encoding: base64\n\n"
        .to_vec();
    let line = format!("{}\n", "wcFM".repeat(18));
    mail.extend(line.repeat(60_000_000 / line.len()).into_bytes());
    mail
}

/// With little memory, however many threads the machine has.
fn open(desk: &Desk, words: &[&str]) -> Ran {
    let plain = desk.command(words);
    let mut command = Command::new("prlimit");
    command.arg(ROOM).arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut command);
    command.env("MALLOC_ARENA_MAX", "1").env("RUST_BACKTRACE", "0");
    command.output().unwrap().into()
}

#[test]
fn only_the_mail_that_ends_it_is_lost() {
    let desk = Desk::new();
    let letters = desk.letters(0..20);
    desk.put("mail/0010-large.eml", large());
    desk.put("mail/0015-large.eml", large());
    let ran = open(&desk, &["mail"]);
    assert!(
        ran.err.contains("memory allocation"),
        "it ended for another reason: {}",
        ran.said()
    );
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    for name in ["mail/0010-large.eml", "mail/0015-large.eml"] {
        let sentence = format!("✗ {name}\n  The program that was opening this stopped.");
        assert_eq!(ran.out.matches(&sentence).count(), 1, "{}", ran.said());
    }
    assert!(
        ran.out.ends_with("20 new letters · 2 could not be opened\n"),
        "{}",
        ran.said()
    );
    desk.has_whole(&letters);
    assert!(desk.unfinished().is_empty());
    // Where there is memory enough it is a mail like any other.
    let ran = desk.open(&["mail/0010-large.eml", "mail/0000.eml"]);
    assert!(!ran.out.contains("stopped"), "{}", ran.said());
}

/// In a mailbox that is one file it takes with it what stands behind it, and only that.
#[test]
fn what_stands_before_it_in_an_mbox_is_opened() {
    let desk = Desk::new();
    let letters = desk.letters(0..4);
    let mut mbox = Vec::new();
    for mail in 0..3 {
        let mail = std::fs::read(desk.path(&format!("mail/{mail:04}.eml"))).unwrap();
        mbox.extend([b"From a@b.example Sat Nov 28 15:00:00 2026\n".as_slice(), &mail, b"\n"].concat());
    }
    mbox.extend([b"From a@b.example Sat Nov 28 15:00:00 2026\n".as_slice(), &large()].concat());
    desk.put("in.mbox", mbox);
    let ran = open(&desk, &["in.mbox", "mail/0003.eml"]);
    assert!(ran.err.contains("memory allocation"), "{}", ran.said());
    assert_eq!(
        (ran.code, ran.out.matches("✗ in.mbox\n").count()),
        (Some(1), 1),
        "{}",
        ran.said()
    );
    desk.has_whole(&letters);
}

/// One that watches goes on watching.
#[test]
fn a_run_that_watches_outlives_it() {
    let desk = Desk::new();
    let mut letters = desk.letters(0..2);
    let plain = desk.command(&["mail", "--watch"]);
    let mut command = Command::new("prlimit");
    command.arg(ROOM).arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut command);
    command.env("MALLOC_ARENA_MAX", "1").env("RUST_BACKTRACE", "0");
    let running = super::process::Running::start(command);
    running.until("two letters", || running.out().matches('✓').count() == 2);
    desk.put("whole.eml", large());
    std::fs::rename(desk.path("whole.eml"), desk.path("mail/0001-large.eml")).unwrap();
    running.until("its sentence", || {
        running.out().contains("that was opening this stopped")
    });
    letters.extend(desk.letters(2..4));
    running.until("two more", || running.out().matches('✓').count() == 4);
    running.signal(rustix::process::Signal::INT);
    let ran = running.end();
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    desk.has_whole(&letters);
}
