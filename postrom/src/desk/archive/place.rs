//! Where packages and resealed mails go: a folder that something else may watch.
//!
//! What always holds: what is unfinished has a hidden name and is removed by itself or by the next run; what has a name is whole
//! and on the disk; nothing that lies there is replaced.

use std::io;
use std::path::{Path, PathBuf};

use konvolutt_letter::private_file;

use crate::folder::rights::Rights;
use crate::folder::{Run, disk, lock, names, prepare};

/// A place, while something is made in it.
pub(super) struct Place {
    to: PathBuf,
    run: Run,
}

impl Place {
    /// Makes it or looks at it, and removes what earlier runs left.
    pub(super) fn begin(to: &Path) -> io::Result<Self> {
        let (to, _, run, _) = prepare(to)?;
        Ok(Self { to, run })
    }

    /// The rights of what is made in it.
    pub(super) fn rights(&self) -> Rights {
        self.run.rights
    }

    /// A hidden folder for one package.
    pub(super) fn folder(&self) -> io::Result<PathBuf> {
        self.run.folder()
    }

    /// A hidden name for one file.
    pub(super) fn name(&self) -> PathBuf {
        self.run.name()
    }

    /// Everything in a folder that was made is on the disk.
    pub(super) fn settle(&self, made: &Path) -> io::Result<()> {
        disk::settle(&self.to, &[made])
    }

    /// Gives what is on the disk the first free one of its names; the name, and whether what lies there already `is_same`. Nothing is given then.
    pub(super) fn give(
        &self,
        made: &Path,
        base: &str,
        ending: &str,
        is_same: &dyn Fn(&Path) -> bool,
    ) -> io::Result<(PathBuf, bool)> {
        let _lock = lock(&self.to, self.rights())?;
        for number in 1.. {
            let path = self.to.join(names::numbered(base, number) + ending);
            if path.symlink_metadata().is_ok() {
                if is_same(&path) {
                    return Ok((path, true));
                }
                continue;
            }
            match disk::rename_new(made, &path) {
                Ok(()) => {
                    private_file::sync_folder(&self.to)?;
                    return Ok((path, false));
                }
                // Somebody who does not know the lock was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}
