//! What became of a letter, as evidence of whether the next one can be taken.
//!
//! The pipeline only says what it saw; what follows from it (a closed form, an alarm) is the matter of `readiness`.

use std::sync::Arc;

use super::{Cause, Refusal};
use crate::store::StoreError;

/// What a letter's way has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A letter to this mailbox was sealed and is durable.
    Written {
        /// Its name.
        mailbox: String,
        /// Files came with it, so that drafts work too.
        with_files: bool,
    },
    /// A letter could not be kept.
    WriteFailed(String),
    /// A file of a letter could not be kept while it arrived.
    DraftFailed(String),
    /// A letter to this mailbox could not be sealed.
    SealFailed {
        /// Its name.
        mailbox: String,
        /// Why.
        why: String,
    },
    /// This program failed, by the place where that was caught.
    Fault(&'static str),
    /// Something is not as the last look saw it: look again.
    Look,
}

impl Evidence {
    /// What a refusal shows; nothing when it only says what the citizen can mend.
    pub fn of(refusal: &Refusal, mailbox: &str) -> Option<Self> {
        match refusal {
            Refusal::Problems(_) | Refusal::OwnersShare => None,
            Refusal::Closed => Some(Self::Look),
            Refusal::NotReceived(cause) => Some(match cause {
                // States that a look sees by itself, and a doubt that the letter which met the failure has told of.
                Cause::Disk(
                    StoreError::Fenced
                    | StoreError::Unproven(_)
                    | StoreError::Budget(_)
                    | StoreError::OwnersShare
                    | StoreError::InDoubt,
                )
                | Cause::SigningKey(_) => Self::Look,
                Cause::Disk(error) => Self::WriteFailed(error.to_string()),
                Cause::Seal(why) => Self::SealFailed {
                    mailbox: mailbox.to_owned(),
                    why: why.clone(),
                },
                Cause::Fault(place) => Self::Fault(place),
            }),
        }
    }
}

/// Takes evidence. It is called in the middle of a request: it must not block.
#[derive(Clone)]
pub struct Witness(Arc<dyn Fn(Evidence) + Send + Sync>);

impl Witness {
    /// What is seen goes to this.
    pub fn new(hears: impl Fn(Evidence) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hears))
    }

    /// For a command: its caller sees what came of the letter.
    pub fn none() -> Self {
        Self::new(drop)
    }

    /// Says what was seen.
    pub fn hear(&self, evidence: Evidence) {
        (self.0)(evidence);
    }
}
