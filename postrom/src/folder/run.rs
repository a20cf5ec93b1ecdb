//! The hidden folder that a run works in, and what runs left that ended before they could tidy up.
//!
//! What always holds: the folder of a run that lives is locked, so that nobody takes it for a remainder; the folder of a
//! run that ended is removed by itself or by the next one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use konvolutt_letter::hex;

use super::rights::Rights;

pub(super) const PREFIX: &str = ".unfinished-";
const LOCK: &str = "lock";
/// Behind the name of one that has no lock yet. Whoever holds the lock of the out folder and sees one knows that its maker ended.
const MAKING: &str = ".new";
/// Older versions had no lock, and one such folder for each letter, for the blink of an eye.
const OLD: Duration = Duration::from_secs(60);

/// The folder of this run. It removes itself.
pub(crate) struct Run {
    path: PathBuf,
    lock: Option<File>,
    next: AtomicU64,
    pub(crate) rights: Rights,
}

impl Run {
    /// Makes it. The lock of the out folder must be held: between its making and its locking it looks left behind.
    pub(crate) fn begin(out: &Path, rights: Rights) -> io::Result<Self> {
        let mut chance = [0u8; 8];
        getrandom::fill(&mut chance).map_err(io::Error::other)?;
        let path = out.join(format!("{PREFIX}{}", hex(chance)));
        let making = out.join(format!("{PREFIX}{}{MAKING}", hex(chance)));
        let rights = made(&making, rights).and_then(|rights| fs::rename(&making, &path).map(|()| rights));
        let rights = rights.inspect_err(|_| drop(fs::remove_dir_all(&making)))?;
        let mut run = Self {
            path,
            lock: None,
            next: AtomicU64::new(1),
            rights,
        };
        let lock = fs::OpenOptions::new().write(true).open(run.path.join(LOCK))?;
        super::disk::lock(&lock)?;
        run.lock = Some(lock);
        Ok(run)
    }

    /// A new folder in it, for one letter.
    pub(crate) fn folder(&self) -> io::Result<PathBuf> {
        let path = self.name();
        self.rights.make_folder(&path)?;
        Ok(path)
    }

    /// A name in it that nothing has.
    pub(crate) fn name(&self) -> PathBuf {
        self.path
            .join(format!("{:06}", self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// A folder with the file that will be locked. Closed: Windows gives no other name to a folder in which something is open.
fn made(path: &Path, rights: Rights) -> io::Result<Rights> {
    Rights::default().make_folder(path)?;
    let rights = rights.given(path);
    rights.open_folder(path)?;
    rights.make_file(&path.join(LOCK))?;
    Ok(rights)
}

impl Drop for Run {
    fn drop(&mut self) {
        let emptied = empty(&self.path);
        // Before its lock is let go: whoever meets a folder with a free lock tells of a run that was interrupted.
        let _ = fs::remove_file(self.path.join(LOCK));
        // Windows removes no folder in which something is open.
        self.lock = None;
        let _ = emptied.and_then(|()| fs::remove_dir_all(&self.path));
    }
}

/// Removes what is readable first: a folder without its lock counts as one that is just being made.
fn empty(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            super::disk::remove(&entry.path())?;
        } else if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    empty(path)?;
    fs::remove_dir_all(path)
}

/// Removes what runs left that live no more; how many of them could have held something. As for [`Run::begin`], the lock of
/// the out folder must be held.
pub(crate) fn recover(out: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name();
        let chance = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let made = chance.and_then(|chance| chance.strip_suffix(MAKING));
        let ours = made
            .or(chance)
            .is_some_and(|chance| chance.len() == 16 && chance.bytes().all(|c| c.is_ascii_hexdigit()));
        let path = entry.path();
        let is_left = || made.is_some() || is_left(&path);
        // A run that ends in order may remove its folder meanwhile.
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_left() && remove(&path).is_ok() {
            removed += usize::from(made.is_none());
        }
    }
    Ok(removed)
}

/// Whether nobody works in it any more. What cannot be told, as a colleague's own folder, is let be.
fn is_left(path: &Path) -> bool {
    match fs::OpenOptions::new().write(true).open(path.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            // Gone by now: its run ended in order, between our opening and our locking.
            Ok(()) => path.join(LOCK).exists(),
            Err(TryLockError::WouldBlock) => false,
            // A file system without locks.
            Err(TryLockError::Error(_)) => is_old(path),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => is_old(path),
        Err(_) => false,
    }
}

fn is_old(path: &Path) -> bool {
    let changed = path.symlink_metadata().and_then(|folder| folder.modified());
    let age = changed.map(|changed| SystemTime::now().duration_since(changed).unwrap_or_default());
    age.is_ok_and(|age| age > OLD)
}
