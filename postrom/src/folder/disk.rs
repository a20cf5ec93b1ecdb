//! What reaches the disk, and when: a letter before its name, its name before the ledger.
//!
//! A letter is some five files. One by one that is five waits for the disk; a batch of letters waits once where the system
//! has a call for that (Linux).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use konvolutt_letter::private_file;

/// Files up to which each is waited for by itself: the call for all of them also waits for what other programs wrote.
const FEW: usize = 12;

/// Everything in these folders is on the disk.
pub(crate) fn settle(out: &Path, folders: &[&Path]) -> io::Result<()> {
    let mut files = Vec::new();
    for folder in folders {
        list(folder, &mut files)?;
    }
    if files.len() > FEW && whole_file_system(out)? {
        return Ok(());
    }
    for file in &files {
        if file.is_dir() {
            private_file::sync_folder(file)?;
        } else {
            // Windows syncs only what it may write.
            OpenOptions::new().write(true).open(file)?.sync_all()?;
        }
    }
    Ok(())
}

/// A folder behind what lies in it.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for (path, is_folder) in entries(folder)? {
        if is_folder {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    files.push(folder.to_owned());
    Ok(())
}

/// Removes a letter's folder.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    for file in files {
        if file.symlink_metadata()?.is_dir() {
            fs::remove_dir(file)?;
        } else {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// What lies in a letter's folder, and whether it is a folder.
#[cfg(not(target_os = "linux"))]
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.path(), entry.file_type()?.is_dir()))
    };
    fs::read_dir(folder)?.map(entry).collect()
}

/// The same. The C library leaves the citizen's names in a buffer of its own; this one is wiped.
#[cfg(target_os = "linux")]
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    use rustix::fs::RawDir;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    const BUFFER: usize = 8 * 1024;
    let mut buffer = Vec::with_capacity(BUFFER);
    let mut raw = RawDir::new(File::open(folder)?, buffer.spare_capacity_mut());
    let mut found = Vec::new();
    while let Some(entry) = raw.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            let path = folder.join(OsStr::from_bytes(name));
            // The kind is not known on every file system.
            let is_folder = path.symlink_metadata()?.is_dir();
            found.push((path, is_folder));
        }
    }
    Ok(found)
}

/// False where there is no such call.
fn whole_file_system(out: &Path) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::Errno;
        match rustix::fs::syncfs(File::open(out)?) {
            Ok(()) => Ok(true),
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = out;
        Ok(false)
    }
}

/// Gives a file or folder a name that nothing has.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // A file system that does not know the flag.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            other => return other.map_err(io::Error::from),
        }
    }
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    rename(from, to)
}

/// ERROR_SHARING_VIOLATION: somebody else has it open.
#[cfg(windows)]
const SHARING: i32 = 32;

/// Renames a file or folder. Windows refuses that while any program looks into it, and a virus scanner or the search index
/// looks into whatever is new: it is tried again for a second or so.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(windows)]
    for wait in [10, 20, 50, 100, 200, 400, 800] {
        match fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error() == Some(SHARING) => {
                std::thread::sleep(std::time::Duration::from_millis(wait));
            }
            other => return other,
        }
    }
    fs::rename(from, to)
}

/// Waits for a lock; a file system without locks has one clerk.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    match file.lock() {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        other => other,
    }
}
