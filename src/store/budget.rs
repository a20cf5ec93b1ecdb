//! How much may come in: floors for the disk, and a budget for each mailbox, with a share of both for each owner.
//!
//! Both refuse attachments first: from three quarters of a budget on, and below twice a floor, only text is taken. So a
//! mailbox that is not emptied, or a flood of films, does not shut the door to those who only write. And nobody shuts it
//! alone: an owner of addresses has a share of what is left (see `owner`), and the last tenth of a budget is for text of
//! those who have sent little.
//!
//! Does no I/O: a store says how much space there is, and which letters have left.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::StoreError;
use super::inbox::{Budget, Reservation, Room, Share, Size};
use super::outbox::Space;
use crate::owner::{Completion, Name, Owner, Tally};

/// What an owner may have sent and still use the last tenth of a budget: some long texts.
const LITTLE: u64 = 1024 * 1024;

/// Counts what may come in.
pub(super) struct Budgets {
    floors: Floors,
    /// What waits and what is promised, by mailbox.
    account: Arc<Mutex<Account>>,
}

/// What must stay free.
#[derive(Clone, Copy)]
struct Floors {
    bytes: u64,
    inodes: u64,
}

/// What one request holds back.
struct Held {
    bytes: u64,
    on_disk: u64,
    mailbox: String,
    owner: Owner,
    account: Arc<Mutex<Account>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut account = lock(&self.account);
        account.on_disk.take(&self.owner, self.on_disk);
        account.mailbox(&self.mailbox).promised.take(&self.owner, self.bytes);
    }
}

impl Room for Held {
    fn became_a_letter(self: Box<Self>) {
        lock(&self.account)
            .mailbox(&self.mailbox)
            .sent
            .add(&self.owner, self.bytes);
    }
}

/// What this process knows of the letters that wait. It may be one that cannot look into `new/`: then it counts what
/// was there at its start and what it put there itself, and asks by name what has left. Its lock is never held over I/O.
#[derive(Default)]
struct Account {
    /// Mailbox and bytes, by name.
    waiting: HashMap<String, (String, u64)>,
    mailboxes: HashMap<String, OfMailbox>,
    /// What letters that are still being read may need on the disk meanwhile.
    on_disk: Tally,
    /// When the names were last asked for.
    asked: Option<Instant>,
}

/// What there is for one mailbox, in bytes.
#[derive(Default)]
struct OfMailbox {
    /// The sum of what waits: asked for with every page.
    waits: u64,
    /// What letters that are still being read have come to.
    promised: Tally,
    /// What each owner has sent, at most, of what waits. Which letter is whose is not kept: so it is never more than waits,
    /// and forgotten when nothing does, which with a mail server that answers is some seconds later.
    sent: Tally,
}

impl OfMailbox {
    fn total(&self) -> u64 {
        self.waits.saturating_add(self.promised.total())
    }

    fn of(&self, name: Name) -> u64 {
        self.promised.of(name).saturating_add(self.sent.of(name))
    }

    fn leaves(&mut self, bytes: u64) {
        self.waits = self.waits.saturating_sub(bytes);
    }

    /// Nobody has sent more of what waits than all of it.
    fn forget_what_was_sent(&mut self) {
        self.sent.shrink_to(self.waits);
    }

    /// Whether so much more may come in from this owner.
    fn allows(&self, budget: Budget<'_>, owner: &Owner, bytes: u64, share: Share) -> bool {
        let own = |name| self.of(name);
        let has_sent_little = || {
            owner
                .widest()
                .is_none_or(|name| own(name).saturating_add(bytes) <= LITTLE)
        };
        let all = match share {
            Share::Attachments => budget.bytes / 4 * 3,
            Share::Text if has_sent_little() => budget.bytes,
            Share::Text => budget.bytes / 10 * 9,
        };
        let free = all.saturating_sub(self.total());
        match share {
            Share::Text => owner.may_hold(bytes, free, own),
            Share::Attachments => {
                let ask = Completion {
                    more: bytes,
                    one: budget.largest.waiting,
                    free,
                    all,
                };
                owner.may_complete(&ask, own)
            }
        }
    }
}

impl Account {
    fn mailbox(&mut self, name: &str) -> &mut OfMailbox {
        self.mailboxes.entry(name.to_owned()).or_default()
    }

    fn was_asked_within(&self, time: Duration) -> bool {
        self.asked.is_some_and(|asked| asked.elapsed() < time)
    }
}

impl Floors {
    /// Whether so many bytes can be written into this space. Attachments must leave twice as much.
    fn allow(self, space: Space, bytes: u64, share: Share) -> bool {
        let times = if share == Share::Attachments { 2 } else { 1 };
        let needed = self.bytes.saturating_mul(times).checked_add(bytes);
        let inodes = self.inodes.saturating_mul(times);
        needed.is_some_and(|needed| space.bytes >= needed) && space.inodes.is_none_or(|left| left >= inodes)
    }
}

