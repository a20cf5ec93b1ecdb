//! A clerk's day, from the passphrase to the archive, with scripts and without.

use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::letters::{contact, put, put_as};
use super::places::*;
use super::post_room::{PASSPHRASE as RIGHT, Served, with_passphrase};
use super::webdriver::Scripts;
use crate::program::desk::Desk;

/// Letters of three days and a test, the newest first in the mailbox; references, the oldest first.
fn mailbox(desk: &Desk) -> [String; 3] {
    let newest = put(desk, 23, "Brevet fra den 23.");
    let middle = put(desk, 12, "Brevet fra den 12.");
    let oldest = put_as(desk, 3, "Brevet fra den 3.", &|record| {
        contact(record, &[("epost", "På e-post")]);
    });
    put_as(desk, 1, "En test.", &|record| record.test = true);
    [oldest, middle, newest]
}

fn day(scripts: Scripts) {
    let desk = with_passphrase(Desk::new());
    let references = mailbox(&desk);
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::at(&served, &desk.path("browser"), scripts);
    wrong_and_right(&clerk, scripts);
    clerk.until_listed(3);
    assert_eq!(clerk.listed(), references);
    assert_eq!(clerk.counts(), [3, 3, 0, 0, 0, 0, 0, 1]);
    read(&clerk, &references);
    hand_on(&clerk, &references);
    saved(&clerk, &desk, &references[0]);
    let told = "kari.toml";
    served.running.until(told, || served.running.err().contains(told));
}

fn wrong_and_right(clerk: &Clerk, scripts: Scripts) {
    for tries in 1..=3 {
        assert!(!clerk.browser.is_there(WAIT), "{tries}");
        clerk.unlock(Some("feil hest"));
        let said = clerk.browser.text(WRONG);
        assert!(
            said.contains("does not fit") && !clerk.browser.shows("feil hest"),
            "{said}"
        );
        assert_eq!(clerk.place(), "");
    }
    assert!(clerk.browser.text(WAIT).contains("Wait"));
    let begun = Instant::now();
    if scripts == Scripts::On {
        assert_eq!(
            clerk
                .browser
                .run(&format!("return document.querySelector('{UNLOCK}').disabled")),
            true
        );
        clerk.until("the end of the wait", || !clerk.browser.is_there(WAIT));
        clerk.unlock(Some(RIGHT));
        assert!(begun.elapsed() > Duration::from_millis(800), "{:?}", begun.elapsed());
    } else {
        while clerk.browser.is_there(UNLOCK) {
            clerk.unlock(Some(RIGHT));
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
    }
    assert!(!clerk.browser.is_there(PASSPHRASE));
}

/// Opens the first, and goes on to the others and back.
fn read(clerk: &Clerk, references: &[String; 3]) {
    clerk.open_first();
    assert!(!clerk.place().contains(&references[0]), "{}", clerk.place());
    assert_eq!(clerk.browser.text(REFERENCE), references[0]);
    assert!(
        clerk.browser.text(VERDICT).contains("came through your form"),
        "{}",
        clerk.browser.text(VERDICT)
    );
    assert!(
        clerk.browser.text(CONTACT).contains("Do NOT phone"),
        "{}",
        clerk.browser.text(CONTACT)
    );
    assert!(
        clerk.texts(SAID).contains(&"Brevet fra den 3.".to_owned()),
        "{:?}",
        clerk.texts(SAID)
    );
    assert!(
        clerk.browser.text(STATE).starts_with("Opened"),
        "{}",
        clerk.browser.text(STATE)
    );
    // What is opened goes behind what nobody has seen; the way leads through all of them.
    clerk.press(BACK);
    assert_eq!(
        clerk.listed(),
        [&references[1], &references[2], &references[0]].map(Clone::clone)
    );
    assert_eq!(clerk.counts(), [3, 2, 0, 0, 0, 0, 0, 1]);
    clerk.go(&clerk.link(&references[0]));
    assert!(!clerk.browser.is_there(NEXT));
    clerk.press(PREVIOUS);
    assert_eq!(clerk.browser.text(REFERENCE), references[2]);
    let title = clerk.browser.title();
    assert!(
        !title.contains(&references[2]) && title == "The desk – Konvolutt",
        "{title}"
    );
}

/// Takes one, registers it, takes that back, and puts it aside.
fn hand_on(clerk: &Clerk, references: &[String; 3]) {
    let state = || clerk.browser.text(STATE);
    clerk.go("");
    clerk.go(&clerk.link(&references[0]));
    clerk.press(TAKE);
    assert!(state().starts_with("Taken · you"), "{}", state());
    assert!(!clerk.browser.is_there(TAKE));
    clerk.press(REGISTER);
    clerk.browser.type_into(CASE, "2026/1234-5");
    clerk.press(YES);
    clerk.go(&clerk.link_of(&references[0], "registered"));
    assert!(
        state().starts_with("Registered") && state().contains("2026/1234-5"),
        "{}",
        state()
    );
    clerk.press(UNDO);
    assert!(state().starts_with("Taken"), "{}", state());
    clerk.press(SET_ASIDE);
    clerk.press("[name=why][value=spam]");
    clerk.go(&clerk.link_of(&references[0], "registered"));
    assert!(state().starts_with("Set aside: spam"), "{}", state());
    clerk.press(BACK);
    assert!(clerk.place().starts_with("?sort=registered#to-"), "{}", clerk.place());
    assert_eq!(clerk.counts()[4], 1);
}

/// Saves and prints.
fn saved(clerk: &Clerk, desk: &Desk, reference: &str) {
    assert!(desk.folders().is_empty(), "{:?}", desk.folders());
    clerk.go(&clerk.link_of(reference, "registered"));
    clerk.press(SAVE);
    assert_eq!(desk.folders(), [reference]);
    assert!(
        desk.read(&format!("{reference}/letter.txt"))
            .contains("Brevet fra den 3.")
    );
    clerk.press(PRINT);
    assert!(clerk.place().contains("/print?sort=registered"), "{}", clerk.place());
    let paper = clerk.browser.text(".paper");
    assert!(
        paper.contains(reference) && paper.contains("Brevet fra den 3."),
        "{paper}"
    );
}

#[test]
#[ignore = "needs chromium"]
fn a_day_with_scripts() {
    day(Scripts::On);
}

#[test]
#[ignore = "needs chromium"]
fn a_day_without_scripts() {
    day(Scripts::Off);
}

/// Back from a letter, its row has the focus; with that a row further on is one key away.
#[test]
#[ignore = "needs chromium"]
fn the_row_has_the_focus_again() {
    [Scripts::On, Scripts::Off].into_iter().for_each(back_to_the_row);
}

fn back_to_the_row(scripts: Scripts) {
    let desk = Desk::new();
    let references = mailbox(&desk);
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), scripts, None);
    clerk.until_listed(3);
    assert_ne!(clerk.focused(), references[1]);
    clerk.go(&clerk.link(&references[1]));
    clerk.press(BACK);
    clerk.until("the focus on the row", || clerk.focused() == references[1]);
}
