//! Notes as small files.

use std::io;

use super::layout::{read_limited, write_whole};
use super::store::FileStore;
use crate::store::Notes;

/// More than this is no note.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Notes for FileStore {
    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match read_limited(&self.layout.path("notes").join(name), LONGEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn set_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_whole(&self.layout.path("notes").join(name), bytes)
    }
}
