//! Secret keys of the post room, and the relay's public certificate.

use std::path::{Path, PathBuf};

use sequoia_openpgp as openpgp;

use openpgp::cert::{Cert, CertParser};
use openpgp::crypto::{KeyPair, Password};
use openpgp::packet::Key;
use openpgp::packet::key::{SecretParts, UnspecifiedRole};
use openpgp::parse::Parse;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Cannot be read or is not OpenPGP.
    #[error("{0} is not an OpenPGP key file that can be read: {1}")]
    Unreadable(PathBuf, String),
    /// A certificate without its secret half.
    #[error("{0} holds only the public half of a key; to open letters the file that ends in .key.asc is needed")]
    OnlyPublic(PathBuf),
    /// There is no terminal to ask for it.
    #[error("{0} has a passphrase, and there is no terminal to ask for it; use --passphrase-file")]
    NobodyToAsk(PathBuf),
    /// The passphrase does not fit.
    #[error("the passphrase does not fit {0}")]
    Passphrase(PathBuf),
}

/// The keys that a clerk opens letters with.
#[derive(Default)]
pub struct Keys {
    keys: Vec<(Cert, Key<SecretParts, UnspecifiedRole>)>,
    /// Certificates whose secret halves are elsewhere: the recovery key in its safe.
    known: Vec<Cert>,
}

impl Keys {
    /// Adds every key of a file. `ask` is called for a passphrase when one is needed.
    ///
    /// # Errors
    /// Names the file.
    pub fn add(&mut self, path: &Path, ask: &mut dyn FnMut(&Path) -> Option<String>) -> Result<(), KeysError> {
        let unreadable = |error: openpgp::anyhow::Error| KeysError::Unreadable(path.to_owned(), error.to_string());
        let before = self.keys.len();
        let mut password: Option<Password> = None;
        for cert in CertParser::from_file(path).map_err(unreadable)? {
            let cert = cert.map_err(unreadable)?;
            for key in cert.keys().secret() {
                let mut key = key.key().clone().role_into_unspecified();
                if !key.has_unencrypted_secret() {
                    let refused = || KeysError::Passphrase(path.to_owned());
                    let password = match &password {
                        Some(password) => password,
                        None => {
                            let asked = ask(path).ok_or_else(|| KeysError::NobodyToAsk(path.to_owned()))?;
                            password.insert(asked.into())
                        }
                    };
                    key = key.decrypt_secret(password).map_err(|_| refused())?;
                }
                self.keys.push((cert.clone().strip_secret_key_material(), key));
            }
        }
        if self.keys.len() > before {
            Ok(())
        } else {
            Err(KeysError::OnlyPublic(path.to_owned()))
        }
    }

    /// Adds a certificate that letters may be sealed to as well, so that it is not told as a stranger.
    pub fn know(&mut self, cert: Cert) {
        self.known.push(cert);
    }

    /// Key pairs with their certificates.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Cert, KeyPair)> {
        let keys = self.keys.iter();
        keys.filter_map(|(cert, key)| Some((cert, key.clone().into_keypair().ok()?)))
    }

    /// The certificate that a key handle belongs to, among those loaded and those known.
    pub(super) fn owner(&self, handle: &openpgp::KeyHandle) -> Option<&Cert> {
        let own = self.keys.iter().map(|(cert, _)| cert).chain(&self.known);
        let mut own = own.filter(|cert| cert.keys().any(|key| key.key().key_handle().aliases(handle)));
        own.next()
    }
}

/// Reads the relay's public certificate.
///
/// # Errors
/// Names the file.
pub fn load_certificate(path: &Path) -> Result<Cert, KeysError> {
    Cert::from_file(path)
        .map(Cert::strip_secret_key_material)
        .map_err(|error| KeysError::Unreadable(path.to_owned(), error.to_string()))
}
