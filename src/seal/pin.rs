//! A certificate as the operator pinned it: which, what for, and how strict to be with it.

use std::path::PathBuf;
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::policy::StandardPolicy;
use openpgp::types::HashAlgorithm;
use openpgp::{Cert, Fingerprint};

use super::certificate::{Unreadable, read_certificate};

/// RSA below this is under 128 bits of strength (NIST SP 800-57): too little for what is kept for 60 years.
pub(super) const RSA_LEAST: usize = 3072;
/// With a written waiver; below this the policy of the library refuses too.
const RSA_LEAST_WAIVED: usize = 2048;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateRole {
    /// Opens letters every day. With none of these qualifying, the form is closed.
    Daily,
    /// Lies in a safe for the day the daily key is lost.
    Recovery,
}

impl CertificateRole {
    /// As the configuration writes it.
    pub fn word(self) -> &'static str {
        match self {
            CertificateRole::Daily => "daily",
            CertificateRole::Recovery => "recovery",
        }
    }
}

/// How strict to be with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// RSA of 3072 bits and more, no SHA-1.
    Full,
    /// The operator has written into the configuration why this one certificate may be weaker: RSA of 2048 bits
    /// and more, self-signatures with SHA-1.
    Waived,
}

impl Strength {
    pub(super) fn rsa_least(self) -> usize {
        match self {
            Self::Full => RSA_LEAST,
            Self::Waived => RSA_LEAST_WAIVED,
        }
    }

    pub(super) fn policy(self, now: SystemTime) -> StandardPolicy<'static> {
        let mut policy = StandardPolicy::at(now);
        if self == Self::Waived {
            policy.accept_hash(HashAlgorithm::SHA1);
        }
        policy
    }
}

/// A certificate as the operator pinned it.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Its file.
    pub file: PathBuf,
    /// Its full fingerprint.
    pub fingerprint: Fingerprint,
    /// What it is for.
    pub role: CertificateRole,
    /// How strict to be with it.
    pub strength: Strength,
}

impl Pin {
    /// Reads the file and holds it against the fingerprint.
    ///
    /// # Errors
    /// What keeps the file from being the pinned certificate.
    pub fn read(&self) -> Result<Cert, Unreadable> {
        let cert = read_certificate(&self.file)?;
        if cert.fingerprint() == self.fingerprint {
            Ok(cert)
        } else {
            Err(Unreadable::Foreign {
                found: cert.fingerprint(),
                pinned: self.fingerprint.clone(),
            })
        }
    }
}
