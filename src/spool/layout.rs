//! Directories, and what must be true before anything is accepted.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::retry_on_intr;

use super::fence::is_full;
use super::identity::Secret;
use super::quota::Account;

/// The directories of a spool.
pub(super) const DIRECTORIES: [&str; 9] = [
    "draft",
    "new",
    "state",
    "inflight",
    "delivered",
    "held",
    "corrupt",
    "alarms",
    "notes",
];

/// Files beside them by which processes exclude each other.
pub(super) const LOCKS: [&str; 2] = ["moves.lock", "relay.lock"];

/// Where the spool lies and when it is too full.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its directory; made when it is missing.
    pub directory: PathBuf,
    /// Bytes that must stay free on its file system.
    pub min_free: u64,
    /// Files that there must still be room for on its file system.
    pub min_free_inodes: u64,
    /// Days for which a delivered letter is kept, sealed, so that an accident in the mailbox can be mended.
    pub keep_delivered_days: u32,
}

/// Why the spool did not take a letter. No receipt may be given.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// No room; nothing was kept. Heals by itself when there is room again.
    #[error("the spool is full: {0}")]
    Full(io::Error),
    /// The budget of a mailbox is used up: its letters are not delivered. Heals by itself when they are.
    #[error("as much waits for the mailbox {0} as may (`waiting_limit_mb`)")]
    Budget(String),
    /// An fsync failed, now or earlier: what this disk says cannot be trusted until a restart.
    #[error("the spool is fenced: writing to disk failed earlier; restart the service once the disk is in order")]
    Fenced,
    /// Anything else.
    #[error("the spool failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) {
            Self::Full(error)
        } else {
            Self::Io(error)
        }
    }
}

/// An open spool.
pub struct Spool {
    pub(super) settings: Settings,
    pub(super) secret: Secret,
    pub(super) draft: OwnedFd,
    pub(super) new: OwnedFd,
    /// One move between directories at a time, also among processes.
    moves: File,
    pub(super) fenced: AtomicBool,
    /// What waits and what is promised, by mailbox.
    pub(super) account: Arc<Mutex<Account>>,
}

/// A file that has no name a reader would look at.
pub(super) struct Scratch {
    pub(super) file: File,
    /// Name in `draft/`, where the file system has no O_TMPFILE (some network ones).
    pub(super) name: Option<String>,
}

impl Spool {
    /// Opens the spool; makes its directories and its secret when they are missing, and removes what a crash
    /// left unfinished.
    ///
    /// # Errors
    /// When a directory cannot be made or written.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let root = &settings.directory;
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(root)?;
        belongs_to_us(root)?;
        for directory in DIRECTORIES {
            private.create(root.join(directory))?;
        }
        for lock in LOCKS {
            File::create(root.join(lock))?;
        }
        sweep(&root.join("draft"))?;
        let secret = Secret::load_or_make(root)?;
        sync_directory(root)?;
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_directory(parent)?;
        }
        let spool = Self {
            draft: open_directory(&root.join("draft"))?,
            new: open_directory(&root.join("new"))?,
            secret,
            moves: File::create(root.join("moves.lock"))?,
            settings,
            fenced: AtomicBool::new(false),
            account: Arc::default(),
        };
        spool.put_strangers_aside()?;
        Ok(spool)
    }

    /// A nameless file on the spool's file system: gone with its last handle, whatever happens.
    ///
    /// # Errors
    /// What the file system says.
    pub fn scratch(&self) -> io::Result<File> {
        let scratch = self.linkable_scratch()?;
        if let Some(name) = &scratch.name {
            rustix::fs::unlinkat(&self.draft, name, AtFlags::empty())?;
        }
        Ok(scratch.file)
    }

    /// As [`Spool::scratch`], but able to be linked later.
    pub(super) fn linkable_scratch(&self) -> io::Result<Scratch> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(&self.draft, ".", flags, Mode::RUSR | Mode::WUSR)) {
            Ok(file) => Ok(Scratch {
                file: file.into(),
                name: None,
            }),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR) => self.named_scratch(),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn named_scratch(&self) -> io::Result<Scratch> {
        let name = format!("scratch-{}", super::identity::random_hex()?);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.draft, &name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(Scratch {
            file: file.into(),
            name: Some(name),
        })
    }

    /// Holds every other move off until the guard is dropped: between looking at a file and acting on it, no
    /// operator's command may put a letter there.
    pub(super) fn lock_moves(&self) -> io::Result<impl Drop + use<>> {
        struct Unlock(File);
        impl Drop for Unlock {
            fn drop(&mut self) {
                // Closing the handle would unlock as well.
                let _ = rustix::fs::flock(&self.0, rustix::fs::FlockOperation::Unlock);
            }
        }
        // A handle of its own: locks of one handle do not exclude each other.
        let path = self.settings.directory.join("moves.lock");
        let lock = File::open(path).or_else(|_| self.moves.try_clone())?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(Unlock(lock))
    }

    pub(super) fn path(&self, directory: &str) -> PathBuf {
        self.settings.directory.join(directory)
    }

    /// Where it lies.
    pub fn directory(&self) -> &Path {
        &self.settings.directory
    }

    /// Where alarms are dropped for other programs.
    pub fn alarms(&self) -> PathBuf {
        self.path("alarms")
    }
}

pub(super) fn open_directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::fsync(open_directory(path)?)?)
}

/// Writes a small file so that after a crash it is there whole or as it was before.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".fresh");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

pub(super) fn read_limited(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Removes what a crash left in `draft/`: ciphertext under keys that died with their requests. A young file may
/// belong to a service that runs beside this command.
fn sweep(draft: &Path) -> io::Result<()> {
    for entry in fs::read_dir(draft)? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > std::time::Duration::from_secs(86_400) {
            let path = entry.path();
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "what an earlier request left cannot be removed");
            }
        }
    }
    Ok(())
}

/// A command run as root would leave files that the service cannot read, and a service cannot read what root made.
fn belongs_to_us(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let owner = fs::metadata(root)?.uid();
    let own = rustix::process::geteuid().as_raw();
    if owner != own {
        let text = format!(
            "it belongs to user {owner}, and this is user {own}: run the command as the service's user (`sudo -u …`)"
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(())
}
