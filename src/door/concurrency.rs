//! What one source may have open at once: connections, and uploads that reserve disk.
//!
//! Comes in: a source and what it wants one more of. Goes out: a [`Slot`], or [`TooMany`]. What always holds: a dropped slot
//! is free again, and the name of a source is remembered only while something of it is open. The key of the names lives as
//! long as the process, for a connection may live as long: a count that was forgotten while it lasts would let one prefix
//! take every slot in turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::source::{Name, NameKey, Source, prefix, site};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// Enough for an office behind one address, and a few dozen prefixes are needed to take all of them.
    Connection = 0,
    /// A large body reserves disk and budget for as long as it trickles.
    Upload = 1,
}

impl Resource {
    /// At once from one /24 or /64, and from one /48: a household may have 256 of the small ones.
    fn most(self) -> [u32; 2] {
        match self {
            Self::Connection => [128, 512],
            Self::Upload => [8, 16],
        }
    }

    /// At once through the onion service, by all clients together; its listener bounds connections by itself.
    fn most_of_onion(self) -> u32 {
        match self {
            Self::Connection => u32::MAX,
            Self::Upload => 16,
        }
    }
}

/// A source has all that it may have.
#[derive(Debug)]
pub(crate) struct TooMany;

/// All slots. The lock is held for a look-up in memory, never over I/O.
pub(super) struct Slots {
    key: NameKey,
    counts: Mutex<HashMap<Name, u32>>,
}

/// One of the things that a source may have at once; free again when dropped.
pub(crate) struct Slot {
    slots: Arc<Slots>,
    names: Vec<Name>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.counts();
        for name in &self.names {
            let left = counts.get(name).copied().unwrap_or(0).saturating_sub(1);
            if left == 0 {
                counts.remove(name);
            } else {
                counts.insert(*name, left);
            }
        }
    }
}

impl Slots {
    pub(super) fn new() -> Self {
        Self {
            key: NameKey::random(),
            counts: Mutex::default(),
        }
    }

    /// One more of these, if the source may have it. None where nothing is counted.
    ///
    /// # Errors
    /// The source has all that it may have.
    pub(super) fn take(self: &Arc<Self>, what: Resource, from: Source) -> Result<Option<Slot>, TooMany> {
        let bounds: Vec<(Name, u32)> = match from {
            Source::Here => return Ok(None),
            Source::Onion => vec![(self.named(what, b"onion"), what.most_of_onion())],
            Source::Address(address) => {
                let prefixes = [Some(prefix(address)), site(address)];
                let named = prefixes.iter().zip(what.most());
                named
                    .filter_map(|(prefix, most)| Some((self.named(what, prefix.as_deref()?), most)))
                    .collect()
            }
        };
        let mut counts = self.counts();
        if bounds
            .iter()
            .any(|(name, most)| counts.get(name).is_some_and(|count| count >= most))
        {
            return Err(TooMany);
        }
        for (name, _) in &bounds {
            *counts.entry(*name).or_default() += 1;
        }
        let names = bounds.iter().map(|(name, _)| *name).collect();
        Ok(Some(Slot {
            slots: self.clone(),
            names,
        }))
    }

    fn named(&self, what: Resource, prefix: &[u8]) -> Name {
        self.key.name(&[&[what as u8], prefix].concat())
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Name, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(slots: &Arc<Slots>, what: Resource, from: Source) -> Vec<Slot> {
        std::iter::from_fn(|| slots.take(what, from).ok().flatten())
            .take(2000)
            .collect()
    }

    fn source(text: &str) -> Source {
        Source::Address(text.parse().unwrap())
    }

    #[test]
    fn connections_give_their_slot_back() {
        let slots = Arc::new(Slots::new());
        let held = taken(&slots, Resource::Connection, source("192.0.2.7"));
        assert_eq!(held.len(), 128);
        assert!(
            slots.take(Resource::Connection, source("192.0.2.200")).is_err(),
            "the same /24"
        );
        assert!(slots.take(Resource::Connection, source("192.0.3.7")).is_ok());
        assert!(
            slots.take(Resource::Upload, source("192.0.2.7")).is_ok(),
            "counted apart"
        );
        drop(held);
        assert!(slots.counts().is_empty(), "nothing is remembered of those who left");
        assert_eq!(taken(&slots, Resource::Connection, source("192.0.2.7")).len(), 128);
    }

    #[test]
    fn many_networks_of_one_owner_are_one_owner() {
        let slots = Arc::new(Slots::new());
        let of = |net: u32| taken(&slots, Resource::Connection, source(&format!("2001:db8:1:{net:x}::1")));
        let held: Vec<_> = (0..256).map(of).collect();
        assert_eq!(held[0].len(), 128);
        assert_eq!(held.iter().map(Vec::len).sum::<usize>(), 512);
        assert!(slots.take(Resource::Connection, source("2001:db8:2::1")).is_ok());
    }

    #[test]
    fn one_source_cannot_hold_every_upload() {
        let slots = Arc::new(Slots::new());
        for (from, most) in [(source("192.0.2.7"), 8), (Source::Onion, 16)] {
            assert_eq!(taken(&slots, Resource::Upload, from).len(), most);
        }
        assert!(slots.take(Resource::Upload, Source::Here).is_ok());
    }
}
