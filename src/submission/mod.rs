//! The whole way of a letter in one place, without HTTP: parts → answers → letter → seal → spool → receipt.
//!
//! The form, `send-test` and the demo all go this way; there is no other. What always holds: a [`Receipt`]
//! exists only for a letter that is sealed and durable.

mod admission;
mod compose;
mod error;
mod evidence;
mod office;
mod receipt;
mod signed_receipt;

pub use admission::Admission;
pub use error::{Cause, Refusal};
pub use evidence::{Evidence, Witness};
pub use office::{FilesLimit, Mailbox, Office};
pub use receipt::{OPENS_FOR, Opened, Receipt, ReceiptSeal, Shown};
pub use signed_receipt::{NotAReceipt, ReceiptFacts};

use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::alarms::{Alarms, Event};
use crate::answer::{self, Answer, FileFact, Limits, Problem, Typed};
use crate::draft::{Draft, DraftDirectory};
use crate::form::Form;
use crate::i18n::{Lang, fill, size, size_up};
use crate::seal::{MailHead, Recipients, SealError, Sealer};
use crate::store::{Committed, Identity, Inbox, Proof};
use compose::Answers;
use konvolutt_letter::Reference;

/// Everything a letter needs on its way. A copy shares all of it: the next configuration is a copy with other forms.
#[derive(Clone)]
pub struct Pipeline {
    /// What is asked.
    pub forms: Arc<Vec<Form>>,
    /// Where letters go.
    pub mailboxes: Arc<Vec<Mailbox>>,
    /// Who sends.
    pub office: Arc<Office>,
    /// Signs and encrypts.
    pub sealer: Arc<Sealer>,
    /// Keeps letters.
    pub inbox: Arc<dyn Inbox>,
    /// Where uploaded files lie while their request lasts.
    pub drafts: DraftDirectory,
    /// Counts.
    pub alarms: Arc<Alarms>,
    /// Hears what became of each letter.
    pub witness: Witness,
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
    /// How its text was encoded had to be guessed.
    pub guessed_encoding: bool,
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

    /// Judges the certificates of a form's mailbox at this moment. Blocks on the disk: a revocation takes effect at once.
    fn recipients(&self, form: &Form) -> Recipients {
        let Some(mailbox) = self.mailbox(form) else {
            return Recipients::none();
        };
        mailbox.pinned.look();
        mailbox.pinned.recipients(SystemTime::now())
    }

    /// Reads all certificates again, also those whose files look unchanged.
    pub fn read_certificates_again(&self) {
        self.mailboxes.iter().for_each(|mailbox| mailbox.pinned.read_again());
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
        self.submit_as(submission, &self.identity(submission))
    }

    /// What a letter is recognised by: page and content.
    pub fn identity(&self, submission: &Submission<'_>) -> Identity {
        let digest = content_digest(submission);
        self.inbox.identities().of(submission.token, &digest)
    }

