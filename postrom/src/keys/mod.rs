//! Secret keys of the post room.
//!
//! Comes in: key files, and somebody to ask for passphrases. Goes out: key pairs, by the recipient that a letter names.
//! What always holds: only keys that can open letters are unlocked, so that a key that only signs needs no passphrase, and
//! one that cannot be used does not keep the others from being used.

mod bytes;
pub(crate) mod file;
pub(crate) mod secret;
mod trouble;
mod unlock;

use std::collections::HashMap;
use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::cert::Cert;
use openpgp::cert::amalgamation::key::PrimaryKey;
use openpgp::crypto::KeyPair;
use openpgp::packet::Key;
use openpgp::packet::key::{SecretParts, UnspecifiedRole};
use openpgp::{KeyHandle, KeyID};

pub use bytes::{certs_from_bytes, certs_to_bytes};
pub use file::Looks;
pub use secret::Holds;
pub use trouble::{KeyRemark, KeysError};
pub use unlock::Ask;
use unlock::{Asked, Tally, unlock};

/// One unlocked key.
struct Unlocked {
    cert: usize,
    primary: bool,
    key: Key<SecretParts, UnspecifiedRole>,
}

/// The keys that a clerk opens letters with.
#[derive(Default)]
pub struct Keys {
    /// Public halves, each once.
    certs: Vec<Cert>,
    unlocked: Vec<Unlocked>,
    by_id: HashMap<KeyID, Vec<usize>>,
    /// Certificates whose secret halves are elsewhere: the recovery key in its safe.
    known: Vec<Cert>,
}

// Letters are opened on several threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Keys>();
};

impl Keys {
    /// Adds every key of a file that can open letters. `ask` is called for each one that has a passphrase, until one fits.
    ///
    /// # Errors
    /// When no key of the file can be used.
    pub fn add(&mut self, path: &Path, ask: Asked<'_>) -> Result<Vec<KeyRemark>, KeysError> {
        let bytes = file::read(path).map_err(|cause| KeysError::Unreadable(path.to_owned(), cause))?;
        let mut remarks = Vec::new();
        if read_by_others(path) {
            remarks.push(KeyRemark::ReadByOthers(path.to_owned()));
        }
        self.add_bytes(path, &bytes, ask, &mut remarks)?;
        Ok(remarks)
    }

    /// As [`Keys::add`], from the bytes of a file; `path` only names it.
    pub(crate) fn add_bytes(
        &mut self,
        path: &Path,
        bytes: &[u8],
        ask: Asked<'_>,
        remarks: &mut Vec<KeyRemark>,
    ) -> Result<(), KeysError> {
        let certs = file::certificates(bytes);
        if certs.is_empty() {
            return Err(KeysError::NotAKey(path.to_owned(), file::looks(bytes)));
        }
        if !certs.iter().any(Cert::is_tsk) {
            return Err(KeysError::OnlyPublic(path.to_owned()));
        }
        let mut tally = Tally::default();
        for cert in certs.iter().filter(|cert| cert.is_tsk()) {
            self.add_cert(path, cert, ask, &mut tally, remarks);
        }
        tally.outcome(path)
    }

    fn add_cert(&mut self, path: &Path, cert: &Cert, ask: Asked<'_>, tally: &mut Tally, remarks: &mut Vec<KeyRemark>) {
        let mut ask_for = Ask::about(path, cert);
        let mut stays_locked = false;
        for key in cert.keys().secret().filter(secret::can_decrypt) {
            let unlocked = match secret::holds(&key) {
                Holds::Open => Some(key.key().clone().role_into_unspecified()),
                Holds::Locked if self.has(&key.key().key_handle()) => continue,
                Holds::Locked => unlock(&key, &mut ask_for, ask, tally),
                Holds::Nothing => {
                    tally.hollow = true;
                    continue;
                }
                Holds::Card => {
                    tally.card = true;
                    continue;
                }
            };
            match unlocked {
                Some(unlocked) => self.keep(cert, key.primary(), unlocked),
                None => stays_locked = true,
            }
        }
        tally.usable |= self.certs.iter().any(|own| own.fingerprint() == cert.fingerprint());
        if stays_locked {
            remarks.push(KeyRemark::StaysLocked {
                path: path.to_owned(),
                key: ask_for.label(),
            });
        }
    }

