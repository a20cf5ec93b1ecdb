//! The name in a certificate, for people.
//!
//! A user ID without a self-signature that holds is anybody's text: whoever handled the file could append one, and the
//! page "who can open the message" would show it above the post room's own fingerprint.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::types::RevocationStatus;

use super::judge::Strength;
use konvolutt_letter::printable;

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
    (!name.is_empty()).then_some(name)
}
