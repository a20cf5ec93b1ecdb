//! The desk by its keys alone.

use std::collections::BTreeSet;

use serde_json::json;

use super::clerk::Clerk;
use super::eyes::{SHIFT, TAB};
use super::letters::put;
use super::places::*;
use super::post_room::Served;
use super::webdriver::{ENTER, Scripts};
use crate::program::desk::Desk;

const DOWN: char = '\u{E015}';
const UP: char = '\u{E013}';
const ESCAPE: char = '\u{E00C}';

/// A clerk in front of three letters; their references in the order of the list.
fn at_list(desk: &Desk, served: &Served) -> (Clerk, Vec<String>) {
    let clerk = Clerk::unlocked(served, &desk.path("browser"), Scripts::On, None);
    clerk.until_listed(3);
    let listed = clerk.listed();
    (clerk, listed)
}

fn three() -> Desk {
    let desk = Desk::new();
    for day in 1..=3 {
        put(&desk, day, &format!("Brev nummer {day}."));
    }
    desk
}

#[test]
#[ignore = "needs chromium"]
fn every_key_does_what_it_says() {
    let desk = three();
    let served = Served::start(&desk, "kari", "");
    let (clerk, listed) = at_list(&desk, &served);
    let at = |key: char, number: usize| {
        clerk.browser.press(None, &[key]);
        assert_eq!(clerk.focused(), listed[number], "{key:?}");
    };
    let steps = [('j', 0), ('j', 1), (DOWN, 2), (DOWN, 2), ('k', 1), (UP, 0), (UP, 0)];
    steps.into_iter().for_each(|(key, number)| at(key, number));
    clerk.key(ENTER);
    assert_eq!(clerk.browser.text(REFERENCE), listed[0]);
    clerk.key(ESCAPE);
    clerk.until("the row", || clerk.focused() == listed[0]);
    // What was opened stands last by now.
    clerk.browser.press(None, &['k', 'k']);
    clerk.key(ENTER);
    assert_eq!(clerk.browser.text(REFERENCE), listed[1]);
    for (key, number) in [('p', 0), ('n', 1)] {
        clerk.key(key);
        assert_eq!(clerk.browser.text(REFERENCE), listed[number], "{key}");
    }
    clerk.key('t');
    assert!(
        clerk.browser.text(STATE).starts_with("Taken · you"),
        "{}",
        clerk.browser.text(STATE)
    );
    clerk.key('s');
    assert_eq!(desk.folders(), [listed[1].as_str()]);
    clerk.key('r');
    assert!(clerk.browser.has_focus(CASE));
    registered_by_keys(&clerk, &listed[1]);
}

fn registered_by_keys(clerk: &Clerk, reference: &str) {
    clerk.browser.press(None, &"2026/7-1".chars().collect::<Vec<_>>());
    clerk.key(ENTER);
    clerk.go(&clerk.link_of(reference, "registered"));
    assert!(clerk.browser.text(STATE).contains("2026/7-1"));
    clerk.key('?');
    assert!(clerk.place().ends_with("keys"), "{}", clerk.place());
    let told: BTreeSet<String> = clerk.texts("kbd").into_iter().collect();
    for key in ["j", "k", "n", "p", "t", "r", "s", "/", "l", "?", "Esc", "Enter"] {
        assert!(told.contains(key), "{key} in {told:?}");
    }
    clerk.key(ESCAPE);
    assert_eq!(clerk.place(), "");
    clerk.browser.press(None, &['/']);
    assert!(clerk.browser.has_focus(WORDS));
    clerk.browser.press(None, &"nummer 3.".chars().collect::<Vec<_>>());
    clerk.key(ENTER);
    assert_eq!(clerk.listed().len(), 1);
    clerk.key('l');
    assert!(clerk.browser.is_there(UNLOCK));
}

/// Letters that are typed are letters; only outside of a field they are keys. None of them, nor any other, deletes.
#[test]
#[ignore = "needs chromium"]
fn keys_are_quiet_in_a_field_and_none_deletes() {
    let desk = three();
    let served = Served::start(&desk, "kari", "");
    let (clerk, listed) = at_list(&desk, &served);
    clerk.browser.click(WORDS);
    let keys: Vec<char> = "tslrnpjk?/".chars().collect();
    clerk.browser.press(None, &keys);
    clerk.browser.press(None, &[DOWN, UP]);
    assert_eq!(clerk.browser.value(WORDS), "tslrnpjk?/");
    assert!(
        clerk.browser.has_focus(WORDS) && clerk.browser.is_there(CHIPS),
        "{}",
        clerk.place()
    );
    clerk.browser.press(None, &[ESCAPE]);
    assert!(!clerk.browser.has_focus(WORDS));

    clerk.go(&clerk.link(&listed[0]));
    clerk.press(SAVE);
    let mut letter = clerk.browser.address();
    let every = ('a'..='z').chain('0'..='9').chain(['\u{E017}', '\u{E003}', ' ', ENTER]);
    for key in every.filter(|key| !['n', 'p', 's', 't'].contains(key)) {
        clerk.browser.press(None, &[key]);
        let asked = clerk.browser.run("return document.querySelector('.danger') !== null");
        assert_eq!(asked, false, "{key:?}");
        if clerk.browser.address() != letter {
            assert!("lr".contains(key), "{key:?} leads to {}", clerk.place());
            clerk.go("");
            if clerk.browser.is_there(UNLOCK) {
                clerk.unlock(None);
                clerk.until_listed(3);
            }
            clerk.go(&clerk.link(&listed[0]));
            // A desk that was unlocked anew has other addresses.
            letter = clerk.browser.address();
        }
    }
    assert_eq!(desk.folders(), [listed[0].as_str()]);
    clerk.press(DELETE);
    clerk.press(YES);
    assert!(desk.folders().is_empty(), "the control: {:?}", desk.folders());
}

