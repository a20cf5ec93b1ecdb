//! Trial letters: whether a certificate can be sealed to is not asked of its algorithm alone, it is tried.
//!
//! The library knows algorithms whose curves it cannot compute (Brainpool), and a point in a file may lie on no curve at
//! all. Each would be found by the first citizen, whose letter fails, and by every one after. So a letter like any
//! other (signed, padded, armored, the same SEIPD) is sealed in memory, by the same code, when a file changes.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use sequoia_openpgp as openpgp;

use openpgp::crypto::{KeyPair, mpi};
use openpgp::packet::Key;
use openpgp::packet::key::{Key4, KeyRole, PrimaryRole, PublicParts, SecretParts, UnspecifiedRole};
use openpgp::types::{Curve, Features, PublicKeyAlgorithm};
use openpgp::{Cert, Fingerprint};

use super::error::SealError;
use super::mail::{self, Addressee, reads};
use konvolutt_letter::{MailHead, pad};

type AnyKey = Key<PublicParts, UnspecifiedRole>;

/// The keys of a certificate that a letter cannot be sealed to, each with the reason.
#[derive(Debug, Clone, Default)]
pub struct Unsealable(BTreeMap<Fingerprint, String>);

impl Unsealable {
    /// Tries every key of a certificate that is made for encryption, or could be: what an unknown algorithm is for
    /// cannot be told.
    pub fn of(cert: &Cert) -> Self {
        let may_encrypt = |algorithm: PublicKeyAlgorithm| algorithm.for_encryption() || !algorithm.is_supported();
        let keys = cert.keys().filter(|key| may_encrypt(key.key().pk_algo()));
        let keys: Vec<AnyKey> = keys.map(|key| key.key().clone().role_into_unspecified()).collect();
        let features = reads(cert, Features::empty().set_seipdv1().set_seipdv2());
        let fails = |keys: &[AnyKey]| {
            let features = features.clone();
            seal(&[Addressee { cert, keys, features }]).err()
        };
        // One letter is enough where all is well.
        if keys.is_empty() || keys.iter().all(|key| unsupported(key).is_none()) && fails(&keys).is_none() {
            return Self::default();
        }
        let each = keys.iter().filter_map(|key| {
            let failed = || Some(format!("{}: {}", kind(key), fails(std::slice::from_ref(key))?));
            Some((key.fingerprint(), unsupported(key).or_else(failed)?))
        });
        Self(each.collect())
    }

    /// Why this key cannot be sealed to, if so.
    pub(super) fn why(&self, key: &Fingerprint) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// What the library says that it cannot compute with, if so: the curve or the algorithm of this key.
pub(super) fn unsupported<R: KeyRole>(key: &Key<PublicParts, R>) -> Option<String> {
    let supported = curve(key).map_or_else(|| key.pk_algo().is_supported(), Curve::is_supported);
    (!supported).then(|| format!("{} is not supported", kind(key)))
}

/// The curve of a key, or the algorithm of one that has none.
fn kind<R: KeyRole>(key: &Key<PublicParts, R>) -> String {
    match curve(key) {
        Some(curve) => format!("the curve {}", curve_name(curve)),
        None => format!("the algorithm {}", key.pk_algo()),
    }
}

fn curve<R: KeyRole>(key: &Key<PublicParts, R>) -> Option<&Curve> {
    match key.mpis() {
        mpi::PublicKey::ECDH { curve, .. }
        | mpi::PublicKey::ECDSA { curve, .. }
        | mpi::PublicKey::EdDSA { curve, .. } => Some(curve),
        _ => None,
    }
}

/// As people write it; by its number where the library has no name for it.
fn curve_name(curve: &Curve) -> String {
    let name = curve.to_string();
    match name.strip_prefix("Unknown curve ") {
        Some("1.3.132.0.10") => "secp256k1".into(),
        Some(number) => number.into(),
        None => name,
    }
}

/// Seals a trial letter to all of them together.
///
/// # Errors
/// Why it cannot be done.
pub(super) fn seal(to: &[Addressee<'_>]) -> Result<(), String> {
    // What a hostile certificate makes the library do must not end the task that looks.
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let sealed = mail::write(throw_away_key()?, io::sink(), &head(), to, document);
        sealed.map(|_| ()).map_err(|error| match error {
            SealError::Crypto(why) => why,
            other => other.to_string(),
        })
    }));
    let done = tried.unwrap_or_else(|_| Err("the cryptographic library gave up".into()));
    done.map_err(|why| format!("a trial letter could not be sealed: {why}"))
}

