//! How much may come in: floors for the disk, and a budget for each mailbox.
//!
//! Both refuse attachments first: from three quarters of a budget on, and below twice a floor, only text is taken. So a
//! mailbox that nobody empties, or a flood of films, does not shut the door to those who only write.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::AtFlags;

use super::entry;
use super::layout::{Spool, SpoolError};
use super::space::Space;

/// What room is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// A letter without attachments.
    Text,
    /// One with attachments.
    Attachments,
}

/// A mailbox and how many bytes may wait for it.
#[derive(Debug, Clone, Copy)]
pub struct Budget<'a> {
    /// Its name.
    pub mailbox: &'a str,
    /// Bytes of its letters that may wait.
    pub bytes: u64,
}

/// Bytes held back on the disk for one request; given back when dropped.
pub struct Reservation {
    bytes: u64,
    on_disk: u64,
    mailbox: String,
    account: Arc<Mutex<Account>>,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut account = lock(&self.account);
        account.on_disk = account.on_disk.saturating_sub(self.on_disk);
        take_from(&mut account.promised, &self.mailbox, self.bytes);
    }
}

/// What this process knows of the letters that wait. It may be one that cannot look into `new/`: then it counts what
/// was there at its start and what it put there itself, and asks by name what has left. Its lock is never held over I/O.
#[derive(Default)]
pub(super) struct Account {
    /// Mailbox and bytes, by name.
    waiting: HashMap<String, (String, u64)>,
    /// The sums of it, by mailbox: asked for with every page.
    sums: HashMap<String, u64>,
    /// What letters that are still being read may come to, by mailbox.
    promised: HashMap<String, u64>,
    /// What all of these may need on the disk meanwhile.
    on_disk: u64,
    /// When the names were last asked for.
    asked: Option<Instant>,
}

impl Account {
    fn total(&self, mailbox: &str) -> u64 {
        let of = |sums: &HashMap<String, u64>| sums.get(mailbox).copied().unwrap_or(0);
        of(&self.sums).saturating_add(of(&self.promised))
    }

    fn was_asked_within(&self, time: Duration) -> bool {
        self.asked.is_some_and(|asked| asked.elapsed() < time)
    }
}

impl Spool {
    /// Counts what waits, by mailbox; to be called once, before the first reservation.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn count_waiting(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.path("new"))? {
            let entry = entry?;
            let size = entry.metadata().map_or(0, |meta| meta.len());
            // What cannot be read is counted for nobody; the relay puts it aside.
            if size > 0
                && let Ok(envelope) = entry::envelope(&entry.path())
            {
                self.count(
                    entry.file_name().to_string_lossy().into_owned(),
                    &envelope.mailbox,
                    size,
                );
            }
        }
        Ok(())
    }

    pub(super) fn count(&self, name: String, mailbox: &str, bytes: u64) {
        let mut account = self.account();
        *account.sums.entry(mailbox.to_owned()).or_default() += bytes;
        if let Some((mailbox, bytes)) = account.waiting.insert(name, (mailbox.to_owned(), bytes)) {
            take_from(&mut account.sums, &mailbox, bytes);
        }
    }

    /// Holds `bytes` of the budget, and `on_disk` bytes of the disk, back for a letter that is about to be read. What
    /// others hold back is not there to be had: 200 uploads at once do not all find the same free space.
    ///
    /// # Errors
    /// Fenced, less room than the floor, or the budget is used up.
    pub fn reserve(
        &self,
        budget: Budget<'_>,
        bytes: u64,
        on_disk: u64,
        share: Share,
    ) -> Result<Reservation, SpoolError> {
        // Asked before the lock is taken, since a disk may be slow. A letter that is finished in between is counted neither
        // here nor there: the floors are large enough for that.
        let space = self.trusted_space()?;
        let within = match share {
            Share::Text => budget.bytes,
            Share::Attachments => budget.bytes / 4 * 3,
        };
        let over = |account: &Account| account.total(budget.mailbox).saturating_add(bytes) > within;
        let patience = {
            let account = self.account();
            Duration::from_secs(if over(&account) { 1 } else { 60 })
        };
        self.forget_what_left(patience);
        let mut account = self.account();
        self.fits(&space, account.on_disk.saturating_add(on_disk), share)?;
        if over(&account) {
            return Err(SpoolError::Budget(budget.mailbox.to_owned()));
        }
        *account.promised.entry(budget.mailbox.to_owned()).or_default() += bytes;
        account.on_disk = account.on_disk.saturating_add(on_disk);
        Ok(Reservation {
            bytes,
            on_disk,
            mailbox: budget.mailbox.to_owned(),
            account: self.account.clone(),
        })
    }

    fn trusted_space(&self) -> Result<Space, SpoolError> {
        if self.is_fenced() {
            return Err(SpoolError::Fenced);
        }
        self.space().map_err(SpoolError::Io)
    }

    /// Whether so many bytes could be written and the floors stay free.
    fn fits(&self, space: &Space, bytes: u64, share: Share) -> Result<(), SpoolError> {
        let times = if share == Share::Attachments { 2 } else { 1 };
        let floor = self.settings.min_free.saturating_mul(times);
        let inodes = self.settings.min_free_inodes.saturating_mul(times);
        if space.bytes < floor.saturating_add(bytes) || space.inodes.is_some_and(|left| left < inodes) {
            return Err(SpoolError::Full(io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }

    /// Drops the names that are empty or gone by now, unless that was done within `patience`. The names are asked for
    /// without the lock, which a request that ends needs at once.
    fn forget_what_left(&self, patience: Duration) {
        let names: Vec<String> = {
            let mut account = self.account();
            if account.was_asked_within(patience) {
                return;
            }
            account.asked = Some(Instant::now());
            account.waiting.keys().cloned().collect()
        };
        let waits = |name: &String| {
            let stat = rustix::fs::statat(&self.new, name, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| stat.st_size > 0)
        };
        let left: Vec<String> = names.into_iter().filter(|name| !waits(name)).collect();
        let mut account = self.account();
        for name in left {
            if let Some((mailbox, bytes)) = account.waiting.remove(&name) {
                take_from(&mut account.sums, &mailbox, bytes);
            }
        }
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }
}

fn take_from(sums: &mut HashMap<String, u64>, mailbox: &str, bytes: u64) {
    if let Some(sum) = sums.get_mut(mailbox) {
        *sum = sum.saturating_sub(bytes);
    }
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}
