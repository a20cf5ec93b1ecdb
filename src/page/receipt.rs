//! The receipt: a reference, what happens next, whom to phone; nothing of what was written.

use askama::Template;

use super::Frame;
use super::qr::Qr;
use crate::answer::Reply;
use crate::form::{Form, Phone};
use crate::i18n::{fill, number, size};

/// Shown once a letter is sealed and on disk. Stateless: it tells only what its sealed address says.
#[derive(Template)]
#[template(path = "receipt.html")]
pub struct Receipt<'a> {
    /// What stands around it. Its stylesheet is the one that also empties the browser's cache.
    pub frame: Frame,
    /// Number for people, `K7F-3K9Q-2MX`.
    pub reference: &'a str,
    /// When the letter was there, by the minute, where the authority is.
    pub received: &'a str,
    /// Files in the letter.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Whether its sender can be answered.
    pub reply: Reply,
    /// Form that it was written in, when known.
    pub form: Option<&'a Form>,
    /// The text that can be shown to others, where the form gives one.
    pub signed: Option<SignedText>,
    /// Where a copy of what was sent can be opened, as long as there is one.
    pub copy: Option<String>,
}

/// A receipt that others can check.
pub struct SignedText {
    /// With its signature.
    pub text: String,
    /// Where it can be saved as a file.
    pub href: String,
    /// The same for a camera.
    pub qr: Option<Qr>,
}

impl SignedText {
    /// Draws the code of a signed text.
    pub fn new(text: String, href: String) -> Self {
        let qr = Qr::of(&text);
        Self { text, href, qr }
    }
}

impl Receipt<'_> {
    /// That of the form: neither the tab nor the history says that something was sent.
    pub fn title(&self) -> &str {
        let t = self.frame.t;
        self.form.map_or(t.list_title, |form| form.title.get(t.lang.code()))
    }

    /// Whom to phone.
    pub fn phones(&self) -> &[Phone] {
        self.form.map_or(&[], |form| &form.help.phones)
    }

    /// When the letter was there.
    pub fn received(&self) -> String {
        fill(self.frame.t.receipt_received, &[("time", self.received)])
    }

    /// What happens now, and whether an answer comes: promised only where a way was chosen that leads somewhere.
    pub fn what_next(&self) -> String {
        let t = self.frame.t;
        let answer = match self.reply {
            Reply::Chosen => t.receipt_answered,
            Reply::NoWay => t.receipt_no_way,
            Reply::Unwanted => t.receipt_unwanted,
        };
        fill(t.receipt_what_next, &[("answer", answer)])
    }

    /// How many files the letter has, and how large they are.
    pub fn files(&self) -> String {
        let t = self.frame.t;
        let (n, size) = (number(t.lang, self.files), size(t.lang, self.bytes));
        fill(
            t.receipt_files.of(t.lang, self.files as u64),
            &[("n", &n), ("size", &size)],
        )
    }

    /// The reference sign by sign, a pause between the groups: a screen reader would make words of it.
    pub fn spoken(&self) -> String {
        let groups = self.reference.split('-').map(|group| {
            let signs: Vec<_> = group.chars().map(String::from).collect();
            signs.join(" ")
        });
        groups.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_aloud_sign_by_sign() {
        let frame = crate::page::frame::tests::frame(&[]);
        let receipt = Receipt {
            frame,
            reference: "K7F-3K9Q-2MX",
            received: "",
            files: 0,
            bytes: 0,
            reply: Reply::NoWay,
            form: None,
            signed: None,
            copy: None,
        };
        assert_eq!(receipt.spoken(), "K 7 F, 3 K 9 Q, 2 M X");
    }
}
