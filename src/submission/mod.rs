//! The whole way of a letter in one place, without HTTP: parts → answers → letter → seal → spool → receipt.
//!
//! The form, `send-test` and the demo all go this way; there is no other. What always holds: a [`Receipt`]
//! exists only for a letter that is sealed and durable.

mod admission;
mod compose;
mod office;

pub use admission::Admission;
pub use office::{FilesLimit, Mailbox, Office};

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::alarms::{Alarm, Alarms, Event};
use crate::answer::{self, Answer, FileFact, Limits, Problem, Typed};
use crate::draft::{Draft, DraftDirectory};
use crate::form::Form;
use crate::i18n::{Lang, fill, size};
use crate::seal::{Recipients, SealError, Sealer, WARNED_BEFORE};
use crate::store::{Committed, Identity, Inbox, StoreError};
use konvolutt_letter::Reference;

/// Everything a letter needs on its way.
pub struct Pipeline {
    /// What is asked.
    pub forms: Vec<Form>,
    /// Where letters go.
    pub mailboxes: Vec<Mailbox>,
    /// Who sends.
    pub office: Office,
    /// Signs and encrypts.
    pub sealer: Sealer,
    /// Keeps letters.
    pub inbox: Arc<dyn Inbox>,
    /// Where uploaded files lie while their request lasts.
    pub drafts: DraftDirectory,
    /// Tells.
    pub alarms: Arc<Alarms>,
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
    /// May have been sent by a program. The letter goes its way all the same, and says so.
    pub automatic: bool,
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
    /// The letter could not be sealed or kept, through no fault of the citizen. The cause goes to the log, never to
    /// the page.
    NotReceived {
        /// What the operator is told.
        alarm: Alarm,
        /// Why.
        cause: String,
    },
}

impl Refusal {
    /// A letter that was not received, with the alarm for the operator.
    pub fn not_received(alarm: Alarm, cause: impl ToString) -> Self {
        let cause = cause.to_string();
        Self::NotReceived { alarm, cause }
    }
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Closed => Self::Closed,
            SealError::SigningKey(error) => Self::not_received(Alarm::SigningKey, error),
            SealError::Io(error) => error.into(),
            SealError::Crypto(cause) => Self::not_received(Alarm::Spool, cause),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let alarm = match error {
            StoreError::Fenced => Alarm::Fenced,
            StoreError::Full(_) | StoreError::Budget(_) | StoreError::InDoubt | StoreError::Io(_) => Alarm::Spool,
        };
        Self::not_received(alarm, error)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::not_received(Alarm::Spool, error)
    }
}

