//! What may be taken now: said before anything is read.

use super::{Evidence, Pipeline, Refusal};
use crate::form::Form;
use crate::store::{Budget, Reservation, Share, StoreError};

/// A letter without attachments takes this much of the disk.
const SHORT_LETTER: u64 = 64 * 1024;
/// Sealed, a file is twice as large: this is what waits in the end, and what the budget is for.
const SEALED: u64 = 2;
/// On the disk it lies beside that as a draft.
const ON_DISK: u64 = SEALED + 1;

/// Room for one letter, held until this is dropped.
pub struct Admission {
    /// Attachments may come with it.
    pub attachments: bool,
    _room: Reservation,
}

impl Pipeline {
    /// Holds room back for a letter that was announced with so many bytes.
    ///
    /// # Errors
    /// There is no room for a text either, or the spool is fenced.
    pub fn admit(&self, form: &Form, announced: u64) -> Result<Admission, Refusal> {
        self.room(form, announced).map_err(|error| {
            self.witness.hear(Evidence::Look);
            error.into()
        })
    }

    /// As [`Pipeline::admit`], and nothing is counted or told: for a look at how much room there is. With too little for
    /// attachments the text is taken alone. Blocks on the disk.
    ///
    /// # Errors
    /// There is no room for a text either, or the spool is fenced.
    pub fn room(&self, form: &Form, announced: u64) -> Result<Admission, StoreError> {
        let files = self.limits(form).files_total.min(announced);
        let with = self.hold_room(form, files.saturating_add(SHORT_LETTER), Share::Attachments);
        let (room, attachments) = match with {
            Err(StoreError::Full(_) | StoreError::Budget(_)) => {
                (self.hold_room(form, SHORT_LETTER, Share::Text), false)
            }
            with => (with, true),
        };
        Ok(Admission {
            attachments,
            _room: room?,
        })
    }

    fn hold_room(&self, form: &Form, bytes: u64, share: Share) -> Result<Reservation, StoreError> {
        let budget = Budget {
            mailbox: &form.mailbox,
            bytes: self.mailbox(form).map_or(0, |mailbox| mailbox.waiting),
        };
        self.inbox.reserve(
            budget,
            bytes.saturating_mul(SEALED),
            bytes.saturating_mul(ON_DISK),
            share,
        )
    }
}
