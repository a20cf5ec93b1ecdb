//! The relay's role.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::changes;
use super::held::Held;
use super::layout::{files, is_empty_file, is_letter_name, remove_if_there};
use super::store::FileStore;
use crate::store::{
    Backlog, Bounced, Changes, Claim, ClaimError, Lease, LeaseError, Outbox, ShelfError, Space, State, Status, Waiting,
};
use crate::unix_time::seconds;

/// A page that is sent again within this time is known, however short delivered letters are kept.
const NAME_STAYS: Duration = Duration::from_secs(7 * 86_400);
/// A letter that another program emptied is looked for among the names that are younger than this.
const RECENT: Duration = Duration::from_secs(86_400);

impl Outbox for FileStore {
    fn lease(&self) -> Result<Lease, LeaseError> {
        let file = File::create(self.layout.path("relay.lock"))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(LeaseError::Taken),
            locked => locked.map_err(io::Error::from)?,
        }
        self.locks.clear()?;
        // Nor does one who keeps the lock keep the relay from starting: each letter is looked at again when it is claimed,
        // and that raises the alarm.
        if let Err(error) = self.moves.lock().and_then(|lock| self.moves.finish_all(&lock)) {
            // What it concerns may be sent again, which is better than that nothing is sent.
            tracing::error!(%error, "what a crash left could not be looked at");
        }
        Ok(Lease::new(Held(file)))
    }

    fn changes(&self) -> Changes {
        changes::of(&self.layout)
    }

    fn waiting(&self) -> io::Result<Vec<(String, Waiting)>> {
        let of = |(name, came): (String, SystemTime)| {
            let status = self.deliveries.status(&name);
            let since = seconds(came);
            (name, Waiting { status, since })
        };
        Ok(self.in_queue()?.into_iter().map(of).collect())
    }

    fn look_at(&self, names: &BTreeSet<String>) -> Vec<(String, Option<Waiting>)> {
        let look = |name: &String| {
            // What cannot be looked at is tried, and says then what is wrong with it.
            let came = self.came(name).unwrap_or(Some(UNIX_EPOCH));
            let waiting = came.map(|came| Waiting {
                status: self.deliveries.status(name),
                since: seconds(came),
            });
            (name.clone(), waiting)
        };
        names.iter().map(look).collect()
    }

    fn claim(&self, name: &str) -> Result<Claim, ClaimError> {
        self.deliveries.claim(name)
    }

    fn defer(&self, name: &str, status: &Status) -> io::Result<()> {
        self.deliveries.defer(name, status)
    }

    fn bounce_id(&self, name: &str) -> Option<String> {
        Some(self.identities.of_name(name)?.bounce)
    }

    fn bounce(&self, name: &str, words: &str) -> Result<Bounced, ShelfError> {
        let lock = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        self.moves.finish(&lock, name)?;
        let is_in = |state: State| self.layout.letter(state, name).exists();
        let kept = [State::Corrupt, State::Held].into_iter().find(|state| is_in(*state));
        match kept {
            Some(state) => Ok(Bounced::Already(state)),
            None if self.moves.waits(name)? => Ok(Bounced::Already(State::Waiting)),
            None if is_in(State::Delivered) => {
                self.note_bounce(name, words)?;
                self.moves.take_back(&lock, name)?;
                Ok(Bounced::Held)
            }
            None if is_in(State::Waiting) => Ok(Bounced::NotKept),
            None => Err(ShelfError::Gone),
        }
    }

    fn names(&self, state: State) -> io::Result<Vec<String>> {
        let files = files(&self.layout.directory(state))?;
        let mut names: Vec<_> = files.into_iter().map(|(name, _)| name).collect();
        if state == State::Corrupt {
            names.extend(self.quarantine.foreign_names()?);
        }
        Ok(names)
    }

    fn quarantine(&self) -> io::Result<()> {
        self.quarantine.put_foreign_aside()
    }

    fn clean(&self, now: SystemTime) -> io::Result<()> {
        let keep = Duration::from_secs(u64::from(self.keep_delivered_days) * 86_400);
        // The empty file's own age counts: it was made when the letter was delivered.
        for (name, meta) in files(&self.layout.directory(State::Waiting))? {
            if !is_empty_file(&meta) {
                continue;
            }
            let age = now.duration_since(meta.modified()?).unwrap_or_default();
            if age > keep {
                self.forget(&name, age, keep)?;
            } else if age <= RECENT && !self.layout.is_kept(&name) {
                self.quarantine.put_emptied_aside(&name)?;
            }
        }
        Ok(())
    }

    fn backlog(&self) -> io::Result<Backlog> {
        let queue = self.in_queue()?;
        Ok(Backlog {
            letters: queue.len() as u64,
            oldest: queue.first().map(|(_, came)| *came),
        })
    }

    fn space(&self) -> io::Result<Space> {
        self.quota.space()
    }

    fn last_change(&self) -> io::Result<SystemTime> {
        let mut last = UNIX_EPOCH;
        for directory in ["new", "state", "delivered", "held"] {
            last = last.max(fs::metadata(self.layout.path(directory))?.modified()?);
        }
        Ok(last)
    }
}

impl FileStore {
    /// Letters that wait, and when they came; oldest first.
    fn in_queue(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let is_letter = |(name, meta): &(String, fs::Metadata)| {
            meta.is_file() && meta.len() > 0 && is_letter_name(OsStr::new(name))
        };
        let found = files(&self.layout.directory(State::Waiting))?.into_iter();
        // Times are to the minute. Within one the kernel's own time of change tells the order, as long as nothing was moved.
        let dated = |(name, meta): (String, fs::Metadata)| {
            let came = meta.modified().unwrap_or(UNIX_EPOCH);
            (came, meta.ctime(), meta.ctime_nsec(), name)
        };
        let mut found: Vec<_> = found.filter(is_letter).map(dated).collect();
        found.sort();
        Ok(found.into_iter().map(|(came, _, _, name)| (name, came)).collect())
    }

    /// Before the move: a crash between leaves a delivered letter with words that nobody is shown, and the report that is
    /// read again.
    fn note_bounce(&self, name: &str, words: &str) -> io::Result<()> {
        let before = self.statuses.get(name);
        let status = Status {
            // Of one that was taken at once nothing was written down.
            attempts: before.attempts.max(1),
            last_error: words.to_owned(),
            // Nothing is due.
            due: 0,
            ..before
        };
        self.statuses.set(name, &status)
    }

    /// Since when a letter has been in the queue; nothing when it is not there.
    fn came(&self, name: &str) -> io::Result<Option<SystemTime>> {
        match fs::symlink_metadata(self.layout.letter(State::Waiting, name)) {
            Ok(meta) if is_empty_file(&meta) => Ok(None),
            Ok(meta) => meta.modified().map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A delivered letter whose days are over, and its name once that is old enough too.
    fn forget(&self, name: &str, age: Duration, keep: Duration) -> io::Result<()> {
        // Looked at again with every other move held off: an operator may just have put a letter back.
        let _moves = self.moves.lock()?;
        let path = self.layout.letter(State::Waiting, name);
        if !fs::symlink_metadata(&path).is_ok_and(|meta| is_empty_file(&meta)) {
            return Ok(());
        }
        remove_if_there(&self.layout.letter(State::Delivered, name))?;
        if age > keep.max(NAME_STAYS) && !self.layout.letter(State::Held, name).exists() {
            self.statuses.remove(name)?;
            fs::remove_file(path)?;
        }
        Ok(())
    }
}
