//! What of a folder is looked at.
//!
//! Passed over are: hidden files and folders, which are counted, but for the subfolders of a Maildir (`.Skjema`); what a mail
//! is still being written to (`tmp`); what mail programs and servers keep there for themselves; and what this program wrote, by
//! its names, so that `--out` may lie within the mailbox and a mail that a clerk puts beside an opened letter is read.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use super::Entry;
use super::program::is_of_a_program;
use crate::folder::{ATTACHMENTS, DOCUMENT, JSON, TEXT, is_own_hidden};
use crate::{ledger, status};

/// Tells one folder from all others.
#[cfg(unix)]
pub(super) type FolderId = (u64, u64);
/// Tells one folder from all others.
#[cfg(not(unix))]
pub(super) type FolderId = std::path::PathBuf;

#[cfg(unix)]
pub(super) fn id(_: &Path, about: &Metadata) -> FolderId {
    use std::os::unix::fs::MetadataExt as _;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
pub(super) fn id(path: &Path, _: &Metadata) -> FolderId {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// What lies in a folder and is to be looked at, and the error that ended the list early.
pub(super) fn list(folder: &Path, in_maildir: bool) -> io::Result<(Vec<Entry>, Option<io::Error>)> {
    let mut found = Vec::new();
    let about = About::of(folder, in_maildir);
    for entry in fs::read_dir(folder)? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Ok((found, Some(error))),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if about.is_nothing(&name) {
            continue;
        }
        found.push(Entry {
            named: false,
            hidden: name.starts_with('.') && !is_maildir(&path),
            in_maildir: about.maildir && MAILS.contains(&name.as_str()),
            path,
        });
    }
    Ok((found, None))
}

/// Of a Maildir: those that were read, and those that are new.
const MAILS: [&str; 2] = ["cur", "new"];

/// What a folder is.
struct About {
    /// In it there are mails and nothing else.
    mails: bool,
    maildir: bool,
    /// A mail server delivers into it. A copy may have lost the folders that were empty.
    in_use: bool,
    /// A letter that this program opened.
    ours: bool,
}

impl About {
    fn of(folder: &Path, mails: bool) -> Self {
        let has = |name| folder.join(name).is_file();
        Self {
            mails,
            maildir: is_maildir(folder),
            in_use: MAILS.iter().all(|name| folder.join(name).is_dir()),
            ours: has(status::FILE) && (has(TEXT) || has(DOCUMENT)),
        }
    }

    /// What is no mail for sure, by its name.
    fn is_nothing(&self, name: &str) -> bool {
        let in_use = self.in_use && (name == "tmp" || is_of_a_program(name));
        // What a citizen attached is the citizen's, also when it is sealed.
        let ours = self.ours && [TEXT, JSON, DOCUMENT, ATTACHMENTS, status::FILE].contains(&name);
        in_use || ours || !self.mails && (name == ledger::FILE || is_own_hidden(name))
    }
}

/// A zip, a version control system or a copy loses folders that are empty: one of the two is enough.
fn is_maildir(folder: &Path) -> bool {
    MAILS.iter().any(|name| folder.join(name).is_dir())
}
