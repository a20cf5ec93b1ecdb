//! The whole way of a letter in one place, without HTTP: parts → answers → letter → seal → spool → receipt.
//!
//! The form, `send-test` and the demo all go this way; there is no other. What always holds: a [`Receipt`]
//! exists only for a letter that is sealed and durable.

mod compose;
mod office;

pub use office::{FilesLimit, Mailbox, Office};

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::answer::{self, Answer, FileFact, Limits, Problem, Typed};
use crate::draft::Draft;
use crate::form::Form;
use crate::i18n::Lang;
use crate::letter::Reference;
use crate::seal::{Recipients, SealError, Sealer};
use crate::spool::{Committed, Spool, SpoolError};
use crate::watch::{Alarm, Event, Watch};

/// Everything a letter needs on its way.
pub struct Journey {
    /// What is asked.
    pub forms: Vec<Form>,
    /// Where letters go.
    pub mailboxes: Vec<Mailbox>,
    /// Who sends.
    pub office: Office,
    /// Signs and encrypts.
    pub sealer: Sealer,
    /// Keeps.
    pub spool: Arc<Spool>,
    /// Tells.
    pub watch: Arc<Watch>,
}

/// A file that was received.
pub struct Upload {
    /// Field and name as the browser sent them.
    pub fact: FileFact,
    /// Its content; `None` when it was too large to keep.
    pub draft: Option<Draft>,
}

/// What one page sent.
pub struct Submission<'a> {
    /// The form it came from.
    pub form: &'a Form,
    /// Language it was written in.
    pub lang: Lang,
    /// The page's token.
    pub token: &'a [u8],
    /// What was typed.
    pub typed: &'a Typed,
    /// The files.
    pub files: Vec<Upload>,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
}

/// The promise: the letter is sealed and on disk.
#[derive(Debug)]
pub struct Receipt {
    /// Number for people.
    pub reference: Reference,
    /// The same letter had come before.
    pub repeat: bool,
}

/// Why there is no receipt.
pub enum Refusal {
    /// The citizen can mend it.
    Problems(Vec<Problem>),
    /// No daily certificate qualifies.
    Closed,
    /// The letter could not be sealed or kept. The cause goes to the log, never to the page.
    NotReceived(String),
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Closed => Self::Closed,
            other => Self::NotReceived(other.to_string()),
        }
    }
}

impl From<SpoolError> for Refusal {
    fn from(error: SpoolError) -> Self {
        Self::NotReceived(error.to_string())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::NotReceived(error.to_string())
    }
}

impl Journey {
    /// The form of a slug.
    pub fn form(&self, slug: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.slug == slug)
    }

    /// The mailbox of a form. Reading the configuration checks that there is one.
    pub fn mailbox(&self, form: &Form) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.name == form.mailbox)
    }

    /// Judges the certificates of a form's mailbox now, and raises or clears the alarms about them.
    pub fn recipients(&self, form: &Form) -> Recipients {
        let Some(mailbox) = self.mailbox(form) else {
            return Recipients {
                fit: Vec::new(),
                left_out: Vec::new(),
            };
        };
        let recipients = mailbox.pinned.recipients(SystemTime::now());
        let mut troubles = mailbox.pinned.troubles();
        let left_out = recipients.left_out.iter();
        troubles.extend(left_out.map(|out| format!("{} ({}): {}", out.name, out.fingerprint, out.why)));
        match troubles.as_slice() {
            [] => self.watch.clear(Alarm::Certificate),
            some => self.watch.raise(Alarm::Certificate, &some.join("; ")),
        }
        match recipients.open() {
            true => self.watch.clear(Alarm::FormClosed),
            false => {
                let text = format!(
                    "no daily certificate of the mailbox {} qualifies; its forms are closed",
                    mailbox.name
                );
                self.watch.raise(Alarm::FormClosed, &text);
            }
        }
        recipients
    }

    /// True while letters of this form can be sealed.
    pub fn is_open(&self, form: &Form) -> bool {
        self.recipients(form).open()
    }

    /// How much a letter of this form may carry.
    pub fn limits(&self, form: &Form) -> Limits {
        let mailbox = self.mailbox(form);
        Limits {
            files_total: mailbox.map_or(0, |mailbox| mailbox.files.total()),
        }
    }

    /// Whether a letter of that size may be begun now. Asked before a body is read.
    ///
    /// # Errors
    /// The spool is full or fenced.
    pub fn has_room(&self, bytes: u64) -> Result<(), Refusal> {
        match self.spool.has_room(bytes) {
            Ok(()) => {
                self.watch.clear(Alarm::Spool);
                Ok(())
            }
            Err(error) => Err(self.refused(error.into())),
        }
    }

    /// Takes one letter all the way. Blocks for as long as sealing and the disk take.
    ///
    /// # Errors
    /// Nothing was kept, and the citizen must be told so.
    pub fn submit(&self, submission: &Submission<'_>) -> Result<Receipt, Refusal> {
        let receipt = self.take(submission).map_err(|refusal| self.refused(refusal))?;
        self.watch.clear(Alarm::Spool);
        self.watch.clear(Alarm::SigningKey);
        self.watch.count(match receipt.repeat {
            true => Event::Repeated,
            false => Event::Received,
        });
        tracing::info!(reference = %receipt.reference, repeat = receipt.repeat, "a letter is sealed and kept");
        Ok(receipt)
    }

    fn take(&self, submission: &Submission<'_>) -> Result<Receipt, Refusal> {
        let answers = self.judge(submission).map_err(Refusal::Problems)?;
        let recipients = self.recipients(submission.form);
        if !recipients.open() {
            return Err(Refusal::Closed);
        }
        let mailbox = self.mailbox(submission.form).ok_or(Refusal::Closed)?;
        let identity = self.spool.identity(submission.token, &content_digest(submission));
        let reference = Reference::from_random(&identity.reference);
        let composed = compose::compose(self, submission, mailbox, answers, &recipients, &identity)?;
        let mut pending = self.spool.begin()?;
        self.sealer.seal(&mut pending, &composed.head, &recipients, |out| {
            let sources = compose::sources(&submission.files)?;
            crate::letter::write(&composed.letter, sources, out)
        })?;
        let committed = pending.commit(&identity, &composed.envelope)?;
        Ok(Receipt {
            reference,
            repeat: committed == Committed::Repeat,
        })
    }

    fn judge(&self, submission: &Submission<'_>) -> Result<Vec<Answer>, Vec<Problem>> {
        let facts: Vec<FileFact> = submission.files.iter().map(|file| file.fact.clone()).collect();
        let limits = self.limits(submission.form);
        let catalog = submission.lang.catalog();
        answer::judge(submission.form, submission.typed, &facts, limits, catalog)
    }

    fn refused(&self, refusal: Refusal) -> Refusal {
        match &refusal {
            Refusal::Problems(_) => self.watch.count(Event::Problems),
            Refusal::Closed => self.watch.count(Event::Refused),
            Refusal::NotReceived(cause) => {
                self.watch.count(Event::Refused);
                self.watch
                    .raise(Alarm::Spool, &format!("a letter could not be kept: {cause}"));
            }
        }
        refusal
    }
}

/// Digest of everything that a person would call the content. Lengths stand before values, so that no two
/// contents read alike.
fn content_digest(submission: &Submission<'_>) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    part(submission.form.slug.as_bytes());
    for (name, value) in submission.typed.pairs() {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    for file in &submission.files {
        part(file.fact.field.as_bytes());
        part(file.fact.name.as_bytes());
        part(file.draft.as_ref().map_or(&[], |draft| draft.sha256()));
    }
    digest.finalize().into()
}
