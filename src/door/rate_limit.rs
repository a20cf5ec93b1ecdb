//! How many pages one source may send in a while, without knowing who it is.
//!
//! Comes in: the source of a page. Goes out: a decision. What always holds: the key of the names is replaced every ten
//! minutes together with all counts, so that it cannot be found out later who was here, not even with this process's memory of an
//! hour ago.
//!
//! What is open now is counted apart (`concurrency.rs`): it must not be forgotten while it lasts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::source::{Name, NameKey, Source, prefix};

/// How long a key and the counts under it live.
pub(crate) const PERIOD: Duration = Duration::from_secs(600);

/// Pages that may be sent in one [`PERIOD`].
#[derive(Debug, Clone, Copy)]
pub struct PageLimits {
    /// From one address prefix.
    pub prefix: u32,
    /// Through the onion service, by all clients together: there they look alike.
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

/// What to do with a page that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Within the limit.
    Accept,
    /// Over the limit: what was typed is given back with a sentence, and nothing is sealed.
    GiveBack,
    /// Over twice the limit: not even read.
    Drop,
}

/// Counts pages by source. Its locks are held for a look-up in memory, never over I/O.
pub(super) struct RateLimit {
    limits: PageLimits,
    period: Mutex<Period>,
    onion: Mutex<Bucket>,
}

struct Period {
    since: Instant,
    key: NameKey,
    pages: HashMap<Name, u32>,
}

/// Pages that may still come. It refills all the time, so that a client who empties it shuts the door only for as long as
/// they go on.
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
    pub(super) fn new(limits: PageLimits) -> Self {
        Self {
            limits,
            period: Mutex::new(Period::begin()),
            onion: Mutex::new(Bucket::full(limits.onion, Instant::now())),
        }
    }

    /// Counts a page that is being sent.
    pub(super) fn page(&self, from: Source) -> Decision {
        let address = match from {
            Source::Here => return Decision::Accept,
            // One for all who come this way: another client's zeal must cost nobody their text, so there is no `Drop`.
            Source::Onion => {
                let mut bucket = self.onion.lock().unwrap_or_else(PoisonError::into_inner);
                return if bucket.take(self.limits.onion, Instant::now()) {
                    Decision::Accept
                } else {
                    Decision::GiveBack
                };
            }
            Source::Address(address) => address,
        };
        let most = self.limits.prefix;
        match self.with_period(|period| period.page(address)) {
            count if count <= most => Decision::Accept,
            count if count <= most.saturating_mul(2) => Decision::GiveBack,
            _ => Decision::Drop,
        }
    }

    fn with_period<T>(&self, work: impl FnOnce(&mut Period) -> T) -> T {
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        if period.since.elapsed() >= PERIOD {
            *period = Period::begin();
        }
        work(&mut period)
    }
}

impl Period {
    fn begin() -> Self {
        Self {
            since: Instant::now(),
            key: NameKey::random(),
            pages: HashMap::new(),
        }
    }

    fn page(&mut self, address: IpAddr) -> u32 {
        /// Prefixes that are remembered; beyond, the count begins anew.
        const MOST: usize = 100_000;
        if self.pages.len() >= MOST {
            self.pages.clear();
        }
        let count = self.pages.entry(self.key.name(&prefix(address))).or_default();
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
        let decisions = |text: &str| -> Vec<Decision> {
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
        assert_eq!(decisions("192.0.2.7"), limited);
        assert_eq!(decisions("::ffff:192.0.2.200"), [Decision::Drop; 5], "the same /24");
        assert_eq!(decisions("192.0.3.7"), limited, "another /24");
        assert_eq!(decisions("2001:db8:0:1::1"), limited);
        assert_eq!(decisions("2001:db8:0:1:ffff::2"), [Decision::Drop; 5], "the same /64");
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
        let decisions: Vec<_> = (0..50).map(|_| rate_limit.page(Source::Onion)).collect();
        assert!(
            decisions.contains(&Decision::Accept)
                && decisions.contains(&Decision::GiveBack)
                && !decisions.contains(&Decision::Drop)
        );
    }
}
