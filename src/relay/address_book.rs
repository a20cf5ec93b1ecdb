//! Where letters go and in whose name: by the relay's own configuration, never by what lies in the queue.
//!
//! The web side writes the queue, and may have been taken over. What it can choose is the name of a mailbox.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::outgoing::Outgoing;
use super::sealed::{self, Unsealed};
use crate::store::Letter;
use konvolutt_letter::{MailHead, mime, printable};

/// The addresses of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddressBook {
    /// From, as it stands in the head.
    pub from: String,
    /// RFC 5321 reverse-path.
    pub envelope_from: String,
    /// Neutral words in the Subject, before the reference.
    pub subject: String,
    /// RFC 5321 forward-path of each mailbox, by its name.
    pub mailboxes: BTreeMap<String, String>,
    /// Between the reverse-path's local part and a letter's id (`local+id@domain`), for servers that offer no DSN.
    pub bounce_delimiter: Option<char>,
}

/// The addresses that letters go by now: a new configuration replaces them while the relay runs.
#[derive(Debug)]
pub struct Addresses(RwLock<Arc<AddressBook>>);

impl Addresses {
    /// These, until others come.
    pub fn new(first: AddressBook) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(first))))
    }

    /// Those of now. Waits for no disk.
    pub fn now(&self) -> Arc<AddressBook> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Others from now on; a letter that is on its way keeps those that it was given.
    pub fn replace(&self, next: AddressBook) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

/// Why a letter is not sent.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// No letter of our form.
    #[error("the mail {0}")]
    Foreign(&'static str),
    /// The configuration does not have its mailbox, or no longer.
    #[error(
        "the configuration has no mailbox `{0}`. To do: `konvolutt queue readdress`, or give a mailbox this name again, restart, \
         then `konvolutt queue release`"
    )]
    NoMailbox(String),
    /// The store could not be read, which says nothing of the letter.
    #[error(transparent)]
    Io(std::io::Error),
}

impl From<Unsealed> for Unfit {
    fn from(why: Unsealed) -> Self {
        match why {
            Unsealed::Foreign(what) => Self::Foreign(what),
            Unsealed::Io(error) => Self::Io(error),
        }
    }
}

impl AddressBook {
    /// Looks at a letter from its first byte to its last, and gives it its addresses. Blocks on the disk.
    ///
    /// # Errors
    /// Why it must not be sent.
    pub fn address(&self, letter: &Letter) -> Result<Outgoing, Unfit> {
        let written = sealed::read(letter.mail())?;
        let envelope = &letter.envelope;
        if envelope.reference != written.reference {
            return Err(Unfit::Foreign("and its envelope have different references"));
        }
        let Some(to) = self.mailboxes.get(&envelope.mailbox) else {
            // A name is short and plain; what the web side made of it stands in a log and an alarm.
            let name: String = printable(&envelope.mailbox).chars().take(60).collect();
            return Err(Unfit::NoMailbox(name));
        };
        let covers = written.text().len() as u64;
        let head = self.head(written, to);
        Ok(Outgoing::new(
            letter.clone(),
            self.envelope_from.clone(),
            to.clone(),
            &head,
            covers,
        ))
    }

    /// What names people is our own. A letter that came before a mailbox got another address, or the form another name,
    /// goes where and as the configuration says now.
    fn head(&self, written: MailHead, to: &str) -> MailHead {
        let subject = format!("{} {}", self.subject, written.reference);
        MailHead {
            from: self.from.clone(),
            to: to.to_owned(),
            subject: mime::unstructured(&subject),
            ..written
        }
    }
}
