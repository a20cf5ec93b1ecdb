//! One thing that everybody shares, and a share of it that shrinks as it fills.
//!
//! An owner may hold one part in `n` of what is *left free*, not of the whole. Then no number of owners fills it: with `k`
//! owners that each take all they may, `n / (n + k)` of it stays free (the dynamic threshold of Choudhury and Hahne, 1998).
//! With a fixed share of a ninth, nine owners would have everything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::names::{Completion, Name, Owner};

/// Who holds how much of one shared thing, in its own unit: connections, or bytes.
#[derive(Default)]
pub struct Tally {
    total: u64,
    by_name: HashMap<Name, u64>,
}

impl Tally {
    /// Whether an owner may hold so much more of what is left free.
    pub fn may(&self, owner: &Owner, more: u64, free: u64) -> bool {
        owner.may_hold(more, free, |name| self.of(name))
    }

    /// The same for a thing that is of use only whole.
    pub fn may_complete(&self, owner: &Owner, ask: &Completion) -> bool {
        owner.may_complete(ask, |name| self.of(name))
    }

    /// What one of these names holds.
    pub fn of(&self, name: Name) -> u64 {
        self.by_name.get(&name).copied().unwrap_or(0)
    }

    /// What all hold together.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Counts more.
    pub fn add(&mut self, owner: &Owner, amount: u64) {
        self.total = self.total.saturating_add(amount);
        for level in owner.levels() {
            let own = self.by_name.entry(level.name).or_default();
            *own = own.saturating_add(amount);
        }
    }

    /// Counts less. Who holds nothing is forgotten.
    pub fn take(&mut self, owner: &Owner, amount: u64) {
        self.total = self.total.saturating_sub(amount);
        for level in owner.levels() {
            if let Some(own) = self.by_name.get_mut(&level.name) {
                *own = own.saturating_sub(amount);
                if *own == 0 {
                    self.by_name.remove(&level.name);
                }
            }
        }
    }

    /// There is no more than this of what they hold, and it is not known whose has gone: nobody holds more than all of it.
    pub fn shrink_to(&mut self, all: u64) {
        self.total = self.total.min(all);
        self.by_name.retain(|_, own| {
            *own = (*own).min(all);
            *own > 0
        });
    }
}

/// One thing that everybody shares. The lock is held for a look-up in memory.
pub struct Shared {
    capacity: u64,
    tally: Mutex<Tally>,
}

/// A part of something shared; given back when dropped.
pub struct Held {
    shared: Arc<Shared>,
    owner: Owner,
    amount: u64,
}

/// The owner has its share, or there is nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoShare;

impl Shared {
    /// So much of it in all.
    pub fn new(capacity: u64) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            tally: Mutex::default(),
        })
    }

    /// Takes nothing yet: what is needed is taken as it comes.
    pub fn begin(self: &Arc<Self>, owner: &Owner) -> Held {
        Held {
            shared: self.clone(),
            owner: owner.clone(),
            amount: 0,
        }
    }

    /// Takes a part.
    ///
    /// # Errors
    /// The owner may not hold so much now.
    pub fn hold(self: &Arc<Self>, owner: &Owner, amount: u64) -> Result<Held, NoShare> {
        let mut held = self.begin(owner);
        held.grow(amount)?;
        Ok(held)
    }

    /// True when more than half is taken: time to be stricter with those who are slow.
    pub fn is_half_full(&self) -> bool {
        self.tally().total() > self.capacity / 2
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes more of it.
    ///
    /// # Errors
    /// The owner may not hold so much now; what it holds it keeps.
    pub fn grow(&mut self, more: u64) -> Result<(), NoShare> {
        if more == 0 {
            return Ok(());
        }
        let mut tally = self.shared.tally();
        let free = self.shared.capacity.saturating_sub(tally.total());
        if !tally.may(&self.owner, more, free) {
            return Err(NoShare);
        }
        tally.add(&self.owner, more);
        drop(tally);
        self.amount += more;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.tally().take(&self.owner, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::{NameKey, Source};
    use super::*;

    /// Takes one after the other until there is no more for this one.
    fn taken(shared: &Arc<Shared>, owner: &Owner) -> Vec<Held> {
        std::iter::from_fn(|| shared.hold(owner, 1).ok()).collect()
    }

    fn owner(key: &NameKey, address: &str) -> Owner {
        key.owner(Source::Address(address.parse().unwrap()))
    }

    #[test]
    fn one_owner_has_a_share_however_many_nets_it_has() {
        let (shared, key) = (Shared::new(4096), NameKey::random());
        let of = |net: u32| taken(&shared, &owner(&key, &format!("2001:db8:1:{net:x}::1")));
        let held: Vec<_> = (0..65_536).step_by(100).map(of).collect();
        assert_eq!(held[0].len(), 4097 / 17, "a sixteenth of what it leaves free");
        let all: usize = held.iter().map(Vec::len).sum();
        assert_eq!(all, 4097 / 9, "an eighth of what it leaves free");
        assert!(shared.hold(&owner(&key, "2001:db8:2::1"), 1).is_ok());
    }

    #[test]
    fn no_number_of_owners_takes_everything() {
        let (shared, key) = (Shared::new(4096), NameKey::random());
        for (owners, free) in [(8, 2048), (32, 4096 / 5), (256, 4096 / 33)] {
            let of = |net: u32| owner(&key, &format!("2001:db8:{net:x}::1"));
            let mut held: Vec<Held> = Vec::new();
            // In turns, as they would come.
            loop {
                let before = held.len();
                held.extend((0..owners).filter_map(|net| shared.hold(&of(net), 1).ok()));
                if held.len() == before {
                    break;
                }
            }
            let left = 4096 - held.len();
            assert!(left * 10 >= free * 5, "{owners} owners leave {left}, not {free}");
            assert!(shared.hold(&owner(&key, "192.0.2.1"), 1).is_ok());
            drop(held);
            assert_eq!(shared.tally().total(), 0);
        }
    }

    #[test]
    fn what_grows_is_counted_and_given_back() {
        let (shared, key) = (Shared::new(900), NameKey::random());
        let own = owner(&key, "192.0.2.7");
        let mut held = shared.begin(&own);
        assert_eq!(held.grow(50), Ok(()));
        assert_eq!(held.grow(10), Err(NoShare), "a sixteenth of the 850 that are left");
        assert_eq!(held.amount, 50, "what it had it keeps");
        assert_eq!(
            shared.hold(&owner(&key, "192.0.2.200"), 50).map(|held| held.amount),
            Ok(50),
            "a neighbour"
        );
        drop(held);
        assert!(
            shared.tally().by_name.is_empty(),
            "nothing is remembered of those who left"
        );
    }

    #[test]
    fn this_machine_has_no_share_but_a_bound() {
        let shared = Shared::new(10);
        let held = taken(&shared, &Owner::default());
        assert_eq!(held.len(), 10);
        assert!(shared.is_half_full());
    }
}
