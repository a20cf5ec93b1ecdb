//! A mailbox with a thousand letters: how soon something is seen, and how soon all.

use std::time::{Duration, Instant};

use super::clerk::Clerk;
use super::places::*;
use super::post_room::Served;
use super::webdriver::Scripts;
use crate::program::desk::Desk;

const LETTERS: u32 = 1000;

#[test]
#[ignore = "needs chromium"]
fn a_thousand_letters_are_a_list() {
    let desk = Desk::new();
    desk.letters(0..LETTERS);
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::at(&served, &desk.path("browser"), Scripts::On);
    let begun = Instant::now();
    clerk.unlock(None);
    let rows = || {
        clerk
            .browser
            .run(&format!("return document.querySelectorAll('{ROWS}').length"))
    };
    clerk.until("the first row", || rows().as_u64() > Some(0));
    let first = begun.elapsed();
    // No more is asked of the page than whether it is there: the list fills by itself.
    clerk.until_within(Duration::from_secs(300), "all", || {
        rows().as_u64() == Some(LETTERS.into()) && !clerk.browser.is_there("#notes progress")
    });
    let all = begun.elapsed();
    let begun = Instant::now();
    clerk.open_first();
    let opened = begun.elapsed();
    let begun = Instant::now();
    clerk.press(BACK);
    let back = begun.elapsed();
    let timing =
        "const [page] = performance.getEntriesByType('navigation'); return [page.decodedBodySize, page.responseEnd]";
    let page = clerk.browser.run(timing);
    eprintln!(
        "{LETTERS} letters: first row after {first:?}, all after {all:?}, one opened in {opened:?}, back in {back:?}, the list has {} bytes and comes in {} ms",
        page[0], page[1]
    );
    assert!(page[0].as_u64() < Some(1_000_000), "{page}");
    assert!(first < Duration::from_secs(20), "{first:?}");
    assert!(
        opened < Duration::from_secs(5) && back < Duration::from_secs(10),
        "{opened:?} {back:?}"
    );
    clerk.browser.type_into(WORDS, "nummer 777.");
    clerk.press(SEARCH);
    assert_eq!(clerk.listed().len(), 1);
}
