//! Whether a certificate may be sealed to, at this moment.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use openpgp::cert::{Preferences, ValidCert};
use openpgp::packet::key::{PublicParts, UnspecifiedRole};
use openpgp::packet::{Key, Signature};
use openpgp::types::{Features, PublicKeyAlgorithm, RevocationStatus};
use openpgp::{Cert, Fingerprint};

use super::mail::{Addressee, reads};
use super::pin::{RSA_LEAST, Strength};
use super::trial::{self, Unsealable};
use super::user_id;

/// A certificate that qualified.
#[derive(Clone)]
pub struct Recipient {
    /// The certificate.
    pub cert: Cert,
    name: String,
    /// Its usable encryption subkeys.
    pub(super) keys: Vec<Key<PublicParts, UnspecifiedRole>>,
    /// What its mail programs can read.
    pub(super) features: Features,
    /// When it stops qualifying, if it ever does.
    pub expires: Option<SystemTime>,
    /// Every key that is sealed to resists a quantum computer (RFC 9980).
    pub post_quantum: bool,
}

impl Recipient {
    /// The primary user ID that holds, for people; the fingerprint where there is none.
    pub fn name(&self) -> String {
        self.name.clone()
    }

    pub(super) fn key_fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.keys.iter().map(Key::fingerprint)
    }

    pub(super) fn addressee(&self) -> Addressee<'_> {
        Addressee {
            cert: &self.cert,
            keys: &self.keys,
            features: self.features.clone(),
        }
    }

    /// Whole days until it stops qualifying.
    pub fn days_left(&self, now: SystemTime) -> Option<u64> {
        let left = self.expires?.duration_since(now).unwrap_or_default();
        Some(left.as_secs() / 86_400)
    }
}

/// Why a certificate does not qualify now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Past its expiry, or not valid yet.
    #[error("it is not valid at this time (expired, or the clock is wrong)")]
    NotAlive,
    /// Its owner withdrew it.
    #[error("it is revoked")]
    Revoked,
    /// No self-signature that can be trusted today.
    #[error("its own signatures cannot be trusted (damaged, or made with SHA-1)")]
    BadBinding,
    /// Self-signatures by a primary key that the library cannot compute with.
    #[error("its own signatures cannot be checked: {0}")]
    Uncheckable(String),
    /// Nothing that the primary key signed: no user ID.
    #[error("it has no user ID, so nothing says until when it holds and what it is for")]
    NoUserId,
    /// Nothing to encrypt to.
    #[error("it has no encryption subkey that can be used now")]
    NoEncryption,
    /// There are some, but no letter can be sealed to them.
    #[error("it has no encryption subkey that a letter can be sealed to: {0}")]
    Unsealable(String),
    /// Too little strength.
    #[error("its encryption subkey is too weak (RSA with {0} bits; at least {RSA_LEAST} are needed)")]
    Weak(usize),
}

impl Unfit {
    /// What an operator does about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotAlive => {
                "Ask the post room to extend the key's expiry and send the new certificate file; check this machine's clock."
            }
            Self::Revoked => {
                "Take it out of the configuration, and ask the post room for the certificate that replaces it."
            }
            Self::NoUserId => "Ask the post room to export its certificate anew, with the user ID.",
            Self::BadBinding | Self::Uncheckable(_) | Self::NoEncryption | Self::Unsealable(_) | Self::Weak(_) => {
                "Ask the post room for a new key, made with `postrom keygen`."
            }
        }
    }
}

/// Judges a certificate whose keys were tried. A pure function: the same at every call, and no file is read.
///
/// # Errors
/// The first reason why it does not qualify.
pub fn judge(cert: &Cert, tried: &Unsealable, strength: Strength, now: SystemTime) -> Result<Recipient, Unfit> {
    let policy = strength.policy(now);
    let valid = cert.with_policy(&policy, now).map_err(|_| not_valid(cert, now))?;
    if !matches!(valid.revocation_status(), RevocationStatus::NotAsFarAsWeKnow) {
        return Err(Unfit::Revoked);
    }
    valid.alive().map_err(|_| Unfit::NotAlive)?;
    let usable = valid.keys().alive().revoked(false).for_storage_encryption();
    let why =
        |key: &ValidErasedKeyAmalgamation<'_, PublicParts>| tried.why(&key.key().fingerprint()).map(str::to_owned);
    let (unsealable, sealable): (Vec<_>, Vec<_>) = usable.partition(|key| why(key).is_some());
    let (strong, weak): (Vec<_>, Vec<_>) = sealable
        .into_iter()
        .partition(|key| rsa_bits(key.key()) >= strength.rsa_least());
    if strong.is_empty() {
        let weak = weak.first().map(|key| Unfit::Weak(rsa_bits(key.key())));
        let unsealable = unsealable.iter().find_map(why).map(Unfit::Unsealable);
        return Err(weak.or(unsealable).unwrap_or_else(|| why_no_key(&valid, tried)));
    }
    // Beside a post-quantum subkey a classical one would only be the weaker way in.
    let post_quantum = strong.iter().any(|key| resists_quantum(key.key()));
    let chosen: Vec<_> = strong
        .iter()
        .filter(|key| !post_quantum || resists_quantum(key.key()))
        .collect();
    let ends = chosen.iter().map(|key| key.key_expiration_time());
    let last = ends.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten();
    let own = valid.primary_key().key_expiration_time();
    Ok(Recipient {
        features: reads(
            cert,
            valid.features().unwrap_or_else(|| Features::empty().set_seipdv1()),
        ),
        keys: chosen
            .iter()
            .map(|key| key.key().clone().role_into_unspecified())
            .collect(),
        expires: [last, own].into_iter().flatten().min(),
        post_quantum,
        name: user_id::name(cert, strength, now),
        cert: cert.clone(),
    })
}

