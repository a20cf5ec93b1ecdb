//! TLS: what the library says, by its types.

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use super::{Explained, Peer};

/// The TLS error inside of an error of the connection.
pub(super) fn within(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

pub(super) fn explain(peer: &Peer, error: &Error) -> Explained {
    let Peer { who, host, port, .. } = peer;
    let look = format!("look into the log of {host}; `openssl s_client -connect {host}:{port}` shows what it does");
    match error {
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } | Error::DecryptError => {
            Explained::new(format!("what {who} says at port {port} is no TLS"), peer.without_tls)
        }
        Error::InvalidCertificate(wrong) => certificate(peer, wrong),
        Error::NoCertificatesPresented => Explained::new(format!("{who} shows no certificate"), "give it one"),
        Error::AlertReceived(alert) => refused(peer, *alert, look),
        Error::PeerIncompatible(_) => no_common(peer),
        _ => Explained::new(format!("TLS with {who} cannot be set up"), look),
    }
}

fn no_common(peer: &Peer) -> Explained {
    let what = format!(
        "{} speaks no TLS that is safe: TLS 1.2 or 1.3 is needed, with modern ciphers",
        peer.who
    );
    Explained::new(what, format!("let {} offer TLS 1.2 and 1.3", peer.host))
}

/// What the other side says of us.
fn refused(peer: &Peer, alert: AlertDescription, look: String) -> Explained {
    use AlertDescription as Alert;
    let who = peer.who;
    match alert {
        Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity => no_common(peer),
        Alert::CertificateRequired | Alert::NoCertificate => Explained::new(
            format!("{who} lets in only who shows a client certificate"),
            peer.without_identity,
        ),
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::DecryptError
        | Alert::AccessDenied => Explained::new(
            format!("{who} does not take our client certificate"),
            "look when `client_certificate` ends, and let the server trust whoever signed it",
        ),
        Alert::UnrecognisedName => Explained::new(
            format!("{who} does not know the name {}", peer.host),
            format!("correct {}", peer.host_setting),
        ),
        _ => Explained::new(format!("{who} ends the TLS handshake"), look),
    }
}

fn certificate(peer: &Peer, wrong: &CertificateError) -> Explained {
    let Peer {
        host, roots_setting, ..
    } = peer;
    let own = format!("the certificate of {host}");
    let renew = format!("give {host} a new certificate");
    match wrong {
        CertificateError::UnknownIssuer => Explained::new(
            format!("{own} is of an authority that is not trusted here"),
            format!(
                "if the authority is your own, name its certificate (PEM) as {roots_setting}; if it is a public one, let \
                 {host} send its intermediate certificates too"
            ),
        ),
        CertificateError::ExpiredContext { not_after, .. } => Explained::new(
            format!("{own} ended on {}", day(*not_after)),
            format!("{renew}; if that day is not over, set this machine's clock"),
        ),
        CertificateError::Expired => Explained::new(format!("{own} has ended"), renew),
        CertificateError::NotValidYetContext { not_before, .. } => Explained::new(
            format!("{own} is valid only from {}", day(*not_before)),
            "if that day has come, set this machine's clock",
        ),
        CertificateError::NotValidYet => Explained::new(format!("{own} is not valid yet"), "set this machine's clock"),
        CertificateError::NotValidForNameContext { presented, .. } => wrong_name(peer, presented),
        CertificateError::NotValidForName => wrong_name(peer, &[]),
        CertificateError::Revoked => Explained::new(format!("{own} is revoked"), renew),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Explained::new(
            format!("{own} is not made for a server"),
            format!("{renew}, with the purpose serverAuth"),
        ),
        CertificateError::Other(other) => by_webpki(own, renew, other.0.downcast_ref(), roots_setting),
        CertificateError::BadSignature => Explained::new(
            format!("{own} is not signed by the authority that is trusted here, only by one of its name"),
            format!("name the certificate that signed it as {roots_setting}; the authority may have a new one"),
        ),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Explained::new(
            format!("{own} is signed in a way that is not safe any more"),
            format!("{renew}, signed with SHA-256 or better"),
        ),
        _ => Explained::new(format!("{own} cannot be used"), renew),
    }
}

/// What rustls has no word of its own for.
fn by_webpki(own: String, renew: String, error: Option<&webpki::Error>, roots_setting: &str) -> Explained {
    match error {
        Some(webpki::Error::CaUsedAsEndEntity) => Explained::new(
            format!("{own} is one of an authority (CA:TRUE), which may sign others but is no server's"),
            format!(
                "make a self-signed one without it (`openssl req -x509 -addext basicConstraints=critical,CA:FALSE …`), or sign a \
                 certificate for the server with it; and name what signs as {roots_setting}"
            ),
        ),
        Some(webpki::Error::UnsupportedCertVersion) => Explained::new(
            format!("{own} is not of version 3, and so bears no names"),
            format!("{renew}, with its names as subjectAltName"),
        ),
        _ => Explained::new(
            format!("{own} is not as it must be"),
            format!("{renew}; `openssl x509 -noout -text` shows what is in the old one"),
        ),
    }
}

fn wrong_name(peer: &Peer, presented: &[String]) -> Explained {
    let Peer { host, host_setting, .. } = peer;
    let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
    if names.is_empty() {
        let what = format!("the certificate of {host} bears no name (subjectAltName)");
        return Explained::new(what, format!("give it one that bears {host}"));
    }
    let names = names.join(", ");
    Explained::new(
        format!("the certificate that {host} shows is for {names}, not for {host}"),
        format!(
            "write {names} as {host_setting} if that leads to the same server, or give {host} a certificate with its name"
        ),
    )
}

/// The library has `DnsName("mx.example")` and `IpAddress(192.0.2.1)`.
fn bare(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or(name).trim_matches('"')
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    time.to_zoned(TimeZone::UTC).date().to_string()
}
