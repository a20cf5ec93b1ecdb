//! Gives letters their places, one batch under the lock of the out folder.
//!
//! What always holds: a letter that was opened before, by whomever, is a repeat and no second folder; only what may be
//! genuine has the bare reference; what clerks put into a folder stays in it.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use konvolutt_letter::private_file;

use super::Placed;
use super::disk::{self, rename};
use super::facts::now;
use super::fate::{Before, Fate, fate};
use super::names::{base, forged, number, plain};
use super::rights::Rights;
use super::shelves::Shelves;
use super::stage::{DOCUMENT, JSON, Staged, TEXT, write_status};
use crate::i18n::letters::sentence;
use crate::judged::Verdict;
use crate::ledger::{Entry, LEDGER, Ledger};
use crate::status::{self, Judgement, Kind, STATUS, Status};

/// One batch.
pub(crate) struct Placing<'a> {
    pub(crate) shelves: Shelves<'a>,
    pub(crate) ledger: &'a Ledger,
    pub(crate) rights: Rights,
    /// Bare references that this batch had to do with.
    pub(crate) touched: BTreeSet<String>,
    /// What lies elsewhere by now is written once more.
    pub(crate) anew: bool,
}

/// A letter in its place, and what the ledger is to say of it.
pub(crate) struct Done {
    pub(crate) placed: Placed,
    /// Its folder's name; `None` when it lies elsewhere.
    pub(crate) name: Option<String>,
    /// How many folders of the batch had been renamed when it got that name.
    pub(crate) renames: usize,
    /// Nobody has seen its folder yet.
    pub(crate) is_new: bool,
    pub(crate) entry: Option<Entry>,
}

