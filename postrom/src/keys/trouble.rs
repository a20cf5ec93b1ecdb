//! What stands in the way of a key, and what is worth a word although it works. Values: their sentences are in
//! [`i18n::keys`](crate::i18n::keys).

use std::path::PathBuf;

use super::file::Looks;
use crate::trouble::Cause;

/// Why no key of a file can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysError {
    /// The file cannot be read.
    Unreadable(PathBuf, Cause),
    /// It is something else than a key.
    NotAKey(PathBuf, Looks),
    /// A certificate without its secret half.
    OnlyPublic(PathBuf),
    /// Its keys only sign.
    CannotOpen(PathBuf),
    /// The secret halves of the keys that open letters stayed where the file was made.
    Hollow(PathBuf),
    /// They are on a smart card.
    OnCard(PathBuf),
    /// There is a passphrase and nobody to ask for it.
    NobodyToAsk(PathBuf),
    /// No passphrase that was given fits.
    Passphrase(PathBuf),
}

/// What a clerk should hear of a key that can be used all the same, or of one among several that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRemark {
    /// Other users of this machine may read the file.
    ReadByOthers(PathBuf),
    /// One key of a file stays locked.
    StaysLocked {
        /// The file.
        path: PathBuf,
        /// Its name and its fingerprint.
        key: String,
    },
    /// No key of this file can be used; those of others can.
    NotUsed(KeysError),
}
