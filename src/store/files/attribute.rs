//! The proof of a letter as an attribute of its file: in one step with its name, and with no file more.
//!
//! The web side may link letters, and neither read them nor what else lies in their directory. An attribute is set while the
//! letter is still its own open file, comes with the name, is durable with it, and can be read by the name alone. A second
//! file could be there without its letter, or be that of another copy of the same page.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, XattrFlags};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::store::Proof;

const NAME: &str = "user.konvolutt.seal";
/// A proof has 78 signs or a few more.
const LONGEST: usize = 128;

/// Before the file has its name, or takes the place of another.
pub(super) fn set(file: &File, proof: Proof) -> io::Result<()> {
    let line = proof.to_line();
    Ok(rustix::fs::fsetxattr(file, NAME, line.as_bytes(), XattrFlags::empty())?)
}

/// That of a name; none for letters without one, and where the file system keeps no attributes.
pub(super) fn of(path: impl Arg) -> Option<Proof> {
    let mut line = [0; LONGEST];
    let length = rustix::fs::lgetxattr(path, NAME, &mut line).ok()?;
    Proof::of_line(std::str::from_utf8(line.get(..length)?).ok()?)
}

/// Whether the file system of a directory keeps attributes; `None` where a nameless file cannot be made to see it. Leaves
/// nothing.
pub fn are_kept(directory: &Path) -> Option<bool> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(CWD, directory, flags, Mode::RUSR | Mode::WUSR).ok()?;
    match rustix::fs::fsetxattr(file, NAME, b"?", XattrFlags::empty()) {
        Ok(()) => Some(true),
        Err(Errno::OPNOTSUPP) => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_comes_back_and_another_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("letter");
        let file = File::create(&path).unwrap();
        assert_eq!(of(&path), None);
        rustix::fs::fsetxattr(&file, NAME, b"other", XattrFlags::empty()).unwrap();
        assert_eq!(of(&path), None);
        let proof = Proof {
            accepted: u64::MAX,
            seal: [7; 32],
        };
        set(&file, proof).unwrap();
        assert_eq!(of(&path), Some(proof));
        assert_eq!(of(dir.path().join("none")), None);
    }

    #[test]
    fn looking_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(are_kept(dir.path()), Some(true));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        // Where no file can be made at all.
        assert_eq!(are_kept(Path::new("/proc")), None);
        assert_eq!(are_kept(&dir.path().join("none")), None);
    }
}