impl Placing<'_> {
    /// Places one. What is left of it in the run's folder is removed.
    pub(crate) fn place(&mut self, staged: Staged) -> io::Result<Done> {
        if staged.status.kind == Kind::Letter {
            self.touched.insert(plain(&staged.status));
        }
        let folder = staged.folder.clone();
        let done = self.place_one(staged);
        if folder.exists() {
            let _ = disk::remove(&folder);
        }
        done
    }

    fn place_one(&mut self, staged: Staged) -> io::Result<Done> {
        if let Some((name, there)) = self.find(&staged) {
            return match fate(&Before::from(&there), &staged.status, &staged.relays) {
                Fate::Repeat => self.repeat(staged, name, there),
                Fate::Update => self.update(staged, name, there),
                Fate::Apart => self.fresh(staged),
            };
        }
        // Its folder was moved to where its case is.
        match self.entry(&staged.status) {
            Some(entry)
                if !self.anew && fate(&Before::from(&entry), &staged.status, &staged.relays) == Fate::Repeat =>
            {
                Ok(self.elsewhere(staged, entry))
            }
            _ => self.fresh(staged),
        }
    }

    /// The folder with the same document.
    fn find(&self, staged: &Staged) -> Option<(String, Status)> {
        let same = |name: String| {
            let there = self.shelves.with_document(&name, &staged.status.sha256)?;
            Some((name, there))
        };
        let by_ledger = self.entry(&staged.status).map(|entry| self.ledger.folder(&entry));
        let by_ledger = by_ledger.filter(|folder| folder.parent() == Some(&self.shelves.path("")));
        let by_ledger = by_ledger.and_then(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
        let bases = siblings(&staged.status);
        let by_name = bases.iter().flat_map(|base| self.shelves.of_base(base));
        let found = by_ledger.into_iter().chain(by_name).filter_map(same);
        // That of the same seal, else where there is the least to do.
        found.min_by_key(|(_, there)| {
            let other_seal = there.sealed_sha256 != staged.status.sealed_sha256;
            (other_seal, fate(&Before::from(there), &staged.status, &staged.relays))
        })
    }

    /// The ledger's last line about the seal, else about the document.
    fn entry(&self, status: &Status) -> Option<Entry> {
        let seal = status
            .sealed_sha256
            .as_ref()
            .and_then(|seal| konvolutt_letter::unhex(seal.as_bytes()));
        let by_seal = seal.and_then(|seal| self.ledger.seal(&seal));
        by_seal.or_else(|| self.ledger.document(&status.sha256))
    }

    fn fresh(&mut self, staged: Staged) -> io::Result<Done> {
        let base = base(&staged.status, staged.status.verdict);
        let name = self.shelves.put(&staged.folder, &base)?;
        let mut done = self.done(staged.status, name, false, None, &staged.relays);
        done.is_new = true;
        Ok(done)
    }

    fn repeat(&mut self, staged: Staged, name: String, there: Status) -> io::Result<Done> {
        let to = self.rightly_named(&name, &there)?;
        let renamed_from = (to != name).then(|| self.shelves.path(&name));
        if there.verdict == staged.status.verdict {
            let status = with_past(staged.status, &there);
            return Ok(self.done(status, to, true, renamed_from, &staged.relays));
        }
        // What is known of one seal is not written of another; the first version named none.
        let seal = staged.status.sealed_sha256.clone();
        let another = there.sealed_sha256.is_some() && there.sealed_sha256 != seal;
        let of_seal = if another {
            staged.status
        } else {
            Status {
                sealed_sha256: seal,
                ..there.clone()
            }
        };
        let mut done = self.done(of_seal, to, true, renamed_from, &staged.relays);
        if !another {
            done.placed.status = there;
        }
        Ok(done)
    }

    /// What we wrote is replaced, the status last: until then the next run finds the old verdict and begins again.
    fn update(&mut self, staged: Staged, name: String, there: Status) -> io::Result<Done> {
        let folder = self.shelves.path(&name);
        let mut status = with_past(staged.status, &there);
        if status.history.is_empty() {
            status.history.push(Judgement {
                time: there.opened.clone(),
                verdict: there.verdict,
            });
        }
        status.history.push(Judgement {
            time: Some(now()),
            verdict: status.verdict,
        });
        let new = staged.folder.join(status::FILE);
        fs::remove_file(&new)?;
        write_status(&status, &new, self.rights)?.sync_all()?;
        for file in [DOCUMENT, TEXT, JSON, status::FILE] {
            let written = staged.folder.join(file);
            if written.exists() {
                rename(&written, &folder.join(file))?;
            } else if there.kind != status.kind && folder.join(file).is_file() {
                fs::remove_file(folder.join(file))?;
            }
        }
        private_file::sync_folder(&folder)?;
        let to = self.rightly_named(&name, &status)?;
        let renamed_from = (to != name).then_some(folder);
        Ok(self.done(status, to, false, renamed_from, &staged.relays))
    }

    /// Known, and its folder was moved to where its case is.
    fn elsewhere(&mut self, staged: Staged, entry: Entry) -> Done {
        let mut status = staged.status;
        // What is known of one seal says nothing of another.
        if Some(&entry.sealed_sha256) == status.sealed_sha256.as_ref() {
            status.verdict = entry.verdict;
            status.sentence = sentence(status.kind, status.verdict, status.signer.as_ref(), status.language);
        }
        status.opened = Some(entry.opened.clone());
        status.opened_by = Some(entry.who.clone());
        let placed = Placed {
            folder: self.ledger.folder(&entry),
            repeat: true,
            renamed_from: None,
            status,
        };
        let line = self.line(&placed.status, entry.folder.clone(), &staged.relays);
        Done {
            placed,
            name: None,
            renames: 0,
            is_new: false,
            entry: line,
        }
    }

    /// The name that a folder has once its verdict is this. What a person named keeps its name.
    fn rightly_named(&mut self, name: &str, status: &Status) -> io::Result<String> {
        let right = base(status, status.verdict);
        let ours = siblings(status).iter().any(|base| number(base, name).is_some());
        if number(&right, name).is_some() || !ours {
            return Ok(name.to_owned());
        }
        self.shelves.rename(name, &right)
    }

    fn done(
        &mut self,
        status: Status,
        name: String,
        repeat: bool,
        renamed_from: Option<PathBuf>,
        relays: &HashSet<String>,
    ) -> Done {
        let folder = self.shelves.path(&name);
        let line = self.line(&status, self.ledger.name(&self.shelves.path(""), &name), relays);
        Done {
            placed: Placed {
                folder,
                repeat,
                renamed_from,
                status,
            },
            name: Some(name),
            renames: self.shelves.renamed.len(),
            is_new: false,
            entry: line,
        }
    }

    /// A line for the ledger; `None` when it would say nothing new.
    fn line(&self, status: &Status, folder: String, relays: &HashSet<String>) -> Option<Entry> {
        let before = self.entry(status);
        let before = before.filter(|entry| Some(&entry.sealed_sha256) == status.sealed_sha256.as_ref());
        let mut checked: BTreeSet<String> = relays.iter().cloned().collect();
        checked.extend(before.iter().flat_map(|entry| entry.checked.iter().cloned()));
        let unnamed = status.readers.iter().filter(|reader| reader.known_as.is_none());
        let entry = Entry {
            schema: LEDGER.into(),
            reference: status.reference.clone(),
            id: status.id.clone(),
            kind: status.kind,
            test: status.test,
            sha256: status.sha256.clone(),
            sealed_sha256: status.sealed_sha256.clone()?,
            verdict: status.verdict,
            signer: status.signer.as_ref().map(|signer| signer.fingerprint.clone()),
            checked: checked.into_iter().collect(),
            unnamed: unnamed.map(|reader| reader.key.clone()).collect(),
            opened: status.opened.clone().unwrap_or_else(now),
            who: status.opened_by.clone().unwrap_or_default(),
            folder,
            acknowledged: before.as_ref().is_some_and(|entry| entry.acknowledged),
        };
        (before.as_ref() != Some(&entry)).then_some(entry)
    }

    /// Gives a bare reference that is free to the genuine letter that had to take a number; the lines for the ledger.
    pub(crate) fn tidy(&mut self) -> Vec<Entry> {
        let mut lines = Vec::new();
        for reference in std::mem::take(&mut self.touched) {
            if self.shelves.has(&reference) {
                continue;
            }
            for name in self.shelves.of_base(&reference) {
                let Some(there) = self.shelves.status(&name).filter(|there| plain(there) == reference) else {
                    continue;
                };
                if there.verdict != Verdict::Genuine || there.kind != Kind::Letter {
                    continue;
                }
                // A colleague may have the folder open (Windows): the next run tries again.
                if let Ok(to) = self.shelves.rename(&name, &reference) {
                    let folder = self.ledger.name(&self.shelves.path(""), &to);
                    lines.extend(self.line(&there, folder, &HashSet::new()));
                }
                break;
            }
        }
        lines
    }
}

/// Names that a letter's folder may have had, whatever its verdict or the version.
fn siblings(status: &Status) -> Vec<String> {
    let plain_name = plain(status);
    match status.kind {
        Kind::Letter => vec![forged(&plain_name), plain_name],
        // The first version called them letters.
        Kind::Mail => vec![plain_name, "brev".into(), forged("brev")],
    }
}

/// The new status with what only the one there knows.
fn with_past(mut status: Status, there: &Status) -> Status {
    status.schema = STATUS.into();
    status.opened = there.opened.clone().or(status.opened);
    status.opened_by = there.opened_by.clone().or(status.opened_by);
    status.history = there.history.clone();
    for reader in status.readers.iter_mut().filter(|reader| reader.known_as.is_none()) {
        let named = there.readers.iter().find(|known| known.key == reader.key);
        reader.known_as = named.and_then(|known| known.known_as.clone());
    }
    status
}