/// Has the focus, and whether that is seen.
const FOCUS: &str = "const e = document.activeElement, r = e.getBoundingClientRect(), style = getComputedStyle(e), wrong = []; \
    if (e === document.body) return ['body']; \
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push('no ring'); \
    if (r.bottom < 1 || r.top > innerHeight - 1 || r.right < 1 || r.left > innerWidth - 1) wrong.push('out of sight'); \
    const over = e.closest('.stays') ? null : document.querySelector('.stays')?.getBoundingClientRect(); \
    if (over && over.top <= 1 && r.bottom <= over.bottom && r.top >= over.top) wrong.push('under what stays'); \
    const all = [...document.querySelectorAll('*')]; \
    return [`${all.indexOf(e)}`, ...wrong.map(what => `${(e.id || e.textContent.trim()).slice(0, 40)}: ${what}`)]";

/// What can be reached by a pointer, as places among all elements.
const REACHABLE: &str = "const all = [...document.querySelectorAll('*')]; \
    return all.filter(e => e.matches('a[href], button, input:not([type=hidden]), select, textarea, summary') \
        && e.checkVisibility({visibilityProperty: true}) && !e.disabled).map(e => `${all.indexOf(e)}`)";

fn strings(found: &serde_json::Value) -> Vec<String> {
    let all = found.as_array().unwrap_or_else(|| panic!("{found}")).iter();
    all.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Goes through a page by Tab: what was missed, and what was wrong on the way.
fn walk(clerk: &Clerk) -> Vec<String> {
    // Places among all elements hold once nothing comes any more.
    clerk.until("the files", || !clerk.browser.is_there("#look"));
    let mut left: BTreeSet<String> = strings(&clerk.browser.run(REACHABLE)).into_iter().collect();
    assert!(left.len() > 4, "{left:?}");
    let mut wrong = Vec::new();
    // A field of some pages has the focus at once; the way begins at the first link of all.
    clerk.browser.run("document.querySelector('.jump').focus()");
    clerk.browser.press(None, &[TAB]);
    clerk.browser.press(Some(SHIFT), &[TAB]);
    for _ in 0..200 {
        let stop = strings(&clerk.browser.run(FOCUS));
        if stop[0] == "body" {
            break;
        }
        left.remove(&stop[0]);
        wrong.extend(stop.into_iter().skip(1));
        clerk.browser.press(None, &[TAB]);
    }
    let told = format!(
        "return {}.map(at => document.querySelectorAll('*')[at].outerHTML.slice(0, 100))",
        json!(left)
    );
    wrong.extend(
        strings(&clerk.browser.run(&told))
            .into_iter()
            .map(|missed| format!("missed: {missed}")),
    );
    wrong
}

#[test]
#[ignore = "needs chromium"]
fn tab_reaches_everything_and_is_seen() {
    let desk = three();
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::at(&served, &desk.path("browser"), Scripts::On);
    assert_eq!(walk(&clerk), Vec::<String>::new(), "locked");
    clerk.unlock(None);
    clerk.until_listed(3);
    let letter = clerk.link(&clerk.listed()[0]);
    clerk.go(&letter);
    clerk.press(SAVE);
    let id = letter.split('?').next().unwrap();
    let pages = [
        "",
        &letter,
        &format!("{id}/register"),
        &format!("{id}/delete"),
        &format!("{id}/set-aside"),
    ];
    for (width, height) in [(1280, 700), (320, 640)] {
        clerk.browser.screen(width, height);
        for page in pages.into_iter().chain(["copies", "keys", "about"]) {
            clerk.go(page);
            assert_eq!(walk(&clerk), Vec::<String>::new(), "{page} {width}");
        }
    }
    // The control: a ring that is not there, and something that Tab does not reach.
    clerk.go(&letter);
    clerk.browser.run(
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { outline: none !important }'); \
         document.adoptedStyleSheets = [sheet]; document.querySelector('[data-key=t]').tabIndex = -1;",
    );
    let wrong = walk(&clerk).join("\n");
    assert!(wrong.contains("no ring") && wrong.contains("missed"), "{wrong}");
}
