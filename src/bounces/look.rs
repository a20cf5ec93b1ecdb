//! One look at what came back.

use std::collections::{BTreeMap, HashSet};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use konvolutt_letter::{Reference, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Settings;
use super::known::Known;
use super::report::{Action, Report};
use crate::alarms::{Alarm, Alarms};
use crate::mail_folder;
use crate::store::{Bounced, ShelfError, State, Store};
use crate::unix_time::seconds;

/// Of a mail so much is read: words, report and the head of the letter, but not a letter of 25 MB behind it.
pub(super) const LONGEST: u64 = 256 * 1024;
/// New files read in one look. The others have their turn in the next: a full mailbox keeps nobody's report back for good.
const MOST: usize = 500;
/// Name of the memory in the spool.
const NOTE: &str = "bounces.json";
/// So long a report is known that could not be removed.
const REMEMBERED: u64 = 400 * 86_400;

/// Reads the reports of mail servers.
pub struct Bounces {
    settings: Settings,
    /// Files that need no second look: no reports, or none about a letter of ours.
    passed: HashSet<Seen>,
    /// Of those that need no second look, such that are about a letter that is no longer kept: what the alarm is about, and
    /// its text.
    lost: BTreeMap<Seen, (String, String)>,
    memory: Memory,
    /// Reports that the note in the spool has.
    noted: usize,
}

/// Tells a file from the next one of its name.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Clone)]
struct Seen {
    path: PathBuf,
    inode: u64,
    length: u64,
    modified: i64,
}

/// Reports that were acted on, by their digest, and when: one that cannot be removed, or is there twice, counts once.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    read: BTreeMap<String, u64>,
}

/// What a look found.
#[derive(Default)]
struct Found {
    /// Done with: to be removed once that is written down.
    used: Vec<PathBuf>,
    /// Reports about no letter that is known.
    unknown: usize,
    /// Files that this user may not read.
    unreadable: usize,
}

impl Bounces {
    /// Goes on where an earlier process ended.
    pub fn load(settings: Settings, store: &dyn Store) -> Self {
        let note = store.note(NOTE).ok().flatten();
        // What cannot be read is begun anew: at worst a letter is held once more.
        let memory: Option<Memory> = note.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let memory = memory.unwrap_or_default();
        Self {
            settings,
            passed: HashSet::new(),
            lost: BTreeMap::new(),
            noted: memory.read.len(),
            memory,
        }
    }

    /// One look at everything. Blocks on the disk.
    ///
    /// # Errors
    /// When a directory or the store cannot be read or written: the next look goes on.
    pub fn look(&mut self, store: &dyn Store, alarms: &Alarms, now: SystemTime) -> io::Result<()> {
        let (fresh, missing) = self.fresh();
        let mut found = Found::default();
        let mut known = None;
        for seen in fresh.into_iter().take(MOST) {
            let Some((digest, report)) = read(&seen.path, &mut found) else {
                self.passed.insert(seen);
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
            } else if self.hear(store, known, &report, &seen, &mut found)? {
                self.memory.read.insert(digest, seconds(now));
                found.used.push(seen.path);
            }
        }
        self.tell_lost(missing, alarms);
        found.tell();
        if self.memory.read.len() != self.noted {
            self.memory.read.retain(|_, when| *when + REMEMBERED > seconds(now));
            store.set_note(NOTE, &serde_json::to_vec(&self.memory).map_err(io::Error::other)?)?;
            self.noted = self.memory.read.len();
        }
        // Only once it is written down.
        mail_folder::tidy(&found.used);
        Ok(())
    }

    /// Files that were not looked at, or have to be looked at again; the others that have gone are forgotten. And what
    /// cannot be read.
    fn fresh(&mut self) -> (Vec<Seen>, Option<String>) {
        let (mut there, mut fresh, mut missing) = (HashSet::new(), Vec::new(), None);
        for directory in &self.settings.directories {
            let entries = mail_folder::entries(directory);
            if let Err(error) = &entries {
                missing = Some(format!(
                    "letters that come back are not seen, since {} cannot be read: {error}. To do: let the service read and \
                     write it, or correct [bounces] `directories`",
                    directory.display()
                ));
            }
            for entry in entries.into_iter().flatten() {
                // Gone meanwhile.
                let Ok(meta) = entry.metadata() else { continue };
                let seen = Seen::new(entry.path(), &meta);
                if self.passed.contains(&seen) {
                    there.insert(seen);
                } else {
                    fresh.push(seen);
                }
            }
        }
        self.passed = there;
        self.lost.retain(|seen, _| self.passed.contains(seen));
        (fresh, missing)
    }

