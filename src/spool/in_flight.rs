//! A letter on the line: while the relay delivers it, nobody else moves it.
//!
//! What counts is a lock on the letter's own file: it needs no room on a full disk, and it dies with its process, so
//! that a crash leaves nothing to mend. `inflight/NAME` says to people who has the letter and since when; without
//! the lock it means nothing, and the next relay removes it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::layout::{Spool, read_limited};

/// Who has a letter on the line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deliverer {
    /// Its process.
    pub process: u32,
    /// Since when, seconds since 1970.
    pub since: u64,
}

/// A letter that is being delivered. Dropped, it may be moved again.
#[derive(Debug)]
pub struct InFlight {
    _lock: File,
    told: PathBuf,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // What stays is removed by the next relay.
        let _ = fs::remove_file(&self.told);
    }
}

impl Spool {
    /// Takes a waiting letter to deliver it: until what is returned is dropped, no command of the operator moves it.
    ///
    /// # Errors
    /// `NotFound` when it does not wait any more, `ResourceBusy` when it is being delivered.
    pub fn claim(&self, name: &str) -> io::Result<InFlight> {
        let _moves = self.lock_moves()?;
        if fs::symlink_metadata(self.path("new").join(name))?.nlink() > 1 {
            self.finish_move(name)?;
        }
        let Some(lock) = self.letter_file(name)? else {
            return Err(io::ErrorKind::NotFound.into());
        };
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(self.busy(name)),
            locked => locked?,
        }
        let told = self.path("inflight").join(name);
        let deliverer = Deliverer {
            process: std::process::id(),
            since: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        };
        // A full disk must not stop deliveries: they are what empties it.
        let _ = serde_json::to_vec(&deliverer).map(|text| fs::write(&told, text));
        Ok(InFlight { _lock: lock, told })
    }

    /// Who delivers a letter at this moment.
    pub fn deliverer(&self, name: &str) -> Option<Deliverer> {
        let bytes = read_limited(&self.path("inflight").join(name), 4096).ok()?;
        self.not_in_flight(name).err()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Every move but the relay's own asks this first, with the other moves held off.
    pub(super) fn not_in_flight(&self, name: &str) -> io::Result<()> {
        let Some(file) = self.letter_file(name)? else {
            return Ok(());
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => Err(self.busy(name)),
            free => Ok(free?),
        }
    }

    /// What a relay that crashed had on the line.
    pub(super) fn clear_in_flight(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.path("inflight"))? {
            let path = entry?.path();
            if let Err(error) = fs::remove_file(&path) {
                // It means nothing without its lock.
                tracing::warn!(%error, path = %path.display(), "what an earlier relay left cannot be removed");
            }
        }
        Ok(())
    }

    /// The file of a waiting letter; `None` when its name is empty or free.
    fn letter_file(&self, name: &str) -> io::Result<Option<File>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::open(self.path("new").join(name), flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            opened => File::from(opened?),
        };
        let meta = file.metadata()?;
        Ok((!meta.is_file() || meta.len() > 0).then_some(file))
    }

    fn busy(&self, name: &str) -> io::Error {
        let bytes = read_limited(&self.path("inflight").join(name), 4096).unwrap_or_default();
        let text = match serde_json::from_slice(&bytes) {
            Ok(Deliverer { process, since }) => {
                let at = i64::try_from(since)
                    .ok()
                    .and_then(|at| jiff::Timestamp::from_second(at).ok());
                let at = at.map_or_else(String::new, |at| at.strftime(" since %H:%M:%SZ").to_string());
                format!("the letter is being delivered at this moment, by process {process}{at}")
            }
            Err(_) => "the letter is being delivered at this moment".to_owned(),
        };
        io::Error::new(io::ErrorKind::ResourceBusy, text)
    }
}
