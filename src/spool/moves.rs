//! Moves between the directories. Each is a few steps in an order that a crash may cut anywhere: what is left is
//! always whole in one place, and the next relay finishes it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::layout::Spool;
use super::queue::{State, Status, files, is_empty_file};

/// A page that is sent again within this time is known, however short delivered letters are kept.
const NAME_STAYS: Duration = Duration::from_secs(7 * 86_400);
/// A letter that somebody emptied is looked for among the names that are younger than this.
const RECENT: Duration = Duration::from_secs(86_400);

impl Spool {
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
    pub fn refused(&self, name: &str) -> io::Result<()> {
        self.retire(name, State::Held)
    }

    /// The operator takes a waiting letter out of the queue.
    ///
    /// # Errors
    /// `NotFound` when it does not wait, `ResourceBusy` while it is being delivered.
    pub fn hold(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        self.not_in_flight(name)?;
        self.finish_move(name)?;
        if self.waits(name)? {
            self.retire_locked(name, State::Held)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// Forgets what was tried with a waiting letter, so that it is tried at once.
    ///
    /// # Errors
    /// `NotFound` when it does not wait, `ResourceBusy` while it is being delivered.
    pub fn retry(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        self.not_in_flight(name)?;
        if self.waits(name)? {
            self.set_status(name, &Status::default())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// Puts a held or delivered letter back into the queue, to be tried at once.
    ///
    /// # Errors
    /// `NotFound` when it is in neither place, `ResourceBusy` while the relay is still moving it there.
    pub fn release(&self, name: &str) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        self.not_in_flight(name)?;
        self.finish_move(name)?;
        let path = |state: State| self.path(state.path()).join(name);
        let mut states = [State::Held, State::Delivered].into_iter();
        let state = states.find(|state| path(*state).exists());
        let state = state.ok_or(io::ErrorKind::NotFound)?;
        self.set_status(name, &Status::default())?;
        fs::rename(path(state), self.path("new").join(name))?;
        self.sync_directory_of("new")?;
        self.sync_directory_of(state.path())
    }

    /// Removes delivered letters once they are old enough, and later the names that they kept taken.
    ///
    /// # Errors
    /// When a directory cannot be read or a file not removed.
    pub fn clean(&self, now: SystemTime) -> io::Result<()> {
        let keep = Duration::from_secs(u64::from(self.settings.keep_delivered_days) * 86_400);
        // The empty file's own age counts: it was made when the letter was delivered.
        for (name, meta) in files(&self.path("new"))? {
            let old = |meta: &fs::Metadata| Ok(now.duration_since(meta.modified()?).unwrap_or_default());
            let age: io::Result<Duration> = old(&meta);
            let age = age?;
            if !is_empty_file(&meta) {
                continue;
            }
            if age <= keep {
                if age <= RECENT && !self.is_kept(&name) {
                    self.put_emptied_aside(&name)?;
                }
                continue;
            }
            // Looked at again with every other move held off: an operator may just have put a letter back.
            let _moves = self.lock_moves()?;
            let path = self.path("new").join(&name);
            if !fs::symlink_metadata(&path).is_ok_and(|meta| is_empty_file(&meta)) {
                continue;
            }
            remove_if_there(&self.path("delivered").join(&name))?;
            let held = self.path("held").join(&name).exists();
            if old(&meta)? > keep.max(NAME_STAYS) && !held {
                remove_if_there(&self.status_file(&name))?;
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Whether the letter of an empty name is where it was moved to.
    pub(super) fn is_kept(&self, name: &str) -> bool {
        let there = |state: State| self.path(state.path()).join(name).exists();
        there(State::Delivered) || there(State::Held)
    }

    fn retire(&self, name: &str, to: State) -> io::Result<()> {
        let _moves = self.lock_moves()?;
        if self.waits(name)? {
            self.retire_locked(name, to)
        } else {
            // Moved before, and the answer got lost.
            Ok(())
        }
    }

    /// Link first, then empty the name: a crash between leaves the letter in both places, never in none.
    fn retire_locked(&self, name: &str, to: State) -> io::Result<()> {
        let (here, there) = (self.path("new").join(name), self.path(to.path()));
        match fs::hard_link(&here, there.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if inode(&here)? != inode(&there.join(name))? {
                    // Not of our making. It is kept as well, under another name.
                    fs::rename(there.join(name), there.join(format!("{name}.other")))?;
                    fs::hard_link(&here, there.join(name))?;
                }
            }
            linked => linked?,
        }
        self.sync_directory_of(to.path())?;
        self.empty(name)
    }

    fn empty(&self, name: &str) -> io::Result<()> {
        let empty = self.path("state").join(format!("{name}.empty"));
        self.sync(File::create(&empty)?)?;
        fs::rename(&empty, self.path("new").join(name))?;
        self.sync_directory_of("new")
    }

    fn waits(&self, name: &str) -> io::Result<bool> {
        Ok(fs::symlink_metadata(self.path("new").join(name))?.len() > 0)
    }

    /// Finishes what a crash cut in two. Only while all other moves are held off.
    pub(super) fn finish_moves(&self) -> io::Result<()> {
        for state in [State::Delivered, State::Held] {
            for (name, _) in files(&self.path(state.path()))? {
                self.finish_move(&name)?;
            }
        }
        Ok(())
    }

    /// A letter in `new/` and, as the same file, in `delivered/` or `held/` was on its way there.
    pub(super) fn finish_move(&self, name: &str) -> io::Result<()> {
        let is_at = |directory: &str| inode(&self.path(directory).join(name)).ok();
        let new = is_at("new");
        if new.is_some() && (new == is_at("delivered") || new == is_at("held")) {
            self.empty(name)
        } else {
            Ok(())
        }
    }
}

fn inode(path: &Path) -> io::Result<u64> {
    Ok(fs::symlink_metadata(path)?.ino())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
