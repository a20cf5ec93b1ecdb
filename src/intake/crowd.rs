//! How much one source may ask of us, without knowing who it is.
//!
//! A visitor's address becomes a prefix, the prefix a keyed hash. The key is made by chance, exists in memory only, and
//! is replaced every ten minutes together with all counts: nobody can say later who was here, not even with this
//! process's memory of an hour ago. (A hash without a key would fall in an hour: there are few addresses.)

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// How long a key and the counts under it live.
pub(super) const PERIOD: Duration = Duration::from_secs(600);
/// Connections at once of one prefix: an office behind one address has room, and a few dozen prefixes are needed to
/// fill the house.
const CONNECTIONS: u32 = 128;

/// Pages that may be sent in one [`PERIOD`].
#[derive(Debug, Clone, Copy)]
pub struct Often {
    /// From one address prefix.
    pub prefix: u32,
    /// Through the onion service, by everybody together: there all visitors look alike.
    pub onion: u32,
}

impl Default for Often {
    fn default() -> Self {
        Self {
            prefix: 120,
            onion: 600,
        }
    }
}

/// Whom a request counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Address(IpAddr),
    Onion,
    /// This machine itself: whoever is here can do worse.
    Here,
}

/// What to do with a page that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Come,
    /// Too often: what was typed is given back with a sentence, and nothing is sealed.
    Wait,
    /// Far too often: not even read.
    Leave,
}

pub(super) struct Crowd {
    often: Often,
    now: Mutex<Period>,
}

struct Period {
    since: Instant,
    key: Zeroizing<[u8; 32]>,
    sources: HashMap<u64, Arc<Counts>>,
    onion: u32,
}

#[derive(Default)]
struct Counts {
    connections: AtomicU32,
    pages: AtomicU32,
}

/// One connection's place among those of its prefix.
pub(super) struct Place(Arc<Counts>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crowd {
    pub(super) fn new(often: Often) -> Self {
        let now = Mutex::new(Period::begin());
        Self { often, now }
    }

    /// A place for one more connection from there, if there is any.
    pub(super) fn connection(&self, from: IpAddr) -> Option<Place> {
        let counts = self.with_period(|period| period.counts(from));
        let before = counts.connections.fetch_add(1, Ordering::Relaxed);
        let place = Place(counts);
        (before < CONNECTIONS).then_some(place)
    }

    /// Counts a page that is being sent.
    pub(super) fn page(&self, from: Source) -> Turn {
        let (count, most) = match from {
            Source::Here => return Turn::Come,
            Source::Onion => {
                let count = self.with_period(|period| {
                    period.onion += 1;
                    period.onion
                });
                (count, self.often.onion)
            }
            Source::Address(address) => {
                let counts = self.with_period(|period| period.counts(address));
                (counts.pages.fetch_add(1, Ordering::Relaxed) + 1, self.often.prefix)
            }
        };
        match count {
            _ if count <= most => Turn::Come,
            _ if count <= most.saturating_mul(2) => Turn::Wait,
            _ => Turn::Leave,
        }
    }

    fn with_period<T>(&self, work: impl FnOnce(&mut Period) -> T) -> T {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since.elapsed() >= PERIOD {
            *now = Period::begin();
        }
        work(&mut now)
    }
}

impl Period {
    /// Connections that are open stay open; they are counted no more.
    fn begin() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        #[allow(clippy::expect_used)] // the kernel's generator cannot fail once the machine has booted
        getrandom::fill(&mut *key).expect("chance from the operating system");
        Self {
            since: Instant::now(),
            key,
            sources: HashMap::new(),
            onion: 0,
        }
    }

    fn counts(&mut self, address: IpAddr) -> Arc<Counts> {
        /// Prefixes that are remembered; beyond, those that do nothing are forgotten.
        const MOST: usize = 100_000;
        if self.sources.len() >= MOST {
            let busy = |counts: &AtomicU32| counts.load(Ordering::Relaxed) > 0;
            self.sources
                .retain(|_, counts| busy(&counts.connections) || busy(&counts.pages));
        }
        self.sources.entry(self.name(address)).or_default().clone()
    }

    fn name(&self, address: IpAddr) -> u64 {
        #[allow(clippy::expect_used)] // HMAC takes keys of any length
        let mut hmac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("a key");
        hmac.update(&prefix(address));
        let digest: [u8; 32] = hmac.finalize().into_bytes().into();
        u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }
}

/// The part of an address that one source has in its hands: a /24, or a /64 of version 6.
fn prefix(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(four) => four.octets()[..3].to_vec(),
        IpAddr::V6(six) => six.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_prefix_has_its_share_and_others_have_theirs() {
        let crowd = Crowd::new(Often { prefix: 2, onion: 1 });
        let turns = |text: &str| -> Vec<Turn> {
            let source = Source::Address(address(text));
            (0..5).map(|_| crowd.page(source)).collect()
        };
        let limited = [Turn::Come, Turn::Come, Turn::Wait, Turn::Wait, Turn::Leave];
        assert_eq!(turns("192.0.2.7"), limited);
        assert_eq!(turns("::ffff:192.0.2.200"), [Turn::Leave; 5], "the same /24");
        assert_eq!(turns("192.0.3.7"), limited, "another /24");
        assert_eq!(turns("2001:db8:0:1::1"), limited);
        assert_eq!(turns("2001:db8:0:1:ffff::2"), [Turn::Leave; 5], "the same /64");
        let of = |source| [crowd.page(source), crowd.page(source), crowd.page(source)];
        assert_eq!(of(Source::Onion), [Turn::Come, Turn::Wait, Turn::Leave]);
        assert_eq!(of(Source::Here), [Turn::Come; 3]);
    }

    #[test]
    fn connections_give_their_place_back() {
        let crowd = Crowd::new(Often::default());
        let from = address("192.0.2.7");
        let places: Vec<_> = (0..CONNECTIONS).map(|_| crowd.connection(from)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(crowd.connection(from).is_none());
        assert!(crowd.connection(address("192.0.3.7")).is_some());
        drop(places);
        assert!(crowd.connection(from).is_some());
    }

    #[test]
    fn the_key_is_by_chance_and_no_address_is_kept() {
        let name = || Period::begin().name(address("192.0.2.7"));
        assert_ne!(name(), name());
    }
}
