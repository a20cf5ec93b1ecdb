//! The texts that the form page has folded, each as a page of its own, for links from elsewhere.

use askama::Template;

use super::Frame;
use super::privacy::notice;
use crate::form::Form;

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
