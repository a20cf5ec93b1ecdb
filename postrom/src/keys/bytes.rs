//! Unlocked keys and certificates on their way to a process of our own, through a pipe: never for a disk.

use sequoia_openpgp as openpgp;

use openpgp::Packet;
use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::cert::{Cert, CertParser};
use openpgp::parse::Parse;
use openpgp::serialize::Serialize;
use zeroize::Zeroizing;

use super::{Keys, Unlocked, secret};

/// Certificates one after the other, without secret halves.
///
/// # Errors
/// What the cryptographic library says.
pub fn certs_to_bytes(certs: &[Cert]) -> openpgp::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for cert in certs {
        cert.serialize(&mut bytes)?;
    }
    Ok(bytes)
}

/// What [`certs_to_bytes`] gave.
///
/// # Errors
/// When it is something else.
pub fn certs_from_bytes(bytes: &[u8]) -> openpgp::Result<Vec<Cert>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    CertParser::from_bytes(bytes)?.collect()
}

impl Keys {
    /// All of it, the secrets without their passphrases.
    ///
    /// # Errors
    /// What the cryptographic library says.
    pub fn to_bytes(&self) -> openpgp::Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        for (at, cert) in self.certs.iter().enumerate() {
            let secrets = self.unlocked.iter().filter(|unlocked| unlocked.cert == at).map(packet);
            let (whole, _) = cert.clone().insert_packets(secrets)?;
            whole.as_tsk().serialize(&mut *bytes)?;
        }
        for cert in &self.known {
            cert.serialize(&mut *bytes)?;
        }
        Ok(bytes)
    }

    /// What [`Keys::to_bytes`] gave.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_bytes(bytes: &[u8]) -> openpgp::Result<Self> {
        let mut keys = Self::default();
        if bytes.is_empty() {
            return Ok(keys);
        }
        for cert in CertParser::from_bytes(bytes)? {
            let cert = cert?;
            if cert.is_tsk() {
                keys.take(&cert);
            } else {
                keys.know(cert);
            }
        }
        Ok(keys)
    }

    fn take(&mut self, cert: &Cert) {
        for key in cert.keys().unencrypted_secret().filter(secret::can_decrypt) {
            self.keep(cert, key.primary(), key.key().clone().role_into_unspecified());
        }
    }
}

fn packet(unlocked: &Unlocked) -> Packet {
    let key = unlocked.key.clone();
    if unlocked.primary {
        key.role_into_primary().into()
    } else {
        key.role_into_subordinate().into()
    }
}
