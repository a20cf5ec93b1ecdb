//! What may be taken now: said before anything is read.

use super::{Pipeline, Refusal};
use crate::alarms::Alarm;
use crate::answer::Limits;
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
    /// Holds room back for a letter of so many bytes. With too little for attachments the text is taken alone.
    ///
    /// # Errors
    /// There is no room for a text either, or the spool is fenced.
    pub fn admit(&self, form: &Form, announced: u64) -> Result<Admission, Refusal> {
        let files = self.limits(form).files_total.min(announced);
        let with = self.hold_room(form, files.saturating_add(SHORT_LETTER), Share::Attachments);
        let (room, attachments) = match with {
            Err(StoreError::Full(_) | StoreError::Budget(_)) => {
                (self.hold_room(form, SHORT_LETTER, Share::Text), false)
            }
            with => (with, true),
        };
        let room = room.map_err(|error| match error {
            // Told with its mailbox by the one who looks whether the form is open.
            StoreError::Budget(_) => error.into(),
            error => self.refused(error.into()),
        })?;
        Ok(Admission {
            attachments,
            _room: room,
        })
    }

    /// How much a letter of this form may carry now: as much as ever, or no attachments.
    pub fn limits_now(&self, form: &Form) -> Limits {
        let limits = self.limits(form);
        match self.hold_room(
            form,
            limits.files_total.saturating_add(SHORT_LETTER),
            Share::Attachments,
        ) {
            Ok(_) => limits,
            Err(_) => Limits { files_total: 0 },
        }
    }

    /// Whether a letter without attachments could be kept now; raises or ends the alarms about it.
    pub(super) fn has_room(&self, form: &Form) -> bool {
        let room = self.hold_room(form, SHORT_LETTER, Share::Text).map(drop);
        let mut standing = None;
        if let Err(error) = &room {
            let (alarm, about) = match error {
                StoreError::Fenced => (Alarm::Fenced, ""),
                StoreError::Budget(mailbox) => (Alarm::Spool, mailbox.as_str()),
                StoreError::Full(_) | StoreError::InDoubt | StoreError::Io(_) => (Alarm::Spool, ""),
            };
            self.alarms
                .raise(alarm, about, &format!("no letter can be kept: {error}"));
            standing = Some((alarm, about));
        }
        // A full spool heals by itself, a fenced one needs a hand: two alarms.
        for other in [
            (Alarm::Fenced, ""),
            (Alarm::Spool, ""),
            (Alarm::Spool, form.mailbox.as_str()),
        ] {
            if standing != Some(other) {
                self.alarms.clear(other.0, other.1);
            }
        }
        room.is_ok()
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
