//! Room for a letter, taken as the letter arrives: what somebody only announces costs nobody anything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Evidence, Pipeline, Refusal};
use crate::alarms::Event;
use crate::form::Form;
use crate::owner::Owner;
use crate::store::{Budget, Reservation, Share, Size, StoreError};

/// A letter without attachments takes this much of the disk.
const SHORT_LETTER: u64 = 64 * 1024;
/// Sealed, a file is twice as large: this is what waits in the end, and what the budget is for.
const SEALED: u64 = 2;
/// On the disk it lies beside that as a draft.
const ON_DISK: u64 = SEALED + 1;
/// Room is taken in steps of this many bytes of a file.
const STEP: u64 = 128 * 1024;

/// Less than this is not worth offering.
const PICTURE: u64 = 1_000_000;

/// Room for one letter; given back when dropped, unless it became one.
#[derive(Default)]
pub struct Admission(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    steps: Vec<Reservation>,
    /// Bytes of files that have come.
    came: u64,
    /// Bytes of files that there is room for.
    room: u64,
}

impl Admission {
    /// The letter waits now, and its room with it.
    pub fn became_a_letter(&self) {
        let steps = std::mem::take(&mut self.taken().steps);
        steps.into_iter().for_each(Reservation::became_a_letter);
    }

    fn has_files(&self) -> bool {
        self.taken().came > 0
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipeline {
    /// Takes room for so many more bytes of files. Blocks on the disk.
    ///
    /// # Errors
    /// There is none for attachments now, or this owner has its share; the text may still be taken.
    pub fn admit_file(&self, form: &Form, owner: &Owner, to: &Admission, bytes: u64) -> Result<(), StoreError> {
        let mut taken = to.taken();
        let needed = taken.came.saturating_add(bytes);
        while taken.room < needed {
            let step = self.room(form, owner, STEP, Share::Attachments)?;
            taken.steps.push(step);
            taken.room += STEP;
        }
        taken.came = needed;
        Ok(())
    }

    /// Takes room for the letter itself, once it is to be written, with so many bytes of text. Blocks on the disk.
    ///
    /// # Errors
    /// There is none for a text either, this owner has its share, or the spool is fenced.
    pub fn admit_letter(&self, form: &Form, owner: &Owner, to: &Admission, text: u64) -> Result<(), Refusal> {
        let share = if to.has_files() {
            Share::Attachments
        } else {
            Share::Text
        };
        match self.room(form, owner, text.max(SHORT_LETTER), share) {
            Ok(step) => {
                to.taken().steps.push(step);
                Ok(())
            }
            Err(error) => {
                self.alarms.count(Event::Refused);
                if !matches!(error, StoreError::OwnersShare) {
                    self.witness.hear(Evidence::Look);
                }
                Err(error.into())
            }
        }
    }

    /// Bytes of files that may come with a letter of a form now, from somebody who has sent nothing yet: as many as fit, or
    /// else a half, a quarter of them, down to a picture. Takes nothing. Blocks on the disk.
    ///
    /// # Errors
    /// There is no room for a text either, or the spool is fenced.
    pub fn files_now(&self, form: &Form) -> Result<u64, StoreError> {
        let newcomer = Owner::newcomer();
        let most = self.limits(form).files_total;
        let sizes = std::iter::successors(Some(most), |size| Some(size / 2).filter(|size| *size >= PICTURE));
        for files in sizes {
            match self.room(form, &newcomer, files.saturating_add(SHORT_LETTER), Share::Attachments) {
                Ok(_) => return Ok(files),
                Err(StoreError::Full(_) | StoreError::Budget(_) | StoreError::OwnersShare) => {}
                Err(error) => return Err(error),
            }
        }
        self.room(form, &Owner::default(), SHORT_LETTER, Share::Text).map(|_| 0)
    }

    fn room(&self, form: &Form, owner: &Owner, bytes: u64, share: Share) -> Result<Reservation, StoreError> {
        let size = |bytes: u64| Size {
            waiting: bytes.saturating_mul(SEALED),
            on_disk: bytes.saturating_mul(ON_DISK),
        };
        let text = form.longest_text().saturating_mul(4).max(SHORT_LETTER);
        let largest = self.limits(form).files_total.saturating_add(STEP + text);
        let budget = Budget {
            mailbox: &form.mailbox,
            bytes: self.mailbox(form).map_or(0, |mailbox| mailbox.waiting),
            largest: size(largest),
            owner,
        };
        self.inbox.reserve(budget, size(bytes), share)
    }
}
