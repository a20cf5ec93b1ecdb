//! Directories and files, by name, and what each module does with files in the same way.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::attribute;
use crate::store::{Proof, State};
use crate::unix_time::file_times;

/// The directories of a store.
pub(super) const DIRECTORIES: [&str; 10] = [
    "draft",
    "new",
    "state",
    "inflight",
    "delivered",
    "held",
    "corrupt",
    "discarded",
    "alarms",
    "notes",
];

/// Files beside them by which processes exclude each other.
pub(super) const LOCKS: [&str; 2] = ["moves.lock", "relay.lock"];

/// Every state. Of a letter that is seen in two, the later one counts.
pub(super) const STATES: [State; 5] = [
    State::Discarded,
    State::Waiting,
    State::Held,
    State::Delivered,
    State::Corrupt,
];

/// Where what lies.
#[derive(Clone)]
pub(super) struct Layout(Arc<Path>);

impl Layout {
    /// Makes what is missing.
    pub(super) fn make(root: &Path) -> io::Result<Self> {
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
        sync_directory(root)?;
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_directory(parent)?;
        }
        Ok(Self(root.into()))
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    pub(super) fn path(&self, place: &str) -> PathBuf {
        self.0.join(place)
    }

    pub(super) fn directory(&self, state: State) -> PathBuf {
        self.path(match state {
            State::Waiting => "new",
            State::Held => "held",
            State::Delivered => "delivered",
            State::Corrupt => "corrupt",
            State::Discarded => "discarded",
        })
    }

    pub(super) fn letter(&self, state: State, name: &str) -> PathBuf {
        self.directory(state).join(name)
    }

    /// Where a letter that does not wait is, of two places that a name in `new/` stands for.
    pub(super) fn is_kept(&self, name: &str) -> bool {
        let there = |state: State| self.letter(state, name).exists();
        there(State::Delivered) || there(State::Held)
    }
}

/// Makes the directories of a store: what of them stays on this machine is used also when the letters are elsewhere.
///
/// # Errors
/// When one cannot be made.
pub fn make_directories(root: &Path) -> io::Result<()> {
    Layout::make(root).map(drop)
}

/// A name as the store gives them: 64 hexadecimal digits.
pub(super) fn is_letter_name(name: &OsStr) -> bool {
    let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.len() == 64 && name.as_encoded_bytes().iter().all(digit)
}

pub(super) fn is_empty_file(meta: &fs::Metadata) -> bool {
    meta.is_file() && meta.len() == 0
}

/// A file of ours.
const WRITABLE: u32 = 0o600;
/// The mode of an empty name says where its letter was put: so a letter that somebody removed by hand there is told from one
/// that another program emptied, without a write more for each delivery. It survives what copies files.
const EMPTIED: [(State, u32); 2] = [(State::Delivered, 0o400), (State::Held, 0o500)];

/// An empty name for a letter that is put there, with its proof. A proof that cannot be kept keeps no letter in the queue.
pub(super) fn make_empty(path: &Path, to: State, proof: Option<Proof>) -> io::Result<File> {
    // What a crash left cannot be written.
    remove_if_there(path)?;
    let mode = EMPTIED.iter().find(|(state, _)| *state == to);
    let mode = mode.map_or(WRITABLE, |(_, mode)| *mode);
    // Nobody but root sets an attribute on a file that may not be written, although it is open.
    let first = if proof.is_some() { WRITABLE } else { mode };
    let mut new = fs::OpenOptions::new();
    let file = new.write(true).create_new(true).mode(first).open(path)?;
    if let Some(proof) = proof {
        if let Err(error) = attribute::set(&file, proof) {
            tracing::warn!(path = %path.display(), %error, "the proof of a letter that left the queue could not be kept");
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    Ok(file)
}

/// Where the letter of an empty name was put. Names of earlier versions do not say it.
pub(super) fn emptied_for(meta: &fs::Metadata) -> Option<State> {
    let mode = meta.mode() & 0o777;
    let found = EMPTIED.iter().find(|(_, of_state)| *of_state == mode);
    found.map(|(state, _)| *state)
}

pub(super) fn inode(path: &Path) -> io::Result<u64> {
    Ok(fs::symlink_metadata(path)?.ino())
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
    hide_the_moment(&file);
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// After the last byte was written, before anybody can see the file. A file system that keeps no times of ours must not keep
/// a letter out.
pub(super) fn hide_the_moment(file: &File) {
    if let Err(error) = file.set_times(file_times(SystemTime::now())) {
        tracing::warn!(%error, "the times of a file could not be set to the minute");
    }
}

/// Without a trace in the file's time of access: the first reading may be moments after a letter came. Only the owner of a
/// file may ask for that.
pub(super) fn open_quietly(path: &Path, flags: OFlags) -> Result<File, Errno> {
    let flags = flags | OFlags::NOATIME | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

pub(super) fn read_limited(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_quietly(path, OFlags::RDONLY)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Renames without writing over anything: under this name, or under it with the first number that is free.
pub(super) fn rename_beside(from: &Path, directory: &Path, name: &str) -> io::Result<()> {
    for number in 1..1000 {
        let free = match number {
            1 => name.to_owned(),
            _ => format!("{name}-{number}"),
        };
        match rustix::fs::renameat_with(CWD, from, CWD, directory.join(free), RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            moved => return Ok(moved?),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A command run as root would leave files that the service cannot read, and a service cannot read what root made.
fn belongs_to_us(root: &Path) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_64_digits() {
        for (name, is) in [
            ("a".repeat(64), true),
            ("0123456789abcdef".repeat(4), true),
            ("a".repeat(63), false),
            ("a".repeat(65), false),
            ("A".repeat(64), false),
            ("g".repeat(64), false),
            (format!("{}.json", "a".repeat(59)), false),
        ] {
            assert_eq!(is_letter_name(OsStr::new(&name)), is, "{name}");
        }
    }

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        for content in ["one", "two", "three"] {
            fs::write(dir.path().join("from"), content).unwrap();
            rename_beside(&dir.path().join("from"), dir.path(), "kept").unwrap();
        }
        for (name, content) in [("kept", "one"), ("kept-2", "two"), ("kept-3", "three")] {
            assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), content);
        }
    }
}