    /// True when a report was acted on, and is done with.
    fn hear(
        &mut self,
        store: &dyn Store,
        known: &Known,
        report: &Report,
        seen: &Seen,
        found: &mut Found,
    ) -> io::Result<bool> {
        let Some(name) = known.find(report) else {
            found.unknown += 1;
            self.passed.insert(seen.clone());
            return Ok(false);
        };
        let (reference, words) = (reference(store, name), &report.words);
        match report.action {
            Action::Failed => self.hold(store, name, &reference, words, seen),
            Action::Delayed => {
                tracing::warn!(%reference, "a mail server still tries a letter that it took: {words}");
                Ok(true)
            }
            Action::Done => Ok(true),
        }
    }

    fn hold(&mut self, store: &dyn Store, name: &str, reference: &str, words: &str, seen: &Seen) -> io::Result<bool> {
        match store.bounce(name, &format!("it was taken, and came back: {words}")) {
            Ok(Bounced::Held) => {
                tracing::error!(%reference, "a letter that was delivered came back, and is held: {words}");
                Ok(true)
            }
            // The report is of the sending before, or an operator was first: the letter is not delivered anyway.
            Ok(Bounced::Already(State::Held | State::Corrupt)) => Ok(true),
            // It is on its way: the report may have been faster than the last word of the mail server that took it.
            Ok(Bounced::Already(_)) | Err(ShelfError::Busy(_) | ShelfError::Gone) => Ok(false),
            Ok(Bounced::NotKept) => {
                let text = format!(
                    "the letter {reference} came back, and is no longer kept here: {words}. To do: ask the post room for what \
                     is left of it, mend what the mail server says, and then remove the report {}",
                    seen.path.display()
                );
                self.lost.insert(seen.clone(), (name.to_owned(), text));
                self.passed.insert(seen.clone());
                Ok(false)
            }
            Err(ShelfError::Io(error)) => Err(error),
        }
    }

    fn tell_lost(&self, missing: Option<String>, alarms: &Alarms) {
        // Of two reports about one letter one is named.
        let mut lost: BTreeMap<String, String> = self.lost.values().cloned().collect();
        if let Some(text) = missing {
            lost.insert(String::new(), text);
            // What was told before may lie where nothing can be seen now.
            lost.iter()
                .for_each(|(about, text)| alarms.raise(Alarm::Bounced, about, text));
        } else {
            alarms.exactly(Alarm::Bounced, lost.into_iter().collect());
        }
    }
}

impl Found {
    /// Of what stands in reports nothing goes into the log unless it is about a letter of ours: anybody can write one.
    fn tell(&self) {
        let Self {
            unknown, unreadable, ..
        } = self;
        if *unknown > 0 {
            tracing::warn!(
                reports = unknown,
                "reports of mail servers are about no letter that is known here; they stay where they are"
            );
        }
        if *unreadable > 0 {
            tracing::warn!(
                files = unreadable,
                "mails in a directory of [bounces] may not be read by this service; let it read them"
            );
        }
    }
}

impl Seen {
    fn new(path: PathBuf, meta: &Metadata) -> Self {
        Self {
            path,
            inode: meta.ino(),
            length: meta.len(),
            modified: meta.mtime(),
        }
    }
}

/// A report with its digest, when a file is one.
fn read(path: &Path, found: &mut Found) -> Option<(String, Report)> {
    match mail_folder::read(path, LONGEST) {
        Ok((mail, _)) => Some((hex(Sha256::digest(&mail)), Report::read(&mail)?)),
        Err(error) => {
            found.unreadable += usize::from(error.kind() == io::ErrorKind::PermissionDenied);
            None
        }
    }
}

fn reference(store: &dyn Store, name: &str) -> String {
    let identity = store.identities().of_name(name);
    identity.map_or_else(String::new, |identity| {
        Reference::from_random(&identity.reference).to_string()
    })
}
