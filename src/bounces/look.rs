//! One look at what came back.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::SystemTime;

use konvolutt_letter::{Reference, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Settings;
use super::found::{Found, lost};
use super::known::Known;
use super::report::{Action, Report};
use crate::alarms::Alarms;
use crate::mail_folder;
use crate::store::{Bounced, ShelfError, State, Store};
use crate::unix_time::seconds;

/// Of a mail so much is read: words, report and the head of the letter, but not a letter of 25 MB behind it.
pub(super) const LONGEST: u64 = 256 * 1024;
/// New files read in one look. The others have their turn in the next: a full mailbox keeps nobody's report back for good.
const MOST: usize = 500;
/// Name of the memory in the spool.
const NOTE: &str = "bounces.json";
/// So long a report is known that could not be removed, or may be there twice: longer than most keep delivered letters.
const REMEMBERED: u64 = 400 * 86_400;

/// Reads the reports of mail servers.
pub struct Bounces {
    settings: Settings,
    /// Files that need no second look: no reports, or none about a letter of ours.
    passed: HashSet<Seen>,
    /// Files that need one, and in which look they had their last: they have their turn after those that had none.
    again: HashMap<Seen, u64>,
    /// Looks so far.
    looks: u64,
    /// Of those that need no second look, such that are about a letter that is no longer kept: what the alarm is about, and
    /// its text.
    lost: BTreeMap<Seen, (String, String)>,
    memory: Memory,
    /// Reports that the note in the spool has.
    noted: usize,
}

/// Tells a file from the next one of its name. Whoever puts a file there may give it any time but that of its change.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Clone)]
struct Seen {
    path: PathBuf,
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

/// Reports by which a letter was held, by their digest, and when: one that cannot be removed, or is there twice, counts once.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    read: BTreeMap<String, u64>,
}

/// What comes of a report.
enum Heard {
    /// Its letter is not delivered: to be remembered, since a copy of it must not hold the next sending.
    Acted,
    /// It asks for nothing.
    Nothing,
    /// It stays where it is, and needs no second look.
    Stays,
    /// It is too early.
    Later,
}

/// What a file that cannot be read is.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    Gone,
    /// Kept from this user: whoever changes that changes the file.
    Kept,
    /// Anything else may pass.
    Again,
}

impl Bounces {
    /// Goes on where an earlier process ended.
    ///
    /// # Errors
    /// When that is not to be had now, and will be.
    pub fn load(settings: Settings, store: &dyn Store) -> io::Result<Self> {
        let note = store.note_to_go_on(NOTE)?;
        // What cannot be read is begun anew: at worst a letter is held once more.
        let memory: Option<Memory> = note.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let memory = memory.unwrap_or_default();
        Ok(Self {
            settings,
            passed: HashSet::new(),
            again: HashMap::new(),
            looks: 0,
            lost: BTreeMap::new(),
            noted: memory.read.len(),
            memory,
        })
    }

    /// One look at everything. Blocks on the disk.
    ///
    /// # Errors
    /// When the store cannot be read or written, or one file cannot be looked at or acted on: the others were, an alarm says
    /// the same, and the next look goes on.
    pub fn look(&mut self, store: &dyn Store, alarms: &Alarms, now: SystemTime) -> io::Result<()> {
        let mut found = Found::default();
        let files = self.fresh(&mut found);
        if let Err(error) = self.hear_all(store, files, &mut found, now) {
            found.store = Some(error);
            found.partial = true;
        }
        match self.note(store, now) {
            // Only once it is written down.
            Ok(()) => mail_folder::tidy(&found.used),
            Err(error) => found.store = Some(error),
        }
        found.log();
        // Of two reports about one letter one is named.
        found.raise(self.lost.values().cloned().collect(), alarms);
        found.end()
    }

