//! Names: what makes two letters the same letter.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use konvolutt_letter::{hex, unhex};

/// Everything that is derived from one page's token and what was written on it. A repeat of the same page
/// with the same content, also after a restart, has the same identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name in the store: 64 hexadecimal digits.
    pub name: String,
    /// Chance for the reference.
    pub reference: [u8; 16],
    /// Inner id: 128 bits in hexadecimal, what machines compare.
    pub id: String,
    /// For the Message-ID: unguessable from the other two.
    pub envelope: String,
    /// For the envelope that mail servers pass on and name again when they send a letter back: in no header field, and
    /// unguessable from the other three.
    pub bounce: String,
}

/// Derives identities from a secret of the store. Without it a name does not tell what was written.
pub struct Identities(Zeroizing<[u8; 32]>);

impl Identities {
    /// From 32 random bytes that every process of one store has.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self(secret)
    }

    /// The identity of a submission: its page's token and the digest of everything written on it.
    pub fn of(&self, token: &[u8], content: &[u8; 32]) -> Identity {
        self.named(&self.derive("name", &[token, content]))
    }

    /// The identity of the letter of a name; `None` for what is no name.
    pub fn of_name(&self, name: &str) -> Option<Identity> {
        unhex(name.as_bytes()).map(|bytes| self.named(&bytes))
    }

    /// Everything but the name is derived from it.
    fn named(&self, name: &[u8; 32]) -> Identity {
        let derived = |purpose| self.derive(purpose, &[name]);
        let mut reference = [0; 16];
        reference.copy_from_slice(&derived("reference")[..16]);
        Identity {
            name: hex(name),
            reference,
            id: hex(&derived("id")[..16]),
            envelope: hex(&derived("envelope")[..16]),
            bounce: hex(&derived("bounce")[..16]),
        }
    }

    /// A key for one more purpose. What is sealed under it opens in every process of this store, and in no other store.
    pub fn key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.derive("key", &[purpose.as_bytes()]))
    }

    fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of every length.
        #[allow(clippy::expect_used)] // the type says Result for other MACs
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any length is a key");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            // Length first, so that no two lists of parts read alike.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_its_own_key() {
        let ours = Identities::new(Zeroizing::new([1; 32]));
        let name = unhex(ours.of(b"receipt", &[2; 32]).name.as_bytes());
        let keys = [
            *ours.key("receipt"),
            *ours.key("other"),
            *Identities::new(Zeroizing::new([4; 32])).key("receipt"),
            ours.derive("receipt", &[]),
            name.unwrap(),
        ];
        assert_eq!(*ours.key("receipt"), keys[0]);
        assert_eq!(std::collections::BTreeSet::from(keys).len(), keys.len());
    }

    #[test]
    fn token_and_content_make_the_name_and_the_name_makes_the_rest() {
        let ours = Identities::new(Zeroizing::new([1; 32]));
        let first = ours.of(b"token", &[2; 32]);
        assert!(first == ours.of(b"token", &[2; 32]));
        assert!(Some(&first) == ours.of_name(&first.name).as_ref());
        for other in [
            ours.of(b"other", &[2; 32]),
            ours.of(b"token", &[3; 32]),
            Identities::new(Zeroizing::new([4; 32])).of(b"token", &[2; 32]),
        ] {
            assert_ne!(first.name, other.name);
            assert_ne!((&first.id, &first.envelope), (&other.id, &other.envelope));
            assert_ne!(first.bounce, other.bounce);
        }
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
            assert!(ours.of_name(wrong).is_none(), "{wrong}");
        }
    }
}
