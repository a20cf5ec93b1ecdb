//! What was tried with each letter: `state/NAME.json`.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::layout::{Layout, read_limited, remove_if_there, write_whole};
use crate::store::Status;

/// The files that hold it.
#[derive(Clone)]
pub(super) struct Statuses(pub(super) Layout);

/// Tells one file of a letter from the next: each is a file of its own, made beside the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(Option<(u64, i64, i64)>);

impl Statuses {
    /// A missing or damaged file means only that the letter is tried at once.
    pub(super) fn get(&self, name: &str) -> Status {
        let bytes = read_limited(&self.file(name), 64 * 1024).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    pub(super) fn set(&self, name: &str, status: &Status) -> io::Result<()> {
        let bytes = serde_json::to_vec(status).map_err(io::Error::other)?;
        write_whole(&self.file(name), &bytes)
    }

    /// Which file there is now, or that there is none; nothing when that cannot be known.
    pub(super) fn version(&self, name: &str) -> Option<Version> {
        match fs::symlink_metadata(self.file(name)) {
            Ok(meta) => Some(Version(Some((meta.ino(), meta.ctime(), meta.ctime_nsec())))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Version(None)),
            Err(_) => None,
        }
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        remove_if_there(&self.file(name))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path("state").join(format!("{name}.json"))
    }
}
