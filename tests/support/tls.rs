//! A browser's side of TLS.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A certificate for `localhost` with its key, written as `tls/chain.pem` and `tls/key.pem`.
pub fn write_identity(root: &Path, name: &str) -> String {
    write_identity_for(root, name, -1..80)
}

/// The same, valid for these days from today on.
pub fn write_identity_for(root: &Path, name: &str, days: std::ops::Range<i64>) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut wanted = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let day = |days: i64| {
        let day = jiff::Zoned::now().date().saturating_add(jiff::Span::new().days(days));
        rcgen::date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    (wanted.not_before, wanted.not_after) = (day(days.start), day(days.end));
    let certificate = wanted.self_signed(&key).unwrap().pem();
    std::fs::create_dir_all(root.join("tls")).unwrap();
    std::fs::write(root.join("tls/chain.pem"), &certificate).unwrap();
    std::fs::write(root.join("tls/key.pem"), key.serialize_pem()).unwrap();
    certificate
}

/// What came over TLS, and how.
#[derive(Debug)]
pub struct Spoken {
    pub answer: String,
    pub group: String,
    pub version: String,
}

/// Speaks with whoever has the certificate `root` (PEM) for `name`. The groups are offered in this order.
pub fn speak(
    address: SocketAddr,
    name: &str,
    root: &str,
    groups: &[&'static dyn SupportedKxGroup],
    request: &[u8],
) -> io::Result<Spoken> {
    let mut stream = tls_stream(address, name, root, groups)?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let group = stream.conn.negotiated_key_exchange_group().unwrap();
    Ok(Spoken {
        answer: String::from_utf8_lossy(&bytes).into_owned(),
        group: format!("{:?}", group.name()),
        version: format!("{:?}", stream.conn.protocol_version().unwrap()),
    })
}

/// A connection to speak on.
pub type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// A new connection to speak on.
pub fn tls_stream(
    address: SocketAddr,
    name: &str,
    root: &str,
    groups: &[&'static dyn SupportedKxGroup],
) -> io::Result<TlsStream> {
    tls_on(TcpStream::connect(address)?, name, root, groups)
}

/// The same over a connection that is there already.
pub fn tls_on(
    socket: TcpStream,
    name: &str,
    root: &str,
    groups: &[&'static dyn SupportedKxGroup],
) -> io::Result<TlsStream> {
    let mut provider = aws_lc_rs::default_provider();
    if !groups.is_empty() {
        provider.kx_groups = groups.to_vec();
    }
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(40)))?;
    Ok(StreamOwned::new(client, socket))
}
