//! The name in a certificate, for people.
//!
//! A user ID without a self-signature that holds is untrusted text: anyone who handled the file could append one, and the
//! page "who can open the message" would show it above the post room's own fingerprint.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::types::RevocationStatus;

use super::pin::Strength;
use konvolutt_letter::printable;

/// Characters of a name that are shown.
const LONGEST: usize = 200;

/// The primary user ID that the policy holds valid, made printable; the fingerprint where there is none.
pub(super) fn name(cert: &Cert, strength: Strength, now: SystemTime) -> String {
    valid(cert, strength, now).unwrap_or_else(|| cert.fingerprint().to_hex())
}

fn valid(cert: &Cert, strength: Strength, now: SystemTime) -> Option<String> {
    let policy = strength.policy(now);
    let id = cert.with_policy(&policy, now).ok()?.primary_userid().ok()?;
    if let RevocationStatus::Revoked(_) = id.revocation_status() {
        return None;
    }
    let name = printable(&String::from_utf8_lossy(id.userid().value()));
    let name: String = name.chars().take(LONGEST).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use openpgp::packet::{UserID, signature::SignatureBuilder};
    use openpgp::types::SignatureType;
    use openpgp::{Packet, cert::CertBuilder};

    use super::*;

    fn secret() -> Cert {
        let builder = CertBuilder::new().add_userid("First <first@x.example>");
        builder.add_userid("Second <second@x.example>").generate().unwrap().0
    }

    fn with(cert: Cert, packets: Vec<Packet>) -> Cert {
        cert.insert_packets(packets).unwrap().0
    }

    fn signer(cert: &Cert) -> openpgp::crypto::KeyPair {
        let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
        key.into_keypair().unwrap()
    }

    fn bound(cert: &Cert, id: &UserID, kind: SignatureType, primary: bool) -> Packet {
        let builder = SignatureBuilder::new(kind).set_primary_userid(primary).unwrap();
        // Later than what the builder made: the newest signature is the one that counts.
        let builder = builder
            .set_signature_creation_time(SystemTime::now() + Duration::from_secs(1))
            .unwrap();
        id.bind(&mut signer(cert), cert, builder).unwrap().into()
    }

    #[test]
    fn the_name_is_what_the_owner_signed() {
        let now = SystemTime::now() + Duration::from_secs(2);
        let shown = |cert: &Cert| name(cert, Strength::Full, now);
        let id = |text: &str| UserID::from(text);
        let cert = secret();
        let before = shown(&cert);
        assert!(["First <first@x.example>", "Second <second@x.example>"].contains(&before.as_str()));

        // Anybody's text.
        let forged = with(cert.clone(), vec![id("Avisa <tips@avisa.example>").into()]);
        assert_eq!(forged.userids().count(), 3);
        assert_eq!(shown(&forged), before);
        // Signed by somebody else's key.
        let by_other = bound(&secret(), &id("Avisa"), SignatureType::PositiveCertification, true);
        let forged = with(cert.clone(), vec![id("Avisa").into(), by_other]);
        assert_eq!(shown(&forged), before);
        // The primary mark decides.
        let (one, two) = (id("First <first@x.example>"), id("Second <second@x.example>"));
        for wanted in [&one, &two] {
            let marks = [&one, &two].map(|id| bound(&cert, id, SignatureType::PositiveCertification, id == wanted));
            let marked = with(cert.clone(), marks.into());
            assert_eq!(shown(&marked).as_bytes(), wanted.value());
        }
        // A person who left; then nobody is left.
        let gone = with(
            cert.clone(),
            vec![bound(&cert, &one, SignatureType::CertificationRevocation, false)],
        );
        assert_eq!(shown(&gone), "Second <second@x.example>");
        let gone = with(
            gone,
            vec![bound(&cert, &two, SignatureType::CertificationRevocation, false)],
        );
        assert_eq!(shown(&gone), cert.fingerprint().to_hex());
        // What cannot be seen is no name.
        let blank = CertBuilder::new().add_userid(" \u{202e}\u{1b} ").generate().unwrap().0;
        assert_eq!(shown(&blank), blank.fingerprint().to_hex());
    }
}
