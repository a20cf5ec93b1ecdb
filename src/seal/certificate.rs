//! A certificate file, read with suspicion.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::cert::CertParser;
use openpgp::parse::Parse;
use openpgp::serialize::SerializeInto;
use openpgp::{Cert, Fingerprint};

/// No certificate of a post room is near this size; a larger file costs time and memory to refuse later.
const LARGEST: u64 = 512 * 1024;

/// Why a file is not a certificate that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The file is far larger than a certificate.
    #[error("the file is larger than {} KiB", LARGEST / 1024)]
    TooLarge,
    /// Not OpenPGP, or damaged.
    #[error("the file holds no OpenPGP certificate that can be read")]
    NotACertificate,
    /// More than one.
    #[error("the file holds more than one certificate")]
    Several,
    /// Contains a secret key.
    #[error("the file holds a SECRET key, which must never be on this machine")]
    Secret,
    /// Another certificate than the one that was pinned.
    #[error("the file holds another certificate: {found} instead of {pinned}")]
    Foreign {
        /// Fingerprint in the file.
        found: Fingerprint,
        /// Fingerprint in the configuration.
        pinned: Fingerprint,
    },
}

impl Unreadable {
    /// What an operator does about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Io(_) => "Check the path, and that the service may read the file.",
            Self::TooLarge => {
                "Export the certificate anew, without other people's signatures (`gpg --export-options export-minimal`)."
            }
            Self::NotACertificate => "Ask the post room for the file that ends in `.cert.asc`, or export it anew.",
            Self::Several => "Put each certificate into a file of its own.",
            Self::Secret => {
                "Delete this file here, treat the key as exposed, and ask the post room for the `.cert.asc` file."
            }
            Self::Foreign { .. } => {
                "If the post room has changed its key, confirm the new fingerprint by telephone and set it in the configuration; else restore the file."
            }
        }
    }
}

/// Reads the one public certificate of a file.
///
/// # Errors
/// Whatever keeps it from being used.
pub fn read_certificate(path: &Path) -> Result<Cert, Unreadable> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    parse_one(&bytes)
}

/// Parses exactly one public certificate.
///
/// # Errors
/// As [`read_certificate`].
pub fn parse_one(bytes: &[u8]) -> Result<Cert, Unreadable> {
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let mut certs = CertParser::from_bytes(bytes).map_err(|_| Unreadable::NotACertificate)?;
    let first = certs.next().and_then(Result::ok).ok_or(Unreadable::NotACertificate)?;
    if certs.next().is_some() {
        return Err(Unreadable::Several);
    }
    if first.is_tsk() {
        Err(Unreadable::Secret)
    } else {
        Ok(first)
    }
}

/// A fingerprint in groups of four, as people compare it.
pub fn fingerprint_groups(fingerprint: &Fingerprint) -> String {
    let hex = fingerprint.to_hex();
    let groups: Vec<&str> = (0..hex.len())
        .step_by(4)
        .map(|i| &hex[i..hex.len().min(i + 4)])
        .collect();
    groups.join(" ")
}

/// The certificate as text that every OpenPGP program reads.
pub fn armored(cert: &Cert) -> String {
    let bytes = cert.armored().to_vec().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
