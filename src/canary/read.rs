//! Reads what the post room sent back.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::mail_folder;
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
    let files = mail_folder::entries(directory).into_iter().flatten().flatten();
    let found = files.take(MOST).filter_map(|entry| {
        let (bytes, meta) = mail_folder::read(&entry.path(), LONGEST).ok()?;
        let acknowledgement = Acknowledgement::find(&bytes)?;
        Some(Found {
            acknowledgement,
            path: entry.path(),
            modified: meta.modified().ok()?,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use konvolutt_letter::Reference;
    use rustix::fs::Mode;

    use super::*;

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
