//! New keys for a post room.
//!
//! Comes in: a name, an address, a passphrase. Goes out: three armored files. What always holds: a key is told as made only
//! once it has opened a message, under its passphrase, as it will lie on the disk ([`trial()`]).

mod trial;

use std::time::Duration;

use sequoia_openpgp as openpgp;

use openpgp::cert::{Cert, CertBuilder, CipherSuite};
use openpgp::crypto::Password;
use openpgp::packet::UserID;
use openpgp::serialize::SerializeInto;
use openpgp::types::{Features, KeyFlags};
use openpgp::{Packet, Profile, armor};

pub use trial::trial;

/// Which programs a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyProfile {
    /// Every OpenPGP program, GnuPG 2.2 and Thunderbird among them: a v4 key over Curve25519.
    Compat,
    /// Programs that read RFC 9580: a v6 key.
    Rfc9580,
    /// Programs that read RFC 9980: a v6 key with ML-KEM-768 + X25519.
    Pqc,
}

/// A key with everything that belongs to it, armored.
pub struct NewKey {
    /// Its certificate, for the operator.
    pub certificate: Vec<u8>,
    /// The key itself, to keep.
    pub key: Vec<u8>,
    /// To publish when the key is lost or stolen.
    pub revocation: Vec<u8>,
    /// The certificate, to look at.
    pub cert: Cert,
}

/// Makes a key that can open letters: a primary key that certifies and signs (Thunderbird takes no key for
/// its owner's that cannot sign), and a subkey for encryption.
///
/// # Errors
/// What the cryptographic library says.
pub fn generate(
    profile: KeyProfile,
    name: &str,
    address: &str,
    valid_for: Duration,
    passphrase: Option<Password>,
) -> openpgp::Result<NewKey> {
    let (openpgp_profile, suite, features) = match profile {
        KeyProfile::Compat => (Profile::RFC4880, CipherSuite::Cv25519, Features::empty().set_seipdv1()),
        KeyProfile::Rfc9580 => (
            Profile::RFC9580,
            CipherSuite::Cv25519,
            Features::empty().set_seipdv1().set_seipdv2(),
        ),
        KeyProfile::Pqc => (
            Profile::RFC9580,
            CipherSuite::MLDSA65_Ed25519,
            Features::empty().set_seipdv1().set_seipdv2(),
        ),
    };
    let encryption = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let (cert, revocation) = CertBuilder::new()
        .set_profile(openpgp_profile)?
        .set_cipher_suite(suite)
        .set_features(features)?
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_validity_period(valid_for)
        .add_userid(UserID::from(format!("{name} <{address}>")))
        .add_subkey(encryption, None, None)
        .set_password(passphrase)
        .generate()?;
    let certificate = cert.armored().to_vec()?;
    let key = cert.as_tsk().armored().to_vec()?;
    Ok(NewKey {
        certificate,
        key,
        revocation: armored_revocation(revocation)?,
        cert: cert.strip_secret_key_material(),
    })
}

fn armored_revocation(revocation: openpgp::packet::Signature) -> openpgp::Result<Vec<u8>> {
    let comment = [("Comment", "Import this to withdraw the key. It cannot be undone.")];
    let mut writer = armor::Writer::with_headers(Vec::new(), armor::Kind::PublicKey, comment)?;
    openpgp::serialize::Serialize::serialize(&Packet::from(revocation), &mut writer)?;
    Ok(writer.finalize()?)
}
