//! The encrypted connection to a server.
//!
//! What always holds: nothing is said to a server before its certificate is known to come from an authority that is
//! trusted and to be for its name; there is no way to switch that off. Nothing waits here longer than a moment without
//! whoever waits looking up.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore};

use super::address::Address;
use super::words::spoken;
use crate::trouble::{Away, Cause};

/// To be reached, and to be encrypted: each may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often whoever waits for a server looks up.
pub(super) const STEP: Duration = Duration::from_millis(100);

/// More places behind one name are not tried: each may take as long as there is patience.
const MOST_PLACES: usize = 6;

/// What is spoken through. Whatever is asked of it takes one step at most: the loops of `rustls::Stream` go on for as long as a
/// server says one byte after the other, and nobody would look at the clock.
pub(super) struct Stream {
    tls: ClientConnection,
    tcp: TcpStream,
}

impl Stream {
    /// Says what is to be said, and hears once.
    fn step(&mut self) -> io::Result<()> {
        self.push()?;
        let heard = self.tls.read_tls(&mut self.tcp)?;
        if let Err(error) = self.tls.process_new_packets() {
            // The server is told why, if it listens.
            let _ = self.push();
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        if heard == 0 && self.tls.is_handshaking() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Writes once; it is an error when something is left.
    fn push(&mut self) -> io::Result<()> {
        if self.tls.wants_write() {
            self.tls.write_tls(&mut self.tcp)?;
        }
        if self.tls.wants_write() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.tls.reader().read(into) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.step()?;
                self.tls.reader().read(into)
            }
            other => other,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.tls.writer().write(bytes)? {
            0 if !bytes.is_empty() => {
                self.push()?;
                self.tls.writer().write(bytes)
            }
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}

/// A connection to the server of an address.
pub(super) fn connect(address: &Address, ca_file: Option<&Path>, stop: &dyn Fn() -> bool) -> Result<Stream, Away> {
    let config = config(ca_file)?;
    let name = ServerName::try_from(address.host.clone()).map_err(|_| Away::Address)?;
    let tls = ClientConnection::new(config, name).map_err(|error| no_tls(&error))?;
    let tcp = reach(address, stop)?;
    let unreachable = |error: io::Error| Away::Unreachable {
        cause: Cause::from(&error),
    };
    tcp.set_read_timeout(Some(STEP)).map_err(unreachable)?;
    tcp.set_write_timeout(Some(STEP)).map_err(unreachable)?;
    // A command is one small packet, and its answer is waited for.
    tcp.set_nodelay(true).map_err(unreachable)?;
    let mut stream = Stream { tls, tcp };
    shake_hands(&mut stream, PATIENCE, stop)?;
    Ok(stream)
}

fn shake_hands(stream: &mut Stream, patience: Duration, stop: &dyn Fn() -> bool) -> Result<(), Away> {
    let begun = Instant::now();
    while stream.tls.is_handshaking() {
        match stream.step() {
            Err(error) if !is_pause(&error) => return Err(from_handshake(&error)),
            _ if begun.elapsed() > patience || stop() => return Err(Away::NoAnswer),
            _ => {}
        }
    }
    Ok(())
}

/// Nothing came within a [`STEP`].
pub(super) fn is_pause(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}

fn reach(address: &Address, stop: &dyn Fn() -> bool) -> Result<TcpStream, Away> {
    let places = (address.host.as_str(), address.port).to_socket_addrs();
    let mut why = Away::UnknownHost;
    for place in places.map_err(|_| Away::UnknownHost)?.take(MOST_PLACES) {
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
                text: spoken(&other.to_string()),
            },
        },
        Some(other) => no_tls(other),
        None => Away::NoTls {
            text: error.kind().to_string(),
        },
    }
}

fn no_tls(error: &rustls::Error) -> Away {
    // It may name what the server sent.
    let text = spoken(&error.to_string());
    Away::NoTls { text }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that says a byte now and then, of a handshake that has no end.
    fn trickling() -> Stream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(&[22, 3, 3, 0x40, 0, 2]);
            while stream.write_all(&[0]).is_ok() {
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        tcp.set_read_timeout(Some(STEP)).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = ClientConnection::new(Arc::new(config), name).unwrap();
        Stream { tls, tcp }
    }

    #[test]
    fn a_handshake_has_an_end() {
        let begun = Instant::now();
        let ended = shake_hands(&mut trickling(), Duration::from_millis(300), &|| false);
        assert_eq!(ended, Err(Away::NoAnswer));
        // Without its end it would go on for ever.
        assert!(
            (300..20_000).contains(&begun.elapsed().as_millis()),
            "{:?}",
            begun.elapsed()
        );
        let begun = Instant::now();
        let stop = || begun.elapsed() > Duration::from_millis(100);
        let ended = shake_hands(&mut trickling(), Duration::from_secs(60), &stop);
        assert_eq!(ended, Err(Away::NoAnswer));
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
