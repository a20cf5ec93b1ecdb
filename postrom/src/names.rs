//! Names of certificates, as people may read them.

use sequoia_openpgp as openpgp;

use konvolutt_letter::printable;
use openpgp::Cert;
use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::policy::StandardPolicy;
use openpgp::types::RevocationStatus;

/// The primary user ID that the policy holds valid, made printable. Any other one is anybody's text.
pub fn name(cert: &Cert) -> Option<String> {
    let policy = StandardPolicy::new();
    let id = cert.with_policy(&policy, None).ok()?.primary_userid().ok()?;
    if let RevocationStatus::Revoked(_) = id.revocation_status() {
        return None;
    }
    Some(printable(&String::from_utf8_lossy(id.userid().value())))
}

/// Fingerprint and name.
pub fn named(cert: &Cert) -> String {
    match name(cert) {
        Some(name) => format!("{} {name}", cert.fingerprint()),
        None => cert.fingerprint().to_string(),
    }
}
