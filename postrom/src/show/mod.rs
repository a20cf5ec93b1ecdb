//! What a file is: a certificate, a key, or a sealed letter. Nothing is decrypted, and no passphrase is asked for.

mod cert;
mod sealed;

use std::path::Path;

use crate::keys::Looks;
use crate::keys::file::{certificates, looks, read};
use crate::trouble::Cause;

pub use cert::{CertShown, KeyShown, State, Use};
pub use sealed::{SealedShown, sealed_parts};

/// One thing in a file.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Shown {
    /// A certificate, or a key with its secret half.
    Certificate(CertShown),
    /// A sealed letter or mail.
    Sealed(SealedShown),
}

/// Why nothing of a file is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotShown {
    /// It cannot be read.
    Unreadable(Cause),
    /// It holds nothing of the kind.
    Other(Looks),
}

/// Everything that a file holds.
///
/// # Errors
/// When there is nothing.
pub fn look(path: &Path) -> Result<Vec<Shown>, NotShown> {
    let bytes = read(path).map_err(NotShown::Unreadable)?;
    let certs = certificates(&bytes);
    let mut shown: Vec<Shown> = certs
        .iter()
        .map(|cert| Shown::Certificate(CertShown::of(cert)))
        .collect();
    shown.extend(sealed_parts(path).into_iter().map(Shown::Sealed));
    if shown.is_empty() {
        Err(NotShown::Other(looks(&bytes)))
    } else {
        Ok(shown)
    }
}
