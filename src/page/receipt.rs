//! The receipt: a reference, what happens next, whom to phone; nothing of what was written.

use askama::Template;

use super::Frame;
use crate::form::{Form, Phone};
use crate::i18n::{fill, number};

/// Shown once a letter is sealed and on disk. Stateless: it tells only what its sealed address says.
#[derive(Template)]
#[template(path = "receipt.html")]
pub struct Receipt<'a> {
    /// What stands around it. Its stylesheet is the one that also empties the browser's cache.
    pub frame: Frame,
    /// Number for people, `K7F-3K9Q-2MX`.
    pub reference: &'a str,
    /// When it was given, by the minute, where the authority is.
    pub given: &'a str,
    /// Files in the letter.
    pub files: usize,
    /// Form that it was written in, when known.
    pub form: Option<&'a Form>,
}

impl Receipt<'_> {
    /// Whom to phone.
    pub fn phones(&self) -> &[Phone] {
        self.form.map_or(&[], |form| &form.help.phones)
    }

    /// When the receipt was given. Of a page that is sent twice both receipts are right so: that the letter was there then.
    pub fn given(&self) -> String {
        fill(self.frame.t.receipt_given, &[("time", self.given)])
    }

    /// How many files the letter has.
    pub fn files(&self) -> String {
        let t = self.frame.t;
        fill(
            t.receipt_files.of(t.lang, self.files as u64),
            &[("n", &number(t.lang, self.files))],
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
    use crate::i18n::Lang;

    #[test]
    fn a_reference_is_read_aloud_sign_by_sign() {
        let frame = Frame {
            t: Lang::NN.catalog(),
            authority: String::new(),
            exit: String::new(),
            style: "",
            logo: None,
            content: String::new(),
        };
        let receipt = Receipt {
            frame,
            reference: "K7F-3K9Q-2MX",
            given: "",
            files: 0,
            form: None,
        };
        assert_eq!(receipt.spoken(), "K 7 F, 3 K 9 Q, 2 M X");
    }
}
