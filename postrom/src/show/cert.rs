//! A certificate or a key, as facts.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey};
use openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use openpgp::packet::key::PublicParts;
use openpgp::policy::StandardPolicy;
use openpgp::types::RevocationStatus;

use crate::keys::Holds;
use crate::keys::secret::{can_decrypt, holds};
use crate::names::{addresses, grouped, name};

/// A certificate or a key.
#[derive(serde::Serialize)]
pub struct CertShown {
    /// Whose it is, when it says so in a way that can be trusted.
    pub name: Option<String>,
    /// Its mail addresses.
    pub addresses: Vec<String>,
    /// Its fingerprint, in groups of four.
    pub fingerprint: String,
    /// When it was made.
    #[serde(serialize_with = "iso")]
    pub created: Option<jiff::Timestamp>,
    /// When it ends to be valid, if ever.
    #[serde(serialize_with = "iso")]
    pub expires: Option<jiff::Timestamp>,
    /// Whether it can be used now.
    pub state: State,
    /// What it is for.
    #[serde(rename = "use")]
    pub used: Use,
    /// A secret half is in the file.
    pub secret: bool,
    /// Its primary key and its subkeys.
    pub keys: Vec<KeyShown>,
}

/// Whether a certificate can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It can.
    Valid,
    /// Not any more.
    Expired,
    /// Its owner has withdrawn it.
    Withdrawn,
    /// What binds it together is missing, or too weak for today.
    Unsound,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Letters are sealed to it: a post room's, or a recovery key's.
    Recipient,
    /// It signs and takes no letters: a form's.
    Relay,
    /// Neither.
    Neither,
}

/// One key of a certificate.
#[derive(serde::Serialize)]
pub struct KeyShown {
    /// What a letter names it by: its key ID, or the whole fingerprint when it is of version 6.
    pub id: String,
    /// The primary key, which holds the others together.
    pub primary: bool,
    /// It signs.
    pub signs: bool,
    /// It opens letters.
    pub opens: bool,
    /// When it ends to be valid, if ever.
    #[serde(serialize_with = "iso")]
    pub expires: Option<jiff::Timestamp>,
    /// Its owner has withdrawn it.
    pub withdrawn: bool,
    /// What the file has of its secret half.
    pub secret: Option<Holds>,
}

impl CertShown {
    /// The facts of a certificate.
    pub fn of(cert: &Cert) -> Self {
        let policy = StandardPolicy::new();
        let valid = cert.with_policy(&policy, None).ok();
        let expires = valid
            .as_ref()
            .and_then(|valid| valid.primary_key().key_expiration_time());
        let keys: Vec<_> = cert.keys().map(|key| KeyShown::of(&key)).collect();
        Self {
            name: name(cert),
            addresses: addresses(cert),
            fingerprint: grouped(&cert.fingerprint()),
            created: time(cert.primary_key().key().creation_time()),
            expires: expires.and_then(time),
            state: state(cert),
            used: used(&keys),
            secret: cert.is_tsk(),
            keys,
        }
    }
}

fn state(cert: &Cert) -> State {
    let policy = StandardPolicy::new();
    match cert.with_policy(&policy, None) {
        Err(_) => State::Unsound,
        Ok(valid) if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) => State::Withdrawn,
        Ok(valid) if valid.alive().is_err() => State::Expired,
        Ok(_) => State::Valid,
    }
}

fn used(keys: &[KeyShown]) -> Use {
    if keys.iter().any(|key| key.opens) {
        Use::Recipient
    } else if keys.iter().any(|key| key.signs) {
        Use::Relay
    } else {
        Use::Neither
    }
}

impl KeyShown {
    fn of(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Self {
        let policy = StandardPolicy::new();
        let valid = key.clone().with_policy(&policy, None).ok();
        let id = if key.key().version() > 4 {
            key.key().fingerprint().to_hex()
        } else {
            key.key().keyid().to_hex()
        };
        Self {
            id,
            primary: key.primary(),
            signs: valid.as_ref().is_some_and(|valid| valid.for_signing()),
            opens: can_decrypt(key),
            expires: valid
                .as_ref()
                .and_then(|valid| valid.key_expiration_time())
                .and_then(time),
            withdrawn: valid.is_some_and(|valid| matches!(valid.revocation_status(), RevocationStatus::Revoked(_))),
            secret: key.clone().parts_into_secret().ok().map(|key| holds(&key)),
        }
    }
}

fn time(time: SystemTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::try_from(time).ok()
}

/// As RFC 3339 has it.
fn iso<S: serde::Serializer>(time: &Option<jiff::Timestamp>, out: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => out.collect_str(time),
        None => out.serialize_none(),
    }
}