/// Of the kind that signs letters. It is gone after the trial, as everything that it signed.
fn throw_away_key() -> Result<KeyPair, String> {
    let key = Key4::<SecretParts, PrimaryRole>::generate_ecc(true, Curve::Ed25519);
    let pair = key.and_then(|key| Key::from(key).into_keypair());
    pair.map_err(|error| format!("no key to sign with: {error}"))
}

fn document(out: &mut dyn Write) -> io::Result<()> {
    const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nA trial.\r\n";
    out.write_all(TEXT)?;
    out.write_all(pad::filler(TEXT.len() as u64).as_bytes())
}

fn head() -> MailHead {
    let text = || "trial".to_owned();
    MailHead {
        from: text(),
        to: text(),
        subject: text(),
        date: text(),
        message_id: text(),
        reference: text(),
        boundary: text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::parse_one;
    use crate::seal::tests::{compat, stored, with_subkey};

    use openpgp::types::{HashAlgorithm, SymmetricAlgorithm};

    fn encrypting(cert: &Cert) -> Vec<AnyKey> {
        let subkeys = cert.keys().subkeys();
        subkeys.map(|key| key.key().clone().role_into_unspecified()).collect()
    }

    #[test]
    fn good_keys_are_taken() {
        for profile in [
            postrom::KeyProfile::Compat,
            postrom::KeyProfile::Rfc9580,
            postrom::KeyProfile::Pqc,
        ] {
            let new = postrom::generate(
                profile,
                "P",
                "p@x.example",
                std::time::Duration::from_secs(86_400),
                None,
            );
            assert!(Unsealable::of(&new.unwrap().cert).0.is_empty(), "{profile:?}");
        }
    }

    #[test]
    fn a_curve_that_is_not_supported_is_named() {
        let cert = parse_one(stored("brainpool-beside-cv25519")).unwrap();
        let found = Unsealable::of(&cert);
        let reasons: Vec<_> = found.0.values().collect();
        assert_eq!(reasons, ["the curve brainpoolP256r1 is not supported"]);
        // The trial finds it too, whatever the library says of itself.
        let keys = encrypting(&cert);
        let features = Features::empty().set_seipdv1();
        let to = |keys| {
            seal(&[Addressee {
                cert: &cert,
                keys,
                features: features.clone(),
            }])
        };
        let failed = keys.iter().filter(|key| to(std::slice::from_ref(*key)).is_err());
        let failed: Vec<_> = failed.map(Key::fingerprint).collect();
        assert_eq!(failed, found.0.keys().cloned().collect::<Vec<_>>());
        assert!(
            to(&keys)
                .unwrap_err()
                .starts_with("a trial letter could not be sealed: ")
        );
    }

    /// The curve is known, and what stands in the file is no point of it.
    #[test]
    fn only_the_trial_finds_a_point_that_is_none() {
        let no_point = mpi::PublicKey::ECDH {
            curve: Curve::NistP256,
            q: mpi::MPI::new(&[[4].as_slice(), &[0xAA; 64]].concat()),
            hash: HashAlgorithm::SHA256,
            sym: SymmetricAlgorithm::AES256,
        };
        let cert = with_subkey(PublicKeyAlgorithm::ECDH, no_point);
        let found = Unsealable::of(&cert);
        let keys = encrypting(&cert);
        let bad = keys.iter().find(|key| curve(key) == Some(&Curve::NistP256)).unwrap();
        let why = found.why(&bad.fingerprint()).unwrap();
        assert!(
            why.starts_with("the curve NIST P-256: a trial letter could not be sealed: "),
            "{why}"
        );
        assert_eq!((keys.len(), found.0.len()), (2, 1));
        assert!(Unsealable::of(&compat()).0.is_empty());
    }
}
