//! Reads what the post room sent back. Its writers are not trusted: names of files mean nothing, links are
//! not followed, and no more is read than an acknowledgement needs.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{Mode, OFlags};

use konvolutt_letter::Acknowledgement;

/// Files looked at in one round. What lies beyond waits for its turn, and at worst an alarm comes that needed not come.
const MOST: usize = 5000;
/// A mail with one line in it and the heads of some mail servers.
const LONGEST: u64 = 64 * 1024;

pub(super) struct Found {
    pub(super) acknowledgement: Acknowledgement,
    pub(super) path: PathBuf,
    pub(super) modified: SystemTime,
}

/// Every acknowledgement in a directory of drop files, or in a Maildir.
pub(super) fn read(directory: &Path) -> Vec<Found> {
    let maildir = ["new", "cur"].map(|room| directory.join(room));
    let rooms = if maildir.iter().all(|room| room.is_dir()) {
        maildir.to_vec()
    } else {
        vec![directory.to_owned()]
    };
    let files = rooms
        .iter()
        .flat_map(|room| fs::read_dir(room).into_iter().flatten().flatten());
    let found = files.take(MOST).filter_map(|entry| {
        let (bytes, modified) = read_file(&entry.path()).ok()?;
        let acknowledgement = Acknowledgement::find(&bytes)?;
        Some(Found {
            acknowledgement,
            path: entry.path(),
            modified,
        })
    });
    found.collect()
}

fn read_file(path: &Path) -> io::Result<(Vec<u8>, SystemTime)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok((bytes, meta.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use konvolutt_letter::Reference;

    #[test]
    fn hostile_files_are_passed_over_and_a_maildir_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let reference = Reference::from_random(b"0123456789abcdef");
        let line = Acknowledgement::new(reference, "id", jiff::Timestamp::now()).to_string();
        fs::write(at("outside"), &line).unwrap();
        let drop = at("drop");
        fs::create_dir(&drop).unwrap();
        std::os::unix::fs::symlink(at("outside"), drop.join("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, drop.join("pipe"), Mode::RUSR).unwrap();
        fs::create_dir(drop.join("folder")).unwrap();
        let far = [vec![b'x'; 70_000], line.clone().into_bytes()].concat();
        fs::write(drop.join("long"), far).unwrap();
        assert_eq!(read(&drop).len(), 0);
        fs::write(drop.join("..%2f\u{202e}.ack"), &line).unwrap();
        assert_eq!(read(&drop).len(), 1);

        let maildir = at("maildir");
        for room in ["new", "cur", "tmp"] {
            fs::create_dir_all(maildir.join(room)).unwrap();
            fs::write(maildir.join(room).join("1.mail"), format!("Subject: {line}\n\n")).unwrap();
        }
        assert_eq!(read(&maildir).len(), 2);
        assert_eq!(read(&at("nowhere")).len(), 0);
    }
}
