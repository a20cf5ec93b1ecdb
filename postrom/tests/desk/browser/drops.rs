//! Files that a clerk drops on the page, or chooses there.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::clerk::Clerk;
use super::places::*;
use super::post_room::Served;
use super::webdriver::Scripts;
use crate::program::desk::{Desk, reference};
use crate::support::Sent;

/// As a hand that lets go of files above the page: the browser makes the event, with real files.
fn drop_files(clerk: &Clerk, files: &[&Path]) {
    let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver", "drop"] {
        let event = json!({"type": kind, "x": 300, "y": 300, "data": data});
        clerk.browser.devtools("Input.dispatchDragEvent", &event);
    }
}

fn rows(clerk: &Clerk) -> usize {
    clerk.texts(ROWS).len()
}

fn mail(desk: &Desk, number: u32) -> (String, Vec<u8>) {
    let own = reference(number);
    let text = format!("Brev nummer {number}.");
    let mail = desk.mail(&Sent::new(&own, &text));
    (own, mail)
}

/// A letter that reaches the desk as a mail of Outlook.
fn outlook(desk: &Desk) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/post-room");
    for name in [
        "practice.key.asc",
        "relay.cert.asc",
        "practice.passphrase.txt",
        "13-real-ole.msg",
    ] {
        fs::copy(cases.join(name), desk.path(name)).unwrap();
    }
}

#[test]
#[ignore = "needs chromium"]
fn files_are_dropped_on_the_page() {
    let desk = Desk::new();
    let files: Vec<_> = (1..=4)
        .map(|number| {
            let (own, mail) = mail(&desk, number);
            let name = format!("ute/bræv {number}.eml");
            desk.put(&name, mail);
            (own, desk.path(&name))
        })
        .collect();
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), Scripts::On, None);
    assert_eq!(rows(&clerk), 0);
    let page = clerk.browser.address();
    drop_files(&clerk, &[&files[0].1]);
    clerk.until("the letter", || clerk.listed() == [files[0].0.as_str()]);
    assert!(
        clerk.browser.text(SAY).contains("were taken"),
        "{}",
        clerk.browser.text(SAY)
    );
    drop_files(&clerk, &[&files[1].1, &files[2].1, &files[3].1]);
    clerk.until("the others", || rows(&clerk) == 4);
    assert_eq!(clerk.browser.address(), page, "no file was opened instead of the page");
    // On a letter's page too.
    clerk.open_first();
    drop_files(&clerk, &[&files[1].1]);
    clerk.until("that they were taken", || {
        clerk.browser.text(SAY).contains("were taken")
    });
    clerk.go("");
    assert_eq!(rows(&clerk), 4, "the same file is the same letter");
    for written in ["tmp", "out", "mail"] {
        assert!(
            fs::read_dir(desk.path(written)).map_or(true, |mut entries| entries.next().is_none()),
            "{written}"
        );
    }
}

#[test]
#[ignore = "needs chromium"]
fn files_are_chosen_in_the_form() {
    for scripts in [Scripts::On, Scripts::Off] {
        let desk = Desk::new();
        let mut paths = Vec::new();
        for number in 1..=2 {
            let name = format!("ute/a \"{number}\".eml");
            desk.put(&name, mail(&desk, number).1);
            paths.push(desk.path(&name).to_str().unwrap().to_owned());
        }
        let served = Served::start(&desk, "kari", "");
        let clerk = Clerk::unlocked(&served, &desk.path("browser"), scripts, None);
        clerk.browser.click(MORE);
        clerk.browser.type_into(CHOOSE, &paths.join("\n"));
        clerk.press(TAKE_IN);
        clerk.until_listed(2);
        clerk.open_first();
        assert!(
            clerk.browser.source().contains("a &quot;1&quot;.eml") || clerk.browser.source().contains("a \"1\".eml")
        );
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_mail_of_outlook_is_dropped() {
    let desk = Desk::new();
    outlook(&desk);
    let words = [
        "--key",
        "practice.key.asc",
        "--relay",
        "relay.cert.asc",
        "--mail",
        "mail",
        "--out",
        "out",
        "--lang",
        "en",
    ];
    let served = Served::with(&desk, "kari", &words);
    let passphrase = fs::read_to_string(desk.path("practice.passphrase.txt")).unwrap();
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), Scripts::On, passphrase.lines().next());
    drop_files(&clerk, &[&desk.path("13-real-ole.msg")]);
    clerk.until("the letter", || rows(&clerk) == 1);
    clerk.open_first();
    assert!(!clerk.texts(SAID).is_empty(), "{}", clerk.browser.source());
}

#[test]
#[ignore = "needs chromium"]
fn what_is_too_large_is_told() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("ute")).unwrap();
    let large = desk.path("ute/stor.eml");
    fs::File::create(&large).unwrap().set_len(65 * 1024 * 1024).unwrap();
    let (own, small) = mail(&desk, 1);
    desk.put("ute/liten.eml", small);
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), Scripts::On, None);
    drop_files(&clerk, &[&large, &desk.path("ute/liten.eml")]);
    clerk.until("that it was not taken", || {
        clerk.browser.text(SAY).contains("not taken")
    });
    clerk.until("the other", || clerk.listed() == [own.as_str()]);
    clerk.browser.click(MORE);
    clerk.browser.type_into(CHOOSE, large.to_str().unwrap());
    clerk.to_next_page(|| clerk.browser.click(TAKE_IN));
    let said = clerk.texts("body").concat();
    assert!(said.contains("at once") && said.contains("postrom open"), "{said}");
    clerk.go("");
    assert_eq!(clerk.listed(), [own]);
}

/// What is dropped on a locked desk goes nowhere.
#[test]
#[ignore = "needs chromium"]
fn a_locked_desk_takes_nothing() {
    let desk = Desk::new();
    desk.put("ute/1.eml", mail(&desk, 1).1);
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::at(&served, &desk.path("browser"), Scripts::On);
    let body = BASE64.encode(mail(&desk, 1).1);
    let status = clerk.browser.run_until_done(&format!(
        "fetch('drop', {{method: 'POST', headers: {{'x-name': 'a'}}, body: Uint8Array.from(atob('{body}'), c => c.charCodeAt(0)), \
         redirect: 'manual'}}).then(answer => done(answer.type + answer.status), error => done(`${{error}}`))"
    ));
    assert!(!status.as_str().unwrap().contains("204"), "{status}");
    clerk.unlock(None);
    clerk.until("the list", || clerk.browser.is_there(CHIPS));
    assert_eq!(rows(&clerk), 0);
    drop_files(&clerk, &[&desk.path("ute/1.eml")]);
    clerk.until("the control", || rows(&clerk) == 1);
}
