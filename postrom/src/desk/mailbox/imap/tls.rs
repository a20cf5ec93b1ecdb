//! The encrypted connection to a server.
//!
//! What always holds: nothing is said to a server before its certificate is known to come from an authority that is
//! trusted and to be for its name; there is no way to switch that off.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::address::Address;
use crate::trouble::{Away, Cause};

/// To be reached, and to be encrypted: each may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often whoever waits for a server looks up.
pub(super) const STEP: Duration = Duration::from_millis(100);

/// What is spoken through.
pub(super) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A connection to the server of an address.
pub(super) fn connect(address: &Address, ca_file: Option<&Path>, stop: &dyn Fn() -> bool) -> Result<Stream, Away> {
    let config = config(ca_file)?;
    let name = ServerName::try_from(address.host.clone()).map_err(|_| Away::Address)?;
    let mut tls = ClientConnection::new(config, name).map_err(|error| no_tls(&error))?;
    let mut tcp = reach(address, stop)?;
    let unreachable = |error: io::Error| Away::Unreachable {
        cause: Cause::from(&error),
    };
    tcp.set_read_timeout(Some(STEP)).map_err(unreachable)?;
    tcp.set_write_timeout(Some(PATIENCE)).map_err(unreachable)?;
    // A command is one small packet, and its answer is waited for.
    tcp.set_nodelay(true).map_err(unreachable)?;
    let begun = Instant::now();
    while tls.is_handshaking() {
        match tls.complete_io(&mut tcp) {
            Ok(_) => {}
            Err(error) if is_pause(&error) => {}
            Err(error) => return Err(from_handshake(&error)),
        }
        if begun.elapsed() > PATIENCE || stop() {
            return Err(Away::NoAnswer);
        }
    }
    Ok(StreamOwned::new(tls, tcp))
}

/// Nothing came within a [`STEP`].
pub(super) fn is_pause(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}

fn reach(address: &Address, stop: &dyn Fn() -> bool) -> Result<TcpStream, Away> {
    let places = (address.host.as_str(), address.port).to_socket_addrs();
    let mut why = Away::UnknownHost;
    for place in places.map_err(|_| Away::UnknownHost)? {
        if stop() {
            return Err(Away::NoAnswer);
        }
        match TcpStream::connect_timeout(&place, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => why = Away::NoAnswer,
            Err(error) => {
                let cause = Cause::from(&error);
                why = Away::Unreachable { cause };
            }
        }
    }
    Err(why)
}

/// The system's authorities, and those of the file.
fn config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Away> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca_file {
        let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let (added, _) = roots.add_parsable_certificates(read.unwrap_or_default());
        if added == 0 {
            let file = file.display().to_string();
            return Err(Away::AuthorityFile { file });
        }
    }
    if roots.is_empty() {
        return Err(Away::NoAuthorities);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| no_tls(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn from_handshake(error: &io::Error) -> Away {
    use CertificateError as Wrong;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(wrong)) => match wrong {
            Wrong::Expired | Wrong::ExpiredContext { .. } | Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
                Away::CertificateDate
            }
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => Away::CertificateName,
            // One that signed itself is told as an authority where none may be.
            Wrong::UnknownIssuer | Wrong::Other(_) => Away::CertificateUnknown,
            other => Away::NoTls {
                text: other.to_string(),
            },
        },
        Some(other) => no_tls(other),
        None => Away::NoTls {
            text: error.kind().to_string(),
        },
    }
}

fn no_tls(error: &rustls::Error) -> Away {
    Away::NoTls {
        text: error.to_string(),
    }
}
