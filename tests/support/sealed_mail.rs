//! Mails in the frame of the form, around bytes that nobody encrypted: what counts here is where they go.

use konvolutt::relay::AddressBook;
use konvolutt::seal::MailHead;
use konvolutt_letter::{base64_lines, hex};

use super::authority::{MAILBOX, SENDER};

/// What the relay of the tests goes by.
pub fn addresses() -> AddressBook {
    let mailboxes = [
        ("postmottak", MAILBOX),
        ("gone", "gone@authority.example"),
        ("other", "other@authority.example"),
        // No configuration would take it.
        ("odd", "post..mottak@authority.example"),
    ];
    AddressBook {
        from: format!("Sikkert skjema <{SENDER}>"),
        envelope_from: SENDER.into(),
        subject: "Ny henvendelse".into(),
        mailboxes: mailboxes
            .map(|(name, address)| (name.to_owned(), address.to_owned()))
            .into(),
        bounce_delimiter: None,
    }
}

/// The head of a mail to this address.
pub fn mail_head(number: u32, reference: &str, to: &str) -> MailHead {
    MailHead {
        from: addresses().from,
        to: to.to_owned(),
        subject: format!("Ny henvendelse {reference}"),
        date: "Sun, 22 Nov 2026 01:42:00 +0100".to_owned(),
        message_id: format!("<{number:032x}@authority.example>"),
        reference: reference.to_owned(),
        boundary: format!("=_{}", hex([7; 16])),
    }
}

/// A packet in the new format (RFC 9580 §4.2), its length in five bytes.
pub fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xC0 | kind, 255][..], &length, body].concat()
}

/// What an encrypted message is made of: a session key for one recipient, then data.
pub fn message(data: &[u8]) -> Vec<u8> {
    let key = [&[3][..], &[0xAB; 8], &[18], &[0x5A; 84]].concat();
    [packet(1, &key), packet(18, &[&[1], data].concat())].concat()
}

/// Armor without a checksum.
pub fn armor(message: &[u8]) -> String {
    let mut lines = Vec::new();
    base64_lines(message, 48, &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    format!("-----BEGIN PGP MESSAGE-----\r\n\r\n{lines}-----END PGP MESSAGE-----\r\n")
}

/// A whole mail.
pub fn framed(head: &MailHead, armor: &str) -> Vec<u8> {
    [head.text(), armor.to_owned(), head.end()].concat().into_bytes()
}

/// The text of a letter with our own lines whole again: what follows a break of ours stands in from the edge.
pub fn unwrapped(text: &str) -> String {
    text.replace("\n  ", " ")
}
