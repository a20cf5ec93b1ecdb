//! A batch of letters gets its places: to the disk, then under the lock to their names, then into the ledger.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::PoisonError;

use konvolutt_letter::private_file;

use super::place::{Done, Placing};
use super::shelves::Shelves;
use super::stage::disk as no_disk;
use super::{Output, Placed, Staged, disk, lock};
use crate::ledger::Entry;
use crate::trouble::Trouble;

/// What waits for the end of the run.
#[derive(Default)]
pub(crate) struct Rest {
    /// References whose letters had to take a number.
    numbered: BTreeSet<String>,
    /// The ledger did not take lines. The letters lie there all the same, and the next run tells it.
    ledger: Option<Trouble>,
}

impl Output {
    /// Gives a batch its places; an answer for each, in order. Everything that is `Ok` is on the disk.
    pub fn settle(&self, batch: Vec<Staged>) -> Vec<Result<Placed, Trouble>> {
        if batch.is_empty() {
            return Vec::new();
        }
        let count = batch.len();
        let folders: Vec<_> = batch.iter().map(|staged| staged.folder.clone()).collect();
        let settled = self.settle_all(batch, &folders);
        settled.unwrap_or_else(|error| {
            for folder in folders {
                let _ = disk::remove(&folder);
            }
            let trouble = no_disk(error);
            (0..count).map(|_| Err(trouble.clone())).collect()
        })
    }

    fn settle_all(
        &self,
        batch: Vec<Staged>,
        folders: &[std::path::PathBuf],
    ) -> io::Result<Vec<Result<Placed, Trouble>>> {
        let folders: Vec<&Path> = folders.iter().map(|folder| folder.as_path()).collect();
        disk::settle(&self.out, &folders)?;
        let mut rest = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = lock(&self.out, self.rights)?;
        let mut book = self.ledger.begin()?;
        let mut placing = self.placing(BTreeSet::new())?;
        let done: Vec<_> = batch.into_iter().map(|staged| placing.place(staged)).collect();
        rest.numbered.extend(placing.touched.iter().cloned());
        let moved = placing.tidy();
        private_file::sync_folder(&self.out)?;
        let (placed, mut lines) = self.lines(done, &placing.shelves);
        // The tidying knows the newest names.
        lines.extend(moved);
        if let Some(book) = &mut book
            && let Err(error) = book.append(lines)
        {
            rest.ledger.get_or_insert(no_disk(error));
        }
        Ok(placed)
    }

    /// The server was told of the letters with these seals.
    ///
    /// # Errors
    /// [`Trouble::Disk`]: the next run tells it again, which does no harm.
    pub fn acknowledged(&self, seals: &[[u8; 32]]) -> Result<(), Trouble> {
        let remember = || -> io::Result<()> {
            let Some(mut book) = self.ledger.begin()? else {
                return Ok(());
            };
            let entries = seals.iter().filter_map(|seal| self.ledger.seal(seal));
            let lines = entries.map(|entry| Entry {
                acknowledged: true,
                ..entry
            });
            book.append(lines.collect())
        };
        if seals.is_empty() {
            return Ok(());
        }
        remember().map_err(no_disk)
    }

    fn placing(&self, touched: BTreeSet<String>) -> io::Result<Placing<'_>> {
        Ok(Placing {
            shelves: Shelves::look(&self.out)?,
            ledger: &self.ledger,
            rights: self.rights,
            touched,
            anew: self.anew,
        })
    }

    /// A later letter of the same batch may have given an earlier one another name.
    fn lines(&self, done: Vec<io::Result<Done>>, shelves: &Shelves<'_>) -> (Vec<Result<Placed, Trouble>>, Vec<Entry>) {
        let mut lines = Vec::new();
        let settled = done.into_iter().map(|done| {
            let mut done = done.map_err(no_disk)?;
            if let Some(name) = &done.name {
                let now = shelves.now(name, done.renames);
                if now != name && !done.is_new {
                    done.placed.renamed_from.get_or_insert(self.out.join(name));
                }
                done.placed.folder = self.out.join(now);
                if let Some(entry) = &mut done.entry {
                    entry.folder = self.ledger.name(&self.out, now);
                }
            }
            lines.extend(done.entry);
            Ok(done.placed)
        });
        let placed = settled.collect();
        (placed, lines)
    }

    /// What the ledger could not be told since this was asked last.
    pub fn not_remembered(&self) -> Option<Trouble> {
        self.placing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ledger
            .take()
    }

    /// The last tidying; the hidden folder of the run goes. What the ledger could not be told, if anything: its letters are
    /// in their places, and the next run opens them once more and tells it.
    pub fn finish(self) -> Option<Trouble> {
        let mut rest = std::mem::take(&mut *self.placing.lock().unwrap_or_else(PoisonError::into_inner));
        if !rest.numbered.is_empty()
            && let Err(error) = self.tidy(std::mem::take(&mut rest.numbered))
        {
            rest.ledger.get_or_insert(no_disk(error));
        }
        rest.ledger
    }

    fn tidy(&self, touched: BTreeSet<String>) -> io::Result<()> {
        let waits = |reference: &String| !self.out.join(reference).exists();
        let touched: BTreeSet<String> = touched.into_iter().filter(waits).collect();
        if touched.is_empty() {
            return Ok(());
        }
        let _lock = lock(&self.out, self.rights)?;
        let mut book = self.ledger.begin()?;
        let moved = self.placing(touched)?.tidy();
        private_file::sync_folder(&self.out)?;
        match &mut book {
            Some(book) => book.append(moved),
            None => Ok(()),
        }
    }
}
