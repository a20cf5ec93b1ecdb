//! What a letter's name alone tells: where it is, and what was derived from it.

use std::fs;
use std::io;
use std::time::SystemTime;

use super::identity::Identity;
use super::layout::Spool;
use super::queue::{State, files, is_empty_file};
use konvolutt_letter::unhex;

impl Spool {
    /// Letters that were delivered, also those that are no longer kept, and when: their names stay taken.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn delivered_names(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let mut found = Vec::new();
        for (name, meta) in files(&self.path("new"))? {
            if is_empty_file(&meta) && !self.path("held").join(&name).exists() {
                found.push((name, meta.modified()?));
            }
        }
        Ok(found)
    }

    /// Where the letter of a name is; `None` when there is none.
    pub fn state(&self, name: &str) -> Option<State> {
        let there = |state: State| self.path(state.path()).join(name).exists();
        if let Some(state) = [State::Corrupt, State::Held].into_iter().find(|state| there(*state)) {
            return Some(state);
        }
        let new = fs::symlink_metadata(self.path("new").join(name)).ok()?;
        Some(if is_empty_file(&new) {
            State::Delivered
        } else {
            State::Waiting
        })
    }

    /// The identity of the letter of a name; `None` for what is no name.
    pub fn identity_of(&self, name: &str) -> Option<Identity> {
        unhex(name.as_bytes()).map(|bytes| self.secret.named(&bytes))
    }
}
