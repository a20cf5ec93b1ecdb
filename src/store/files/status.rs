//! What was tried with each letter: `state/NAME.json`.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::layout::{Layout, read_limited, remove_if_there, write_whole};
use crate::store::Status;

/// A status has some hundred bytes.
const LONGEST: u64 = 64 * 1024;

/// The files that hold it.
#[derive(Clone)]
pub(super) struct Statuses(pub(super) Layout);

/// Tells one file of a letter from the next: each is a file of its own, made beside the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(Option<(u64, i64, i64)>);

impl Statuses {
    /// A missing file means that nothing was tried. One that cannot be read may say that an operator readdressed the letter:
    /// without that it would go to the mailbox before, so nobody may take it for a missing one.
    pub(super) fn get(&self, name: &str) -> io::Result<Status> {
        let unread = |error: io::Error| {
            let text = format!(
                "what was tried with the letter, and whether it was readdressed, cannot be read in state/{name}.json: {error}. \
                 Nothing sends it until that is mended; without the file it goes to the mailbox that it was taken for"
            );
            io::Error::new(error.kind(), text)
        };
        let bytes = match read_limited(&self.file(name), LONGEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Status::default()),
            read => read.map_err(unread)?,
        };
        serde_json::from_slice(&bytes).map_err(|error| unread(error.into()))
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

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.path("state").join(format!("{name}.json"))
    }
}
