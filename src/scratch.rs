//! Files without a name: gone with their last handle, whatever happens.
//!
//! Comes in: a directory. Goes out: files in it that no reader would look at, some of which may get a name later. What
//! always holds: a process that dies leaves nothing; where the file system has no nameless files (some network ones), what
//! it leaves is removed by a later start.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use konvolutt_letter::hex;

/// What a crash left is removed after this time. A younger file may belong to a service that runs beside this command.
const LEFT_BEHIND: Duration = Duration::from_secs(86_400);

/// What the name of a file begins with that has one for as long as it is written.
const NAMED: &str = "scratch-";

/// A directory for nameless files: an open handle, so that a sandbox may shut later.
#[derive(Clone)]
pub struct Directory(Arc<OwnedFd>);

/// A file that has no name yet; dropped, it leaves nothing.
pub struct Scratch {
    /// To be written.
    pub file: File,
    /// Where it lies, and under which name, when the file system wants one.
    named: Option<(Directory, String)>,
}

impl Directory {
    /// Opens a directory, makes it when it is missing, and removes what a crash left there long ago: ciphertext under keys
    /// that died with their requests. Files that are not named as ours stay: a setting may point at anything.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        sweep(path)?;
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(Self(Arc::new(rustix::fs::open(path, flags, Mode::empty())?)))
    }

    /// A file that never gets a name.
    ///
    /// # Errors
    /// What the file system says.
    pub fn file(&self) -> io::Result<File> {
        let (file, name) = self.make()?;
        if let Some(name) = name {
            rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?;
        }
        Ok(file)
    }

    /// Writes and reads back: evidence, after a file could not be kept, that the next one can.
    ///
    /// # Errors
    /// What failed.
    pub fn probe(&self) -> io::Result<()> {
        const PATTERN: &[u8] = &[0x5a; 4096];
        let mut file = self.file()?;
        file.write_all(PATTERN)?;
        file.rewind()?;
        let mut again = Vec::new();
        file.read_to_end(&mut again)?;
        if again == PATTERN {
            Ok(())
        } else {
            Err(io::Error::other("what was written was read back changed"))
        }
    }

    /// A file that may get one: see [`Scratch::link`].
    ///
    /// # Errors
    /// What the file system says.
    pub fn linkable(&self) -> io::Result<Scratch> {
        let (file, name) = self.make()?;
        let named = name.map(|name| (self.clone(), name));
        Ok(Scratch { file, named })
    }

    fn make(&self) -> io::Result<(File, Option<String>)> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(&self.0, ".", flags, Mode::RUSR | Mode::WUSR)) {
            Ok(file) => Ok((file.into(), None)),
            Err(Errno::OPNOTSUPP | Errno::ISDIR) => self.make_with_a_name(),
            Err(error) => Err(error.into()),
        }
    }

    fn make_with_a_name(&self) -> io::Result<(File, Option<String>)> {
        let name = format!("{NAMED}{}", random_name()?);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, &name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok((file.into(), Some(name)))
    }
}

impl Scratch {
    /// Gives the file a name in a directory of the same file system.
    ///
    /// # Errors
    /// `EXIST` when the name is taken: nothing is written over.
    pub fn link(&self, directory: &OwnedFd, name: &str) -> Result<(), Errno> {
        if let Some((own, from)) = &self.named {
            return rustix::fs::linkat(&own.0, from, directory, name, AtFlags::empty());
        }
        let nameless = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        rustix::fs::linkat(CWD, &nameless, directory, name, AtFlags::SYMLINK_FOLLOW)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some((directory, name)) = &self.named {
            // What cannot be removed now is swept away at a later start.
            let _ = rustix::fs::unlinkat(&directory.0, name, AtFlags::empty());
        }
    }
}

/// A name that nothing else has.
///
/// # Errors
/// When the system gives no random bytes.
pub fn random_name() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(bytes))
}

fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(NAMED.as_bytes()) {
            remove_if_old(&entry.path())?;
        }
    }
    Ok(())
}

/// A file that is gone since it was listed belonged to a service that runs beside this command: nothing is wrong.
fn remove_if_old(path: &Path) -> io::Result<()> {
    let age = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        meta => meta?.modified()?.elapsed().unwrap_or_default(),
    };
    if age <= LEFT_BEHIND {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "what an earlier request left cannot be removed");
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn entries(path: &Path) -> Vec<PathBuf> {
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Both ways, since the file system of a test has only one.
    #[test]
    fn what_has_no_name_leaves_nothing_and_what_gets_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::open(&dir.path().join("draft")).unwrap();
        let drafts = dir.path().join("draft");
        for make in [Directory::make, Directory::make_with_a_name] {
            let scratch = || {
                let (file, name) = make(&directory).unwrap();
                let named = name.map(|name| (directory.clone(), name));
                Scratch { file, named }
            };
            drop(scratch());
            assert!(entries(&drafts).is_empty());
            let flags = OFlags::DIRECTORY | OFlags::RDONLY;
            let new = rustix::fs::open(dir.path(), flags, Mode::empty()).unwrap();
            let mut one = scratch();
            one.file.write_all(b"sealed").unwrap();
            one.link(&new, "name").unwrap();
            assert_eq!(one.link(&new, "name"), Err(Errno::EXIST));
            drop(one);
            assert!(entries(&drafts).is_empty());
            assert_eq!(fs::read(dir.path().join("name")).unwrap(), b"sealed");
            fs::remove_file(dir.path().join("name")).unwrap();
        }
        let file = directory.file().unwrap();
        assert!(entries(&drafts).is_empty(), "{file:?}");
    }

    #[test]
    fn only_what_is_old_and_ours_is_swept_away() {
        let dir = tempfile::tempdir().unwrap();
        let made = |name: &str, age: u64| {
            let file = File::create(dir.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age))
                .unwrap();
        };
        made("scratch-old", 90_000);
        made("scratch-young", 80_000);
        // As the secret of a spool, or a letter, would lie in a directory that was named by mistake.
        made("secret", 90_000);
        Directory::open(dir.path()).unwrap();
        let mut left = entries(dir.path());
        left.sort();
        assert_eq!(left, ["scratch-young", "secret"].map(|name| dir.path().join(name)));
    }

    #[test]
    fn a_file_that_vanished_stops_no_start() {
        let dir = tempfile::tempdir().unwrap();
        assert!(remove_if_old(&dir.path().join("scratch-gone")).is_ok());
        fs::write(dir.path().join("file"), "").unwrap();
        let unreadable = dir.path().join("file/scratch-there");
        assert!(remove_if_old(&unreadable).is_err(), "the control");
    }
}
