//! What the post room may send back: that a letter was opened. One line, in a file or in a mail.
//!
//! ```text
//! konvolutt-ack/1 K7F-3K9Q-2MX 2026-11-22T09:14Z 5f1c…64 hexadecimal digits
//! ```
//!
//! Reference and time, and a proof: a digest of the letter's inner id. That id stands inside the seal alone, so only
//! who has opened the letter can make it, and the server, which made the letter. Whoever carries mails and files in
//! between sees references and could write acknowledgements for letters that they made disappear; without the id none
//! of them counts. The digest tells nothing of the id, and nothing of any other letter. The time is the post room's
//! word; nothing is decided by it.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Reference;
use super::hex::hex;

const MARK: &str = "konvolutt-ack/1 ";

/// The post room's statement that a letter was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Number for people.
    pub reference: Reference,
    /// When it was opened, to the minute, as the post room says.
    pub opened: String,
    proof: String,
}

impl Acknowledgement {
    /// For a letter that was just opened.
    pub fn new(reference: Reference, id: &str, now: jiff::Timestamp) -> Self {
        Self {
            proof: proof(&reference, id),
            opened: now.strftime("%Y-%m-%dT%H:%MZ").to_string(),
            reference,
        }
    }

    /// Finds one in a file or in a mail, wherever it stands; `None` when there is none.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        // A long Subject is folded, and a body may be quoted.
        let text = String::from_utf8_lossy(bytes)
            .replace("\r\n", "\n")
            .replace("\n ", " ")
            .replace("\n\t", " ");
        text.split(MARK).skip(1).find_map(|rest| {
            let mut words = rest.split_whitespace();
            let reference = Reference::parse(words.next()?)?;
            let opened = words
                .next()
                .filter(|time| time.len() == "2026-11-22T09:14Z".len())?
                .to_owned();
            let proof = words.next()?.get(..64)?.to_ascii_lowercase();
            let plain = opened
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:TZ".contains(&byte));
            (plain && proof.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(Self {
                reference,
                opened,
                proof,
            })
        })
    }

    /// True when its sender knows the letter's inner id.
    pub fn proves(&self, id: &str) -> bool {
        self.proof == proof(&self.reference, id)
    }
}

impl fmt::Display for Acknowledgement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            reference,
            opened,
            proof,
        } = self;
        write!(out, "{MARK}{reference} {opened} {proof}")
    }
}

fn proof(reference: &Reference, id: &str) -> String {
    hex(Sha256::digest(format!(
        "konvolutt acknowledgement 1\n{reference}\n{id}\n"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Acknowledgement, &'static str) {
        let id = "00112233445566778899aabbccddeeff";
        let reference = Reference::from_random(b"0123456789abcdef");
        (Acknowledgement::new(reference, id, jiff::Timestamp::UNIX_EPOCH), id)
    }

    #[test]
    fn it_is_found_in_whatever_carries_it() {
        let (ack, id) = sample();
        let line = ack.to_string();
        let folded = line.replacen(' ', "\r\n ", 2);
        for text in [
            line.clone(),
            format!("{line}\n"),
            format!("From: a@b.example\r\nSubject: Re: {folded}\r\n\r\n"),
            format!("Subject: x\r\n\r\n> konvolutt-ack/1 nonsense\r\n> {line}\r\n"),
        ] {
            let found = Acknowledgement::find(text.as_bytes());
            assert_eq!(found.as_ref(), Some(&ack), "{text}");
            assert!(ack.proves(id));
        }
    }

    #[test]
    fn what_is_none_is_none_and_another_letters_proves_nothing() {
        let (ack, id) = sample();
        assert!(!ack.proves(&id.replace('0', "1")));
        let line = ack.to_string();
        for end in 0..line.len() {
            assert_eq!(Acknowledgement::find(&line.as_bytes()[..end]), None, "{end}");
        }
        for bytes in [
            &b"\xff\xfe\0"[..],
            b"konvolutt-ack/1 ../../etc/passwd 2026-11-22T09:14Z 00",
            b"",
        ] {
            assert_eq!(Acknowledgement::find(bytes), None);
        }
        let other = Reference::from_random(b"fedcba9876543210").to_string();
        let forged = Acknowledgement::find(line.replace(&ack.reference.to_string(), &other).as_bytes()).unwrap();
        assert!(!forged.proves(id));
    }
}
