//! A letter that a colleague's mail program sealed once more.

use super::desk::{Desk, reference};
use crate::support::{Seal, Sent};

/// A mail with the letter attached, as a document to be sealed.
fn around(inner: &[u8]) -> Vec<u8> {
    let mut mail =
        b"From: kollega@x.example\r\nSubject: VS: brev\r\nContent-Type: multipart/mixed; boundary=\"k\"\r\n\r\n\
        --k\r\nContent-Type: text/plain\r\n\r\nKan du ta denne?\r\n--k\r\nContent-Type: message/rfc822\r\n\r\n"
            .to_vec();
    mail.extend_from_slice(inner);
    mail.extend_from_slice(b"\r\n--k--\r\n");
    mail
}

#[test]
fn a_letter_within_a_sealed_mail_is_opened() {
    let desk = Desk::new();
    let sent = reference(1);
    let letter = desk.mail(&Sent::new(&sent, "Eg treng hjelp."));
    let once = Seal::unsigned(&desk.own).armored(&around(&letter));
    desk.put("mail/1.asc", &once);
    let ran = desk.open(&["mail", "--json"]);
    let lines = ran.lines();
    let what: Vec<_> = lines.iter().filter_map(|line| line["what"].as_str()).collect();
    assert_eq!(what, ["foreign", "letter"], "{}", ran.said());
    assert_eq!(lines[1]["reference"], sent.as_str());
    assert_eq!(lines[1]["verdict"], "genuine");
    assert_eq!(ran.code, Some(0));
    assert!(desk.out().join(&sent).join("letter.txt").is_file());
}

#[test]
fn a_seal_within_many_seals_is_named() {
    let desk = Desk::new();
    let letter = desk.mail(&Sent::new(&reference(1), "Eg treng hjelp."));
    let seal = Seal::unsigned(&desk.own);
    let deep = (0..5).fold(letter, |inner, _| seal.armored(&around(&inner)));
    desk.put("mail/1.asc", &deep);
    let ran = desk.open(&["mail", "--json"]);
    let lines = ran.lines();
    let named = lines.iter().any(|line| line["trouble"]["code"] == "too-deep");
    assert!(named && ran.code == Some(1), "{}", ran.said());
}
