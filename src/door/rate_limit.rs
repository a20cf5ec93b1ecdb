//! How much one source may ask of us, without knowing who it is.
//!
//! A client's address becomes a prefix, the prefix a keyed hash. The key is made by chance, exists in memory only, and
//! is replaced every ten minutes together with all counts: nobody can say later who was here, not even with this
//! process's memory of an hour ago. (A hash without a key would fall in an hour: there are few addresses.)
//!
//! What is open now is counted apart (`open.rs`): it must not be forgotten while it lasts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::concurrency::{Open, Resource, Slot, TooMany, by_chance, name, prefix};

/// How long a key and the counts under it live.
pub(crate) const PERIOD: Duration = Duration::from_secs(600);

/// Pages that may be sent in one [`PERIOD`].
#[derive(Debug, Clone, Copy)]
pub struct PageLimits {
    /// From one address prefix.
    pub prefix: u32,
    /// Through the onion service, by everybody together: there all visitors look alike.
    pub onion: u32,
}

impl Default for PageLimits {
    fn default() -> Self {
        Self {
            prefix: 120,
            onion: 600,
        }
    }
}

/// Whom a request counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Address(IpAddr),
    Onion,
    /// This machine itself: whoever is here can do worse.
    Here,
}

/// What to do with a page that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Accept,
    /// Too often: what was typed is given back with a sentence, and nothing is sealed.
    GiveBack,
    /// Far too often: not even read.
    Drop,
}

pub(crate) struct RateLimit {
    page_limits: PageLimits,
    now: Mutex<Period>,
    onion: Mutex<Bucket>,
    open: Arc<Open>,
}

struct Period {
    since: Instant,
    key: Zeroizing<[u8; 32]>,
    pages: HashMap<u64, u32>,
}

/// Pages that may still come: it refills all the time, so that whoever empties it shuts the door for no longer than they
/// go on.
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(most: u32, at: Instant) -> Self {
        Self { left: most.into(), at }
    }

    fn take(&mut self, most: u32, now: Instant) -> bool {
        let most = f64::from(most);
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * most / PERIOD.as_secs_f64()).min(most);
        self.at = now;
        let is_left = self.left >= 1.0;
        self.left -= if is_left { 1.0 } else { 0.0 };
        is_left
    }
}

impl RateLimit {
    pub(crate) fn new(page_limits: PageLimits) -> Self {
        Self {
            page_limits,
            now: Mutex::new(Period::begin()),
            onion: Mutex::new(Bucket::full(page_limits.onion, Instant::now())),
            open: Arc::new(Open::new()),
        }
    }

    /// A place for one more of these from there, if there is any.
    ///
    /// # Errors
    /// There are too many already.
    pub(crate) fn slot(&self, what: Resource, from: Source) -> Result<Option<Slot>, TooMany> {
        self.open.slot(what, from)
    }

    /// Counts a page that is being sent.
    pub(crate) fn page(&self, from: Source) -> Decision {
        let address = match from {
            Source::Here => return Decision::Accept,
            // One for all who come this way: somebody else's zeal must cost nobody their text.
            Source::Onion => {
                let mut bucket = self.onion.lock().unwrap_or_else(PoisonError::into_inner);
                return if bucket.take(self.page_limits.onion, Instant::now()) {
                    Decision::Accept
                } else {
                    Decision::GiveBack
                };
            }
            Source::Address(address) => address,
        };
        let most = self.page_limits.prefix;
        match self.with_period(|period| period.page(address)) {
            count if count <= most => Decision::Accept,
            count if count <= most.saturating_mul(2) => Decision::GiveBack,
            _ => Decision::Drop,
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
    fn begin() -> Self {
        Self {
            since: Instant::now(),
            key: by_chance(),
            pages: HashMap::new(),
        }
    }

    fn page(&mut self, address: IpAddr) -> u32 {
        /// Prefixes that are remembered; beyond, the count begins anew.
        const MOST: usize = 100_000;
        if self.pages.len() >= MOST {
            self.pages.clear();
        }
        let count = self.pages.entry(name(&*self.key, &prefix(address))).or_default();
        *count = count.saturating_add(1);
        *count
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
        let rate_limit = RateLimit::new(PageLimits { prefix: 2, onion: 1 });
        let turns = |text: &str| -> Vec<Decision> {
            let source = Source::Address(address(text));
            (0..5).map(|_| rate_limit.page(source)).collect()
        };
        let limited = [
            Decision::Accept,
            Decision::Accept,
            Decision::GiveBack,
            Decision::GiveBack,
            Decision::Drop,
        ];
        assert_eq!(turns("192.0.2.7"), limited);
        assert_eq!(turns("::ffff:192.0.2.200"), [Decision::Drop; 5], "the same /24");
        assert_eq!(turns("192.0.3.7"), limited, "another /24");
        assert_eq!(turns("2001:db8:0:1::1"), limited);
        assert_eq!(turns("2001:db8:0:1:ffff::2"), [Decision::Drop; 5], "the same /64");
        let of = |source| {
            [
                rate_limit.page(source),
                rate_limit.page(source),
                rate_limit.page(source),
            ]
        };
        assert_eq!(of(Source::Here), [Decision::Accept; 3]);
    }

    #[test]
    fn the_onion_bucket_refills_and_costs_nobody_their_text() {
        let began = Instant::now();
        let mut bucket = Bucket::full(600, began);
        assert_eq!((0..700).filter(|_| bucket.take(600, began)).count(), 600);
        let later = began + Duration::from_secs(5);
        assert_eq!((0..700).filter(|_| bucket.take(600, later)).count(), 5, "one a second");
        assert_eq!(
            (0..700).filter(|_| bucket.take(600, later + 9 * PERIOD)).count(),
            600,
            "never more"
        );
        let rate_limit = RateLimit::new(PageLimits { prefix: 1, onion: 1 });
        let turns: Vec<_> = (0..50).map(|_| rate_limit.page(Source::Onion)).collect();
        assert!(
            turns.contains(&Decision::Accept)
                && turns.contains(&Decision::GiveBack)
                && !turns.contains(&Decision::Drop)
        );
    }

    #[test]
    fn the_key_is_by_chance_and_no_address_is_kept() {
        let own = || name(&*Period::begin().key, &prefix(address("192.0.2.7")));
        assert_ne!(own(), own());
    }
}
