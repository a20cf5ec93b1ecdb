//! The operator's role.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use super::entry;
use super::entry::Unreadable;
use super::layout::{STATES, emptied_for, files, is_empty_file};
use super::store::FileStore;
use crate::store::{Letter, Listed, Shelf, ShelfError, State, Status};
use konvolutt_letter::printable;

impl Shelf for FileStore {
    fn list(&self) -> io::Result<Vec<Listed>> {
        let mut found = BTreeMap::new();
        for state in STATES {
            for (name, meta) in files(&self.layout.directory(state))? {
                if state != State::Waiting || !is_empty_file(&meta) {
                    let letter = self.listed(name.clone(), state, meta.len());
                    // Seen before and after a move: what was seen last counts. One under the name of a corrupt one is another.
                    found.insert((name, state == State::Corrupt), (meta.ino(), letter));
                }
            }
        }
        let corrupt = found.iter().filter(|((_, is_corrupt), _)| *is_corrupt);
        let corrupt: BTreeMap<_, _> = corrupt.map(|((name, _), (inode, _))| (name.clone(), *inode)).collect();
        found.retain(|(name, is_corrupt), (inode, letter)| {
            // The same file is that one before it was moved, and a record says nothing of what is there.
            let is_other = |other: &u64| other != inode && letter.state != State::Discarded;
            *is_corrupt || corrupt.get(name).is_none_or(is_other)
        });
        let mut all: Vec<Listed> = found.into_values().map(|(_, letter)| letter).collect();
        all.sort_by(|a, b| (a.accepted, &a.name).cmp(&(b.accepted, &b.name)));
        Ok(all)
    }

    fn show(&self, name: &str) -> io::Result<Option<Listed>> {
        for state in [State::Corrupt, State::Held, State::Delivered, State::Waiting] {
            let meta = match fs::symlink_metadata(self.layout.letter(state, name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                meta => meta?,
            };
            if state != State::Waiting || !is_empty_file(&meta) {
                return Ok(Some(self.listed(name.to_owned(), state, meta.len())));
            }
            // A name whose letter is no longer kept.
            if self.was_delivered(name, &meta) {
                return Ok(Some(self.listed(name.to_owned(), State::Delivered, 0)));
            }
        }
        let discarded = || self.listed(name.to_owned(), State::Discarded, 0);
        Ok(self.discarded.has(name).then(discarded))
    }

    fn letter(&self, name: &str) -> io::Result<Option<Letter>> {
        for state in [State::Held, State::Delivered, State::Waiting] {
            match entry::read(&self.layout.letter(state, name)) {
                Ok(letter) => return Ok(Some(letter)),
                Err(Unreadable::Io(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    fn delivered(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let mut found = Vec::new();
        for (name, meta) in files(&self.layout.directory(State::Waiting))? {
            if is_empty_file(&meta) && self.was_delivered(&name, &meta) {
                found.push((name, meta.modified()?));
            }
        }
        Ok(found)
    }

    fn hold(&self, name: &str) -> Result<(), ShelfError> {
        let lock = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        self.moves.finish(&lock, name)?;
        if self.moves.waits(name)? {
            Ok(self.moves.retire_locked(&lock, name, State::Held)?)
        } else {
            Err(ShelfError::Gone)
        }
    }

    fn release(&self, name: &str) -> Result<(), ShelfError> {
        let lock = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        self.moves.finish(&lock, name)?;
        let state = self.kept(name).ok_or(ShelfError::Gone)?;
        self.statuses.set(name, &self.statuses.get(name)?.untried())?;
        Ok(self.moves.put_back(&lock, name, state)?)
    }

    fn retry(&self, name: &str) -> Result<(), ShelfError> {
        let _moves = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        if self.moves.waits(name)? {
            Ok(self.statuses.set(name, &self.statuses.get(name)?.untried())?)
        } else {
            Err(ShelfError::Gone)
        }
    }

    fn readdress(&self, name: &str, mailbox: &str) -> Result<(), ShelfError> {
        let lock = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        self.moves.finish(&lock, name)?;
        let kept = self.kept(name);
        if kept.is_none() && !self.moves.waits(name)? {
            return Err(ShelfError::Gone);
        }
        let status = Status {
            mailbox: Some(mailbox.to_owned()),
            ..Status::default()
        };
        // Before the move: what is back in the queue may be claimed at once.
        self.statuses.set(name, &status)?;
        Ok(kept.map_or(Ok(()), |state| self.moves.put_back(&lock, name, state))?)
    }

    fn discard(&self, name: &str, state: State, why: &str) -> Result<(), ShelfError> {
        let lock = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        self.moves.finish(&lock, name)?;
        let path = self.layout.letter(state, name);
        let meta = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ShelfError::Gone),
            meta => meta?,
        };
        match state {
            State::Held | State::Corrupt if meta.is_dir() => return Err(is_a_folder(&path).into()),
            State::Held | State::Corrupt => {}
            _ => return Err(ShelfError::Gone),
        }
        let Listed { reference, mailbox, .. } = self.listed(name.to_owned(), state, 0);
        // A crash before the removal leaves the letter where it was: there it counts, whatever the record says.
        self.discarded.keep(name, (reference, mailbox), state, why)?;
        // Its days begin now, however long it was held. A name that stands for another letter is not this one's.
        let is_others = self.moves.waits(name)? || self.layout.letter(State::Delivered, name).exists();
        if state == State::Held && !is_others {
            self.moves.empty(&lock, name, State::Held)?;
        }
        fs::remove_file(path)?;
        Ok(self.fence.sync_directory(&self.layout.directory(state))?)
    }
}

/// Whatever is in it was put there by a hand: no command empties a folder.
fn is_a_folder(path: &Path) -> io::Error {
    let text = format!(
        "{} is a folder, and no letter: look into it, and remove it by hand",
        printable(&path.display().to_string())
    );
    io::Error::new(io::ErrorKind::IsADirectory, text)
}

impl FileStore {
    /// Whether an empty name is that of a letter that was delivered, and neither held since nor discarded. Names of earlier
    /// versions do not say for what they were emptied.
    fn was_delivered(&self, name: &str, meta: &fs::Metadata) -> bool {
        emptied_for(meta) != Some(State::Held)
            && !self.layout.letter(State::Held, name).exists()
            && !self.discarded.has_of_letter(name)
    }

    /// Where a letter is kept that is out of the queue and can be put back.
    fn kept(&self, name: &str) -> Option<State> {
        let mut states = [State::Held, State::Delivered].into_iter();
        states.find(|state| self.layout.letter(*state, name).exists())
    }

    pub(super) fn listed(&self, name: String, state: State, size: u64) -> Listed {
        let envelope = entry::envelope(&self.layout.letter(state, &name)).ok();
        let record = (state == State::Discarded).then(|| self.discarded.get(&name));
        let (reference, mailbox, accepted) = match (envelope, &record) {
            (Some(envelope), _) => (envelope.reference, envelope.mailbox, envelope.accepted),
            (None, Some(record)) => (record.reference.clone(), record.mailbox.clone(), 0),
            (None, None) => Default::default(),
        };
        let status = self.statuses.get(&name).unwrap_or_else(|error| Status {
            last_error: error.to_string(),
            ..Status::default()
        });
        let readdressed = status.mailbox.clone().filter(|_| record.is_none());
        Listed {
            reference,
            taken_for: readdressed.as_ref().map(|_| mailbox.clone()),
            mailbox: readdressed.unwrap_or(mailbox),
            accepted,
            status,
            size,
            in_flight: self.locks.deliverer(&name),
            discarded: record,
            state,
            name,
        }
    }
}
