//! Whose a certificate is, and its fingerprint, as people read them.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use konvolutt_letter::printable;
use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::policy::StandardPolicy;
use openpgp::types::RevocationStatus;
use openpgp::{Cert, Fingerprint};

/// The primary user ID that the policy holds valid, made printable. Any other one is anybody's text.
/// One that has expired has a name still, and one that is valid only from later on has it already.
pub fn name(cert: &Cert) -> Option<String> {
    let policy = StandardPolicy::new();
    let time = begins(cert).max(SystemTime::now());
    let id = cert.with_policy(&policy, time).ok()?.primary_userid().ok()?;
    if let RevocationStatus::Revoked(_) = id.revocation_status() {
        return None;
    }
    Some(printable(&String::from_utf8_lossy(id.userid().value())))
}

/// From when on a certificate can be valid: it was made by then, and had said something of itself. To a clock that is slow
/// a new key lies in the future.
pub(crate) fn begins(cert: &Cert) -> SystemTime {
    let said = cert.userids().flat_map(|id| id.self_signatures());
    let said = said.filter_map(|signature| signature.signature_creation_time()).min();
    let made = cert.primary_key().key().creation_time();
    said.map_or(made, |said| said.max(made))
}

/// Fingerprint and name.
pub fn named(cert: &Cert) -> String {
    match name(cert) {
        Some(name) => format!("{} {name}", cert.fingerprint()),
        None => cert.fingerprint().to_string(),
    }
}

/// Every mail address that the certificate binds to itself, in small letters: those that were revoked are left out.
pub fn addresses(cert: &Cert) -> Vec<String> {
    let policy = StandardPolicy::new();
    let Ok(valid) = cert.with_policy(&policy, None) else {
        return Vec::new();
    };
    let ids = valid
        .userids()
        .filter(|id| !matches!(id.revocation_status(), RevocationStatus::Revoked(_)));
    let addresses = ids.filter_map(|id| id.userid().email().ok().flatten().map(str::to_lowercase));
    addresses.collect()
}

/// Machines that a certificate says it is of, in the comments of its user ids: `(node b)`.
pub fn nodes(cert: &Cert) -> Vec<String> {
    let ids = cert.userids();
    let comments = ids.filter_map(|id| id.userid().comment().ok().flatten().map(str::to_owned));
    let nodes = comments.filter_map(|comment| comment.strip_prefix("node ").map(str::to_owned));
    nodes.collect()
}

/// A fingerprint in groups of four: nobody reads forty symbols over a telephone without losing the place.
pub fn grouped(fingerprint: &Fingerprint) -> String {
    groups(&fingerprint.to_hex())
}

/// The same of one that is text already, in groups or not.
pub fn groups(fingerprint: &str) -> String {
    let symbols: Vec<char> = fingerprint.chars().filter(|c| *c != ' ').collect();
    let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_groups() {
        let fingerprint: Fingerprint = "6C516BD3AFDAC3E1D1B9D0A3A0B1C2D3E4F50617".parse().unwrap();
        assert_eq!(
            grouped(&fingerprint),
            "6C51 6BD3 AFDA C3E1 D1B9 D0A3 A0B1 C2D3 E4F5 0617"
        );
        for (given, groups_of_it) in [
            ("", ""),
            ("6C516BD3AA", "6C51 6BD3 AA"),
            ("6C51 6BD3 AA", "6C51 6BD3 AA"),
        ] {
            assert_eq!(groups(given), groups_of_it);
        }
    }
}
