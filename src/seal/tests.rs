//! Certificates for the tests at the foot of each file.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use sequoia_openpgp as openpgp;

use openpgp::cert::CertBuilder;
use openpgp::crypto::mpi;
use openpgp::packet::key::{Key4, PublicParts, SubordinateRole};
use openpgp::packet::{Key, signature::SignatureBuilder};
use openpgp::types::{KeyFlags, PublicKeyAlgorithm, ReasonForRevocation, SignatureType};
use openpgp::{Cert, Packet};
use postrom::KeyProfile;

pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// As `postrom keygen` makes it, for 90 days.
pub(super) fn made(profile: KeyProfile) -> Cert {
    let new = postrom::generate(profile, "P", "p@x.example", 90 * DAY, None).unwrap();
    new.cert.strip_secret_key_material()
}

pub(super) fn compat() -> Cert {
    made(KeyProfile::Compat)
}

/// One of `tests/certs`.
pub(super) fn stored(name: &str) -> &'static [u8] {
    match name {
        "brainpool-P256" => include_bytes!("../../tests/certs/brainpool-P256.asc"),
        "brainpool-P512" => include_bytes!("../../tests/certs/brainpool-P512.asc"),
        "brainpool-beside-cv25519" => include_bytes!("../../tests/certs/brainpool-beside-cv25519.asc"),
        "brainpool-primary" => include_bytes!("../../tests/certs/brainpool-primary.asc"),
        "secp256k1" => include_bytes!("../../tests/certs/secp256k1.asc"),
        other => panic!("no {other}"),
    }
}

/// The same certificate before and after its owner revoked it.
fn pair() -> &'static (Cert, Cert) {
    static PAIR: OnceLock<(Cert, Cert)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
        let builder = CertBuilder::new()
            .add_userid("P <p@x.example>")
            .add_subkey(flags, None, None);
        let (cert, _) = builder.generate().unwrap();
        let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
        let mut signer = key.into_keypair().unwrap();
        let revocation = cert
            .revoke(&mut signer, ReasonForRevocation::KeyCompromised, b"")
            .unwrap();
        let revoked = cert.clone().insert_packets(vec![Packet::from(revocation)]).unwrap().0;
        (cert.strip_secret_key_material(), revoked.strip_secret_key_material())
    })
}

pub(super) fn unrevoked() -> Cert {
    pair().0.clone()
}

pub(super) fn revoked() -> Cert {
    pair().1.clone()
}

/// A good certificate with one more encryption subkey, of this material.
pub(super) fn with_subkey(algorithm: PublicKeyAlgorithm, material: mpi::PublicKey) -> Cert {
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let builder = CertBuilder::new().add_userid("P").add_subkey(flags.clone(), None, None);
    let (cert, _) = builder.generate().unwrap();
    let secret = cert.primary_key().key().clone().parts_into_secret().unwrap();
    let mut signer = secret.into_keypair().unwrap();
    let key = Key4::<PublicParts, SubordinateRole>::new(SystemTime::now() - DAY, algorithm, material);
    let key = Key::from(key.unwrap());
    let builder = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_key_flags(flags)
        .unwrap();
    let bound = key.bind(&mut signer, &cert, builder).unwrap();
    let packets: Vec<Packet> = vec![key.into(), bound.into()];
    cert.insert_packets(packets).unwrap().0.strip_secret_key_material()
}
