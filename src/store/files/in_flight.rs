//! A letter in flight: while the relay delivers it, only the relay moves it.
//!
//! What counts is a lock on the letter's own file: it needs no room on a full disk, and it dies with its process, so
//! that a crash leaves nothing to mend. `inflight/NAME` says to people who has the letter and since when; without
//! the lock it means nothing, and the next relay removes it.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::held::Held;
use super::layout::{Layout, read_limited};
use crate::store::{ClaimError, Deliverer, ShelfError, State};
use crate::unix_time::seconds;

/// The locks.
#[derive(Clone)]
pub(super) struct Locks(pub(super) Layout);

/// A letter that is being delivered. Dropped, it may be moved again.
pub(super) struct InFlight {
    _lock: Held,
    told: PathBuf,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // What stays is removed by the next relay.
        let _ = fs::remove_file(&self.told);
    }
}

impl Locks {
    /// Locks a waiting letter. Only while all moves are held off.
    pub(super) fn take(&self, name: &str) -> Result<InFlight, ClaimError> {
        let lock = self.letter_file(name)?.ok_or(ClaimError::Gone)?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(ClaimError::Busy(self.told(name))),
            locked => locked.map_err(io::Error::from)?,
        }
        let told = self.note(name);
        let deliverer = Deliverer {
            process: std::process::id(),
            node: None,
            since: seconds(SystemTime::now()),
        };
        // A full disk must not stop deliveries: they are what empties it.
        let _ = serde_json::to_vec(&deliverer).map(|text| fs::write(&told, text));
        Ok(InFlight {
            _lock: Held(lock),
            told,
        })
    }

    /// Every move but the relay's own asks this first, with the other moves held off.
    pub(super) fn must_be_free(&self, name: &str) -> Result<(), ShelfError> {
        if self.is_free(name)? {
            Ok(())
        } else {
            Err(ShelfError::Busy(self.told(name)))
        }
    }

    /// Who delivers a letter at this moment.
    pub(super) fn deliverer(&self, name: &str) -> Option<Deliverer> {
        // Most letters have no note: then nothing is locked to find out.
        let told = self.told(name)?;
        matches!(self.is_free(name), Ok(false)).then_some(told)
    }

    /// Removes what a relay that crashed had in flight.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.0.path("inflight"))? {
            let path = entry?.path();
            if let Err(error) = fs::remove_file(&path) {
                // It means nothing without its lock.
                tracing::warn!(%error, path = %path.display(), "what an earlier relay left cannot be removed");
            }
        }
        Ok(())
    }

    fn is_free(&self, name: &str) -> io::Result<bool> {
        let Some(file) = self.letter_file(name)? else {
            return Ok(true);
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => Ok(false),
            free => {
                free?;
                // For no longer than the question: the relay may want it now.
                drop(Held(file));
                Ok(true)
            }
        }
    }

    fn told(&self, name: &str) -> Option<Deliverer> {
        serde_json::from_slice(&read_limited(&self.note(name), 4096).ok()?).ok()
    }

    fn note(&self, name: &str) -> PathBuf {
        self.0.path("inflight").join(name)
    }

    /// The file of a waiting letter; `None` when its name is empty or free.
    fn letter_file(&self, name: &str) -> io::Result<Option<File>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::open(self.0.letter(State::Waiting, name), flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            opened => File::from(opened?),
        };
        let meta = file.metadata()?;
        Ok((!meta.is_file() || meta.len() > 0).then_some(file))
    }
}
