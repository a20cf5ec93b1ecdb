//! How many letters one owner may send in a while, without knowing who it is.
//!
//! Letters, and not pages: a page that comes back to be corrected, or to be read in another language, becomes no letter, and
//! a hundred of a neighbour's must cost nobody theirs.
//!
//! Comes in: the source of a page that is about to become a letter. Goes out: an [`Allowance`], or none. What always holds:
//! the key of the names is replaced every ten minutes together with all counts, so that it cannot be found out later who was
//! here, not even with this process's memory of an hour ago.
//!
//! What is open now is counted apart: it must not be forgotten while it lasts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::owner::{Name, NameKey, Source};

/// How long a key and the counts under it live.
pub(crate) const PERIOD: Duration = Duration::from_secs(600);

/// Letters that may be sent in one [`PERIOD`].
#[derive(Debug, Clone, Copy)]
pub struct LetterLimits {
    /// From one /24 or one /64.
    pub prefix: u32,
    /// Through the onion service, by all clients together: there they look alike.
    pub onion: u32,
}

impl Default for LetterLimits {
    fn default() -> Self {
        Self {
            prefix: 120,
            onion: 600,
        }
    }
}

impl LetterLimits {
    /// The same for each net around an address, from the narrowest to the widest. A single address has three quarters of
    /// its /24, so that one telephone leaves something to its neighbours; who has a /48 has no more than two households.
    fn of_nets(self, address: IpAddr) -> Vec<u32> {
        let quarters = |n: u32| u32::try_from((u64::from(self.prefix) * u64::from(n)).div_ceil(4)).unwrap_or(u32::MAX);
        match address.to_canonical() {
            IpAddr::V4(_) => vec![quarters(3), self.prefix],
            IpAddr::V6(_) => vec![self.prefix, quarters(6), quarters(8)],
        }
    }
}

/// Counts letters by source. Its locks are held for a look-up in memory, never over I/O.
pub(super) struct RateLimit {
    limits: Mutex<LetterLimits>,
    period: Mutex<Period>,
    onion: Mutex<Bucket>,
}

/// The right to one letter. Dropped, it is given back: what became no letter costs nothing.
pub(crate) struct Allowance {
    rate_limit: Arc<RateLimit>,
    counted: Counted,
}

/// What has to be undone when a page becomes no letter.
enum Counted {
    Nothing,
    Onion,
    /// In the period that began then.
    Names(Instant, Vec<Name>),
}

struct Period {
    since: Instant,
    key: NameKey,
    letters: HashMap<Name, u32>,
}

/// Letters that may still come. It refills all the time, so that a client who empties it shuts the door only for as long as
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
    pub(super) fn new(limits: LetterLimits) -> Self {
        Self {
            limits: Mutex::new(limits),
            period: Mutex::new(Period::begin()),
            onion: Mutex::new(Bucket::full(limits.onion, Instant::now())),
        }
    }

    fn limits(&self) -> LetterLimits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other limits from now on. What was counted stays.
    pub(super) fn set_limits(&self, limits: LetterLimits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    /// The right to send one letter more; none when there were too many.
    pub(super) fn letter(self: &Arc<Self>, from: Source) -> Option<Allowance> {
        let counted = match from {
            Source::Here => Counted::Nothing,
            Source::Onion => {
                let taken = self.onion().take(self.limits().onion, Instant::now());
                taken.then_some(Counted::Onion)?
            }
            Source::Address(address) => {
                let mut period = self.period();
                let names = period.count(from, &self.limits().of_nets(address))?;
                Counted::Names(period.since, names)
            }
        };
        Some(Allowance {
            rate_limit: self.clone(),
            counted,
        })
    }

    fn give_back(&self, counted: &Counted) {
        match counted {
            Counted::Nothing => {}
            Counted::Onion => self.onion().left += 1.0,
            Counted::Names(since, names) => {
                let mut period = self.period();
                if period.since == *since {
                    period.uncount(names);
                }
            }
        }
    }

    fn period(&self) -> MutexGuard<'_, Period> {
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        if period.since.elapsed() >= PERIOD {
            *period = Period::begin();
        }
        period
    }

    fn onion(&self) -> MutexGuard<'_, Bucket> {
        self.onion.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Allowance {
    /// The letter is kept: it counts until the period ends.
    pub(crate) fn spend(mut self) {
        self.counted = Counted::Nothing;
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        self.rate_limit.give_back(&self.counted);
    }
}

