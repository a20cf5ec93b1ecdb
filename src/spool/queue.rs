//! The relay's and the operator's side: what waits, what was tried, what is done.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use super::entry::{self, Letter};
use super::layout::{Spool, read_limited, sync_directory, write_whole};

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

    fn room(self) -> &'static str {
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
}

/// A page that is sent again within this time is known, however short delivered letters are kept.
const NAME_STAYS: Duration = Duration::from_secs(7 * 86_400);

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
        self.finish_moves()?;
        Ok(Lease { _lock: lock })
    }

    /// Names of the letters that wait, oldest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn waiting(&self) -> io::Result<Vec<String>> {
        let mut found: Vec<_> = files(&self.room("new"))?
            .into_iter()
            .filter(|(_, meta)| !meta.is_file() || meta.len() > 0)
            .map(|(name, meta)| (meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), name))
            .collect();
        found.sort();
        Ok(found.into_iter().map(|(_, name)| name).collect())
    }

    /// Reads a waiting letter; one that was changed on disk goes to `corrupt/` and is an `InvalidData` error.
    ///
    /// # Errors
    /// What reading says.
    pub fn read(&self, name: &str) -> io::Result<Letter> {
        let path = self.room("new").join(name);
        let letter = entry::read(&path);
        if letter
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::InvalidData)
        {
            let _moves = self.lock_moves()?;
            // An operator's command may have moved it since it was listed: the empty file is then as it should be.
            if is_empty_file(&fs::symlink_metadata(&path)?) {
                return Err(io::ErrorKind::NotFound.into());
            }
            fs::rename(&path, self.room("corrupt").join(name))?;
            sync_directory(&self.room("corrupt"))?;
            sync_directory(&self.room("new"))?;
        }
        letter
    }

    /// How long a letter has been in the queue.
    ///
    /// # Errors
    /// When it is not there.
    pub fn age(&self, name: &str) -> io::Result<Duration> {
        let modified = fs::symlink_metadata(self.room("new").join(name))?.modified()?;
        Ok(SystemTime::now().duration_since(modified).unwrap_or_default())
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

    /// The mail server has taken full responsibility (RFC 5321 §6.1): the letter leaves the queue. It is kept
    /// sealed in `delivered/`, its name stays taken.
    ///
    /// # Errors
    /// What the disk says; the letter would then be sent again, which a mailbox can tell.
    pub fn delivered(&self, name: &str) -> io::Result<()> {
        self.retire(name, State::Delivered)
    }

    /// Refused for good: out of the queue, kept until an operator decides.
    ///
    /// # Errors
    /// What the disk says.
    pub fn hold(&self, name: &str) -> io::Result<()> {
        self.retire(name, State::Held)
    }

    /// Puts a held or delivered letter back into the queue, to be tried at once.
    ///
    /// # Errors
    /// `NotFound` when it is in neither place.
    pub fn release(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        let from = [State::Held, State::Delivered].map(|state| self.room(state.room()).join(name));
        let from = from.iter().find(|path| path.exists());
        let from = from.ok_or(io::ErrorKind::NotFound)?;
        self.set_status(name, &Status::default())?;
        fs::rename(from, self.room("new").join(name))?;
        sync_directory(&self.room("new"))
    }

    /// Every letter in the spool, without content.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for state in State::ALL {
            let room = self.room(state.room());
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
                    state,
                    name,
                });
            }
        }
        all.sort_by(|a, b| (a.accepted, &a.name).cmp(&(b.accepted, &b.name)));
        Ok(all)
    }

    /// Removes delivered letters once they are old enough, and later the names that they kept taken.
    ///
    /// # Errors
    /// When a directory cannot be read or a file not removed.
    pub fn clean(&self, now: SystemTime) -> io::Result<()> {
        let keep = Duration::from_secs(u64::from(self.settings.keep_delivered_days) * 86_400);
        // The empty file's own age counts: it was made when the letter was delivered.
        for (name, meta) in files(&self.room("new"))? {
            let old = |meta: &fs::Metadata| Ok(now.duration_since(meta.modified()?).unwrap_or_default());
            let age: io::Result<Duration> = old(&meta);
            if !is_empty_file(&meta) || age? <= keep {
                continue;
            }
            // Looked at again with every other move held off: an operator may just have put a letter back.
            let _moves = self.lock_moves()?;
            let path = self.room("new").join(&name);
            if !fs::symlink_metadata(&path).is_ok_and(|meta| is_empty_file(&meta)) {
                continue;
            }
            remove_if_there(&self.room("delivered").join(&name))?;
            let held = self.room("held").join(&name).exists();
            if old(&meta)? > keep.max(NAME_STAYS) && !held {
                remove_if_there(&self.status_file(&name))?;
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Names of the letters in a state, for alarms that stand as long as they are there.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn names(&self, state: State) -> io::Result<Vec<String>> {
        let files = files(&self.room(state.room()))?;
        Ok(files.into_iter().map(|(name, _)| name).collect())
    }

    /// Link first, then empty the name: a crash between leaves the letter in both places, never in none.
    fn retire(&self, name: &str, to: State) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        let there = self.room(to.room());
        let here = self.room("new").join(name);
        if fs::symlink_metadata(&here)?.len() == 0 {
            // An operator was quicker.
            return Ok(());
        }
        match fs::hard_link(here, there.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => sync_directory(&there)?,
        }
        self.empty(name)
    }

    fn empty(&self, name: &str) -> io::Result<()> {
        let empty = self.room("state").join(format!("{name}.empty"));
        File::create(&empty)?.sync_all()?;
        fs::rename(&empty, self.room("new").join(name))?;
        sync_directory(&self.room("new"))
    }

    /// Finishes what a crash cut in two. A letter in `new/` and, as the same file, in `delivered/` or `held/`
    /// was on its way there.
    fn finish_moves(&self) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        for state in [State::Delivered, State::Held] {
            for (name, meta) in files(&self.room(state.room()))? {
                let new = fs::symlink_metadata(self.room("new").join(&name));
                if new.is_ok_and(|new| new.len() > 0 && new.ino() == meta.ino()) {
                    self.empty(&name)?;
                }
            }
        }
        Ok(())
    }

    fn status_file(&self, name: &str) -> PathBuf {
        self.room("state").join(format!("{name}.json"))
    }
}

fn is_empty_file(meta: &fs::Metadata) -> bool {
    meta.is_file() && meta.len() == 0
}

fn files(room: &Path) -> io::Result<Vec<(String, fs::Metadata)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(room)? {
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

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
