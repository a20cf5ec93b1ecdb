//! A letter on paper: what stands on each sheet.

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::clerk::Clerk;
use super::letters::{contact, put_as};
use super::places::*;
use super::post_room::Served;
use super::webdriver::Scripts;
use crate::program::desk::Desk;

/// The text of each page, as the browser prints what it shows.
fn sheets(clerk: &Clerk, desk: &Desk) -> Vec<String> {
    let printed = clerk
        .browser
        .devtools("Page.printToPDF", &json!({"preferCSSPageSize": true}));
    let file = desk.path("paper.pdf");
    fs::write(&file, BASE64.decode(printed["data"].as_str().unwrap()).unwrap()).unwrap();
    let text = Command::new("pdftotext")
        .args(["-layout".as_ref(), file.as_os_str(), "-".as_ref()])
        .output()
        .unwrap();
    assert!(text.status.success());
    let text = String::from_utf8(text.stdout).unwrap();
    text.trim_end_matches('\u{c}')
        .split('\u{c}')
        .map(str::to_owned)
        .collect()
}

#[test]
#[ignore = "needs chromium and pdftotext"]
fn every_sheet_says_whose_letter_it_is_and_which_sheet() {
    let desk = Desk::new();
    let text: Vec<String> = (1..=60)
        .map(|line| format!("Linje {line} av det jeg vil si."))
        .collect();
    let reference = put_as(&desk, 1, &text.join("\n"), &|record| contact(record, &[("sms", "SMS")]));
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::unlocked(&served, &desk.path("browser"), Scripts::On, None);
    clerk.until_listed(1);
    clerk.open_first();
    let from_letter = sheets(&clerk, &desk);
    clerk.press(PRINT);
    let from_print = sheets(&clerk, &desk);
    assert_eq!(from_letter, from_print, "the letter's own page prints the same");
    let all = from_print.len();
    assert!((2..=3).contains(&all), "{from_print:#?}");
    for (at, sheet) in from_print.iter().enumerate() {
        let number = format!("{}/{all}", at + 1);
        assert!(sheet.replace(' ', "").contains(&number), "{number}: {sheet}");
        for wanted in ["Postmottaket", "Si fra", &reference] {
            assert!(sheet.contains(wanted), "{wanted} on sheet {at}: {sheet}");
        }
        assert!(!sheet.contains("Lock") && !sheet.contains("http"), "{sheet}");
    }
    let whole = from_print.concat();
    for line in &text {
        assert!(whole.contains(line.as_str()), "{line}");
    }
    assert!(
        whole.contains("text message") && whole.contains("came through your form"),
        "{whole}"
    );
}
