//! A run that goes on: what comes is opened, once, and the end is as orderly as any.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::desk::{Desk, Ran};
use super::process::{Running, send};

fn ended(running: Running) -> Ran {
    running.signal(Signal::TERM);
    running.end()
}

#[test]
fn a_mail_that_comes_later_is_opened_within_seconds() {
    let desk = Desk::new();
    let mut letters = desk.letters(0..2);
    let running = Running::start(desk.command(&["mail", "--watch"]));
    running.until("two letters", || running.out().matches('✓').count() == 2);
    letters.extend(desk.letters(2..3));
    let put = Instant::now();
    // Its line comes when the disk has it, which others may keep busy.
    running.until("the third is opened", || {
        desk.folders().len() == 3 || desk.unfinished().iter().any(|run| desk.is_at_work(run))
    });
    assert!(put.elapsed() < Duration::from_secs(10), "{:?}", put.elapsed());
    running.until("the third", || running.out().matches('✓').count() == 3);
    let ran = ended(running);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(ran.out.contains("3 new letters"), "{}", ran.said());
    assert!(desk.unfinished().is_empty());
    desk.has_whole(&letters);
}

/// A mail program that looks at a new mail gives its file another name.
#[test]
fn a_letter_that_was_looked_at_is_the_same_letter() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    let mail = fs::read(desk.path("mail/0000.eml")).unwrap();
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(desk.path(&format!("M/{folder}"))).unwrap();
    }
    desk.put("M/new/1.M1P1.mx", mail);
    let running = Running::start(desk.command(&["M", "--watch", "--json"]));
    running.until("the letter", || running.out().contains("genuine"));
    fs::rename(desk.path("M/new/1.M1P1.mx"), desk.path("M/cur/1.M1P1.mx:2,S")).unwrap();
    running.until("the letter again", || running.out().contains("\"repeat\":true"));
    let ran = ended(running);
    let lines = ran.lines();
    assert_eq!(lines.last().unwrap()["summary"]["new_letters"], 1, "{}", ran.said());
    desk.has_whole(&letters);
}

#[test]
fn a_mailbox_that_comes_later_is_read_then() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    let running = Running::start(desk.command(&["share/mail", "--watch"]));
    running.until("a sentence", || running.out().contains("is not there"));
    fs::create_dir(desk.path("share")).unwrap();
    fs::rename(desk.path("mail"), desk.path("share/mail")).unwrap();
    running.until("the letter", || running.out().contains('✓'));
    let ran = ended(running);
    // Said once, not every two seconds.
    assert_eq!(ran.out.matches("is not there").count(), 1, "{}", ran.said());
    desk.has_whole(&letters);
}

/// A mail that is still being written when it is first seen is looked at again when it is whole.
#[test]
fn half_a_mail_is_looked_at_again() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    let whole = fs::read(desk.path("mail/0000.eml")).unwrap();
    fs::write(desk.path("mail/0000.eml"), &whole[..whole.len() / 2]).unwrap();
    let running = Running::start(desk.command(&["mail", "--watch"]));
    running.until("a sentence", || running.out().contains('✗'));
    fs::write(desk.path("mail/0000.eml"), whole).unwrap();
    running.until("the letter", || running.out().contains('✓'));
    ended(running);
    desk.has_whole(&letters);
}

#[test]
fn the_end_of_the_first_process_is_the_end_of_the_second() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let running = Running::start(desk.command(&["mail", "--watch"]));
    running.until("two letters", || running.out().matches('✓').count() == 2);
    let opener = running.opener();
    running.signal(Signal::KILL);
    running.until("its end", || !fs::exists(format!("/proc/{opener}")).unwrap());
    assert!(desk.unfinished().is_empty());
    desk.has_whole(&letters);
}

/// The one that opens is killed while it waits: a run that watches goes on.
#[test]
fn a_kill_while_it_waits_is_made_good() {
    let desk = Desk::new();
    let mut letters = desk.letters(0..2);
    let running = Running::start(desk.command(&["mail", "--watch"]));
    running.until("two letters", || running.out().matches('✓').count() == 2);
    let first = running.opener();
    send(first, Signal::KILL);
    running.until("another one", || running.opener() != first);
    letters.extend(desk.letters(2..3));
    running.until("the third", || running.out().matches('✓').count() == 3);
    let ran = ended(running);
    assert!(ran.out.contains("3 new letters"), "{}", ran.said());
    desk.has_whole(&letters);
}