    fn hear_all(&mut self, store: &dyn Store, files: Vec<Seen>, found: &mut Found, now: SystemTime) -> io::Result<()> {
        let mut known = None;
        for seen in files {
            let Some((digest, report)) = self.read(&seen, found) else {
                continue;
            };
            let known = match &mut known {
                Some(known) => known,
                // Only a report makes all names be looked at.
                none => none.insert(Known::of(store)?),
            };
            if self.memory.read.contains_key(&digest) {
                found.used.push(seen.path.clone());
                self.passed.insert(seen);
                continue;
            }
            match self.hear(store, known, &report, &seen, found) {
                Ok(Heard::Acted) => {
                    self.memory.read.insert(digest, seconds(now));
                    found.used.push(seen.path);
                }
                Ok(Heard::Nothing) => {
                    found.used.push(seen.path.clone());
                    self.passed.insert(seen);
                }
                Ok(Heard::Stays) => drop(self.passed.insert(seen)),
                Ok(Heard::Later) => drop(self.again.insert(seen, self.looks)),
                Err(error) => {
                    found.failed.insert(seen.path.clone(), error);
                    self.again.insert(seen, self.looks);
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, store: &dyn Store, now: SystemTime) -> io::Result<()> {
        if self.memory.read.len() != self.noted {
            self.memory.read.retain(|_, when| *when + REMEMBERED > seconds(now));
            store.set_note(NOTE, &serde_json::to_vec(&self.memory).map_err(io::Error::other)?)?;
            self.noted = self.memory.read.len();
        }
        Ok(())
    }

    /// What has its turn in this look; of files that have gone nothing stays known.
    fn fresh(&mut self, found: &mut Found) -> Vec<Seen> {
        let (mut there, mut fresh) = (HashSet::new(), Vec::new());
        for directory in &self.settings.directories {
            let entries = mail_folder::entries(directory);
            if let Err(error) = &entries {
                found.missing = Some(format!(
                    "letters that come back are not seen, since {} cannot be read: {error}. To do: let the service read and \
                     write it, or correct [bounces] `directories`",
                    directory.display()
                ));
                found.partial = true;
            }
            for entry in entries.into_iter().flatten() {
                let entry = match entry {
                    Ok(entry) => entry,
                    // The directory breaks off here: nobody knows what is behind it.
                    Err(error) => {
                        found.failed.insert(directory.clone(), error);
                        found.partial = true;
                        continue;
                    }
                };
                match entry.metadata().map(|meta| Seen::new(entry.path(), &meta)) {
                    Ok(Some(seen)) if self.passed.contains(&seen) => drop(there.insert(seen)),
                    Ok(Some(seen)) => fresh.push(seen),
                    // A link is not followed.
                    Ok(None) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    // As in a directory that may be read and not searched.
                    Err(error) => drop(found.failed.insert(entry.path(), error)),
                }
            }
        }
        self.passed = there;
        self.lost.retain(|seen, _| self.passed.contains(seen));
        self.take_turns(&mut fresh, found);
        fresh
    }

    /// Those that had no look yet come first, then those whose last is longest ago: none keeps another back for good.
    fn take_turns(&mut self, fresh: &mut Vec<Seen>, found: &mut Found) {
        self.looks += 1;
        let before = std::mem::take(&mut self.again);
        fresh.sort_by_key(|seen| before.get(seen).copied());
        found.partial |= fresh.len() > MOST;
        let others = fresh.split_off(MOST.min(fresh.len())).into_iter();
        let looked_at = others.filter_map(|seen| before.get(&seen).map(|look| (seen.clone(), *look)));
        self.again = looked_at.collect();
    }

    /// A report with its digest, when a file is one.
    fn read(&mut self, seen: &Seen, found: &mut Found) -> Option<(String, Report)> {
        let error = match mail_folder::read(&seen.path, LONGEST) {
            Ok((mail, _)) => {
                let report = Report::read(&mail);
                if report.is_none() {
                    self.passed.insert(seen.clone());
                }
                return Some((hex(Sha256::digest(&mail)), report?));
            }
            Err(error) => error,
        };
        match Unread::because_of(&error) {
            Unread::Gone => {}
            Unread::Kept => {
                found.unreadable += 1;
                self.passed.insert(seen.clone());
            }
            Unread::Again => {
                found.failed.insert(seen.path.clone(), error);
                self.again.insert(seen.clone(), self.looks);
            }
        }
        None
    }

    fn hear(
        &mut self,
        store: &dyn Store,
        known: &Known,
        report: &Report,
        seen: &Seen,
        found: &mut Found,
    ) -> io::Result<Heard> {
        let Some(name) = known.find(report) else {
            found.unknown += 1;
            return Ok(Heard::Stays);
        };
        let (reference, words) = (reference(store, name), &report.words);
        match report.action {
            Action::Failed => self.hold(store, name, &reference, words, seen),
            Action::Delayed => {
                tracing::warn!(%reference, "a mail server still tries a letter that it took: {words}");
                Ok(Heard::Nothing)
            }
            Action::Done => Ok(Heard::Nothing),
        }
    }

    fn hold(&mut self, store: &dyn Store, name: &str, reference: &str, words: &str, seen: &Seen) -> io::Result<Heard> {
        match store.bounce(name, &format!("it was taken, and came back: {words}")) {
            Ok(Bounced::Held) => {
                tracing::error!(%reference, "a letter that was delivered came back, and is held: {words}");
                Ok(Heard::Acted)
            }
            // The report is of the sending before, or an operator was first: the letter is not delivered anyway.
            Ok(Bounced::Already(State::Held | State::Corrupt | State::Discarded)) => Ok(Heard::Acted),
            // It is on its way: the report may have been faster than the last word of the mail server that took it.
            Ok(Bounced::Already(_)) | Err(ShelfError::Busy(_) | ShelfError::Gone) => Ok(Heard::Later),
            Ok(Bounced::NotKept) => {
                let text = lost(reference, words, &seen.path);
                self.lost.insert(seen.clone(), (name.to_owned(), text));
                Ok(Heard::Stays)
            }
            Err(ShelfError::Io(error)) => Err(error),
        }
    }
}

impl Unread {
    fn because_of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Gone,
            io::ErrorKind::PermissionDenied => Self::Kept,
            _ => Self::Again,
        }
    }
}

impl Seen {
    /// `None` for what is no file.
    fn new(path: PathBuf, meta: &Metadata) -> Option<Self> {
        meta.is_file().then(|| Self {
            path,
            inode: meta.ino(),
            length: meta.len(),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }
}

fn reference(store: &dyn Store, name: &str) -> String {
    let identity = store.identities().of_name(name);
    identity.map_or_else(String::new, |identity| {
        Reference::from_random(&identity.reference).to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Too many open files, or a disk that stutters, must not hide a report until the next start.
    #[test]
    fn what_may_pass_is_looked_at_again() {
        use rustix::io::Errno;
        for (errno, expected) in [
            (Errno::NOENT, Unread::Gone),
            (Errno::ACCESS, Unread::Kept),
            (Errno::MFILE, Unread::Again),
            (Errno::IO, Unread::Again),
            (Errno::STALE, Unread::Again),
            (Errno::INTR, Unread::Again),
        ] {
            assert_eq!(Unread::because_of(&errno.into()), expected, "{errno}");
        }
    }
}