fn not_valid(cert: &Cert, now: SystemTime) -> Unfit {
    let primary = cert.primary_key().key();
    // A key from the future has no signature yet that counts; any other has none that the policy trusts.
    if primary.creation_time() > now {
        return Unfit::NotAlive;
    }
    if let Some(why) = trial::unsupported(primary) {
        return Unfit::Uncheckable(why);
    }
    if cert.userids().next().is_none() {
        return Unfit::NoUserId;
    }
    Unfit::BadBinding
}

fn why_no_key(valid: &ValidCert<'_>, tried: &Unsealable) -> Unfit {
    let all = || valid.keys().for_storage_encryption();
    if all().next().is_none() {
        let unsealable = marked_subkeys(valid.cert()).find_map(|key| tried.why(&key).map(str::to_owned));
        return unsealable.map_or(Unfit::NoEncryption, Unfit::Unsealable);
    }
    if all().alive().next().is_none() {
        Unfit::NotAlive
    } else if all().revoked(false).next().is_none() {
        Unfit::Revoked
    } else {
        Unfit::NoEncryption
    }
}

/// Subkeys that the owner meant for encryption, also those whose algorithm the policy does not take.
fn marked_subkeys(cert: &Cert) -> impl Iterator<Item = Fingerprint> {
    let marked = |signature: &Signature| {
        signature
            .key_flags()
            .is_some_and(|flags| flags.for_storage_encryption())
    };
    let subkeys = cert.keys().subkeys();
    let meant = subkeys.filter(move |subkey| subkey.self_signatures().any(marked));
    meant.map(|subkey| subkey.key().fingerprint())
}

/// Bits of an RSA key; other algorithms are strong enough by themselves.
fn rsa_bits<R: openpgp::packet::key::KeyRole>(key: &Key<PublicParts, R>) -> usize {
    #[allow(deprecated)] // old keys still bear the old numbers
    match key.pk_algo() {
        PublicKeyAlgorithm::RSAEncryptSign | PublicKeyAlgorithm::RSAEncrypt => key.mpis().bits().unwrap_or(0),
        PublicKeyAlgorithm::ElGamalEncrypt => 0,
        _ => usize::MAX,
    }
}

