//! From an address to the names of those who may own it.

use std::net::{IpAddr, Ipv4Addr};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Whom a request counts for. Holds an address: only tests print it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Source {
    /// A client with an address.
    Address(IpAddr),
    /// All clients of the onion service together: there they look alike.
    Onion,
    /// This machine itself, where a program can do worse than send pages.
    Here,
}

/// A part of the net, as a number that only one key makes of it.
pub type Name = u64;

/// What nets are remembered under.
pub struct NameKey(Zeroizing<[u8; 32]>);

/// Everybody who may own an address, from the narrowest to the widest, each with the share that it may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner(Vec<Level>);

/// What is asked for of a thing that is of use only whole: a letter with its files.
#[derive(Debug, Clone, Copy)]
pub struct Completion {
    /// So much now.
    pub more: u64,
    /// The largest of them.
    pub one: u64,
    /// What is left free.
    pub free: u64,
    /// All that there is for everybody.
    pub all: u64,
}

/// One of the nets around an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) name: Name,
    /// One part in so many of what is left free.
    pub(super) part: u64,
}

/// A /24 or a /48 is what one owner can have without effort. It holds at most an eighth of what it leaves free: a ninth of
/// the whole when it is alone, less the more others want.
const WIDEST: u64 = 8;
/// One telephone, one household, or one address that an office shares.
const NARROWEST: u64 = 16;
/// Between them, what a provider gives to a customer of version 6.
const MIDDLE: u64 = 11;
/// Tor stands for everybody who comes through it.
const ONION: u64 = 3;

impl NameKey {
    /// A new one, under which no earlier name is known.
    pub fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        #[expect(
            clippy::expect_used,
            reason = "the kernel's generator cannot fail once the machine has booted"
        )]
        getrandom::fill(&mut *key).expect("randomness from the operating system");
        Self(key)
    }

    /// The owners of a source. This machine has none: nothing of it is counted.
    pub fn owner(&self, source: Source) -> Owner {
        let level = |net: &[u8], part| Level {
            name: self.name(net),
            part,
        };
        Owner(match source {
            Source::Here => Vec::new(),
            Source::Onion => vec![level(b"onion", ONION)],
            Source::Address(address) => match address.to_canonical() {
                IpAddr::V4(four) => {
                    let octets = four.octets();
                    vec![level(&octets, NARROWEST), level(&octets[..3], WIDEST)]
                }
                IpAddr::V6(six) => {
                    let octets = six.octets();
                    vec![
                        level(&octets[..8], NARROWEST),
                        level(&octets[..7], MIDDLE),
                        level(&octets[..6], WIDEST),
                    ]
                }
            },
        })
    }

    fn name(&self, net: &[u8]) -> Name {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut hmac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("a key");
        hmac.update(net);
        let digest: [u8; 32] = hmac.finalize().into_bytes().into();
        u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }
}

impl Owner {
    /// One who has nothing yet, and shares no net with anybody.
    pub fn newcomer() -> Self {
        // A key that nobody else has either: all others are random. No look at the disk should need the kernel's generator.
        NameKey(Zeroizing::new([0; 32])).owner(Source::Address(Ipv4Addr::UNSPECIFIED.into()))
    }

    pub(super) fn levels(&self) -> &[Level] {
        &self.0
    }

    /// Their names, from the narrowest to the widest.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.0.iter().map(|level| level.name)
    }

    /// The narrowest of them that would have more than its share of what is left free with so much more, given what each
    /// holds. Nobody is refused a first unit for its share: a share of the last few rounds to nothing.
    pub fn beyond_its_share(&self, more: u64, free: u64, own: impl Fn(Name) -> u64) -> Option<Name> {
        let is_beyond = |level: &&Level| {
            let own = own(level.name);
            own > 0 && own.saturating_add(more).saturating_mul(level.part) > free
        };
        self.0.iter().find(is_beyond).map(|level| level.name)
    }

    /// The same for bytes of a thing that is of use only whole, and may be more than a share of little. Whoever has less
    /// than one may go on to one, as long as a quarter of all stays free for the others.
    pub fn may_complete(&self, ask: &Completion, own: impl Fn(Name) -> u64) -> bool {
        let Some(left) = ask.free.checked_sub(ask.more) else {
            return false;
        };
        self.0.iter().all(|level| {
            let after = own(level.name).saturating_add(ask.more);
            after.saturating_mul(level.part) <= ask.free || after <= ask.one && left >= ask.all / 4
        })
    }

    /// Whether each of them may hold so much more of what is left free, given what it holds.
    pub fn may_hold(&self, more: u64, free: u64, own: impl Fn(Name) -> u64) -> bool {
        more <= free && self.beyond_its_share(more, free, own).is_none()
    }

    /// Nothing is counted for it.
    pub fn is_nobody(&self) -> bool {
        self.0.is_empty()
    }

    /// The widest of them, None where nothing is counted.
    pub fn widest(&self) -> Option<Name> {
        self.nth_widest(0)
    }

    /// The one that is so many steps narrower than the widest.
    pub(super) fn nth_widest(&self, steps: usize) -> Option<Name> {
        self.0.iter().rev().nth(steps).map(|level| level.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::Address(text.parse().unwrap())
    }

    /// How many of the nets around two addresses are the same.
    fn shared(one: &str, other: &str) -> usize {
        let key = NameKey::random();
        let (one, other) = (key.owner(source(one)), key.owner(source(other)));
        one.0.iter().filter(|level| other.0.contains(level)).count()
    }

    #[test]
    fn the_key_is_random_and_no_address_is_kept() {
        let own = || NameKey::random().owner(source("192.0.2.7"));
        assert_ne!(own(), own());
    }

    #[test]
    fn neighbours_share_a_net() {
        assert_eq!(shared("192.0.2.7", "192.0.2.7"), 2);
        assert_eq!(shared("192.0.2.7", "::ffff:192.0.2.7"), 2, "the same in version 6");
        assert_eq!(shared("192.0.2.7", "192.0.2.200"), 1, "the same /24");
        assert_eq!(shared("192.0.2.7", "192.0.3.7"), 0);
        assert_eq!(shared("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"), 3, "the same /64");
        assert_eq!(shared("2001:db8:0:1::1", "2001:db8:0:ff::2"), 2, "the same /56");
        assert_eq!(shared("2001:db8:0:1::1", "2001:db8:0:ff00::2"), 1, "the same /48");
        assert_eq!(shared("2001:db8:1::1", "2001:db8:2::1"), 0);
    }

    /// Of 75 there is a letter of 20 for each of two owners, and the last quarter for those who want less.
    #[test]
    fn one_letter_may_be_more_than_a_share_of_little() {
        let owner = Owner::newcomer();
        let may = |own: u64, more: u64, free: u64| {
            let ask = Completion {
                more,
                one: 20,
                free,
                all: 75,
            };
            owner.may_complete(&ask, |_| own)
        };
        assert!(!owner.may_hold(20, 75, |_| 1), "the control: a share is not enough");
        for (own, more, free, wanted) in [
            (0, 20, 75, true),
            (19, 1, 56, true),
            (20, 1, 55, false),
            (0, 20, 38, true),
            (0, 20, 37, false),
            (0, 2, 37, true),
            (0, 3, 19, false),
            (0, 1, 0, false),
        ] {
            assert_eq!(may(own, more, free), wanted, "{more} of {free}, with {own}");
        }
    }

    #[test]
    fn nobody_owns_this_machine() {
        assert_eq!(NameKey::random().owner(Source::Here), Owner::default());
    }
}
