//! What is no letter of ours, or no longer: into `corrupt/`, where it is kept, never followed and never sent.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;

use sha2::{Digest, Sha256};

use super::layout::{is_empty_file, is_letter_name, rename_beside};
use super::moves::Moves;
use super::moves_lock::MovesLock;
use crate::store::State;
use konvolutt_letter::hex;

/// Takes away what cannot be sent.
#[derive(Clone)]
pub(super) struct Quarantine(pub(super) Moves);

impl Quarantine {
    /// Moves what is no letter. A relay in its sandbox can move files only; the rest is moved at the next start.
    pub(super) fn put_foreign_aside(&self) -> io::Result<()> {
        for name in self.foreign()? {
            let lock = self.0.lock()?;
            if self.put_aside(&lock, &name).is_ok() {
                tracing::error!(?name, "something in the queue is no letter and was moved to corrupt/");
            }
        }
        Ok(())
    }

    /// Names for what belongs into quarantine and could not be moved there.
    pub(super) fn foreign_names(&self) -> io::Result<Vec<String>> {
        Ok(self.foreign()?.iter().map(|name| plain(name)).collect())
    }

    /// A letter that was found to be damaged. An operator's command may have moved it since it was looked at: then the
    /// name is empty, as it should be, and nothing is done; whether something was.
    pub(super) fn put_damaged_aside(&self, name: &str) -> io::Result<bool> {
        let lock = self.0.lock()?;
        if is_empty_file(&fs::symlink_metadata(self.0.layout.letter(State::Waiting, name))?) {
            return Ok(false);
        }
        self.put_aside(&lock, OsStr::new(name)).map(|()| true)
    }

    /// An empty name whose letter is nowhere: it was emptied by another program. Its name is free again, for the citizen may
    /// send once more.
    pub(super) fn put_emptied_aside(&self, name: &str) -> io::Result<()> {
        let lock = self.0.lock()?;
        // Looked at again with every other move held off.
        let path = self.0.layout.letter(State::Waiting, name);
        let is_empty = fs::symlink_metadata(path).is_ok_and(|meta| is_empty_file(&meta));
        if !is_empty || self.0.layout.is_kept(name) {
            return Ok(());
        }
        tracing::error!(name, "a letter was emptied on disk; its name is kept in corrupt/");
        self.put_aside(&lock, OsStr::new(name))
    }

    /// What lies in `new/` and cannot be a letter: a foreign name, a link, a directory, a pipe.
    fn foreign(&self) -> io::Result<Vec<OsString>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.0.layout.directory(State::Waiting))? {
            let entry = entry?;
            // Not followed when it is a link.
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !is_file || !is_letter_name(&entry.file_name()) {
                found.push(entry.file_name());
            }
        }
        Ok(found)
    }

    fn put_aside(&self, _: &MovesLock, name: &OsStr) -> io::Result<()> {
        let layout = &self.0.layout;
        let (new, corrupt) = (layout.directory(State::Waiting), layout.directory(State::Corrupt));
        rename_beside(&new.join(name), &corrupt, &plain(name))?;
        self.0.fence.sync_directory(&corrupt)?;
        self.0.fence.sync_directory(&new)
    }
}

/// A name that alarms and people can write.
fn plain(name: &OsStr) -> String {
    if is_letter_name(name) {
        name.to_string_lossy().into_owned()
    } else {
        format!("strange-{}", hex(&Sha256::digest(name.as_encoded_bytes())[..8]))
    }
}
