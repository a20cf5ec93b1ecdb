//! The relay's and the operator's side: what waits, what was tried, what is done.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use super::entry::{self, Letter};
use super::in_flight::Deliverer;
use super::layout::{Spool, read_limited, write_whole};
use super::quarantine::is_letter_name;

/// Where a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// To be delivered.
    Waiting,
    /// Refused for good by the mail server, or held by the operator; kept.
    Held,
    /// Taken by the mail server; kept sealed for some days.
    Delivered,
    /// Changed on disk; kept for inspection, never sent.
    Corrupt,
}

impl State {
    const ALL: [State; 4] = [State::Waiting, State::Held, State::Delivered, State::Corrupt];

    pub(super) fn path(self) -> &'static str {
        match self {
            State::Waiting => "new",
            State::Held => "held",
            State::Delivered => "delivered",
            State::Corrupt => "corrupt",
        }
    }
}

/// What is remembered of the attempts at one letter.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Status {
    /// Attempts so far.
    pub attempts: u32,
    /// When the next one is due, seconds since 1970.
    pub due: u64,
    /// What the last one met; the mail server's words, nothing of the letter.
    pub last_error: String,
    /// Nothing could be sent at all then: the letter is due again as soon as another one gets through.
    #[serde(default)]
    pub unreachable: bool,
    /// The mailbox whose letters were refused then: the letter is due again as soon as one of them gets through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_mailbox: Option<String>,
}

/// A letter in the spool, without its content.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Name in the spool.
    pub name: String,
    /// Where it is.
    pub state: State,
    /// Number for people; empty when the file cannot be read.
    pub reference: String,
    /// Mailbox it goes to.
    pub mailbox: String,
    /// Seconds since 1970 of its receipt, by the minute.
    pub accepted: u64,
    /// Bytes of its file.
    pub size: u64,
    /// What was tried.
    pub status: Status,
    /// Who delivers it at this moment.
    pub in_flight: Option<Deliverer>,
}

/// The right to deliver: one process at a time.
pub struct Lease {
    _lock: File,
}

impl Spool {
    /// Takes the right to deliver.
    ///
    /// # Errors
    /// `WouldBlock` when another process has it.
    pub fn lease(&self) -> io::Result<Lease> {
        let lock = File::create(self.settings.directory.join("relay.lock"))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => io::Error::new(
                io::ErrorKind::WouldBlock,
                "another process is delivering from this spool",
            ),
            error => error.into(),
        })?;
        let _moves = self.lock_moves()?;
        self.clear_in_flight()?;
        if let Err(error) = self.finish_moves() {
            // What it concerns may be sent again, which is better than that nothing is sent.
            tracing::error!(%error, "what a crash left could not be looked at");
        }
        Ok(Lease { _lock: lock })
    }

    /// Names of the letters that wait, oldest first. What is no letter is put aside.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn waiting(&self) -> io::Result<Vec<String>> {
        self.put_strangers_aside()?;
        let mut found: Vec<_> = files(&self.path("new"))?
            .into_iter()
            .filter(|(name, meta)| meta.is_file() && meta.len() > 0 && is_letter_name(OsStr::new(name)))
            .map(|(name, meta)| (meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), name))
            .collect();
        found.sort();
        Ok(found.into_iter().map(|(_, name)| name).collect())
    }

    /// Reads a waiting letter; one that was changed on disk goes to `corrupt/` and is an `InvalidData` error. One of a
    /// newer program is `Unsupported` and stays.
    ///
    /// # Errors
    /// What reading says.
    pub fn read(&self, name: &str) -> io::Result<Letter> {
        let letter = entry::read(&self.path("new").join(name));
        if let Err(error) = &letter
            && error.kind() == io::ErrorKind::InvalidData
        {
            self.put_damaged_aside(name)?;
            tracing::error!(name, "a letter {error}; it is kept in corrupt/ and not sent");
        }
        letter
    }

    /// Since when a letter has been in the queue; nothing when it is not there.
    ///
    /// # Errors
    /// What the file system says.
    pub fn waits_since(&self, name: &str) -> io::Result<Option<SystemTime>> {
        match fs::symlink_metadata(self.path("new").join(name)) {
            Ok(meta) if is_empty_file(&meta) => Ok(None),
            Ok(meta) => meta.modified().map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was tried with a letter so far.
    pub fn status(&self, name: &str) -> Status {
        let bytes = read_limited(&self.status_file(name), 64 * 1024).unwrap_or_default();
        // A missing or damaged file means only that the letter is tried at once.
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Remembers what was tried.
    ///
    /// # Errors
    /// What the disk says; the letter itself is safe.
    pub fn set_status(&self, name: &str, status: &Status) -> io::Result<()> {
        let bytes = serde_json::to_vec(status).map_err(io::Error::other)?;
        write_whole(&self.status_file(name), &bytes)
    }

    /// Every letter in the spool, without content.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for state in State::ALL {
            let room = self.path(state.path());
            for (name, meta) in files(&room)? {
                if state == State::Waiting && is_empty_file(&meta) {
                    continue;
                }
                let envelope = entry::envelope(&room.join(&name)).ok();
                all.push(Listed {
                    status: self.status(&name),
                    reference: envelope.as_ref().map(|e| e.reference.clone()).unwrap_or_default(),
                    mailbox: envelope.as_ref().map(|e| e.mailbox.clone()).unwrap_or_default(),
                    accepted: envelope.map_or(0, |e| e.accepted),
                    size: meta.len(),
                    in_flight: self.deliverer(&name),
                    state,
                    name,
                });
            }
        }
        // Seen before and after a move: what was seen last counts.
        let by_name: BTreeMap<_, _> = all.into_iter().map(|letter| (letter.name.clone(), letter)).collect();
        let mut all: Vec<Listed> = by_name.into_values().collect();
        all.sort_by(|a, b| (a.accepted, &a.name).cmp(&(b.accepted, &b.name)));
        Ok(all)
    }

    /// Names of the letters in a state, for alarms that stand as long as they are there.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn names(&self, state: State) -> io::Result<Vec<String>> {
        let files = files(&self.path(state.path()))?;
        let mut names: Vec<_> = files.into_iter().map(|(name, _)| name).collect();
        if state == State::Corrupt {
            names.extend(self.strange_names()?);
        }
        Ok(names)
    }

    pub(super) fn status_file(&self, name: &str) -> PathBuf {
        self.path("state").join(format!("{name}.json"))
    }
}

pub(super) fn is_empty_file(meta: &fs::Metadata) -> bool {
    meta.is_file() && meta.len() == 0
}

pub(super) fn files(directory: &Path) -> io::Result<Vec<(String, fs::Metadata)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.metadata() {
            Ok(meta) => found.push((name, meta)),
            // Moved on while we looked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
