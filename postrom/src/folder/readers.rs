//! Names of keys that a letter's seal names, for letters that were opened before those names were known.

use std::collections::HashMap;
use std::io;

use konvolutt_letter::{private_file, unhex};
use sequoia_openpgp::{Cert, KeyHandle};

use super::disk::rename;
use super::stage::{disk as no_disk, write_status};
use super::{Known, Output, lock};
use crate::ledger::Entry;
use crate::names::name;
use crate::status::{self, STATUS, Status};
use crate::trouble::Trouble;

impl Output {
    /// Writes the names of readers into the status of letters that were opened before; in how many. Nothing is decrypted,
    /// and nothing is read where the ledger says that no name is missing.
    ///
    /// # Errors
    /// [`Trouble::Disk`].
    pub fn name_readers<'a>(
        &self,
        known: impl IntoIterator<Item = &'a Known>,
        certs: impl IntoIterator<Item = &'a Cert>,
    ) -> Result<usize, Trouble> {
        let names = names(certs);
        let named =
            |known: &&Known| known.there && known.entry.unnamed.iter().any(|key| name_of(key, &names).is_some());
        let known: Vec<&Known> = known.into_iter().filter(named).collect();
        if known.is_empty() {
            return Ok(0);
        }
        self.name_all(&known, &names).map_err(no_disk)
    }

    fn name_all(&self, known: &[&Known], names: &Names) -> io::Result<usize> {
        let _lock = lock(&self.out, self.rights)?;
        let mut book = self.ledger.begin()?;
        let mut lines = Vec::new();
        for known in known {
            lines.extend(self.name(known, names)?);
        }
        let count = lines.len();
        if let Some(book) = &mut book {
            book.append(lines)?;
        }
        Ok(count)
    }

    /// One letter's; its new line for the ledger.
    fn name(&self, known: &Known, names: &Names) -> io::Result<Option<Entry>> {
        let status = Status::of(&known.folder).filter(|status| status.sha256 == known.entry.sha256);
        let Some(mut status) = status else { return Ok(None) };
        fill(&mut status, names);
        status.schema = STATUS.into();
        status.postrom = env!("CARGO_PKG_VERSION").into();
        let new = self.run.name();
        write_status(&status, &new, self.rights)?.sync_all()?;
        rename(&new, &known.folder.join(status::FILE))?;
        private_file::sync_folder(&known.folder)?;
        // As it is known now: a colleague may have learnt more since this letter was met.
        let seal = unhex(known.entry.sealed_sha256.as_bytes());
        let entry = seal.and_then(|seal| self.ledger.seal(&seal));
        Ok(entry.map(|mut entry| {
            entry.unnamed.retain(|key| name_of(key, names).is_none());
            entry
        }))
    }
}

/// Gives a status the names that are known by now, before the folder has them: nobody is warned of a key that they know.
pub(crate) fn name_now<'a>(status: &mut Status, certs: impl IntoIterator<Item = &'a Cert>) {
    if status.readers.iter().any(|reader| reader.known_as.is_none()) {
        fill(status, &names(certs));
    }
}

fn fill(status: &mut Status, names: &Names) {
    for reader in status.readers.iter_mut().filter(|reader| reader.known_as.is_none()) {
        reader.known_as = name_of(&reader.key, names).cloned();
    }
}

/// Fingerprint and name of a certificate, by its keys' fingerprints and key IDs.
type Names = HashMap<String, String>;

fn names<'a>(certs: impl IntoIterator<Item = &'a Cert>) -> Names {
    let mut names = HashMap::new();
    for cert in certs {
        let known_as = format!("{} {}", cert.fingerprint(), name(cert).unwrap_or_default());
        for key in cert.keys() {
            let handles = [
                KeyHandle::from(key.key().fingerprint()),
                KeyHandle::from(key.key().keyid()),
            ];
            names.extend(handles.map(|handle| (handle.to_string(), known_as.clone())));
        }
    }
    names
}

fn name_of<'a>(key: &str, names: &'a Names) -> Option<&'a String> {
    names.get(key)
}
