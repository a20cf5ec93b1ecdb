//! After the lock a page shows nothing, whichever way it came and wherever somebody goes back to.

use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::letters::put;
use super::places::*;
use super::post_room::Served;
use super::webdriver::{Browser, Scripts};
use crate::program::desk::Desk;

const TEXT: &str = "Bare dette brevet har disse ordene.";

fn desk() -> Desk {
    let desk = Desk::new();
    put(&desk, 1, TEXT);
    desk
}

fn at_letter(desk: &Desk, served: &Served, scripts: Scripts) -> Clerk {
    let clerk = Clerk::unlocked(served, &desk.path("browser"), scripts, None);
    clerk.until_listed(1);
    clerk.open_first();
    assert!(clerk.browser.shows(TEXT));
    clerk
}

fn shows_nothing(clerk: &Clerk, when: &str) {
    assert!(clerk.browser.is_there(UNLOCK), "{when}: {}", clerk.browser.source());
    assert!(!clerk.browser.shows("Bare dette brevet"), "{when}");
    assert!(!clerk.browser.shows("K7F"), "{when}");
}

/// Goes back as often as there is something to go back to; the page may be one that the browser kept.
fn back_shows_nothing(clerk: &Clerk) {
    for step in 1..=4 {
        clerk.browser.post("/back", &serde_json::json!({}));
        std::thread::sleep(Duration::from_millis(700));
        if clerk.browser.address().starts_with(&clerk.root) {
            assert!(
                !clerk.browser.shows("Bare dette brevet"),
                "{step}: {}",
                clerk.browser.source()
            );
            assert!(!clerk.browser.shows("K7F"), "{step}");
        }
    }
}

#[test]
#[ignore = "needs chromium"]
fn by_key_or_button_the_page_is_empty_and_back_shows_nothing() {
    for (scripts, by_key) in [(Scripts::On, true), (Scripts::On, false), (Scripts::Off, false)] {
        let desk = desk();
        let served = Served::start(&desk, "kari", "");
        let clerk = at_letter(&desk, &served, scripts);
        // The control: while it is open, back is what it was.
        clerk.browser.back();
        assert!(clerk.browser.shows("K7F"));
        clerk.open_first();
        if by_key {
            clerk.key('l')
        } else {
            clerk.press(LOCK)
        }
        shows_nothing(&clerk, "locked");
        back_shows_nothing(&clerk);
        for place in ["", "letter/1", "letter/1/print", "copies", "rows"] {
            clerk.go(place);
            shows_nothing(&clerk, place);
        }
    }
}

#[test]
#[ignore = "needs chromium"]
fn every_other_tab_goes_to_the_lock_screen() {
    let desk = desk();
    let served = Served::start(&desk, "kari", "");
    let clerk = at_letter(&desk, &served, Scripts::On);
    let letter = clerk.browser.address();
    let list = clerk.new_tab();
    clerk.go("");
    let third = clerk.new_tab();
    clerk
        .browser
        .go(&format!("{}/print", letter.split('?').next().unwrap()));
    assert!(clerk.browser.shows(TEXT));
    clerk.press(LOCK);
    for tab in [list, third] {
        clerk.to_tab(&tab);
        let begun = Instant::now();
        clerk.until_within(Duration::from_secs(10), "the lock screen", || {
            clerk.browser.is_there(UNLOCK)
        });
        eprintln!("after {:?}", begun.elapsed());
        shows_nothing(&clerk, "another tab");
        back_shows_nothing(&clerk);
    }
}

/// What a clock shows.
fn seconds(text: &str) -> u32 {
    let (minutes, seconds) = text.split_once(':').unwrap();
    minutes.parse::<u32>().unwrap() * 60 + seconds.parse::<u32>().unwrap()
}

/// A page that only looks whether something is new does not keep the desk open, and one without scripts goes, too.
#[test]
#[ignore = "needs chromium"]
fn a_page_that_nobody_uses_is_emptied() {
    let both = [Scripts::On, Scripts::Off].map(|scripts| {
        let desk = desk();
        let served = Served::start(&desk, "kari", "lock_after = 1");
        let clerk = at_letter(&desk, &served, scripts);
        let begun = Instant::now();
        let left = seconds(&clerk.browser.text(CLOCK));
        assert!((46..=60).contains(&left), "{left}");
        (desk, served, clerk, begun + Duration::from_secs(left.into()))
    });
    let soon = |end: &Instant| *end < Instant::now() + Duration::from_secs(15);
    while !soon(&both[1].3) {
        for (_, _, clerk, end) in &both {
            // The first has been there longer than the second.
            if !soon(end) {
                assert!(clerk.browser.shows(TEXT), "{:?} before its end", end.elapsed());
            }
        }
        std::thread::sleep(Duration::from_secs(5));
    }
    for (_, served, clerk, end) in &both {
        let within = Duration::from_secs(60);
        clerk.until_within(within, "the lock screen", || clerk.browser.is_there(UNLOCK));
        // The clock shows whole seconds.
        assert!(Instant::now() + Duration::from_secs(2) > *end, "too soon");
        shows_nothing(clerk, "by itself");
        assert!(clerk.browser.source().contains("locked itself"));
        back_shows_nothing(clerk);
        assert!(served.children().is_empty());
    }
}

/// A page without scripts that nobody looks at goes when its time is over; that keeps no desk open, and closes none.
#[test]
#[ignore = "needs chromium"]
fn a_page_that_was_left_is_no_use_of_the_desk() {
    let desk = desk();
    let served = Served::start(&desk, "kari", "");
    let clerk = at_letter(&desk, &served, Scripts::Off);
    let before = seconds(&clerk.browser.text(CLOCK));
    std::thread::sleep(Duration::from_secs(2));
    clerk.go("left");
    let after = seconds(&clerk.browser.text(CLOCK));
    assert!(after < before, "{before} {after}");
    assert!(!clerk.browser.shows("Bare dette brevet") && !clerk.browser.shows("K7F"));
    clerk.press("main a.button");
    assert!(clerk.browser.shows("K7F"));
    assert!(seconds(&clerk.browser.text(CLOCK)) > after, "the control");
}

/// When the program ends, what it had opened is on no page either.
#[test]
#[ignore = "needs chromium"]
fn a_page_without_its_program_is_empty() {
    let desk = desk();
    let served = Served::start(&desk, "kari", "");
    let clerk = at_letter(&desk, &served, Scripts::On);
    let Served { running, .. } = served;
    running.signal(rustix::process::Signal::TERM);
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    clerk.until_within(Duration::from_secs(15), "the empty page", || {
        !clerk.browser.shows("Bare dette brevet") && !clerk.browser.shows("K7F")
    });
    assert!(
        clerk.browser.text("[role=alert]").contains("cannot reach"),
        "{}",
        clerk.browser.source()
    );
}

/// Nothing of the desk is in what the browser keeps of a closed tab, and a new browser has to be let in anew.
#[test]
#[ignore = "needs chromium"]
fn an_address_that_was_used_opens_nothing() {
    let desk = desk();
    let served = Served::start(&desk, "kari", "");
    let browser = Browser::start(&desk.path("browser"), Scripts::On);
    let invitation = served.invitation();
    browser.go(&invitation);
    let root = browser.address();
    browser.go(&invitation);
    assert!(browser.source().contains("works once"), "{}", browser.source());
    let guess = format!("{}{}/", &root[..root.len() - 44], "A".repeat(43));
    browser.go(&guess);
    assert!(browser.source().contains("works once"), "{guess} {}", browser.source());
    browser.go(&root);
    assert!(browser.is_there(UNLOCK), "the control");
}
