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

    fn leads(&self) -> io::Result<bool> {
        Ok(true)
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
        let at = |state: State| fs::symlink_metadata(self.layout.letter(state, name)).ok();
        // What is corrupt comes last: another letter came under its name since, when one was sent.
        if at(State::Held).is_some() {
            return Ok(Bounced::Already(State::Held));
        }
        if self.moves.waits(name)? {
            return Ok(Bounced::Already(State::Waiting));
        }
        if at(State::Delivered).is_some() {
            self.note_bounce(name, words)?;
            self.moves.take_back(&lock, name)?;
            return Ok(Bounced::Held);
        }
        match at(State::Waiting) {
            Some(meta) if emptied_for(&meta) == Some(State::Held) => Ok(Bounced::Already(State::Discarded)),
            Some(_) => Ok(Bounced::NotKept),
            None if at(State::Corrupt).is_some() => Ok(Bounced::Already(State::Corrupt)),
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

    fn known(&self, name: &str, state: Option<State>) -> Option<Listed> {
        let Some(state) = state else {
            return self.show(name).ok().flatten();
        };
        let meta = fs::symlink_metadata(self.layout.letter(state, name)).ok()?;
        Some(self.listed(name.to_owned(), state, meta.len()))
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
        for (name, age, put) in self.empty_names(SystemTime::now())? {
            // Later a delivered one is not there because its days are over; what is held has none.
            let may_be_missed = age <= self.keep() || put == Some(State::Held);
            if may_be_missed && !self.layout.is_kept(&name) {
                self.look_for(&name, age)?;
            }
        }
        Ok(())
    }

    fn clean(&self, now: SystemTime) -> io::Result<()> {
        for (name, age, _) in self.empty_names(now)? {
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
    /// read again. What cannot be read is left alone, since it may say where the letter goes: the letter is held all the same,
    /// its alarm says why nothing sends it, and the words are in the log.
    fn note_bounce(&self, name: &str, words: &str) -> io::Result<()> {
        let Ok(before) = self.statuses.get(name) else {
            return Ok(());
        };
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

    /// Names of letters that left the queue, each with its age, since the empty file was made at that moment, and with where it
    /// was put.
    fn empty_names(&self, now: SystemTime) -> io::Result<Vec<(String, Duration, Option<State>)>> {
        let found = files(&self.layout.directory(State::Waiting))?.into_iter();
        let empty = found.filter(|(_, meta)| is_empty_file(meta));
        let aged = empty.map(|(name, meta)| {
            let age = now.duration_since(meta.modified()?).unwrap_or_default();
            Ok((name, age, emptied_for(&meta)))
        });
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
            Some(State::Held) if self.discarded.has_of_letter(name) => Ok(()),
            Some(State::Held) => {
                let reference = self.reference_of(name);
                tracing::warn!(%reference, name, "a held letter was removed from the spool by hand; it is not sent");
                let of = (reference, String::new());
                let why = "removed from the spool by hand";
                self.discarded.keep(name, of, State::Held, why)?;
                // Known as for one that a command discards: from now on.
                self.moves.empty(&lock, name, State::Held)
            }
            Some(_) => {
                let mut told = self.told_removed.lock().unwrap_or_else(PoisonError::into_inner);
                if !self.discarded.has_of_letter(name) && told.insert(name.to_owned()) {
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
        let meta = fs::symlink_metadata(&path).ok();
        let Some(meta) = meta.filter(is_empty_file) else {
            return Ok(());
        };
        let may_go = if emptied_for(&meta) == Some(State::Held) {
            // Until there is a record somebody may still miss it.
            self.discarded.has_of_letter(name)
        } else {
            remove_if_there(&self.layout.letter(State::Delivered, name))?;
            true
        };
        if may_go && age > keep.max(NAME_STAYS) && !self.layout.letter(State::Held, name).exists() {
            self.statuses.remove(name)?;
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::store::files::Settings;
    use crate::store::{Envelope, Inbox, Settlement};

    const DAY: Duration = Duration::from_secs(86_400);

    fn store() -> (tempfile::TempDir, FileStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = FileStore::open(&Settings::at(dir.path().join("spool"))).unwrap();
        (dir, store)
    }

    fn letter(store: &FileStore) -> String {
        let identity = store.identities().of(b"one", &[0; 32]);
        let envelope = Envelope {
            mailbox: "postmottak".into(),
            from: String::new(),
            to: String::new(),
            reference: String::new(),
            accepted: 0,
        };
        let mut pending = store.begin().unwrap();
        pending.write_all(b"sealed").unwrap();
        pending.commit(&identity, &envelope).unwrap();
        identity.name
    }

    fn settle(store: &FileStore, name: &str, settlement: Settlement) {
        store.claim(name).unwrap().settle(settlement).unwrap();
    }

    /// As if the letter had left the queue so many days ago.
    fn age(store: &FileStore, name: &str, days: u32) {
        let path = store.layout.letter(State::Waiting, name);
        let mode = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - DAY * days).unwrap();
        fs::set_permissions(&path, mode).unwrap();
    }

    fn put(store: &FileStore, name: &str) -> Option<State> {
        emptied_for(&fs::symlink_metadata(store.layout.letter(State::Waiting, name)).ok()?)
    }

    /// The days of a name begin when its letter is discarded, not when it was delivered first, or held.
    #[test]
    fn a_name_is_taken_for_some_days_after_its_letter_was_discarded() {
        for comes_back in [true, false] {
            let (_dir, store) = store();
            let name = letter(&store);
            if comes_back {
                settle(&store, &name, Settlement::Delivered);
                age(&store, &name, 5);
                assert_eq!(store.bounce(&name, "550").unwrap(), Bounced::Held);
            } else {
                settle(&store, &name, Settlement::Held(Status::default()));
            }
            assert_eq!(put(&store, &name), Some(State::Held));
            age(&store, &name, 20);
            store.discard(&name, State::Held, "for a test").unwrap();
            store.clean(SystemTime::now() + DAY).unwrap();
            assert_eq!(put(&store, &name), Some(State::Held), "{comes_back}");
            assert_eq!(store.bounce(&name, "550").unwrap(), Bounced::Already(State::Discarded));
            store.clean(SystemTime::now() + 8 * DAY).unwrap();
            assert_eq!(put(&store, &name), None);
        }
    }

    /// However long it was held, and whichever look comes first.
    #[test]
    fn a_held_letter_that_is_removed_by_hand_is_missed_at_any_age() {
        let (_dir, store) = store();
        let name = letter(&store);
        settle(&store, &name, Settlement::Held(Status::default()));
        age(&store, &name, 20);
        fs::remove_file(store.layout.letter(State::Held, &name)).unwrap();
        store.clean(SystemTime::now()).unwrap();
        store.look_for_missing().unwrap();
        store.clean(SystemTime::now()).unwrap();
        let record = store.show(&name).unwrap().unwrap().discarded.unwrap();
        assert_eq!(record.why, "removed from the spool by hand");
        assert_eq!(
            put(&store, &name),
            Some(State::Held),
            "its page sent again is no new letter"
        );
    }

    /// A crash between the two steps of taking a letter back.
    #[test]
    fn a_letter_that_was_half_taken_back_is_held() {
        let (_dir, store) = store();
        let name = letter(&store);
        settle(&store, &name, Settlement::Delivered);
        let at = |state: State| store.layout.letter(state, &name);
        fs::rename(at(State::Delivered), at(State::Held)).unwrap();
        assert!(store.delivered().unwrap().is_empty());
        drop(store.lease().unwrap());
        assert_eq!(put(&store, &name), Some(State::Held));
    }

    /// Its new mailbox may stand there: nothing is sent, and nothing written over it, until it can be read again.
    #[test]
    fn a_letter_whose_status_cannot_be_read_waits() {
        let (_dir, store) = store();
        let name = letter(&store);
        store.readdress(&name, "other").unwrap();
        let status = store.layout.path("state").join(format!("{name}.json"));
        let away = status.with_extension("away");
        fs::rename(&status, &away).unwrap();
        let broken: [fn(&std::path::Path); 2] = [
            |path| fs::create_dir(path).unwrap(),
            |path| fs::write(path, "{").unwrap(),
        ];
        for breaks in broken {
            breaks(&status);
            let waits = |done: Result<Claim, ClaimError>| matches!(done, Err(ClaimError::Io(_)));
            assert!(waits(store.claim(&name)));
            assert!(matches!(store.retry(&name), Err(ShelfError::Io(_))));
            assert!(
                store
                    .defer(
                        &name,
                        &Status {
                            attempts: 1,
                            ..Status::default()
                        }
                    )
                    .is_err()
            );
            let told = store.show(&name).unwrap().unwrap().status.last_error;
            assert!(told.contains("cannot be read"), "{told}");
            assert!(status.is_dir() || fs::read(&status).unwrap() == b"{");
            // For a directory or a file.
            let _ = fs::remove_dir(&status).or_else(|_| fs::remove_file(&status));
        }
        fs::rename(&away, &status).unwrap();
        let claim = store.claim(&name).unwrap();
        assert_eq!(claim.letter().envelope.mailbox, "other");
        drop(claim);
    }

    /// It was delivered, so it does not wait for that file: somebody is told now that it came back.
    #[test]
    fn a_letter_that_came_back_is_held_also_when_its_status_cannot_be_read() {
        let (_dir, store) = store();
        let name = letter(&store);
        settle(&store, &name, Settlement::Delivered);
        let status = store.layout.path("state").join(format!("{name}.json"));
        fs::write(&status, "{").unwrap();
        assert_eq!(store.bounce(&name, "550").unwrap(), Bounced::Held);
        assert_eq!(fs::read(&status).unwrap(), b"{", "it may say where the letter goes");
        let shown = store.show(&name).unwrap().unwrap();
        assert_eq!(shown.state, State::Held);
        let told = shown.status.last_error;
        assert!(told.contains("cannot be read") && !told.contains("waits"), "{told}");
        assert!(matches!(store.release(&name), Err(ShelfError::Io(_))));
    }

    #[test]
    fn a_folder_among_the_corrupt_is_refused_before_there_is_a_record() {
        let (_dir, store) = store();
        fs::create_dir(store.layout.letter(State::Corrupt, "strange")).unwrap();
        let refused = store.discard("strange", State::Corrupt, "for a test").unwrap_err();
        assert!(refused.to_string().contains("is a folder"), "{refused}");
        assert!(store.names(State::Discarded).unwrap().is_empty());
        assert_eq!(store.show("strange").unwrap().unwrap().state, State::Corrupt);
    }
}
