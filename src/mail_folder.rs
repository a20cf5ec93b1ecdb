//! Mails and files that others put into a directory: a Maildir, or a folder of files. Whoever writes there is not trusted:
//! names of files mean nothing, links are not followed, and no more is read than was asked for.

use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

/// What lies there, in no order. A Maildir is told by its rooms: what is still being written in `tmp` is passed over. An error
/// among the entries means that there may be more.
///
/// # Errors
/// When the directory cannot be read.
pub fn entries(directory: &Path) -> io::Result<impl Iterator<Item = io::Result<DirEntry>> + use<>> {
    let maildir = ["new", "cur"].map(|room| directory.join(room));
    let rooms = if maildir.iter().all(|room| room.is_dir()) {
        maildir.to_vec()
    } else {
        vec![directory.to_owned()]
    };
    let opened: Vec<_> = rooms.iter().map(fs::read_dir).collect::<io::Result<_>>()?;
    Ok(opened.into_iter().flatten())
}

/// The beginning of a file, at most so many bytes, and what the file system says of it.
///
/// # Errors
/// When it cannot be read, or is anything but a file.
pub fn read(path: &Path, longest: u64) -> io::Result<(Vec<u8>, Metadata)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(longest).read_to_end(&mut bytes)?;
    Ok((bytes, meta))
}

/// Removes files that are done with. A directory that is not ours to tidy is read again each time.
pub fn tidy(used: &[PathBuf]) {
    for path in used {
        let _ = fs::remove_file(path);
    }
}
