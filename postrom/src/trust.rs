//! Certificates that letters are held against: the relays that sign them, and other keys that they are sealed to.
//!
//! Comes in: files. Goes out: certificates without secret halves, each once. What always holds: nothing serves as a form's
//! certificate that cannot be one, so that a swapped file is told instead of making every letter a stranger's.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::policy::StandardPolicy;
use openpgp::types::RevocationStatus;
use openpgp::{Cert, KeyHandle};

use crate::keys::file::{certificates, looks, merge, read};
use crate::keys::secret::can_decrypt;
use crate::keys::{Keys, Looks};
use crate::names::{addresses, begins, grouped, name, nodes};
use crate::trouble::Cause;

/// What a letter is held against.
#[derive(Default)]
pub struct Trust {
    /// The forms' relays, also former ones.
    pub relays: Vec<Cert>,
    /// Certificates whose secret halves are elsewhere: the recovery key in its safe, a colleague's.
    pub known: Vec<Cert>,
    /// Files of relay certificates that hold secret halves too, which nobody but the form's server needs.
    pub with_secret: Vec<PathBuf>,
}

/// A certificate as it is told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Head {
    /// Whose it is.
    pub name: Option<String>,
    /// Its fingerprint, in groups of four.
    pub fingerprint: String,
    /// A form's certificate that it does not sign with any more.
    pub former: bool,
}

/// Why a file cannot serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: NoTrust,
}

/// Why a file cannot serve as `--relay` or `--known`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoTrust {
    /// It cannot be read.
    Unreadable(Cause),
    /// It is something else than a certificate.
    NotACertificate(Looks),
    /// As a form's: this certificate has never been able to sign.
    CannotSign(String),
    /// As a form's: letters can be sealed to it, so it is a recipient's.
    TakesLetters(String),
    /// As a form's: it is one of the keys that letters are opened with.
    OwnKey(String),
    /// As a form's: it is also among the known recipients.
    AlsoKnown(String),
}

impl Trust {
    /// Reads the certificates of all files; each file may hold several.
    ///
    /// # Errors
    /// Names the file, and what is wrong with it.
    pub fn load(relay: &[PathBuf], known: &[PathBuf], own: &Keys) -> Result<Self, TrustError> {
        let mut trust = Self::default();
        for path in known {
            for cert in read_all(path)? {
                merge(&mut trust.known, cert.strip_secret_key_material());
            }
        }
        for path in relay {
            for cert in read_all(path)? {
                let error = |why| TrustError {
                    path: path.clone(),
                    why,
                };
                trust.can_be_relay(&cert, own).map_err(error)?;
                if cert.is_tsk() && !trust.with_secret.contains(path) {
                    trust.with_secret.push(path.clone());
                }
                merge(&mut trust.relays, cert.strip_secret_key_material());
            }
        }
        Ok(trust)
    }

    fn can_be_relay(&self, cert: &Cert, own: &Keys) -> Result<(), NoTrust> {
        let among = |certs: &[Cert]| certs.iter().any(|other| other.fingerprint() == cert.fingerprint());
        if among(own.certs()) {
            Err(NoTrust::OwnKey(label(cert)))
        } else if among(&self.known) {
            Err(NoTrust::AlsoKnown(label(cert)))
        } else if cert.keys().any(|key| can_decrypt(&key)) {
            Err(NoTrust::TakesLetters(label(cert)))
        } else if !has_ever_signed(cert) {
            Err(NoTrust::CannotSign(label(cert)))
        } else {
            Ok(())
        }
    }

    /// Whether the form has stopped signing with this certificate: it has expired, was replaced or withdrawn from use, or
    /// a later one has the same mail address. What it signed while it was good stays genuine. One that is valid only from
    /// later on, after the clock of this machine, was not given up.
    pub fn former(&self, cert: &Cert, now: SystemTime) -> bool {
        let policy = StandardPolicy::new();
        if begins(cert) > now {
            return false;
        }
        let Ok(valid) = cert.with_policy(&policy, now) else {
            return true;
        };
        let withdrawn = matches!(valid.revocation_status(), RevocationStatus::Revoked(_));
        withdrawn || valid.alive().is_err() || self.relays.iter().any(|other| replaces(other, cert))
    }

    /// The forms' certificates, for "Checked against: …".
    pub fn heads(&self) -> Vec<Head> {
        let now = SystemTime::now();
        let head = |cert: &Cert| Head {
            name: name(cert),
            fingerprint: grouped(&cert.fingerprint()),
            former: self.former(cert, now),
        };
        self.relays.iter().map(head).collect()
    }

    /// The known certificate that a key handle belongs to.
    pub fn owner(&self, handle: &KeyHandle) -> Option<&Cert> {
        crate::keys::owner(&self.known, handle)
    }
}

/// Name and fingerprint on one line.
pub fn label(cert: &Cert) -> String {
    let name = name(cert).unwrap_or_default();
    format!("{name} {}", grouped(&cert.fingerprint()))
        .trim_start()
        .to_owned()
}

fn replaces(other: &Cert, cert: &Cert) -> bool {
    let created = |cert: &Cert| cert.primary_key().key().creation_time();
    other.fingerprint() != cert.fingerprint() && created(other) > created(cert) && !are_of_two_nodes(other, cert) && {
        let mine = addresses(cert);
        addresses(other).iter().any(|address| mine.contains(address))
    }
}

/// Several machines of one form sign under one address, each with a key of its own: `Form (node b) <form@authority.example>`.
fn are_of_two_nodes(one: &Cert, other: &Cert) -> bool {
    let (one, other) = (nodes(one), nodes(other));
    !one.is_empty() && !other.is_empty() && !one.iter().any(|node| other.contains(node))
}

fn read_all(path: &Path) -> Result<Vec<Cert>, TrustError> {
    let error = |why| TrustError {
        path: path.to_owned(),
        why,
    };
    let bytes = read(path).map_err(|cause| error(NoTrust::Unreadable(cause)))?;
    let certs = certificates(&bytes);
    if certs.is_empty() {
        return Err(error(NoTrust::NotACertificate(looks(&bytes))));
    }
    Ok(certs)
}

/// A key that signs, now or when the certificate began or one of its keys was made.
fn has_ever_signed(cert: &Cert) -> bool {
    let policy = StandardPolicy::new();
    let mut times: Vec<SystemTime> = cert.keys().map(|key| key.key().creation_time()).collect();
    times.extend([SystemTime::now(), begins(cert)]);
    let signs = |time| cert.keys().with_policy(&policy, time).for_signing().next().is_some();
    times.into_iter().any(signs)
}
