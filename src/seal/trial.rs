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

use super::judge::reads;
use super::mail::{self, Addressee, MailHead};
use super::recipients::Recipients;
use konvolutt_letter::pad;

type AnyKey = Key<PublicParts, UnspecifiedRole>;

/// The keys of a certificate that a letter cannot be sealed to, each with the reason.
#[derive(Debug, Clone, Default)]
pub struct Unsealable(BTreeMap<Fingerprint, String>);

impl Unsealable {
    /// Tries every key of a certificate that is made for encryption, or could be: of an algorithm that is not known
    /// here nobody can say.
    pub fn of(cert: &Cert) -> Self {
        let may_encrypt = |algorithm: PublicKeyAlgorithm| algorithm.for_encryption() || !algorithm.is_supported();
        let keys = cert.keys().filter(|key| may_encrypt(key.key().pk_algo()));
        let keys: Vec<AnyKey> = keys.map(|key| key.key().clone().role_into_unspecified()).collect();
        let features = reads(cert, Features::empty().set_seipdv1().set_seipdv2());
        let fails = |keys: &[AnyKey]| {
            let features = features.clone();
            let known = keys.iter().find_map(unsupported);
            known.or_else(|| seal(&[Addressee { cert, keys, features }]).err())
        };
        // One letter is enough where all is well.
        if keys.is_empty() || fails(&keys).is_none() {
            return Self::default();
        }
        let each = keys
            .iter()
            .filter_map(|key| Some((key.fingerprint(), fails(std::slice::from_ref(key))?)));
        Self(each.collect())
    }

    /// Why this key cannot be sealed to, if so.
    pub(super) fn why(&self, key: &Fingerprint) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// Seals a trial letter to all of them together.
///
/// # Errors
/// Why it cannot be done.
pub(super) fn seal_together(recipients: &Recipients) -> Result<(), String> {
    let to: Vec<_> = recipients.fit.iter().map(|(fit, _)| fit.addressee()).collect();
    seal(&to)
}

/// What the library says that it cannot compute with, if so: the curve or the algorithm of this key.
pub(super) fn unsupported<R: KeyRole>(key: &Key<PublicParts, R>) -> Option<String> {
    let curve = match key.mpis() {
        mpi::PublicKey::ECDH { curve, .. }
        | mpi::PublicKey::ECDSA { curve, .. }
        | mpi::PublicKey::EdDSA { curve, .. } => Some(curve),
        _ => None,
    };
    match curve {
        Some(curve) if !curve.is_supported() => Some(format!("the curve {} is not supported", curve_name(curve))),
        _ if !key.pk_algo().is_supported() => Some(format!("the algorithm {} is not supported", key.pk_algo())),
        _ => None,
    }
}

/// As people write it.
fn curve_name(curve: &Curve) -> String {
    match curve {
        Curve::BrainpoolP256 => "brainpoolP256r1".into(),
        Curve::BrainpoolP384 => "brainpoolP384r1".into(),
        Curve::BrainpoolP512 => "brainpoolP512r1".into(),
        // 1.3.132.0.10, as GnuPG makes it.
        Curve::Unknown(oid) if **oid == [0x2B, 0x81, 0x04, 0x00, 0x0A] => "secp256k1".into(),
        other => other.to_string(),
    }
}

fn seal(to: &[Addressee<'_>]) -> Result<(), String> {
    // What a hostile certificate makes the library do must not end the task that looks.
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let sealed = mail::write(throw_away_key()?, io::sink(), &head(), to, document);
        sealed.map(|_| ()).map_err(|error| error.to_string())
    }));
    tried.unwrap_or_else(|_| Err("the cryptographic library stopped".into()))
}

/// Of the kind that signs letters. Nobody learns it, and nothing that it signs is kept.
fn throw_away_key() -> Result<KeyPair, String> {
    let key = Key4::<SecretParts, PrimaryRole>::generate_ecc(true, Curve::Ed25519);
    let pair = key.and_then(|key| Key::from(key).into_keypair());
    pair.map_err(|error| format!("no key could be made for a trial: {error}"))
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
