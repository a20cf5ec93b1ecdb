//! The relay's role.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::changes;
use super::held::Held;
use super::layout::{STATES, emptied_for, files, is_empty_file, is_letter_name, remove_if_there};
use super::store::FileStore;
use crate::store::{
    Backlog, Bounced, Changes, Claim, ClaimError, Lease, LeaseError, Listed, Outbox, Shelf, ShelfError, Space, State,
    Status, Waiting,
};
use crate::unix_time::seconds;
use konvolutt_letter::Reference;

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

    fn removed(&self, names: &BTreeSet<String>) -> Vec<(String, String)> {
        let is_nowhere = |name: &&String| {
            let mut places = STATES.iter().map(|state| self.layout.letter(*state, name));
            places.all(|place| fs::symlink_metadata(place).is_err_and(|error| error.kind() == io::ErrorKind::NotFound))
        };
        let removed = names.iter().filter(is_nowhere);
        removed.map(|name| (name.clone(), self.reference_of(name))).collect()
    }

    fn known(&self, name: &str) -> Option<Listed> {
        self.show(name).ok().flatten()
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

    fn look_for_missing(&self) -> io::Result<()> {
        for (name, age) in self.empty_names(SystemTime::now())? {
            // Later it is not there because its days are over.
            if age <= self.keep() && !self.layout.is_kept(&name) {
                self.look_for(&name, age)?;
            }
        }
        Ok(())
    }

    fn clean(&self, now: SystemTime) -> io::Result<()> {
        for (name, age) in self.empty_names(now)? {
            if age > self.keep() {
                self.forget(&name, age, self.keep())?;
            }
        }
        self.discarded.clean(now)
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

    /// For how long a delivered letter is kept.
    fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_delivered_days) * 86_400)
    }

    /// Names of letters that left the queue, each with its age: the empty file was made at that moment.
    fn empty_names(&self, now: SystemTime) -> io::Result<Vec<(String, Duration)>> {
        let found = files(&self.layout.directory(State::Waiting))?.into_iter();
        let empty = found.filter(|(_, meta)| is_empty_file(meta));
        let aged = empty.map(|(name, meta)| Ok((name, now.duration_since(meta.modified()?).unwrap_or_default())));
        aged.collect()
    }

    /// An empty name whose letter is not where it was put.
    fn look_for(&self, name: &str, age: Duration) -> io::Result<()> {
        let lock = self.moves.lock()?;
        // Looked at again with every other move held off.
        let meta = fs::symlink_metadata(self.layout.letter(State::Waiting, name)).ok();
        let Some(meta) = meta.filter(|meta| is_empty_file(meta) && !self.layout.is_kept(name)) else {
            return Ok(());
        };
        match emptied_for(&meta) {
            Some(State::Held) if self.discarded.has(name) => Ok(()),
            Some(State::Held) => {
                let reference = self.reference_of(name);
                tracing::warn!(%reference, name, "a held letter was removed from the spool by hand; it is not sent");
                self.discarded
                    .keep(name, reference, String::new(), "removed from the spool by hand")
            }
            Some(_) => {
                let mut told = self.told_removed.lock().unwrap_or_else(PoisonError::into_inner);
                if !self.discarded.has(name) && told.insert(name.to_owned()) {
                    let reference = self.reference_of(name);
                    tracing::warn!(%reference, name, "the kept copy of a delivered letter was removed by hand");
                }
                Ok(())
            }
            // Of no move of ours, or of an earlier version's.
            None if age <= RECENT => {
                drop(lock);
                self.quarantine.put_emptied_aside(name)
            }
            None => Ok(()),
        }
    }

    /// The number for people of a letter of ours that cannot be read any more: it follows from the name.
    fn reference_of(&self, name: &str) -> String {
        let identity = self.identities.of_name(name);
        identity.map_or_else(String::new, |identity| {
            Reference::from_random(&identity.reference).to_string()
        })
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
