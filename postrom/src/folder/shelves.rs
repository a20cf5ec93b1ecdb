//! The letters' folders that lie in the out folder, while its lock is held.
//!
//! What always holds: nothing that exists is replaced; a folder is renamed only when it is known to hold the letter, and
//! only when no person has named it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::rename_new;
use super::names::{number, numbered};
use super::stage::DOCUMENT;
use crate::status::{Kind, Status};

pub(crate) struct Shelves<'a> {
    out: &'a Path,
    names: BTreeSet<String>,
    /// Documents by folder, as far as they were asked for: a thousand letters without a reference do not read each other's
    /// status a thousand times.
    documents: RefCell<HashMap<String, String>>,
    /// What was renamed in this batch, from and to.
    pub(crate) renamed: Vec<(String, String)>,
}

impl<'a> Shelves<'a> {
    pub(crate) fn look(out: &'a Path) -> io::Result<Self> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(out)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string());
        }
        Ok(Self {
            out,
            names,
            documents: RefCell::default(),
            renamed: Vec::new(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// What is known of the letter in a folder.
    pub(crate) fn status(&self, name: &str) -> Option<Status> {
        let folder = self.path(name);
        let mut status = Status::of(&folder)?;
        // The first version did not say.
        if status.schema.is_empty() && folder.join(DOCUMENT).exists() {
            status.kind = Kind::Mail;
        }
        Some(status)
    }

    /// The same, when it is of this document.
    pub(crate) fn with_document(&self, name: &str, sha256: &str) -> Option<Status> {
        let other = self.documents.borrow().get(name).is_some_and(|known| known != sha256);
        let status = if other { None } else { self.status(name) }?;
        let is_it = status.sha256 == sha256;
        self.documents
            .borrow_mut()
            .insert(name.to_owned(), status.sha256.clone());
        is_it.then_some(status)
    }

    /// Folders with this name or this name and a number, by that.
    pub(crate) fn of_base(&self, base: &str) -> Vec<String> {
        let named = self
            .names
            .range(base.to_owned()..)
            .take_while(|name| name.starts_with(base));
        let mut named: Vec<_> = named.filter_map(|name| Some((number(base, name)?, name))).collect();
        named.sort_unstable();
        named.into_iter().map(|(_, name)| name.clone()).collect()
    }

    /// Gives a folder the first free name of a base; that name.
    pub(crate) fn put(&mut self, folder: &Path, base: &str) -> io::Result<String> {
        for number in 1.. {
            let name = numbered(base, number);
            if self.names.contains(&name) {
                continue;
            }
            let put = rename_new(folder, &self.path(&name));
            self.names.insert(name.clone());
            self.documents.get_mut().remove(&name);
            match put {
                Ok(()) => return Ok(name),
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Renames a folder that lies there.
    pub(crate) fn rename(&mut self, name: &str, base: &str) -> io::Result<String> {
        let to = self.put(&self.path(name), base)?;
        self.names.remove(name);
        self.renamed.push((name.to_owned(), to.clone()));
        Ok(to)
    }

    /// Where a folder is by now that had this name after so many renames. What was renamed before was another one: it left
    /// its name to this.
    pub(crate) fn now<'n>(&'n self, name: &'n str, renames: usize) -> &'n str {
        let later = |name, (from, to): &'n (String, String)| if name == from { to.as_str() } else { name };
        self.renamed.iter().skip(renames).fold(name, later)
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory
    )
}
