//! Copies of letters in the clear, as the ledger knows of them: what desks saved, and the folders that were opened into.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::{Act, Entry, Ledger, Mark, Standing};

/// A copy that was written and that nobody has said to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCopy {
    /// SHA-256 of the sealed document.
    pub sha256: String,
    /// Number for people.
    pub reference: Option<String>,
    /// A name in the ledger's own folder, or a whole path. Others write the ledger too: it may say anything.
    pub path: String,
    /// When, RFC 3339.
    pub time: String,
    /// By whom.
    pub who: String,
}

impl Ledger {
    /// All of them, the oldest first.
    pub fn copies(&self) -> Vec<SavedCopy> {
        // One look into the folder, for it may be on another machine and have a folder for each letter of years.
        let names = fs::read_dir(&self.home).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let names = names.map(|entries| entries.iter().map(DirEntry::file_name).collect::<HashSet<OsString>>());
        self.copies_that(&|_| true, &|entry| {
            let is_name = Path::new(&entry.folder).file_name() == Some(OsStr::new(&entry.folder));
            let is_missing = is_name
                && names
                    .as_ref()
                    .is_ok_and(|names| !names.contains(OsStr::new(&entry.folder)));
            !is_missing && !is_gone(&self.home, &self.folder(entry))
        })
    }

    /// Those of one document.
    pub fn copies_of(&self, sha256: &str) -> Vec<SavedCopy> {
        self.copies_that(&|own| own == sha256, &|entry| !is_gone(&self.home, &self.folder(entry)))
    }

    /// A folder that was moved away is where its case is, and no copy of the post room's any more.
    pub(super) fn copies_that(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        is_there: &dyn Fn(&Entry) -> bool,
    ) -> Vec<SavedCopy> {
        let (mut copies, entries) = self.listed(wanted);
        let key = |copy: &SavedCopy| (copy.sha256.clone(), copy.path.clone());
        let mut known: HashSet<(String, String)> = copies.iter().map(key).collect();
        // Nothing is held here: a share may be slow, and lists ask meanwhile.
        for entry in entries {
            let copy = of_entry(&entry);
            if !known.contains(&key(&copy)) && is_there(&entry) {
                known.insert(key(&copy));
                copies.push(copy);
            }
        }
        copies.sort_by(|one, other| (&one.time, &one.path).cmp(&(&other.time, &other.path)));
        copies
    }

    /// What marks say that desks saved, and what was opened into a folder of its own.
    fn listed(&self, wanted: &dyn Fn(&str) -> bool) -> (Vec<SavedCopy>, Vec<Entry>) {
        let index = self.index();
        let marks = index.marks.iter().filter(|(sha256, _)| wanted(sha256));
        let copies = marks.flat_map(|(_, marks)| of_marks(marks)).collect();
        let entries = index.by_seal.values().filter(|entry| wanted(&entry.sha256));
        let own = entries.filter(|entry| index.by_folder.get(&entry.folder) == Some(&entry.sha256));
        (copies, own.cloned().collect())
    }

    /// Where a copy lies.
    pub fn place(&self, copy: &SavedCopy) -> PathBuf {
        self.home.join(&copy.path)
    }
}

/// Whether what lay at this path below a folder is not there any more. While nobody can tell, because the folder is away or may
/// not be looked into, it is taken to lie there.
pub fn is_gone(home: &Path, path: &Path) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    let found = path.symlink_metadata();
    found.is_err_and(|error| matches!(error.kind(), NotFound | NotADirectory)) && home.is_dir()
}

fn of_marks(marks: &[Mark]) -> Vec<SavedCopy> {
    let there = Standing::of(marks).copies;
    let saved = |path: &String| {
        let mark = marks
            .iter()
            .rev()
            .find(|mark| matches!(&mark.act, Act::Saved { path: own } if own == path))?;
        Some(SavedCopy {
            sha256: mark.sha256.clone(),
            reference: mark.reference.clone(),
            path: path.clone(),
            time: mark.time.clone(),
            who: mark.who.clone(),
        })
    };
    there.iter().filter_map(saved).collect()
}

fn of_entry(entry: &Entry) -> SavedCopy {
    SavedCopy {
        sha256: entry.sha256.clone(),
        reference: entry.reference.clone(),
        path: entry.folder.clone(),
        time: entry.opened.clone(),
        who: entry.who.clone(),
    }
}
