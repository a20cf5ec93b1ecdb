//! Whom a request counts for, and under what name that is remembered.
//!
//! A client's address becomes a prefix, the prefix a keyed hash. The key is random and exists in memory only, so that a
//! count tells nothing of a client once its key is gone. (A hash without a key would fall in an hour: there are few
//! addresses.)

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Whom a request counts for. Holds an address: only tests print it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Source {
    /// A client with an address.
    Address(IpAddr),
    /// All clients of the onion service together.
    Onion,
    /// This machine itself, where a program can do worse than send pages.
    Here,
}

/// A client's part of the net, as a number that only this key makes of it.
pub(super) type Name = u64;

/// What prefixes are remembered under.
pub(super) struct NameKey(Zeroizing<[u8; 32]>);

impl NameKey {
    /// A new one, under which no earlier name is known.
    pub(super) fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        #[allow(clippy::expect_used)] // the kernel's generator cannot fail once the machine has booted
        getrandom::fill(&mut *key).expect("randomness from the operating system");
        Self(key)
    }

    /// The name of a prefix.
    pub(super) fn name(&self, prefix: &[u8]) -> Name {
        #[allow(clippy::expect_used)] // HMAC takes keys of any length
        let mut hmac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("a key");
        hmac.update(prefix);
        let digest: [u8; 32] = hmac.finalize().into_bytes().into();
        u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }
}

/// The part of an address that one client has in its hands: a /24, or a /64 of version 6.
pub(super) fn prefix(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(four) => four.octets()[..3].to_vec(),
        IpAddr::V6(six) => six.octets()[..8].to_vec(),
    }
}

/// The /48 of version 6, which often holds many a /64 of one owner.
pub(super) fn site(address: IpAddr) -> Option<Vec<u8>> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(six) => Some(six.octets()[..6].to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_key_is_random_and_no_address_is_kept() {
        let own = || NameKey::random().name(&prefix(address("192.0.2.7")));
        assert_ne!(own(), own());
        let key = NameKey::random();
        assert_eq!(key.name(b"a"), key.name(b"a"));
        assert_ne!(key.name(b"a"), key.name(b"b"));
    }

    #[test]
    fn neighbours_share_a_prefix() {
        let of = |text: &str| prefix(address(text));
        assert_eq!(of("192.0.2.7"), of("192.0.2.200"));
        assert_eq!(of("192.0.2.7"), of("::ffff:192.0.2.7"), "the same in version 6");
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        let site_of = |text: &str| site(address(text));
        assert_eq!(site_of("2001:db8:1:1::1"), site_of("2001:db8:1:ff::1"));
        assert_ne!(site_of("2001:db8:1::1"), site_of("2001:db8:2::1"));
        assert_eq!(site_of("192.0.2.7"), None);
    }
}