    /// Keeps an unlocked key, once, with the public half of its certificate.
    fn keep(&mut self, cert: &Cert, primary: bool, key: Key<SecretParts, UnspecifiedRole>) {
        let public = cert.clone().strip_secret_key_material();
        let cert = match self
            .certs
            .iter()
            .position(|own| own.fingerprint() == public.fingerprint())
        {
            Some(at) => {
                // A newer copy may say of more subkeys.
                if let Ok(merged) = self.certs[at].clone().merge_public(public) {
                    self.certs[at] = merged;
                }
                at
            }
            None => {
                self.certs.push(public);
                self.certs.len() - 1
            }
        };
        if self.has(&key.key_handle()) {
            return;
        }
        self.by_id.entry(key.keyid()).or_default().push(self.unlocked.len());
        self.unlocked.push(Unlocked { cert, primary, key });
    }

    fn has(&self, handle: &KeyHandle) -> bool {
        self.unlocked
            .iter()
            .any(|unlocked| unlocked.key.key_handle() == *handle)
    }

    /// Adds a certificate that letters may be sealed to as well, so that it is not told as a stranger.
    pub fn know(&mut self, cert: Cert) {
        file::merge(&mut self.known, cert.strip_secret_key_material());
    }

    /// Whether no key can open anything.
    pub fn is_empty(&self) -> bool {
        self.unlocked.is_empty()
    }

    /// The certificates of the keys, without their secret halves.
    pub fn certs(&self) -> &[Cert] {
        &self.certs
    }

    /// Every key pair with its certificate.
    pub fn pairs(&self) -> impl Iterator<Item = (&Cert, KeyPair)> {
        self.unlocked.iter().filter_map(|unlocked| self.pair(unlocked))
    }

    /// The key pairs that may open what is sealed to this recipient: all of them, when it hides who it is.
    pub fn pairs_for(&self, recipient: Option<&KeyHandle>) -> impl Iterator<Item = (&Cert, KeyPair)> {
        let id = recipient.map(KeyID::from).filter(|id| !id.is_wildcard());
        let fitting = id.map(|id| self.by_id.get(&id).map(Vec::as_slice).unwrap_or_default());
        let all = if fitting.is_none() {
            self.unlocked.as_slice()
        } else {
            &[]
        };
        let fitting = fitting
            .unwrap_or_default()
            .iter()
            .filter_map(|at| self.unlocked.get(*at));
        // Two keys with one key ID can be made; the whole fingerprint tells them apart where it is given.
        let fits = move |unlocked: &&Unlocked| recipient.is_none_or(|handle| unlocked.key.key_handle().aliases(handle));
        fitting
            .filter(fits)
            .chain(all)
            .filter_map(|unlocked| self.pair(unlocked))
    }

    fn pair(&self, unlocked: &Unlocked) -> Option<(&Cert, KeyPair)> {
        Some((
            self.certs.get(unlocked.cert)?,
            unlocked.key.clone().into_keypair().ok()?,
        ))
    }

    /// The certificate that a key handle belongs to, among those loaded and those known.
    pub fn owner(&self, handle: &KeyHandle) -> Option<&Cert> {
        owner(self.certs.iter().chain(&self.known), handle)
    }
}

/// The certificate that a key handle belongs to.
pub(crate) fn owner<'a>(certs: impl IntoIterator<Item = &'a Cert>, handle: &KeyHandle) -> Option<&'a Cert> {
    let mut certs = certs.into_iter();
    certs.find(|cert| cert.keys().any(|key| key.key().key_handle().aliases(handle)))
}

/// A file that belongs to everybody of the machine, or to a whole group.
fn read_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // A pipe or a device is nobody's file.
        std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Reads one public certificate.
///
/// # Errors
/// Names the file.
pub fn load_certificate(path: &Path) -> Result<Cert, KeysError> {
    let bytes = file::read(path).map_err(|cause| KeysError::Unreadable(path.to_owned(), cause))?;
    let cert = file::certificates(&bytes).into_iter().next();
    let cert = cert.ok_or_else(|| KeysError::NotAKey(path.to_owned(), file::looks(&bytes)))?;
    Ok(cert.strip_secret_key_material())
}
