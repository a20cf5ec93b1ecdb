//! What a letter leaves behind: nothing on the disk, nothing on a command line, nothing in a history, and once the desk is
//! locked nothing in its memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::super::office::until;
use super::clerk::Clerk;
use super::letters::{contact, put_as};
use super::marker::{Marker, hits};
use super::places::*;
use super::post_room::{PASSPHRASE as RIGHT, Served, with_passphrase};
use super::webdriver::Scripts;
use crate::program::desk::Desk;
use crate::program::memory::places;

/// A letter with the marker wherever a citizen can put it; its reference.
fn letter(desk: &Desk, marker: &str) -> String {
    put_as(desk, 1, &format!("Hei, {marker} er mitt."), &|record| {
        contact(record, &[("annet", &format!("Bare slik: {marker}"))]);
        record.answers[0].note = Some(format!("{marker} var for lang."));
    })
}

/// All that a clerk does with a letter and does not save it.
fn everything(clerk: &Clerk, marker: &str) {
    clerk.until_listed(1);
    clerk.browser.type_into(WORDS, marker);
    clerk.press(SEARCH);
    assert!(clerk.browser.text(FOUND).contains(marker));
    clerk.open_first();
    assert!(clerk.browser.shows(marker));
    if clerk.browser.is_there(COPY) {
        let granted = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        clerk.browser.devtools("Browser.grantPermissions", &granted);
        clerk.browser.click(COPY);
        clerk.until("that it was copied", || !clerk.browser.text(SAY).is_empty());
    }
    clerk.press(TAKE);
    clerk.press(PRINT);
    assert!(clerk.browser.shows(marker));
    clerk.browser.devtools("Page.printToPDF", &json!({}));
    clerk.browser.back();
    clerk.press(REGISTER);
    clerk.browser.back();
}

/// Words with which the processes that run now were started.
fn command_lines() -> Vec<u8> {
    let processes = fs::read_dir("/proc").unwrap();
    let lines = processes.filter_map(|process| fs::read(process.ok()?.path().join("cmdline")).ok());
    lines.flatten().collect()
}

/// Addresses and titles in the browser's history, as its own file tells them.
fn history(home: &Path) -> Vec<u8> {
    let profile = home.join("profile/Default");
    [
        "History",
        "Favicons",
        "Shortcuts",
        "Network Action Predictor",
        "Visited Links",
    ]
    .iter()
    .filter_map(|name| fs::read(profile.join(name)).ok())
    .flatten()
    .collect()
}

#[test]
#[ignore = "needs chromium"]
fn nothing_of_a_letter_is_left_on_the_disk() {
    let desk = with_passphrase(Desk::new());
    let marker = Marker::new();
    let reference = letter(&desk, &marker.text);
    let served = Served::start(&desk, "kari", "");
    let home = desk.path("browser");
    let mut clerk = Clerk::unlocked(&served, &home, Scripts::On, Some(RIGHT));
    everything(&clerk, &marker.text);
    assert_eq!(marker.found_in(&command_lines()), None);
    clerk.go("");
    clerk.press(LOCK);
    let root = clerk.root.clone();
    // An end in order: the browser writes down what it keeps.
    clerk.browser.quit();
    served.running.signal(rustix::process::Signal::TERM);
    let ended = served.running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.said());
    assert_eq!(marker.found_in(ended.said().as_bytes()), None);
    for text in [&marker, &Marker::plain(RIGHT)] {
        assert_eq!(hits(desk.root(), &[], text), Vec::<String>::new());
    }
    let told = history(&home);
    let number = Marker::plain(&reference);
    let secret = root.rsplit('/').nth(1).unwrap();
    eprintln!(
        "the secret is in the browser's history: {:?}",
        Marker::plain(secret).found_in(&told)
    );
    assert_eq!(number.found_in(&told), None, "the reference");
    assert!(
        Marker::plain("Konvolutt").found_in(&told).is_some(),
        "the control: it has a history"
    );
    assert_eq!(hits(&home, &[], &number), Vec::<String>::new());
    control(&desk);
}

/// The same browser at a page that keeps what it shows, and one whose title says it.
fn control(desk: &Desk) {
    let marker = Marker::new();
    let home = desk.path("careless");
    let mut browser = super::webdriver::Browser::start(&home, Scripts::On);
    let site = careless(&marker.text);
    browser.go(&site);
    std::thread::sleep(Duration::from_secs(1));
    browser.quit();
    assert!(!hits(&home, &[], &marker).is_empty());
    assert!(marker.found_in(&history(&home)).is_some());
}

/// A page that a browser may keep; its address.
fn careless(marker: &str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let page = format!("<!doctype html><title>{marker}</title><p>{marker}<script>localStorage.a = '{marker}'</script>");
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=999\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    format!("http://{address}/")
}

/// Where the desk's processes hold a text.
fn held(served: &Served, text: &str) -> Vec<String> {
    let mut found = places(served.running.pid(), text).unwrap();
    for child in served.children() {
        // One that was done with a file may end while it is looked into.
        until("a process can be looked into, or is gone", || {
            let some = places(child, text);
            found.extend(some.as_ref().into_iter().flatten().cloned());
            some.is_ok() || !served.children().contains(&child)
        });
    }
    found
}

/// Within a second after the lock nothing is held, and nobody opens any more.
fn forgets(served: &Served, texts: &[&str]) {
    std::thread::sleep(Duration::from_secs(1));
    assert!(served.children().is_empty());
    for text in texts {
        let found = held(served, text);
        assert!(found.is_empty(), "{text}:\n{}", found.join("\n"));
    }
}

#[test]
#[ignore = "needs root and chromium"]
fn a_locked_desk_has_nothing_in_memory() {
    let desk = with_passphrase(Desk::new());
    let marker = Marker::new().text;
    let reference = letter(&desk, &marker);
    let served = Served::start(&desk, "kari", "lock_after = 1");
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), Scripts::On, Some(RIGHT));
    everything(&clerk, &marker);
    assert!(
        !held(&served, &marker).is_empty() && !served.children().is_empty(),
        "the control"
    );
    clerk.press(LOCK);
    forgets(&served, &[&marker, RIGHT, &reference]);
    clerk.unlock(Some(RIGHT));
    clerk.until_listed(1);
    clerk.open_first();
    assert!(!held(&served, &marker).is_empty(), "the control");
    clerk.until_within(Duration::from_secs(90), "the lock", || clerk.browser.is_there(UNLOCK));
    forgets(&served, &[&marker, RIGHT, &reference]);
}
