//! The pages beside the form: how to stay safe, how the letter is sealed. What was typed in the form comes along and goes
//! back, in the page itself: no letter may be lost by reading advice, and the server keeps nothing meanwhile.

use askama::Template;

use super::{Frame, INFO_PAGE, SWITCH};
use crate::answer::Typed;
use crate::form::Form;

/// A page beside the form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InfoPage {
    /// [`Safety`].
    Safety,
    /// [`Encryption`].
    Encryption,
    /// [`super::PrivacyPage`].
    Privacy,
}

impl InfoPage {
    /// Its part of the address, also the value of the button that leads to it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Safety => "trygg",
            Self::Encryption => "kryptering",
            Self::Privacy => "personvern",
        }
    }

    /// The page of that path.
    pub fn from_path(path: &str) -> Option<Self> {
        let all = [Self::Safety, Self::Encryption, Self::Privacy];
        all.into_iter().find(|page| page.path() == path)
    }
}

/// How to stay safe while writing.
#[derive(Template)]
#[template(path = "safety.html")]
pub struct Safety<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
    /// What was typed there.
    pub carried: &'a Typed,
}

/// How the letter is sealed, and to whom.
#[derive(Template)]
#[template(path = "encryption.html")]
pub struct Encryption<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
    /// What was typed there.
    pub carried: &'a Typed,
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
    /// The certificate as armored text.
    pub certificate: String,
    /// Address of the same as a file.
    pub href: String,
}