impl Period {
    fn begin() -> Self {
        Self {
            since: Instant::now(),
            key: NameKey::random(),
            letters: HashMap::new(),
        }
    }

    /// Counts one for each net, if none of them has had its share.
    fn count(&mut self, from: Source, most: &[u32]) -> Option<Vec<Name>> {
        /// Nets that are remembered; beyond, the count begins anew.
        const MOST: usize = 300_000;
        if self.letters.len() >= MOST {
            self.letters.clear();
        }
        let names: Vec<Name> = self.key.owner(from).names().collect();
        let has_left = |(name, most): (&Name, &u32)| self.letters.get(name).is_none_or(|count| count < most);
        if !names.iter().zip(most).all(has_left) {
            return None;
        }
        for name in &names {
            *self.letters.entry(*name).or_default() += 1;
        }
        Some(names)
    }

    fn uncount(&mut self, names: &[Name]) {
        // Who has none left to give back is forgotten: what becomes no letter must not fill this, for then it begins anew.
        for name in names {
            if let Some(count) = self.letters.get_mut(name) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.letters.remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(prefix: u32) -> Arc<RateLimit> {
        Arc::new(RateLimit::new(LetterLimits { prefix, onion: 1 }))
    }

    /// How many letters somebody may send who sends no more than twenty.
    fn letters(rate_limit: &Arc<RateLimit>, from: Source) -> usize {
        let taken = (0..20).filter_map(|_| rate_limit.letter(from));
        taken.map(Allowance::spend).count()
    }

    fn address(text: &str) -> Source {
        Source::Address(text.parse().unwrap())
    }

    #[test]
    fn each_net_has_its_share_and_others_have_theirs() {
        let rate_limit = limit(4);
        assert_eq!(letters(&rate_limit, address("192.0.2.7")), 3, "one address");
        assert_eq!(
            letters(&rate_limit, address("::ffff:192.0.2.200")),
            1,
            "the rest of its /24"
        );
        assert_eq!(letters(&rate_limit, address("192.0.3.7")), 3, "another /24");
        assert_eq!(letters(&rate_limit, address("2001:db8:0:1::1")), 4, "a /64");
        assert_eq!(letters(&rate_limit, address("2001:db8:0:1:ffff::2")), 0, "the same /64");
        assert_eq!(
            letters(&rate_limit, address("2001:db8:0:2::1")),
            2,
            "the rest of its /56"
        );
        assert_eq!(
            letters(&rate_limit, address("2001:db8:0:ff00::1")),
            2,
            "the rest of its /48"
        );
        assert_eq!(letters(&rate_limit, address("2001:db8:1::1")), 4, "another /48");
        assert_eq!(letters(&rate_limit, Source::Here), 20);
    }

    #[test]
    fn the_owner_of_a_large_net_is_one_owner() {
        let rate_limit = limit(120);
        let nets = (0..65_536)
            .step_by(7)
            .map(|net| address(&format!("2001:db8:1:{net:x}::1")));
        assert_eq!(nets.map(|from| letters(&rate_limit, from)).sum::<usize>(), 240);
    }

    #[test]
    fn what_became_no_letter_costs_nothing() {
        let rate_limit = limit(2);
        for from in [address("192.0.2.7"), address("2001:db8::1"), Source::Onion] {
            for _ in 0..1000 {
                assert!(rate_limit.letter(from).is_some());
            }
            assert!(letters(&rate_limit, from) > 0);
        }
    }

    /// A counter that is full begins anew, for everybody. Pages that become no letter, from as many nets as one likes, would
    /// fill it for nothing.
    #[test]
    fn what_became_no_letter_leaves_nothing_behind() {
        let rate_limit = limit(2);
        let from = address("192.0.2.7");
        assert_eq!(letters(&rate_limit, from), 2);
        for net in 0..1000 {
            drop(rate_limit.letter(address(&format!("2001:db8:{net:x}::1"))));
        }
        assert_eq!(rate_limit.period().letters.len(), 2, "the one who sent, and its /24");
        let kept = rate_limit.letter(address("2001:db8::1"));
        assert_eq!(
            rate_limit.period().letters.len(),
            5,
            "the control: one that may become a letter"
        );
        drop(kept);
    }

    #[test]
    fn the_onion_bucket_refills() {
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
    }
}
