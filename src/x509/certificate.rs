//! One certificate: its dates, its names, and whether it is an authority's.
//!
//! rustls tells none of that by itself. It tells it in its reasons for a refusal: so it is asked what it must refuse.

use std::net::IpAddr;
use std::time::Duration;

use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

/// When a certificate is valid, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its first second.
    pub from: u64,
    /// Its last second.
    pub until: u64,
}

impl Validity {
    /// The moment nearest to this one at which the certificate is valid: at which all else about it can be judged.
    pub(super) fn nearest(self, now: u64) -> u64 {
        now.clamp(self.from, self.until)
    }
}

/// From when until when a certificate is valid; `None` when it cannot be read.
pub fn validity(certificate: &CertificateDer<'_>) -> Option<Validity> {
    let refused_at = |seconds| verify(certificate, &RootCertStore::empty(), &[], seconds).err();
    let from = match refused_at(0)? {
        CertificateError::NotValidYetContext { not_before, .. } => not_before.as_secs(),
        CertificateError::BadEncoding => return None,
        // It was valid in 1970 already.
        _ => 0,
    };
    match refused_at(u64::MAX)? {
        CertificateError::ExpiredContext { not_after, .. } => Some(Validity {
            from,
            until: not_after.as_secs(),
        }),
        _ => None,
    }
}

/// The names that a certificate is for, as it writes them.
pub fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    // No certificate has this name (RFC 6761), so the refusal lists what it has instead.
    match is_for(certificate, "konvolutt.invalid") {
        Err(CertificateError::NotValidForNameContext { presented, .. }) => {
            presented.iter().map(|name| bare(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a certificate is for this name.
pub(super) fn covers(certificate: &CertificateDer<'_>, name: &str) -> bool {
    is_for(certificate, name).is_ok()
}

fn is_for(certificate: &CertificateDer<'_>, name: &str) -> Result<(), CertificateError> {
    let parsed = ParsedCertificate::try_from(certificate).map_err(reason)?;
    let name = ServerName::try_from(name).map_err(|_| CertificateError::NotValidForName)?;
    verify_server_name(&parsed, &name).map_err(reason)
}

/// `DnsName("a.example")` and `IpAddress(10.0.0.1)` are how the verifier writes names.
fn bare(presented: &str) -> String {
    let inside = presented
        .split_once('(')
        .map_or(presented, |(_, rest)| rest.trim_end_matches(')'));
    let name = inside.trim_matches('"');
    // As people write addresses, and not `0::1`.
    let address = name.parse::<IpAddr>().map(|address| address.to_string());
    address.unwrap_or_else(|_| name.to_owned())
}

/// Whether it may sign other certificates (CA:TRUE). The verifier refuses one that may, where a server's is wanted, in
/// a way that it has no word of its own for; all other refusals have one.
pub(super) fn is_authority(certificate: &CertificateDer<'_>) -> bool {
    let valid = validity(certificate);
    let refused = valid.and_then(|valid| verify(certificate, &RootCertStore::empty(), &[], valid.from).err());
    matches!(refused, Some(CertificateError::Other(_)))
}

/// Whether it is signed by its own key, and no authority's: trusted as it is, it is good for itself alone.
pub(super) fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    let roots = trusting(certificate);
    validity(certificate).is_some_and(|valid| verify(certificate, &roots, &[], valid.from).is_ok())
}

/// A store that trusts this certificate alone; empty when it cannot be read.
pub(super) fn trusting(certificate: &CertificateDer<'_>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates([certificate.clone().into_owned()]);
    roots
}

/// What the verifier of every connection says of a server's certificate at a time.
pub(super) fn verify(
    certificate: &CertificateDer<'_>,
    roots: &RootCertStore,
    between: &[CertificateDer<'_>],
    seconds: u64,
) -> Result<(), CertificateError> {
    let parsed = ParsedCertificate::try_from(certificate).map_err(reason)?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let known = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&parsed, roots, between, at, known).map_err(reason)
}

fn reason(error: Error) -> CertificateError {
    match error {
        Error::InvalidCertificate(reason) => reason,
        _ => CertificateError::BadEncoding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::identity::tests::{Made, at};

    #[test]
    fn dates_are_those_of_the_certificate() {
        let made = Made::new(&["localhost"]).valid(2025..2027).by_itself();
        let wanted = Validity {
            from: at(2025),
            until: at(2027),
        };
        assert_eq!(validity(&made.der), Some(wanted));
        let early = Made::new(&["localhost"]).valid(1970..2027).by_itself();
        assert_eq!(validity(&early.der).map(|valid| valid.from), Some(0));
        assert_eq!(validity(&CertificateDer::from(vec![0x30, 0])), None);
    }

    #[test]
    fn names_are_those_of_the_certificate() {
        let made = Made::new(&["a.example", "*.b.example", "10.0.0.1", "::1"]).by_itself();
        assert_eq!(names(&made.der), ["a.example", "*.b.example", "10.0.0.1", "::1"]);
        for (name, is_covered) in [
            ("a.example", true),
            ("A.Example", true),
            ("x.b.example", true),
            ("10.0.0.1", true),
            ("b.example", false),
            ("x.a.example", false),
            ("10.0.0.2", false),
            ("not a name", false),
        ] {
            assert_eq!(covers(&made.der, name), is_covered, "{name}");
        }
        assert!(names(&Made::new(&[]).by_itself().der).is_empty());
    }

    #[test]
    fn an_authority_is_told_from_a_server() {
        let authority = Made::new(&[]).authority().by_itself();
        let server = Made::new(&["localhost"]).by(&authority);
        let own = Made::new(&["localhost"]).by_itself();
        let told = [&authority, &server, &own].map(|made| (is_authority(&made.der), is_self_signed(&made.der)));
        assert_eq!(told, [(true, false), (false, false), (false, true)]);
    }
}
