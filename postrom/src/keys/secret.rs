//! Which of a certificate's keys can open letters, and what their secret halves hold.

use sequoia_openpgp as openpgp;

use openpgp::Packet;
use openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey};
use openpgp::packet::key::{KeyParts, SecretKeyMaterial, SecretParts};
use openpgp::serialize::SerializeInto;
use openpgp::types::KeyFlags;

/// What a secret key packet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// The secret itself.
    Open,
    /// The secret under a passphrase.
    Locked,
    /// Nothing: the secret stayed elsewhere when the file was written, as `gpg --export-secret-subkeys` does.
    Nothing,
    /// The number of a smart card that has it.
    Card,
}

/// What a secret key packet holds.
pub(crate) fn holds(key: &ErasedKeyAmalgamation<'_, SecretParts>) -> Holds {
    let SecretKeyMaterial::Encrypted(encrypted) = key.key().secret() else {
        return Holds::Open;
    };
    if encrypted.s2k().is_supported() {
        return Holds::Locked;
    }
    // GnuPG's own kinds of "passphrase": `GNU` and 1 for nothing, 2 for a card and its serial number, behind the public half.
    // The library keeps those bytes to itself.
    let packet = if key.primary() {
        Packet::from(key.key().clone().role_into_primary())
    } else {
        Packet::from(key.key().clone().role_into_subordinate())
    };
    let bytes = packet.to_vec().unwrap_or_default();
    let tail = &bytes[bytes.len().saturating_sub(40)..];
    if tail.windows(4).any(|window| window == b"GNU\x02") {
        Holds::Card
    } else {
        Holds::Nothing
    }
}

/// Whether letters may have been sealed to this key: now, or at any time before. Keys that have expired or were withdrawn
/// open what came earlier.
pub(crate) fn can_decrypt<P: KeyParts>(key: &ErasedKeyAmalgamation<'_, P>) -> bool {
    if !key.key().pk_algo().for_encryption() {
        return false;
    }
    let mut flags: Vec<KeyFlags> = key.self_signatures().filter_map(|made| made.key_flags()).collect();
    if key.primary() {
        let ids = key.cert().userids();
        flags.extend(ids.flat_map(|id| {
            id.self_signatures()
                .filter_map(|made| made.key_flags())
                .collect::<Vec<_>>()
        }));
    }
    let encrypts = |flags: &KeyFlags| flags.for_storage_encryption() || flags.for_transport_encryption();
    // Keys of old programs say nothing: then their algorithm does.
    flags.is_empty() || flags.iter().any(encrypts)
}
