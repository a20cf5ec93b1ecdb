//! What of a folder is looked at.
//!
//! Passed over are: hidden files and folders, but for the subfolders of a Maildir (`.Skjema`); what a mail is still being
//! written to (`tmp`); what mail programs and servers keep there for themselves; and what this program wrote, so that `--out` may
//! lie within the mailbox.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use super::Entry;
use crate::find::is_of_a_program;

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
    if is_ours(folder) {
        return Ok((found, None));
    }
    let maildir = is_maildir(folder);
    for entry in fs::read_dir(folder)? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Ok((found, Some(error))),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let passed_over = if maildir {
            name == "tmp" || is_of_a_program(&name) || name.starts_with('.') && !is_maildir(&path)
        } else {
            name.starts_with('.')
        };
        // In `cur` and `new` there are mails and nothing else.
        if passed_over || !in_maildir && is_ledger(&name) {
            continue;
        }
        let in_maildir = maildir && (name == "cur" || name == "new");
        found.push(Entry {
            path,
            named: false,
            in_maildir,
        });
    }
    Ok((found, None))
}

fn is_maildir(folder: &Path) -> bool {
    folder.join("new").is_dir() && folder.join("cur").is_dir()
}

/// A letter that this program opened.
fn is_ours(folder: &Path) -> bool {
    let has = |name| folder.join(name).is_file();
    has("status.json") && (has("letter.txt") || has("document.eml"))
}

fn is_ledger(name: &str) -> bool {
    name == "ledger.jsonl" || name == "postrom-ledger.jsonl"
}
