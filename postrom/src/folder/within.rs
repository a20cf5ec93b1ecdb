//! A folder that is gone down into and out of which things are removed, whatever others put in their place meanwhile.
//!
//! What always holds: no link is followed below the folder where it began, so nothing outside of it is reached.

use std::io;

/// A folder.
pub(crate) use system::Folder;

/// What is removed is named in pieces, each of them one name.
pub(crate) fn is_name(piece: &str) -> bool {
    let plain = !piece.is_empty() && piece != "." && piece != "..";
    plain && !piece.contains(['/', '\\', '\0']) && (cfg!(not(windows)) || !piece.contains(':'))
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a name")
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, statat, unlinkat};

    use super::{is_name, refused};

    /// By its handle: what its name leads to by now does not matter.
    pub(crate) struct Folder(OwnedFd);

    const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    impl Folder {
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(openat(CWD, path, FOLDER, Mode::empty())?))
        }

        pub(crate) fn below(&self, name: &str) -> io::Result<Self> {
            let name = checked(name)?;
            Ok(Self(openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?))
        }

        /// Whether there is a file of this name; an error when there is nothing.
        pub(crate) fn is_file(&self, name: &str) -> io::Result<bool> {
            let about = statat(&self.0, checked(name)?, AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(FileType::from_raw_mode(about.st_mode) == FileType::RegularFile)
        }

        /// At most so many bytes of a file.
        pub(crate) fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = openat(&self.0, checked(name)?, flags, Mode::empty())?;
            if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut bytes = Vec::new();
            File::from(file).take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        }

        pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, checked(name)?, AtFlags::empty())?)
        }

        pub(crate) fn remove_folder(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, checked(name)?, AtFlags::REMOVEDIR)?)
        }

        pub(crate) fn sync(&self) -> io::Result<()> {
            Ok(rustix::fs::fsync(&self.0)?)
        }
    }

    fn checked(name: &str) -> io::Result<&str> {
        if is_name(name) { Ok(name) } else { Err(refused()) }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs;
    use std::io::{self, Read};
    use std::path::{Path, PathBuf};

    use super::{is_name, refused};

    /// By its path, of which each piece was looked at: a system without handles of folders for programs like this one.
    pub(crate) struct Folder(PathBuf);

    impl Folder {
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(path.to_owned()))
        }

        fn path(&self, name: &str) -> io::Result<PathBuf> {
            if is_name(name) {
                Ok(self.0.join(name))
            } else {
                Err(refused())
            }
        }

        pub(crate) fn below(&self, name: &str) -> io::Result<Self> {
            let path = self.path(name)?;
            if !path.symlink_metadata()?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            Ok(Self(path))
        }

        /// Whether there is a file of this name; an error when there is nothing.
        pub(crate) fn is_file(&self, name: &str) -> io::Result<bool> {
            Ok(self.path(name)?.symlink_metadata()?.is_file())
        }

        /// At most so many bytes of a file.
        pub(crate) fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
            if !self.is_file(name)? {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut bytes = Vec::new();
            fs::File::open(self.path(name)?)?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        }

        pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
            fs::remove_file(self.path(name)?)
        }

        pub(crate) fn remove_folder(&self, name: &str) -> io::Result<()> {
            fs::remove_dir(self.path(name)?)
        }

        pub(crate) fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_one_name() {
        for piece in ["", ".", "..", "a/b", "/", "..\\x", "a\0"] {
            assert!(!is_name(piece), "{piece:?}");
        }
        for piece in ["a", "æ ø.txt", "...", "a..b", "not-genuine X"] {
            assert!(is_name(piece), "{piece:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("out/real")).unwrap();
        std::fs::create_dir(dir.path().join("secret")).unwrap();
        std::fs::write(dir.path().join("secret/x"), "x").unwrap();
        std::os::unix::fs::symlink("../secret", dir.path().join("out/link")).unwrap();
        std::os::unix::fs::symlink("../../secret/x", dir.path().join("out/real/x")).unwrap();
        let out = Folder::open(&dir.path().join("out")).unwrap();
        assert!(out.below("link").is_err() && out.below("..").is_err());
        let real = out.below("real").unwrap();
        assert!(!real.is_file("x").unwrap() && real.read("x", 10).is_err());
        // The link itself goes, and what it leads to stays.
        real.remove_file("x").unwrap();
        assert!(dir.path().join("secret/x").exists());
    }
}
