//! The out folder: one folder per letter, as a contract with clerks and archives.
//!
//! Comes in: opened letters. Goes out: their folders, and lines in the [`ledger`](crate::ledger). What always holds: a
//! folder gets its name only when everything in it is on the disk, and the ledger hears of it only then; a run that ends,
//! however it ends, leaves nothing that a later one does not remove; two clerks at once make no letter twice.

pub(crate) mod disk;
mod facts;
mod fate;
mod foot;
mod headers;
pub(crate) mod json;
mod letter;
mod lines;
pub(crate) mod loose;
pub(crate) mod names;
mod place;
mod readers;
pub(crate) mod rights;
mod run;
mod settle;
pub(crate) mod shelf;
mod shelves;
mod stage;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod web_mark;
pub(crate) mod within;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::sync::Mutex;

pub(crate) use facts::{Origin, kind, now, of_letter, of_mail};
pub(crate) use headers::field;
pub(crate) use letter::Letter;
pub(crate) use readers::name_now;
pub use stage::Staged;
pub(crate) use stage::{ATTACHMENTS, DOCUMENT, JSON, TEXT};

use crate::found::Sealed;
use crate::i18n::Lang;
use crate::judged::Verdict;
use crate::ledger::{Entry, Ledger, LedgerPlace};
use crate::opened::Opened;
use crate::status::Status;
use crate::trouble::Trouble;
use crate::trust::Trust;
use rights::Rights;
pub(crate) use run::Run;
pub(crate) use stage::disk as no_disk;

/// Held while folders are given names.
const LOCK: &str = ".postrom-lock";

/// What this program keeps in an out folder, hidden from clerks.
pub(crate) fn is_own_hidden(name: &str) -> bool {
    name == LOCK || name.starts_with(run::PREFIX)
}

/// What a run writes, and where.
#[derive(Debug, Clone)]
pub struct OutputSettings {
    /// The out folder; made when it is missing.
    pub out: PathBuf,
    /// The ledger.
    pub ledger: LedgerPlace,
    /// The clerk's language.
    pub lang: Lang,
    /// The clerk.
    pub who: String,
}

/// What a run that ended before it could tidy up had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// So many hidden folders with opened letters, which are gone now.
    pub removed: usize,
}

/// A seal that was opened before.
#[derive(Debug, Clone)]
pub struct Known {
    /// What the ledger says: when, who, which verdict.
    pub entry: Entry,
    /// Where it was put.
    pub folder: PathBuf,
    /// False once the folder was moved or removed.
    pub there: bool,
}

/// A letter in its place.
pub struct Placed {
    /// Its folder.
    pub folder: PathBuf,
    /// True when exactly this letter was opened before and nothing new was learnt.
    pub repeat: bool,
    /// The folder's name until now, when a verdict gave it another one.
    pub renamed_from: Option<PathBuf>,
    /// What is known of it.
    pub status: Status,
}

/// The out folder of one run. Dropping it removes what is not finished.
pub struct Output {
    out: PathBuf,
    lang: Lang,
    who: String,
    rights: Rights,
    run: Run,
    ledger: Ledger,
    placing: Mutex<settle::Rest>,
    /// Letters that the ledger knows of are written all the same when they do not lie here.
    anew: bool,
}

impl Output {
    /// Makes the out folder or looks at it, removes what earlier runs left, and reads the ledger.
    ///
    /// # Errors
    /// [`Trouble::Disk`], [`Trouble::Ledger`].
    pub fn begin(settings: OutputSettings) -> Result<(Self, Recovered), Trouble> {
        let (out, rights, run, removed) = prepare(&settings.out).map_err(no_disk)?;
        let ledger = Ledger::open(&settings.ledger, &out, rights)?;
        let output = Self {
            rights: run.rights,
            out,
            lang: settings.lang,
            who: settings.who,
            run,
            ledger,
            placing: Mutex::default(),
            anew: false,
        };
        Ok((output, Recovered { removed }))
    }

    /// For a clerk who asks for one letter: it is written also when its folder was removed or moved away since.
    #[must_use]
    pub fn anew(self) -> Self {
        Self { anew: true, ..self }
    }

    /// What the ledger knows of a seal, when opening it again could teach nothing.
    pub fn known(&self, sealed_sha256: &[u8; 32], trust: &Trust) -> Option<Known> {
        let entry = self.ledger.seal(sealed_sha256)?;
        let folder = self.ledger.folder(&entry);
        let known = entry.says_all(&relays(trust)) && !is_key_of_a_relay(&entry, trust);
        known.then(|| Known {
            there: self.ledger.is_there(&entry),
            entry,
            folder,
        })
    }

    /// Writes everything of one letter below the hidden folder of this run. Several threads may do so at once. Nothing has
    /// to be on the disk yet.
    ///
    /// # Errors
    /// [`Trouble::Disk`], or what the opened letter says. Nothing is left then.
    pub fn stage(
        &self,
        opened: &Opened,
        sealed: &Sealed,
        source: &str,
        sealed_sha256: &[u8; 32],
        trust: &Trust,
    ) -> Result<Staged, Trouble> {
        let folder = self.run.folder().map_err(no_disk)?;
        let from = facts::Origin {
            sealed,
            sealed_sha256,
            source,
            lang: self.lang,
            who: &self.who,
        };
        match stage::write(opened, &from, &folder, self.rights) {
            Ok(status) => Ok(Staged {
                folder,
                status,
                relays: relays(trust),
            }),
            Err(trouble) => {
                let _ = disk::remove(&folder);
                Err(trouble)
            }
        }
    }
}

/// A newer copy of a relay's certificate may hold the key that was a stranger's before.
fn is_key_of_a_relay(entry: &Entry, trust: &Trust) -> bool {
    let stranger = entry
        .signer
        .as_ref()
        .filter(|_| entry.verdict == Verdict::SignedByAnother);
    let mut keys = trust.relays.iter().flat_map(|relay| relay.keys());
    stranger.is_some_and(|stranger| {
        keys.any(|key| {
            let key = key.key();
            *stranger == key.fingerprint().to_string() || *stranger == key.keyid().to_string()
        })
    })
}

fn relays(trust: &Trust) -> HashSet<String> {
    trust
        .relays
        .iter()
        .map(|relay| relay.fingerprint().to_string())
        .collect()
}

/// A folder that something is put into, what may be done in it, the hidden folder of this run, and how many of those were left
/// behind.
pub(crate) fn prepare(out: &Path) -> io::Result<(PathBuf, Rights, Run, usize)> {
    let out = absolute(out)?;
    // A blank path: no dots at its end, so that parents compare.
    let out: PathBuf = out.components().collect();
    let rights = Rights::of(&out)?;
    let lock = lock(&out, rights)?;
    let removed = run::recover(&out)?;
    let run = Run::begin(&out, rights)?;
    drop(lock);
    Ok((out, rights, run, removed))
}

/// Held until it is dropped.
pub(crate) fn lock(out: &Path, rights: Rights) -> io::Result<File> {
    let file = rights.common_file(&out.join(LOCK))?;
    disk::lock(&file)?;
    Ok(file)
}
