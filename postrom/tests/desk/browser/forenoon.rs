//! Forty letters before lunch: from the first page to the last package in the archive's folder, without the mouse.

use std::fs;
use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::places::*;
use super::post_room::{PASSPHRASE as RIGHT, Served, with_passphrase};
use super::webdriver::{ENTER, Scripts};
use crate::program::desk::Desk;

const LETTERS: u32 = 40;

/// What is measured is the desk and the browser, and not how fast somebody reads: the clerk here reads nothing twice.
#[test]
#[ignore = "needs chromium"]
fn forty_letters_go_from_the_first_page_to_the_archive() {
    let desk = with_passphrase(Desk::new());
    let references = desk.letters(0..LETTERS);
    let served = Served::start(&desk, "kari", "archive = \"arkiv\"\narkivmelding = \"fiks2\"");
    let clerk = Clerk::at(&served, &desk.path("browser"), Scripts::On);
    let begun = Instant::now();
    clerk.unlock(Some(RIGHT));
    clerk.until_listed(references.len());
    let listed = begun.elapsed();
    let mut longest = Duration::ZERO;
    for number in 1..=LETTERS {
        let one = Instant::now();
        clerk.open_first();
        assert!(clerk.browser.text(VERDICT).contains("came through your form"));
        clerk.key('r');
        clerk.browser.type_into(CASE, &format!("2026/{number}"));
        clerk.key(ENTER);
        clerk.go("");
        longest = longest.max(one.elapsed());
    }
    let all = begun.elapsed();
    eprintln!("{LETTERS} letters: listed after {listed:?}, registered after {all:?}, {longest:?} at most for one");
    assert_eq!(clerk.counts()[..5], [0, 0, 0, 0, u64::from(LETTERS)]);
    for reference in &references {
        let package = desk.path("arkiv").join(reference);
        for name in [
            "letter.pdf",
            "letter.json",
            "manifest.json",
            "arkivmelding.xml",
            "attachments/notat.txt",
        ] {
            assert!(package.join(name).is_file(), "{reference}: {name}");
        }
    }
    assert_eq!(
        fs::read_dir(desk.path("arkiv"))
            .unwrap()
            .flatten()
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .count(),
        references.len()
    );
    // A clerk who looks at a letter for a minute has forty before lunch only when the desk takes little of it.
    assert!(longest < Duration::from_secs(10), "{longest:?}");
}
