//! What is no letter of ours, or no longer: into `corrupt/`, where it is kept, never followed and never sent.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::layout::Spool;
use super::queue::is_empty_file;
use konvolutt_letter::hex;

/// A name as the spool gives them: 64 hexadecimal digits.
pub(super) fn is_letter_name(name: &OsStr) -> bool {
    name.len() == 64
        && name
            .as_encoded_bytes()
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A name that alarms and people can write.
fn plain(name: &OsStr) -> String {
    if is_letter_name(name) {
        name.to_string_lossy().into_owned()
    } else {
        format!("strange-{}", hex(&Sha256::digest(name.as_encoded_bytes())[..8]))
    }
}

impl Spool {
    /// What lies in `new/` and cannot be a letter: a foreign name, a link, a directory, a pipe.
    fn strangers(&self) -> io::Result<Vec<OsString>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.path("new"))? {
            let entry = entry?;
            // Not followed when it is a link.
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !is_file || !is_letter_name(&entry.file_name()) {
                found.push(entry.file_name());
            }
        }
        Ok(found)
    }

    /// Puts strangers aside. A relay in its sandbox can move files only; the rest is moved at the next start.
    pub(super) fn put_strangers_aside(&self) -> io::Result<()> {
        for name in self.strangers()? {
            let _moves = self.lock_moves()?;
            if self.put_aside(&name).is_ok() {
                tracing::error!(?name, "something in the queue is no letter and was moved to corrupt/");
            }
        }
        Ok(())
    }

    /// Names for strangers that could not be moved.
    pub(super) fn strange_names(&self) -> io::Result<Vec<String>> {
        Ok(self.strangers()?.iter().map(|name| plain(name)).collect())
    }

    /// A letter that was found to be damaged. An operator's command may have moved it since it was looked at: then the
    /// name is empty, as it should be, and this is `NotFound`.
    pub(super) fn put_damaged_aside(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        if is_empty_file(&fs::symlink_metadata(self.path("new").join(name))?) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.put_aside(OsStr::new(name))
    }

    /// An empty name whose letter is nowhere: it was emptied by somebody else. Its name is free again, for the citizen may
    /// send once more.
    pub(super) fn put_emptied_aside(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        // Looked at again with every other move held off.
        let is_empty = fs::symlink_metadata(self.path("new").join(name)).is_ok_and(|meta| is_empty_file(&meta));
        if !is_empty || self.is_kept(name) {
            return Ok(());
        }
        tracing::error!(name, "a letter was emptied on disk; its name is kept in corrupt/");
        self.put_aside(OsStr::new(name))
    }

    fn put_aside(&self, name: &OsStr) -> io::Result<()> {
        let from = self.path("new").join(name);
        let plain = plain(name);
        for number in 1..1000 {
            let free = match number {
                1 => plain.clone(),
                _ => format!("{plain}-{number}"),
            };
            // Nothing that lies there is written over.
            let to = self.path("corrupt").join(free);
            match rustix::fs::renameat_with(CWD, &from, CWD, to, RenameFlags::NOREPLACE) {
                Err(Errno::EXIST) => {}
                moved => {
                    moved?;
                    self.sync_directory_of("corrupt")?;
                    return self.sync_directory_of("new");
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}