impl Budgets {
    /// With what must stay free.
    pub(super) fn new(min_free_bytes: u64, min_free_inodes: u64) -> Self {
        let floors = Floors {
            bytes: min_free_bytes,
            inodes: min_free_inodes,
        };
        Self {
            floors,
            account: Arc::default(),
        }
    }

    /// A letter of this name waits.
    pub(super) fn count(&self, name: String, mailbox: &str, bytes: u64) {
        let mut account = self.account();
        account.mailbox(mailbox).waits += bytes;
        if let Some((mailbox, bytes)) = account.waiting.insert(name, (mailbox.to_owned(), bytes)) {
            account.mailbox(&mailbox).leaves(bytes);
        }
    }

    /// Holds room back where there is so much space. `left` gets the names of all letters that were counted and answers which
    /// of them wait no more; it may do I/O, and is asked only now and then.
    pub(super) fn reserve(
        &self,
        space: Space,
        budget: Budget<'_>,
        size: Size,
        share: Share,
        left: impl FnOnce(Vec<String>) -> Result<Vec<String>, StoreError>,
    ) -> Result<Reservation, StoreError> {
        let allows = |account: &mut Account, owner: &Owner| {
            let mailbox = account.mailbox(budget.mailbox);
            mailbox.allows(budget, owner, size.waiting, share)
        };
        // Who would be refused is worth a look at the store; who would not be, only now and then.
        let patience = Duration::from_secs(if allows(&mut self.account(), budget.owner) {
            60
        } else {
            1
        });
        self.forget_what_left(patience, left)?;
        let mut account = self.account();
        self.fits(space, &account.on_disk, budget, size.on_disk, share)?;
        if !allows(&mut account, budget.owner) {
            return Err(if allows(&mut account, &Owner::default()) {
                StoreError::OwnersShare
            } else {
                StoreError::Budget(budget.mailbox.to_owned())
            });
        }
        account.mailbox(budget.mailbox).promised.add(budget.owner, size.waiting);
        account.on_disk.add(budget.owner, size.on_disk);
        Ok(Reservation::new(Held {
            bytes: size.waiting,
            on_disk: size.on_disk,
            mailbox: budget.mailbox.to_owned(),
            owner: budget.owner.clone(),
            account: self.account.clone(),
        }))
    }

    /// Whether the disk has room for this, and the owner a share of what is free above the floor.
    fn fits(&self, space: Space, held: &Tally, of: Budget<'_>, bytes: u64, share: Share) -> Result<(), StoreError> {
        if !self.floors.allow(space, held.total().saturating_add(bytes), share) {
            return Err(StoreError::Full(io::ErrorKind::StorageFull.into()));
        }
        let all = space.bytes.saturating_sub(self.floors.bytes);
        let free = all.saturating_sub(held.total());
        let has_share = match share {
            Share::Text => held.may(of.owner, bytes, free),
            Share::Attachments => {
                let ask = Completion {
                    more: bytes,
                    one: of.largest.on_disk,
                    free,
                    all,
                };
                held.may_complete(of.owner, &ask)
            }
        };
        has_share.then_some(()).ok_or(StoreError::OwnersShare)
    }

    /// Drops the names that wait no more, unless that was done within `patience`. The names are asked for
    /// without the lock, which a request that ends needs at once.
    fn forget_what_left(
        &self,
        patience: Duration,
        left: impl FnOnce(Vec<String>) -> Result<Vec<String>, StoreError>,
    ) -> Result<(), StoreError> {
        let names: Vec<String> = {
            let mut account = self.account();
            if account.was_asked_within(patience) {
                return Ok(());
            }
            account.asked = Some(Instant::now());
            account.waiting.keys().cloned().collect()
        };
        // Asked by one at a time; what could not be asked is asked by the next.
        let left = left(names).inspect_err(|_| self.account().asked = None)?;
        let mut account = self.account();
        for name in left {
            if let Some((mailbox, bytes)) = account.waiting.remove(&name) {
                account.mailbox(&mailbox).leaves(bytes);
            }
        }
        // Once for all that left: as many may leave at once as owners have sent, and a request that ends needs the lock.
        account.mailboxes.values_mut().for_each(OfMailbox::forget_what_was_sent);
        Ok(())
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_refused_before_text() {
        let floors = Floors { bytes: 100, inodes: 10 };
        let space = |bytes, inodes| Space { bytes, inodes };
        for (space, bytes, text, attachments) in [
            (space(200, Some(20)), 0, true, true),
            (space(199, Some(20)), 0, true, false),
            (space(200, Some(19)), 0, true, false),
            (space(100, Some(10)), 0, true, false),
            (space(99, Some(10)), 0, false, false),
            (space(100, Some(9)), 0, false, false),
            // A file system that counts no files.
            (space(200, None), 0, true, true),
            (space(200, None), 1, true, false),
            (space(200, None), 100, true, false),
            (space(200, None), 101, false, false),
            (space(u64::MAX, None), u64::MAX, false, false),
        ] {
            assert_eq!(floors.allow(space, bytes, Share::Text), text, "{space:?} {bytes}");
            assert_eq!(
                floors.allow(space, bytes, Share::Attachments),
                attachments,
                "{space:?} {bytes}"
            );
        }
    }
}
