//! Small files of other rooms that must survive a restart, such as what was told to whom.

use std::io;

use super::layout::{Spool, read_limited, write_whole};

/// More than this is no note.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Spool {
    /// Reads a note; `None` when there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn note(&self, name: &'static str) -> io::Result<Option<Vec<u8>>> {
        match read_limited(&self.path("notes").join(name), LONGEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Writes a note: after a crash it is there whole or as it was before.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_note(&self, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        write_whole(&self.path("notes").join(name), bytes)
    }
}
