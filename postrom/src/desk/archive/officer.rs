//! Case officers, to whom a letter can be sealed again.
//!
//! Comes in: a file with a certificate. Goes out: an officer with keys that a letter can be sealed to now, or why there is none.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::Preferences;
use openpgp::packet::Key;
use openpgp::packet::key::{PublicParts, UnspecifiedRole};
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient};
use openpgp::types::{Features, RevocationStatus, SymmetricAlgorithm};

use crate::address::is_address;
use crate::keys::Looks;
use crate::keys::file::{certificates, looks, read};
use crate::names::{addresses, begins, name};
use crate::trouble::Cause;
use crate::trust::label;

/// Somebody who can open what is sealed to them.
#[derive(Clone)]
pub struct Officer {
    /// Their certificate, without secret halves.
    pub cert: Cert,
    /// Who they are, for people.
    pub name: String,
    /// Their mail address, when the certificate says one.
    pub address: Option<String>,
    keys: Vec<Key<PublicParts, UnspecifiedRole>>,
    features: Features,
}

/// Why nobody can be sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoOfficer {
    /// The file cannot be read.
    Unreadable(Cause),
    /// It is something else than a certificate.
    NotACertificate(Looks),
    /// Past its expiry, or not valid yet. Whose it is.
    NotAlive(String),
    /// Its owner withdrew it. Whose it is.
    Revoked(String),
    /// Its own signatures cannot be trusted. Whose it is.
    BadBinding(String),
    /// No key that a letter can be sealed to now. Whose it is.
    NoEncryption(String),
}

/// Everybody in a file; one who cannot be sealed to does not keep the others from it.
///
/// # Errors
/// When there is nobody in it.
pub fn officers(file: &Path) -> Result<Vec<Result<Officer, NoOfficer>>, NoOfficer> {
    let bytes = read(file).map_err(NoOfficer::Unreadable)?;
    let certs = certificates(&bytes);
    if certs.is_empty() {
        return Err(NoOfficer::NotACertificate(looks(&bytes)));
    }
    let now = SystemTime::now();
    Ok(certs.into_iter().map(|cert| Officer::of(cert, now)).collect())
}

impl Officer {
    /// Whose certificate this is, if a letter can be sealed to it.
    ///
    /// # Errors
    /// Why not.
    pub fn of(cert: Cert, now: SystemTime) -> Result<Self, NoOfficer> {
        let cert = cert.strip_secret_key_material();
        let policy = StandardPolicy::new();
        let whose = || label(&cert);
        let not_valid = |_| {
            if begins(&cert) > now {
                NoOfficer::NotAlive(whose())
            } else {
                NoOfficer::BadBinding(whose())
            }
        };
        let valid = cert.with_policy(&policy, now).map_err(not_valid)?;
        if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
            return Err(NoOfficer::Revoked(whose()));
        }
        valid.alive().map_err(|_| NoOfficer::NotAlive(whose()))?;
        let usable = valid.keys().alive().revoked(false).supported();
        let usable = usable.for_storage_encryption().for_transport_encryption();
        let keys = usable.map(|key| key.key().clone().role_into_unspecified()).collect();
        let officer = Self {
            name: own_name(&cert),
            address: addresses(&cert).into_iter().find(|address| is_address(address)),
            features: reads(&cert, valid.features()),
            keys,
            cert: cert.clone(),
        };
        let opens = || -> openpgp::Result<()> {
            let mut message = officer.encrypted(Message::new(std::io::sink()))?;
            message.write_all(b"a trial")?;
            message.finalize()
        };
        // A curve that the library does not know fails only here.
        if officer.keys.is_empty() || opens().is_err() {
            return Err(NoOfficer::NoEncryption(whose()));
        }
        Ok(officer)
    }

    /// Whether their program reads the newer form of a seal.
    pub(super) fn reads_seipdv2(&self) -> bool {
        self.features.supports_seipdv2()
    }

    /// What is written into it, only they can read. It is not signed: nobody here has a key that says whose hand a letter
    /// came through.
    pub(super) fn encrypted<'a>(&'a self, to: Message<'a>) -> openpgp::Result<Message<'a>> {
        let keys = self.keys.iter();
        let keys = keys.map(|key| Recipient::new(self.features.clone(), key.key_handle(), key));
        let message = Encryptor::for_recipients(to, keys)
            .symmetric_algo(SymmetricAlgorithm::AES256)
            .build()?;
        LiteralWriter::new(message).build()
    }
}

/// A v4 certificate may claim what GnuPG, which holds such keys just as well, cannot read.
fn reads(cert: &Cert, claimed: Option<Features>) -> Features {
    match cert.primary_key().key().version() {
        4 => Features::empty().set_seipdv1(),
        _ => claimed.unwrap_or_else(|| Features::empty().set_seipdv1()),
    }
}

/// Without the address; the fingerprint of one who has no name.
fn own_name(cert: &Cert) -> String {
    let id = name(cert).unwrap_or_default();
    let own = id.split('<').next().unwrap_or_default().trim();
    match (own, id.as_str()) {
        ("", "") => cert.fingerprint().to_string(),
        ("", address) => address.trim_matches(['<', '>']).to_owned(),
        (own, _) => own.to_owned(),
    }
}