    /// The receipt of a letter that was taken before, once more: it costs nothing, whatever is full by now. Blocks on the
    /// disk.
    ///
    /// # Errors
    /// Whether it is durable is not known.
    pub fn repeated(&self, submission: &Submission<'_>, identity: &Identity) -> Result<Option<Receipt>, Refusal> {
        match self.inbox.repeats(identity) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let receipt = receipt(
                    submission,
                    identity,
                    Committed::Repeat,
                    self.proof(submission, identity),
                );
                self.taken(&receipt);
                Ok(Some(receipt))
            }
            Err(error) => {
                let refusal = Refusal::from(error);
                self.refused(&refusal, &submission.form.mailbox);
                Err(refusal)
            }
        }
    }

    /// As [`Pipeline::submit`], for a letter whose identity stands before it is written.
    ///
    /// # Errors
    /// Nothing was kept.
    pub fn submit_as(&self, submission: &Submission<'_>, identity: &Identity) -> Result<Receipt, Refusal> {
        let mailbox = &submission.form.mailbox;
        let receipt = match self.take(submission, identity) {
            Ok(receipt) => receipt,
            Err(refusal) => {
                self.refused(&refusal, mailbox);
                return Err(refusal);
            }
        };
        self.taken(&receipt);
        self.witness.hear(Evidence::Written {
            mailbox: mailbox.clone(),
            with_files: !submission.files.is_empty(),
        });
        Ok(receipt)
    }

    fn taken(&self, receipt: &Receipt) {
        self.alarms.count(if receipt.repeat {
            Event::Repeated
        } else {
            Event::Received
        });
        tracing::info!(reference = %receipt.reference, repeat = receipt.repeat, "a letter is sealed and kept");
    }

    /// This program failed: counted and told. `place` is where it was caught; the text of a panic may hold what somebody
    /// wrote.
    pub fn fault(&self, place: &'static str) {
        self.alarms.count(Event::Faults);
        self.witness.hear(Evidence::Fault(place));
    }

    /// As [`Pipeline::fault`], when it cost a letter.
    pub fn fault_in_a_letter(&self, place: &'static str) -> Refusal {
        self.alarms.count(Event::Refused);
        self.fault(place);
        Cause::Fault(place).into()
    }

    /// Seals a few words to a mailbox and throws them away: whether letters to it can be sealed.
    ///
    /// # Errors
    /// Why not.
    pub fn try_seal(&self, mailbox: &Mailbox) -> Result<(), SealError> {
        let recipients = mailbox.pinned.recipients(SystemTime::now());
        let head = MailHead {
            from: self.office.from_address.clone(),
            to: mailbox.address.clone(),
            subject: String::new(),
            date: String::new(),
            message_id: String::new(),
            reference: String::new(),
            boundary: String::new(),
        };
        let document = |out: &mut dyn std::io::Write| out.write_all(b"konvolutt\n");
        self.sealer
            .seal(std::io::sink(), &head, &recipients, document)
            .map(drop)
    }

    fn take(&self, submission: &Submission<'_>, identity: &Identity) -> Result<Receipt, Refusal> {
        let answers = self.in_two_languages(submission).map_err(Refusal::Problems)?;
        if submission.files.iter().any(|file| file.draft.is_none()) {
            // A file that was not kept is a problem that the judge has found; if not, the letter must not go without it.
            return Err(Cause::Fault("a file was neither kept nor found too large").into());
        }
        let recipients = self.recipients(submission.form);
        if !recipients.open() {
            return Err(Refusal::Closed);
        }
        let mailbox = self.mailbox(submission.form).ok_or(Refusal::Closed)?;
        let composed = compose::compose(self, submission, mailbox, answers, &recipients, identity)?;
        let mut pending = self.inbox.begin()?;
        let sealed = self.sealer.seal(&mut pending, &composed.head, &recipients, |out| {
            let sources = compose::sources(&submission.files)?;
            konvolutt_letter::write(&composed.letter, sources, out)
        })?;
        let proof = submission.form.receipt.signed.then_some(Proof {
            accepted: composed.envelope.accepted,
            seal: sealed.sha256,
        });
        // The sum was made beforehand; this is what keeps a mail that the mailbox refuses from being promised.
        if pending.length() > mailbox.files.message {
            return Err(Refusal::Problems(vec![self.too_large(submission)]));
        }
        if let Some(proof) = proof {
            pending.prove(proof);
        }
        let committed = pending.commit(identity, &composed.envelope)?;
        // A second copy was sealed anew, and is thrown away: what the first one is known by counts.
        let proof = match committed {
            Committed::New => proof,
            Committed::Repeat => self.proof(submission, identity),
        };
        Ok(receipt(submission, identity, committed, proof))
    }

    fn proof(&self, submission: &Submission<'_>, identity: &Identity) -> Option<Proof> {
        let signed = submission.form.receipt.signed;
        signed.then(|| self.inbox.proof(identity)).flatten()
    }

    fn too_large(&self, submission: &Submission<'_>) -> Problem {
        let lang = submission.lang;
        let limit = size(lang, self.limits(submission.form).files_total);
        let sum = size_up(lang, submission.files.iter().map(|file| file.fact.size).sum());
        Problem {
            field: None,
            part: None,
            text: fill(lang.catalog().files_too_large, &[("size", &limit), ("sum", &sum)]),
        }
    }

    /// What a submission answers, in the citizen's language; nothing when it has problems.
    pub fn answers(&self, submission: &Submission<'_>) -> Option<Vec<Answer>> {
        self.judge(submission, submission.lang).ok()
    }

    /// The answers in the letter's language, and as the citizen gave them, or what the citizen has to mend. What is right in one
    /// language is right in any: only words of the form and of the program differ.
    fn in_two_languages(&self, submission: &Submission<'_>) -> Result<Answers, Vec<Problem>> {
        let lang = self.office.letter_language(submission.form);
        let read = self.judge(submission, submission.lang)?;
        let written = if lang == submission.lang {
            read.clone()
        } else {
            self.judge(submission, lang)?
        };
        Ok(Answers { lang, written, read })
    }

    fn judge(&self, submission: &Submission<'_>, lang: Lang) -> Result<Vec<Answer>, Vec<Problem>> {
        let facts: Vec<FileFact> = submission.files.iter().map(|file| file.fact.clone()).collect();
        let limits = self.limits(submission.form);
        answer::judge(submission.form, submission.typed, &facts, limits, lang.catalog())
    }

    /// Counts what was refused and lets the witness decide what follows. The cause comes into the log with the alarm that
    /// it raises, once.
    fn refused(&self, refusal: &Refusal, mailbox: &str) {
        self.alarms.count(match refusal {
            Refusal::Problems(_) => Event::Problems,
            Refusal::Closed | Refusal::OwnersShare | Refusal::NotReceived(_) => Event::Refused,
        });
        if let Some(evidence) = Evidence::of(refusal, mailbox) {
            self.witness.hear(evidence);
        }
    }
}

fn receipt(submission: &Submission<'_>, identity: &Identity, committed: Committed, proof: Option<Proof>) -> Receipt {
    let drafts = submission.files.iter().filter_map(|file| file.draft.as_ref());
    Receipt {
        reference: Reference::from_random(&identity.reference),
        repeat: committed == Committed::Repeat,
        files: submission.files.len(),
        bytes: drafts.map(Draft::length).sum(),
        proof,
        reply: answer::reply(submission.form, submission.typed),
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
