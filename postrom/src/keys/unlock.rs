//! Passphrases: who is asked for them, in which order they are tried, and what is said when none fits.

use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::cert::Cert;
use openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey};
use openpgp::crypto::Password;
use openpgp::packet::Key;
use openpgp::packet::key::{SecretParts, UnspecifiedRole};

use super::KeysError;
use crate::names::{grouped, name};

/// What is said to whom is asked for a passphrase.
pub struct Ask<'a> {
    /// The key's file.
    pub path: &'a Path,
    /// Whose it is.
    pub name: Option<String>,
    /// The fingerprint of its certificate, in groups.
    pub fingerprint: String,
    /// How many passphrases did not fit this key so far.
    pub refused: usize,
}

impl<'a> Ask<'a> {
    pub(super) fn about(path: &'a Path, cert: &Cert) -> Self {
        Self {
            path,
            name: name(cert),
            fingerprint: grouped(&cert.fingerprint()),
            refused: 0,
        }
    }

    pub(super) fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        format!("{name} {}", self.fingerprint).trim_start().to_owned()
    }
}

/// What became of a file's keys.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) usable: bool,
    refused: bool,
    nobody: bool,
    pub(super) card: bool,
    pub(super) hollow: bool,
    /// What fitted a key before: most people have one passphrase for all of a file.
    fitted: Vec<Password>,
}

/// Who is asked for a passphrase: `None` when nobody knows a further one.
pub(super) type Asked<'a> = &'a mut dyn FnMut(&Ask<'_>) -> Option<Password>;

/// Asks until a passphrase fits.
pub(super) fn unlock(
    key: &ErasedKeyAmalgamation<'_, SecretParts>,
    ask_for: &mut Ask<'_>,
    ask: Asked<'_>,
    tally: &mut Tally,
) -> Option<Key<SecretParts, UnspecifiedRole>> {
    // The secret of a v6 key is bound to its packet's tag, primary or subkey: it is decrypted in its role, which is
    // erased only afterwards.
    let open = |password: &Password| {
        if key.primary() {
            let key = key.key().clone().role_into_primary().decrypt_secret(password);
            key.map(Key::role_into_unspecified)
        } else {
            let key = key.key().clone().role_into_subordinate().decrypt_secret(password);
            key.map(Key::role_into_unspecified)
        }
    };
    if let Some(key) = tally.fitted.iter().find_map(|password| open(password).ok()) {
        return Some(key);
    }
    // What did not fit another key of the certificate may fit this one.
    ask_for.refused = 0;
    loop {
        let Some(password) = ask(ask_for) else {
            tally.nobody |= ask_for.refused == 0;
            return None;
        };
        if let Ok(key) = open(&password) {
            tally.fitted.push(password);
            return Some(key);
        }
        tally.refused = true;
        ask_for.refused += 1;
    }
}

impl Tally {
    /// The first of these is what the clerk can do most about.
    pub(super) fn outcome(&self, path: &Path) -> Result<(), KeysError> {
        let path = || path.to_owned();
        if self.usable {
            Ok(())
        } else if self.refused {
            Err(KeysError::Passphrase(path()))
        } else if self.nobody {
            Err(KeysError::NobodyToAsk(path()))
        } else if self.card {
            Err(KeysError::OnCard(path()))
        } else if self.hollow {
            Err(KeysError::Hollow(path()))
        } else {
            Err(KeysError::CannotOpen(path()))
        }
    }
}
