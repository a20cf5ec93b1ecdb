//! The operator's role.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::SystemTime;

use super::entry;
use super::layout::{STATES, files, is_empty_file};
use super::store::FileStore;
use crate::store::{Listed, Shelf, ShelfError, State, Status};

impl Shelf for FileStore {
    fn list(&self) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for state in STATES {
            for (name, meta) in files(&self.layout.directory(state))? {
                if state != State::Waiting || !is_empty_file(&meta) {
                    all.push(self.listed(name, state, meta.len()));
                }
            }
        }
        // Seen before and after a move: what was seen last counts.
        let by_name: BTreeMap<_, _> = all.into_iter().map(|letter| (letter.name.clone(), letter)).collect();
        let mut all: Vec<Listed> = by_name.into_values().collect();
        all.sort_by(|a, b| (a.accepted, &a.name).cmp(&(b.accepted, &b.name)));
        Ok(all)
    }

    fn show(&self, name: &str) -> io::Result<Option<Listed>> {
        for state in [State::Corrupt, State::Held, State::Delivered, State::Waiting] {
            let meta = match fs::symlink_metadata(self.layout.letter(state, name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                meta => meta?,
            };
            // A name whose letter is no longer kept: it was delivered, or it would be in another place.
            let state = if state == State::Waiting && is_empty_file(&meta) {
                State::Delivered
            } else {
                state
            };
            return Ok(Some(self.listed(name.to_owned(), state, meta.len())));
        }
        Ok(None)
    }

    fn delivered(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let mut found = Vec::new();
        for (name, meta) in files(&self.layout.directory(State::Waiting))? {
            if is_empty_file(&meta) && !self.layout.letter(State::Held, &name).exists() {
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
        let mut states = [State::Held, State::Delivered].into_iter();
        let state = states.find(|state| self.layout.letter(*state, name).exists());
        let state = state.ok_or(ShelfError::Gone)?;
        self.statuses.set(name, &Status::default())?;
        Ok(self.moves.put_back(&lock, name, state)?)
    }

    fn retry(&self, name: &str) -> Result<(), ShelfError> {
        let _moves = self.moves.lock()?;
        self.locks.must_be_free(name)?;
        if self.moves.waits(name)? {
            Ok(self.statuses.set(name, &Status::default())?)
        } else {
            Err(ShelfError::Gone)
        }
    }
}

impl FileStore {
    fn listed(&self, name: String, state: State, size: u64) -> Listed {
        let envelope = entry::envelope(&self.layout.letter(state, &name)).ok();
        Listed {
            status: self.statuses.get(&name),
            reference: envelope.as_ref().map(|e| e.reference.clone()).unwrap_or_default(),
            mailbox: envelope.as_ref().map(|e| e.mailbox.clone()).unwrap_or_default(),
            accepted: envelope.map_or(0, |e| e.accepted),
            size,
            in_flight: self.locks.deliverer(&name),
            state,
            name,
        }
    }
}
