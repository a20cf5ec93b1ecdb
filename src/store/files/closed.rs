//! A store that is closed: its letters were moved elsewhere, or are on their way. A file says so, in words for people.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::layout::{read_limited, remove_if_there, sync_directory, write_whole};

/// A sentence or two.
const LONGEST: u64 = 4096;

fn file(root: &Path) -> PathBuf {
    root.join("moved")
}

/// Why it is closed, if it is.
pub(super) fn words(root: &Path) -> io::Result<Option<String>> {
    match read_limited(&file(root), LONGEST) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => Ok(Some(String::from_utf8_lossy(&read?).trim_end().to_owned())),
    }
}

/// An error with those words, for who wants to work with it.
pub(super) fn refuse(root: &Path) -> io::Result<()> {
    words(root)?.map_or(Ok(()), |words| Err(io::Error::other(words)))
}

/// The same for a process that opened it before: in its sandbox it may not read the words.
pub(super) fn refuse_by(found: bool) -> io::Result<()> {
    if found {
        return Err(io::Error::other(
            "its letters are being moved to another store, or were: end this service, and see what `konvolutt store move` said",
        ));
    }
    Ok(())
}

pub(super) fn is_there(root: &Path) -> bool {
    fs::symlink_metadata(file(root)).is_ok()
}

/// Closes it with these words, or opens it again; durable when this is done.
pub(super) fn set(root: &Path, words: Option<&str>) -> io::Result<()> {
    if let Some(words) = words {
        return write_whole(&file(root), format!("{words}\n").as_bytes());
    }
    remove_if_there(&file(root))?;
    sync_directory(root)
}
