//! What is open at once, by source: connections, and uploads that hold room.
//!
//! The key lives as long as the process, for a connection may live as long: a count that was forgotten while it lasts would
//! let one prefix take every place in turn. A name is here only while something of it is open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::rate_limit::Source;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// An office behind one address has room, and a few dozen prefixes are needed to fill the house.
    Connection = 0,
    /// A large body holds room in the budget and on the disk for as long as it trickles.
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

    /// At once through the onion service, by everybody together; its door bounds connections by itself.
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

/// Everything that is open.
pub(crate) struct Open {
    key: Zeroizing<[u8; 32]>,
    counts: Mutex<HashMap<u64, u32>>,
}

/// One place; given back when dropped.
pub(crate) struct Slot {
    open: Arc<Open>,
    names: Vec<u64>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.open.counts();
        for name in &self.names {
            let left = counts.get(name).copied().unwrap_or(0).saturating_sub(1);
            match left {
                0 => drop(counts.remove(name)),
                _ => drop(counts.insert(*name, left)),
            }
        }
    }
}

impl Open {
    pub(crate) fn new() -> Self {
        Self {
            key: by_chance(),
            counts: Mutex::default(),
        }
    }

    pub(crate) fn slot(self: &Arc<Self>, what: Resource, from: Source) -> Result<Option<Slot>, TooMany> {
        let bounds: Vec<(u64, u32)> = match from {
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
            open: self.clone(),
            names,
        }))
    }

    fn named(&self, what: Resource, prefix: &[u8]) -> u64 {
        name(&*self.key, &[&[what as u8], prefix].concat())
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn by_chance() -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    #[allow(clippy::expect_used)] // the kernel's generator cannot fail once the machine has booted
    getrandom::fill(&mut *key).expect("chance from the operating system");
    key
}

pub(crate) fn name(key: &[u8], prefix: &[u8]) -> u64 {
    #[allow(clippy::expect_used)] // HMAC takes keys of any length
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    hmac.update(prefix);
    let digest: [u8; 32] = hmac.finalize().into_bytes().into();
    u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
}

/// The part of an address that one source has in its hands: a /24, or a /64 of version 6.
pub(crate) fn prefix(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(four) => four.octets()[..3].to_vec(),
        IpAddr::V6(six) => six.octets()[..8].to_vec(),
    }
}

/// The /48 of version 6, which often holds many a /64 of one owner.
fn site(address: IpAddr) -> Option<Vec<u8>> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(six) => Some(six.octets()[..6].to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(open: &Arc<Open>, what: Resource, from: Source) -> Vec<Slot> {
        std::iter::from_fn(|| open.slot(what, from).ok().flatten())
            .take(2000)
            .collect()
    }

    fn source(text: &str) -> Source {
        Source::Address(text.parse().unwrap())
    }

    #[test]
    fn connections_give_their_place_back() {
        let open = Arc::new(Open::new());
        let places = taken(&open, Resource::Connection, source("192.0.2.7"));
        assert_eq!(places.len(), 128);
        assert!(
            open.slot(Resource::Connection, source("192.0.2.200")).is_err(),
            "the same /24"
        );
        assert!(open.slot(Resource::Connection, source("192.0.3.7")).is_ok());
        assert!(
            open.slot(Resource::Upload, source("192.0.2.7")).is_ok(),
            "counted apart"
        );
        drop(places);
        assert!(open.counts().is_empty(), "nothing is remembered of those who left");
        assert_eq!(taken(&open, Resource::Connection, source("192.0.2.7")).len(), 128);
    }

    #[test]
    fn many_networks_of_one_owner_are_one_owner() {
        let open = Arc::new(Open::new());
        let of = |net: u32| taken(&open, Resource::Connection, source(&format!("2001:db8:1:{net:x}::1")));
        let places: Vec<_> = (0..256).map(of).collect();
        assert_eq!(places[0].len(), 128);
        assert_eq!(places.iter().map(Vec::len).sum::<usize>(), 512);
        assert!(open.slot(Resource::Connection, source("2001:db8:2::1")).is_ok());
    }

    #[test]
    fn one_source_cannot_hold_room_for_all_uploads() {
        let open = Arc::new(Open::new());
        for (from, most) in [(source("192.0.2.7"), 8), (Source::Onion, 16)] {
            assert_eq!(taken(&open, Resource::Upload, from).len(), most);
        }
        assert!(open.slot(Resource::Upload, Source::Here).is_ok());
    }
}