impl Pipeline {
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
            return Recipients::none();
        };
        let now = SystemTime::now();
        let recipients = mailbox.pinned.recipients(now);
        self.tell_expiries(&mailbox.name, &recipients, now);
        let mut troubles = mailbox.pinned.troubles();
        let left_out = recipients.left_out.iter();
        troubles.extend(left_out.map(|out| format!("{} ({}): {}", out.name, out.fingerprint, out.why)));
        match troubles.as_slice() {
            [] => self.alarms.clear(Alarm::Certificate, &mailbox.name),
            some => self.alarms.raise(Alarm::Certificate, &mailbox.name, &some.join("; ")),
        }
        if recipients.open() {
            self.alarms.clear(Alarm::FormClosed, &mailbox.name)
        } else {
            let why = if recipients.mix_refused {
                "post-quantum and classical certificates are mixed, which is not allowed"
            } else {
                "no daily certificate qualifies"
            };
            let text = format!(
                "the mailbox {} cannot be sealed to: {why}; its forms are closed",
                mailbox.name
            );
            self.alarms.raise(Alarm::FormClosed, &mailbox.name, &text);
        }
        recipients
    }

    fn tell_signing_key(&self, days_left: Option<u64>) {
        const ABOUT: &str = "signing-key";
        match days_left.and_then(step) {
            None => self.alarms.clear(Alarm::Expiring, ABOUT),
            Some(step) => {
                let text = format!("the relay's signing key expires within {step} days; then the form is closed");
                self.alarms.raise(Alarm::Expiring, ABOUT, &text);
            }
        }
    }

    /// The alarm changes its text, and so is told again, at each step of [`WARNED_BEFORE`].
    fn tell_expiries(&self, mailbox: &str, recipients: &Recipients, now: SystemTime) {
        for (recipient, _) in &recipients.fit {
            if let Some(days) = recipient.days_left(now) {
                self.alarms.set_days_left(recipient.cert.fingerprint().to_hex(), days);
            }
        }
        let soon: Vec<String> = recipients
            .expiring(now)
            .iter()
            .map(|(recipient, days)| {
                let step = step(*days).unwrap_or(*days);
                format!(
                    "{} ({}) expires within {step} days",
                    recipient.name(),
                    recipient.cert.fingerprint()
                )
            })
            .collect();
        match soon.as_slice() {
            [] => self.alarms.clear(Alarm::Expiring, mailbox),
            soon => self.alarms.raise(Alarm::Expiring, mailbox, &soon.join("; ")),
        }
    }

    /// Reads all certificates again, also those whose files look unchanged.
    pub fn read_certificates_again(&self) {
        self.mailboxes.iter().for_each(|mailbox| mailbox.pinned.read_again());
    }

    /// True while letters of this form can be sealed and kept. Nobody shall write for half an hour and then hear that
    /// nothing can be received.
    pub fn is_open(&self, form: &Form) -> bool {
        // Each is looked at whatever the other says, so that every alarm stands.
        let room = self.has_room(form);
        self.can_seal(form) && room
    }

    /// True while letters of this form can be signed and encrypted.
    pub fn can_seal(&self, form: &Form) -> bool {
        let recipients = self.recipients(form).open();
        let signs = self.sealer.key(SystemTime::now());
        match &signs {
            Ok(key) => {
                self.alarms.clear(Alarm::SigningKey, "");
                self.tell_signing_key(key.days_left(SystemTime::now()));
            }
            Err(why) => self
                .alarms
                .raise(Alarm::SigningKey, "", &format!("no letter can be signed: {why}")),
        }
        recipients && signs.is_ok()
    }

    /// How much a letter of this form may carry.
    pub fn limits(&self, form: &Form) -> Limits {
        let mailbox = self.mailbox(form);
        Limits {
            files_total: mailbox.map_or(0, |mailbox| mailbox.files.total(form.longest_text())),
        }
    }

    /// Takes one letter all the way. Blocks for as long as sealing and the disk take.
    ///
    /// # Errors
    /// Nothing was kept, and the citizen must be told so.
    pub fn submit(&self, submission: &Submission<'_>) -> Result<Receipt, Refusal> {
        let identity = self
            .inbox
            .identities()
            .of(submission.token, &content_digest(submission));
        self.submit_as(submission, &identity)
    }

    /// As [`Pipeline::submit`], for a letter whose identity stands before it is written.
    ///
    /// # Errors
    /// Nothing was kept.
    pub fn submit_as(&self, submission: &Submission<'_>, identity: &Identity) -> Result<Receipt, Refusal> {
        let receipt = self
            .take(submission, identity)
            .map_err(|refusal| self.refused(refusal))?;
        self.alarms.count(if receipt.repeat {
            Event::Repeated
        } else {
            Event::Received
        });
        tracing::info!(reference = %receipt.reference, repeat = receipt.repeat, "a letter is sealed and kept");
        Ok(receipt)
    }

    fn take(&self, submission: &Submission<'_>, identity: &Identity) -> Result<Receipt, Refusal> {
        let answers = self.judge(submission).map_err(Refusal::Problems)?;
        if submission.files.iter().any(|file| file.draft.is_none()) {
            // A file that was not kept is a problem that the judge has found; if not, the letter must not go without it.
            return Err(Refusal::not_received(Alarm::Spool, "a file was not kept"));
        }
        let recipients = self.recipients(submission.form);
        if !recipients.open() {
            return Err(Refusal::Closed);
        }
        let mailbox = self.mailbox(submission.form).ok_or(Refusal::Closed)?;
        let reference = Reference::from_random(&identity.reference);
        let composed = compose::compose(self, submission, mailbox, answers, &recipients, identity)?;
        let mut pending = self.inbox.begin()?;
        self.sealer.seal(&mut pending, &composed.head, &recipients, |out| {
            let sources = compose::sources(&submission.files)?;
            konvolutt_letter::write(&composed.letter, sources, out)
        })?;
        // The sum was made beforehand; this is what keeps a mail that the mailbox refuses from being promised.
        if pending.length() > mailbox.files.message {
            return Err(Refusal::Problems(vec![self.too_large(submission)]));
        }
        let committed = pending.commit(identity, &composed.envelope)?;
        Ok(Receipt {
            reference,
            repeat: committed == Committed::Repeat,
        })
    }

    fn too_large(&self, submission: &Submission<'_>) -> Problem {
        let lang = submission.lang;
        let limit = size(lang, self.limits(submission.form).files_total);
        Problem {
            field: None,
            part: None,
            text: fill(lang.catalog().files_too_large, &[("size", &limit)]),
        }
    }

    fn judge(&self, submission: &Submission<'_>) -> Result<Vec<Answer>, Vec<Problem>> {
        let facts: Vec<FileFact> = submission.files.iter().map(|file| file.fact.clone()).collect();
        let limits = self.limits(submission.form);
        let catalog = submission.lang.catalog();
        answer::judge(submission.form, submission.typed, &facts, limits, catalog)
    }

    fn refused(&self, refusal: Refusal) -> Refusal {
        match &refusal {
            Refusal::Problems(_) => self.alarms.count(Event::Problems),
            Refusal::Closed => self.alarms.count(Event::Refused),
            Refusal::NotReceived { alarm, cause } => {
                self.alarms.count(Event::Refused);
                self.alarms
                    .raise(*alarm, "", &format!("a letter could not be kept: {cause}"));
            }
        }
        refusal
    }
}

/// The step of [`WARNED_BEFORE`] that so many days have reached.
fn step(days: u64) -> Option<u64> {
    WARNED_BEFORE.into_iter().rev().find(|step| days <= *step)
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
