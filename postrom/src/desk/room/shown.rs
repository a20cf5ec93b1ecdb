//! A letter is shown: from then on it is opened, for colleagues and for the form's server.

use std::sync::{Arc, PoisonError};

use super::{NotDone, Open, Room};
use crate::acknowledge::{acknowledgement, drop_file};
use crate::desk::post::RowId;
use crate::desk::reading::Reading;
use crate::ledger::{Act, Standing, State};
use crate::trouble::{Cause, Trouble};

/// A letter for a page. It has no `Debug`.
pub struct Shown {
    /// What it says.
    pub reading: Arc<Reading>,
    /// How it stands, now that it was shown.
    pub standing: Standing,
    /// Why colleagues do not see that it was.
    pub not_marked: Option<Trouble>,
    /// Why the form's server was not told.
    pub not_told: Option<Trouble>,
}

impl Room {
    /// Opens a letter for a clerk's eyes.
    ///
    /// # Errors
    /// Why it cannot be opened. That something could not be noted down keeps nobody from reading it.
    pub fn shown(&self, id: RowId) -> Result<Shown, NotDone> {
        let open = self.open().ok_or(NotDone::Locked)?;
        let reading = open.session.reading(id).map_err(|why| match why {
            Trouble::Missing if open.session.post().row(id).is_none() => NotDone::Gone,
            why => NotDone::Trouble(why),
        })?;
        let mut not_marked = open.ledger.refresh().err().map(|error| Trouble::of_disk(&error));
        let mut standing = open.ledger.standing(&reading.status.sha256);
        let is_new = standing.state == State::New;
        if is_new {
            match self.act(id, Act::Opened) {
                Ok(now) => standing = now,
                Err(NotDone::Trouble(why)) => not_marked = Some(why),
                // Somebody locked it in this moment.
                Err(why) => return Err(why),
            }
        }
        let not_told = self.tell(&open, id, &reading, is_new);
        Ok(Shown {
            reading,
            standing,
            not_marked,
            not_told,
        })
    }

    /// Once; and again each time it is shown while that failed, until the desk is locked.
    fn tell(&self, open: &Open, id: RowId, reading: &Reading, is_new: bool) -> Option<Trouble> {
        let place = self.plan().ack_to.as_ref()?;
        let said = acknowledgement(&reading.status)?;
        let mut untold = open.untold.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_new && !untold.contains(&id) {
            return None;
        }
        match drop_file(&said, place) {
            Ok(()) => {
                untold.remove(&id);
                None
            }
            Err(error) => {
                untold.insert(id);
                Some(Trouble::Disk {
                    cause: Cause::from(&error),
                })
            }
        }
    }
}
