//! The texts that the form page has folded, each as a page of its own, for links from elsewhere.

use askama::Template;

use super::Frame;
use super::privacy::notice;
use crate::form::Form;
use crate::i18n::{Catalog, fill, number};

/// How to stay safe while writing.
#[derive(Template)]
#[template(path = "safety.html")]
pub struct Safety<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
}

/// How the letter is sealed, and to whom.
#[derive(Template)]
#[template(path = "encryption.html")]
pub struct Encryption<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
    /// *All* recipients of its mailbox that a letter would be sealed to now.
    pub recipients: Vec<RecipientView>,
    /// On so many machines a letter is before its receipt.
    pub machines: u32,
}

impl Encryption<'_> {
    /// What a receipt stands for.
    pub fn kept(&self) -> String {
        kept(self.frame.t, self.machines)
    }
}

/// What a receipt stands for, as the store proves it now.
pub(super) fn kept(t: &Catalog, machines: u32) -> String {
    let n = number(t.lang, machines as usize);
    fill(t.encryption_kept.of(t.lang, u64::from(machines)), &[("n", &n)])
}

/// A recipient as shown to a citizen.
pub struct RecipientView {
    /// Name and address from the certificate.
    pub name: String,
    /// Fingerprint in groups of four.
    pub fingerprint: String,
    /// Kept in a safe for the day the daily key is lost.
    pub recovery: bool,
    /// The certificate as armored text; empty on the form page, which only leads to it.
    pub certificate: String,
    /// Address of the same as a file.
    pub href: String,
}

/// Who is responsible, what for, for how long, and what people can ask for.
#[derive(Template)]
#[template(path = "privacy.html")]
pub struct PrivacyPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
}

impl PrivacyPage<'_> {
    /// Headings and texts.
    pub fn notice(&self) -> [(&'static str, &str); 9] {
        notice(self.frame.t, self.form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_receipt_stands_for_one_machine_or_for_as_many_as_are_proved() {
        for (lang, one, three) in [
            (Lang::NB, "på én maskin hos oss", "på 3 maskiner hos oss"),
            (Lang::NN, "på éi maskin hos oss", "på 3 maskiner hos oss"),
            (Lang::EN, "on one machine of ours", "on 3 machines of ours"),
        ] {
            assert!(kept(lang.catalog(), 1).contains(one), "{}", kept(lang.catalog(), 1));
            assert!(kept(lang.catalog(), 3).contains(three), "{}", kept(lang.catalog(), 3));
        }
    }
}
