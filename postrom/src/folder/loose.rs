//! Single files that a clerk saves, below `files/` in the out folder.
//!
//! What always holds: a file has its name only when all of it is on the disk; before it gets the name it is told to whoever
//! keeps the list of copies, so that no copy lies there that the list does not know of; nothing that exists is replaced.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use konvolutt_letter::private_file;

use super::disk::rename_new;
use super::lock;
use super::names::numbered;
use super::rights::Rights;
use super::run::{self, Run};

/// Where they lie in the out folder.
pub(crate) const FILES: &str = "files";

/// The out folder while a file is saved. What is not finished is removed when it is dropped, or by the next one.
pub(crate) struct Loose {
    out: PathBuf,
    rights: Rights,
    run: Run,
}

impl Loose {
    pub(crate) fn begin(out: &Path) -> io::Result<Self> {
        let (out, rights, run, _) = super::prepare(out)?;
        Ok(Self { out, rights, run })
    }

    /// The out folder, whole.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// A file without a name of its own yet.
    pub(crate) fn file(&self) -> io::Result<(PathBuf, File)> {
        let path = self.run.name();
        let file = self.run.rights.make_file(&path)?;
        Ok((path, file))
    }

    /// Gives it the first free name; that, from the out folder on. `listed` hears of the name before it is given, and
    /// `unlisted` when it could not be.
    pub(crate) fn place(
        &self,
        staged: &Path,
        (folder, name): (&str, &str),
        listed: &mut dyn FnMut(&str) -> io::Result<()>,
        unlisted: &mut dyn FnMut(&str),
    ) -> io::Result<String> {
        let _lock = lock(&self.out, self.rights)?;
        let files = self.folder(&self.out, FILES)?;
        let home = self.folder(&files, folder)?;
        let name = free(&home, name)?;
        let path = format!("{FILES}/{folder}/{name}");
        listed(&path)?;
        let placed = rename_new(staged, &home.join(&name)).and_then(|()| private_file::sync_folder(&home));
        if let Err(error) = placed {
            unlisted(&path);
            return Err(error);
        }
        Ok(path)
    }

    /// A folder in another one, made when it is missing.
    fn folder(&self, parent: &Path, name: &str) -> io::Result<PathBuf> {
        let path = parent.join(name);
        match path.symlink_metadata() {
            Ok(about) if about.is_dir() => return Ok(path),
            // Where others may write, a link could lead anywhere.
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(_) => {}
        }
        Rights::default().make_folder(&path)?;
        self.rights.given(&path).open_folder(&path)?;
        private_file::sync_folder(parent)?;
        Ok(path)
    }
}

/// The name, or with a number when something has it.
fn free(folder: &Path, name: &str) -> io::Result<String> {
    let (stem, ending) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    for number in 1..=10_000 {
        let name = format!("{}{ending}", numbered(stem, number));
        if folder.join(&name).symlink_metadata().is_err() {
            return Ok(name);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Held until it is dropped: nobody gives folders in it other names meanwhile.
pub(crate) fn hold(out: &Path) -> io::Result<File> {
    lock(out, Rights::of(out)?)
}

/// Removes what programs left that were ended while they saved; how many folders of that kind.
pub(crate) fn recover(out: &Path) -> io::Result<usize> {
    // Nothing is made only to look.
    if !out.is_dir()
        || fs::read_dir(out)?
            .flatten()
            .all(|entry| !is_unfinished(&entry.file_name()))
    {
        return Ok(0);
    }
    let _lock = hold(out)?;
    run::recover(out)
}

fn is_unfinished(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(run::PREFIX))
}
