//! Who may read what is written: its owner alone, or also the group of an out folder that is shared.
//!
//! Comes in: the out folder. Goes out: files and folders with its group's rights, whatever the umask. What always holds:
//! nobody else reads a letter; a group other than the out folder's gets nothing, and that of a folder which everybody may
//! write to neither. Windows has no modes: see
//! [`private_file`].

use std::fs::File;
use std::io;
use std::path::Path;

use konvolutt_letter::private_file;

/// The rights of what is made in an out folder.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rights {
    /// The group and its bits, when the folder is shared.
    #[cfg(unix)]
    shared: Option<Shared>,
}

#[cfg(unix)]
#[derive(Clone, Copy)]
struct Shared {
    group: u32,
    bits: u32,
}

/// Set-group-ID: what is made in such a folder belongs to its group.
#[cfg(unix)]
const SETGID: u32 = 0o2000;

impl Rights {
    /// Makes the out folder when it is missing; else asks it.
    pub(crate) fn of(out: &Path) -> io::Result<Self> {
        if !out.is_dir() {
            private_file::create_folder(out)?;
            return Ok(Self::default());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let out = out.metadata()?;
            let mode = out.mode();
            // A folder that is open to everybody, as /tmp, is nobody's to share: its group is there by chance.
            let shared = mode & 0o002 == 0 && mode & (SETGID | 0o020) != 0;
            let (group, bits) = (out.gid(), out.mode() & 0o070);
            let shared = (shared && bits != 0).then_some(Shared { group, bits });
            Ok(Self { shared })
        }
        #[cfg(not(unix))]
        Ok(Self::default())
    }

    /// These rights, if the group takes what was just made directly in the out folder. Whoever does not belong to the group
    /// cannot give it anything, and must not give it to another one.
    pub(crate) fn given(self, made: &Path) -> Self {
        #[cfg(unix)]
        if let Some(shared) = self.shared {
            use std::os::unix::fs::{MetadataExt, chown};
            let group = |path: &Path| path.metadata().map(|made| made.gid());
            let _ = chown(made, None, Some(shared.group));
            if group(made).ok() != Some(shared.group) {
                return Self::default();
            }
        }
        #[cfg(not(unix))]
        let _ = made;
        self
    }

    /// A folder that did not exist.
    pub(crate) fn make_folder(self, path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(path)?;
        #[cfg(not(unix))]
        std::fs::create_dir(path)?;
        self.open_folder(path)
    }

    /// The group's bits on a folder that is ours.
    pub(crate) fn open_folder(self, path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        if let Some(shared) = self.shared {
            set(path, SETGID | 0o700 | shared.bits)?;
        }
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    /// A file that did not exist.
    pub(crate) fn make_file(self, path: &Path) -> io::Result<File> {
        let file = private_file::create(path, 0o600)?;
        self.open_file(&file)?;
        Ok(file)
    }

    fn open_file(self, file: &File) -> io::Result<()> {
        #[cfg(unix)]
        if let Some(shared) = self.shared {
            use std::os::unix::fs::PermissionsExt;
            // Never executable.
            let mode = 0o600 | shared.bits & 0o060;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        #[cfg(not(unix))]
        let _ = file;
        Ok(())
    }

    /// A file of the out folder that all its clerks use, made when it is missing: to be read, and to be written at its end.
    pub(crate) fn common_file(self, path: &Path) -> io::Result<File> {
        match private_file::create(path, 0o600) {
            Ok(file) => self.given(path).open_file(&file)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        self.known_file(path)
    }

    /// The same of one that was made before.
    pub(crate) fn known_file(self, path: &Path) -> io::Result<File> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).append(true);
        // Where others may write, a link in its place could lead to any file of this user.
        #[cfg(unix)]
        if self.shared.is_some() {
            let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
        }
        options.open(path)
    }
}

#[cfg(unix)]
fn set(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