/// Whether a key's algorithm resists a quantum computer.
fn resists_quantum<R: openpgp::packet::key::KeyRole>(key: &Key<PublicParts, R>) -> bool {
    let algorithm = key.pk_algo();
    matches!(
        algorithm,
        PublicKeyAlgorithm::MLKEM768_X25519 | PublicKeyAlgorithm::MLKEM1024_X448
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use openpgp::cert::CertBuilder;
    use openpgp::types::{KeyFlags, ReasonForRevocation};
    use postrom::KeyProfile;

    use super::*;
    use crate::seal::parse_one;
    use crate::seal::tests::{DAY, compat, made, revoked, stored};

    fn for_encryption() -> KeyFlags {
        KeyFlags::empty().set_storage_encryption().set_transport_encryption()
    }

    fn built(builder: CertBuilder<'_>) -> Cert {
        builder
            .add_userid("P <p@x.example>")
            .generate()
            .unwrap()
            .0
            .strip_secret_key_material()
    }

    /// One encryption subkey per length of life.
    fn with_subkeys(lives: &[Option<Duration>]) -> Cert {
        let add =
            |builder: CertBuilder<'static>, life: &Option<Duration>| builder.add_subkey(for_encryption(), *life, None);
        built(lives.iter().fold(CertBuilder::new(), add))
    }

    fn one_subkey_revoked() -> Cert {
        let (cert, _) = CertBuilder::new()
            .add_userid("P")
            .add_subkey(for_encryption(), None, None)
            .generate()
            .unwrap();
        let secret = cert.primary_key().key().clone().parts_into_secret().unwrap();
        let mut signer = secret.into_keypair().unwrap();
        let subkey = cert.keys().subkeys().next().unwrap();
        let revoke = openpgp::cert::SubkeyRevocationBuilder::new();
        let revoke = revoke
            .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
            .unwrap();
        let revocation = revoke.build(&mut signer, &cert, subkey.key(), None).unwrap();
        cert.insert_packets(vec![revocation])
            .unwrap()
            .0
            .strip_secret_key_material()
    }

    fn mixed() -> Cert {
        parse_one(stored("brainpool-beside-cv25519")).unwrap()
    }

    /// What a certificate is worth: so many keys are sealed to, until when, after quantum computers too.
    type Worth = Result<(usize, Option<u64>, bool), Unfit>;

    /// One row: what it is, the certificate, days from now, and the judgement. Days left count from then.
    fn rows() -> Vec<(&'static str, Cert, i64, Worth)> {
        let curve = |curve: &str| format!("the curve {curve} is not supported");
        vec![
            ("as postrom makes it", compat(), 0, Ok((1, Some(89), false))),
            ("v6", made(KeyProfile::Rfc9580), 0, Ok((1, Some(89), false))),
            (
                "post-quantum alone, beside a classical subkey",
                made(KeyProfile::Pqc),
                0,
                Ok((1, Some(89), true)),
            ),
            ("near its end", compat(), 88, Ok((1, Some(1), false))),
            ("past its end", compat(), 91, Err(Unfit::NotAlive)),
            ("from the future", compat(), -30, Err(Unfit::NotAlive)),
            ("revoked", revoked(), 0, Err(Unfit::Revoked)),
            ("its only subkey revoked", one_subkey_revoked(), 0, Err(Unfit::Revoked)),
            ("without end", with_subkeys(&[None]), 10_000, Ok((1, None, false))),
            (
                "two subkeys: the later end counts",
                with_subkeys(&[Some(10 * DAY), Some(20 * DAY)]),
                0,
                Ok((2, Some(19), false)),
            ),
            (
                "two subkeys: one is over",
                with_subkeys(&[Some(10 * DAY), Some(20 * DAY)]),
                15,
                Ok((1, Some(4), false)),
            ),
            (
                "two subkeys: one without end",
                with_subkeys(&[Some(10 * DAY), None]),
                15,
                Ok((1, None, false)),
            ),
            (
                "all subkeys over",
                with_subkeys(&[Some(10 * DAY)]),
                15,
                Err(Unfit::NotAlive),
            ),
            (
                "signs only",
                built(CertBuilder::new().add_signing_subkey()),
                0,
                Err(Unfit::NoEncryption),
            ),
            (
                "nobody's, but the key itself is signed",
                compat().retain_userids(|_| false),
                0,
                Ok((1, Some(89), false)),
            ),
            (
                "nobody's, as GnuPG makes it",
                mixed().retain_userids(|_| false),
                0,
                Err(Unfit::NoUserId),
            ),
            (
                "Brainpool",
                parse_one(stored("brainpool-P256")).unwrap(),
                0,
                Err(Unfit::Unsealable(curve("brainpoolP256r1"))),
            ),
            (
                "Brainpool beside a good one",
                parse_one(stored("brainpool-beside-cv25519")).unwrap(),
                0,
                Ok((1, None, false)),
            ),
            (
                "Brainpool signs",
                parse_one(stored("brainpool-primary")).unwrap(),
                0,
                Err(Unfit::Uncheckable(curve("brainpoolP256r1"))),
            ),
            (
                "secp256k1",
                parse_one(stored("secp256k1")).unwrap(),
                0,
                Err(Unfit::Unsealable(curve("secp256k1"))),
            ),
        ]
    }

    #[test]
    fn the_table() {
        // A second later: what was made just now is valid then.
        let begin = SystemTime::now() + Duration::from_secs(1);
        for (what, cert, days, expected) in rows() {
            let off = DAY * u32::try_from(days.unsigned_abs()).unwrap();
            let now = if days < 0 { begin - off } else { begin + off };
            let judged = judge(&cert, &Unsealable::of(&cert), Strength::Full, now);
            let worth = judged.map(|fit| (fit.keys.len(), fit.days_left(now), fit.post_quantum));
            assert_eq!(worth, expected, "{what}");
        }
    }

    /// Each refusal says what to do, and no two refusals read alike.
    #[test]
    fn every_refusal_has_its_sentence() {
        let all = rows().into_iter().filter_map(|(_, _, _, worth)| worth.err());
        let mut sentences: Vec<String> = all.map(|unfit| format!("{unfit} {}", unfit.remedy())).collect();
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), 7, "{sentences:#?}");
        assert!(
            sentences.iter().all(|sentence| sentence.ends_with('.')),
            "{sentences:#?}"
        );
    }

    /// GnuPG 2.2 and Thunderbird hold v4 keys, whatever these claim.
    #[test]
    fn a_v4_certificate_is_never_sealed_to_with_seipdv2() {
        let now = SystemTime::now() + Duration::from_secs(1);
        let reads_v2 = |cert: &Cert| {
            let fit = judge(cert, &Unsealable::default(), Strength::Full, now).unwrap();
            fit.features.supports_seipdv2()
        };
        assert!(!reads_v2(&with_subkeys(&[None])));
        assert!(reads_v2(&made(KeyProfile::Rfc9580)));
    }
}
