//! The relay's own key: signs every letter inside its encryption, so that the post room can tell relay mail
//! from mail that was forged to its public key. Opens nothing.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::cert::{Cert, CertBuilder, CipherSuite};
use openpgp::crypto::KeyPair;
use openpgp::packet::{Signature, UserID};
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::types::KeyFlags;
use openpgp::{Fingerprint, Profile};

/// Why the signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read.
    #[error("the signing key {0} cannot be read: {1}")]
    Io(PathBuf, std::io::Error),
    /// Others may read it.
    #[error("the signing key {0} can be read by others (mode {1:04o})")]
    Exposed(PathBuf, u32),
    /// Not a secret key.
    #[error("{0} holds no OpenPGP secret key without a passphrase")]
    NotAKey(PathBuf),
    /// Another key than the configuration names.
    #[error("{0} holds the key {1}, the configuration names {2}")]
    Foreign(PathBuf, Fingerprint, Fingerprint),
    /// Expired, revoked or weak.
    #[error("the signing key {0} cannot sign now: {1}")]
    Unfit(PathBuf, String),
    /// Has an encryption subkey.
    #[error("the signing key {0} has an encryption subkey, so that a clerk's Reply would be sent to it")]
    Encrypts(PathBuf),
    /// The sender address is not the key's.
    #[error("the signing key {0} has no user ID with the address {1}, so mail programs would show a bad signature")]
    NotTheSender(PathBuf, String),
}

impl SigningKeyError {
    /// What an operator does about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Io(..) => "Check the path, or make a key with `konvolutt keys new-signer`.",
            Self::Exposed(..) => "Set its mode to 0600 (`chmod 600 FILE`).",
            Self::NotAKey(_) | Self::Encrypts(_) | Self::Unfit(..) => {
                "Make a new one with `konvolutt keys new-signer` and give the clerks its certificate."
            }
            Self::Foreign(..) => {
                "Set `signing.fingerprint` to the key that the clerks have accepted, or restore the file."
            }
            Self::NotTheSender(..) => {
                "Set `mail.from_address` to the address in the key, or make a key for the address."
            }
        }
    }
}

/// A signing key, ready.
pub struct SigningKey {
    cert: Cert,
    pair: KeyPair,
    path: PathBuf,
}

impl SigningKey {
    /// Loads the key, refusing one that others can read, that is not the pinned one, or that could be
    /// encrypted to.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn load(path: &Path, pinned: &Fingerprint) -> Result<Self, SigningKeyError> {
        let not_a_key = || SigningKeyError::NotAKey(path.to_owned());
        let cert = read(path, pinned)?;
        let key = cert.primary_key().key().clone().parts_into_secret();
        let pair = key.and_then(|key| key.into_keypair()).map_err(|_| not_a_key())?;
        let loaded = Self {
            cert: cert.strip_secret_key_material(),
            pair,
            path: path.to_owned(),
        };
        loaded.usable(SystemTime::now())?;
        Ok(loaded)
    }

    /// The public certificate of the key, also when it may not sign any more: what it signed before holds.
    ///
    /// # Errors
    /// The first thing that is wrong with the file.
    pub fn certificate_of(path: &Path, pinned: &Fingerprint) -> Result<Cert, SigningKeyError> {
        read(path, pinned).map(Cert::strip_secret_key_material)
    }

    /// Whether the key may sign now.
    ///
    /// # Errors
    /// Why not.
    pub fn usable(&self, now: SystemTime) -> Result<(), SigningKeyError> {
        let policy = StandardPolicy::at(now);
        let unfit = |why: String| SigningKeyError::Unfit(self.path.clone(), why);
        let valid = self.cert.with_policy(&policy, now).map_err(|e| unfit(e.to_string()))?;
        valid.alive().map_err(|e| unfit(e.to_string()))?;
        let encrypts = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
        if valid.keys().key_flags(encrypts).next().is_some() {
            return Err(SigningKeyError::Encrypts(self.path.clone()));
        }
        let primary = valid.keys().alive().revoked(false).for_signing();
        let mut primary = primary.filter(|key| key.primary());
        primary
            .next()
            .map(|_| ())
            .ok_or_else(|| unfit("it is not a signing key".into()))
    }

    /// When the key cannot sign any more, if that comes.
    pub fn ends(&self, now: SystemTime) -> Option<SystemTime> {
        let policy = StandardPolicy::at(now);
        let valid = self.cert.with_policy(&policy, now).ok()?;
        valid.primary_key().key_expiration_time()
    }

    /// Whole days until then.
    pub fn days_left(&self, now: SystemTime) -> Option<u64> {
        Some(self.ends(now)?.duration_since(now).unwrap_or_default().as_secs() / 86_400)
    }

    /// Checks that mail from this address shows as signed by this key.
    ///
    /// # Errors
    /// When no user ID that holds bears the address.
    pub fn signs_for(&self, address: &str) -> Result<(), SigningKeyError> {
        let policy = StandardPolicy::new();
        let valid = self.cert.with_policy(&policy, None).ok();
        let ids = valid.iter().flat_map(|valid| valid.userids().revoked(false));
        let own = |id: &UserID| matches!(id.email(), Ok(Some(email)) if email.eq_ignore_ascii_case(address));
        if ids.into_iter().any(|id| own(id.userid())) {
            Ok(())
        } else {
            Err(SigningKeyError::NotTheSender(self.path.clone(), address.to_owned()))
        }
    }

    /// The public certificate, for the clerks.
    pub fn certificate(&self) -> &Cert {
        &self.cert
    }

    pub(super) fn pair(&self) -> KeyPair {
        self.pair.clone()
    }
}

/// Makes a signing key: Ed25519, sign only, v4 so that every mail program verifies it, no passphrase (the
/// file's mode and the service's sandbox protect it), valid for `valid_for`.
///
/// # Errors
/// What the cryptographic library says.
pub fn generate(name: &str, address: &str, valid_for: Duration) -> openpgp::Result<(Cert, Signature)> {
    CertBuilder::new()
        .set_profile(Profile::RFC4880)?
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
        .set_validity_period(valid_for)
        .add_userid(UserID::from(format!("{name} <{address}>")))
        .generate()
}

fn read(path: &Path, pinned: &Fingerprint) -> Result<Cert, SigningKeyError> {
    let io = |error| SigningKeyError::Io(path.to_owned(), error);
    let mut file = File::open(path).map_err(io)?;
    let mode = file.metadata().map_err(io)?.mode() & 0o7777;
    if mode & exposed(path) != 0 {
        return Err(SigningKeyError::Exposed(path.to_owned(), mode));
    }
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes).map_err(io)?;
    let cert = Cert::from_bytes(&bytes[..]).map_err(|_| SigningKeyError::NotAKey(path.to_owned()))?;
    if cert.fingerprint() != *pinned {
        let found = cert.fingerprint();
        return Err(SigningKeyError::Foreign(path.to_owned(), found, pinned.clone()));
    }
    Ok(cert)
}

/// The bits of a mode that let others read. systemd gives a credential to its one user by an access list; the bits of
/// the group are then the list's mask, and let nobody in.
fn exposed(path: &Path) -> u32 {
    let given = std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|given| path.starts_with(given));
    if given { 0o007 } else { 0o077 }
}
