//! One request of ours to another machine: an alarm for a webhook, a question for a certificate.
//!
//! Comes in: an address, the settings of TLS, a request. Goes out: the answer, read up to a bound. What always holds: the other
//! end's certificate is checked; without TLS nothing leaves this machine; nothing is followed on its own; an answer that was cut
//! short is none. For one request at a time no HTTP client is needed.

#![deny(clippy::disallowed_methods)]

mod address;
mod answer;

pub use address::Address;
pub use answer::Answer;

use std::io::{Error, Result as IoResult};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use crate::explain::{self, Explained, Peer};

/// A connection, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(address: &Address, peer: &Peer, tls: &Arc<ClientConfig>) -> Result<Box<dyn Stream>, Explained> {
    let found = lookup_host((address.host.as_str(), address.port)).await;
    let found: Vec<_> = found.into_iter().flatten().collect();
    if found.is_empty() {
        return Err(explain::no_such_name(peer));
    }
    let failed = |error: Error| explain::cannot_connect(peer, &error);
    let tcp = TcpStream::connect(found.as_slice()).await.map_err(failed)?;
    if address.tls {
        let name = ServerName::try_from(address.host.clone()).map_err(|_| explain::no_such_name(peer))?;
        let secured = TlsConnector::from(tls.clone()).connect(name, tcp).await;
        return Ok(Box::new(secured.map_err(failed)?));
    }
    // `localhost` is a name, and a name can be made to mean anything.
    if !tcp.peer_addr().map_err(failed)?.ip().is_loopback() {
        return Err(Explained::new(
            format!("{} is not on this machine, and the address is not https", peer.who),
            format!("write `https://` in {}", peer.host_setting),
        ));
    }
    Ok(Box::new(tcp))
}

/// Sends a request and reads the status of the answer, and no more of it.
///
/// # Errors
/// What keeps the answer from coming, and what helps.
pub async fn status(address: &Address, peer: &Peer, tls: &Arc<ClientConfig>, request: &[u8]) -> Result<u16, Explained> {
    let mut stream = connect(address, peer, tls).await?;
    let start = start_of_answer(&mut *stream, request).await;
    let start = start.map_err(|error| explain::cannot_connect(peer, &error))?;
    answer::status(&start).ok_or_else(|| no_http(peer))
}

/// `HTTP/1.1 204`, and an answer that never ends is not read to its end.
async fn start_of_answer(stream: &mut dyn Stream, request: &[u8]) -> IoResult<Vec<u8>> {
    stream.write_all(request).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    while answer.len() < 12 {
        let mut some = [0; 12];
        let read = stream.read(&mut some).await?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&some[..read]);
    }
    Ok(answer)
}

/// Asks for what lies at an address: at most so many bytes of it.
///
/// # Errors
/// What keeps the answer from coming, and from being whole.
pub async fn get(address: &Address, peer: &Peer, tls: &Arc<ClientConfig>, most: usize) -> Result<Answer, Explained> {
    let mut stream = connect(address, peer, tls).await?;
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: konvolutt/{version}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        address.path(),
        address.authority()
    );
    let lost = |error: Error| explain::lost(peer, &error);
    stream.write_all(request.as_bytes()).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;
    let (mut bytes, mut some) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let read = stream.read(&mut some).await.map_err(lost)?;
        bytes.extend_from_slice(&some[..read]);
        let whole = answer::read(&bytes, most, read == 0);
        let whole = whole.map_err(|why| Explained::new(why, "try again later, or ask who runs that server"))?;
        if let Some(answer) = whole {
            return Ok(answer);
        }
    }
}

fn no_http(peer: &Peer) -> Explained {
    let helps = format!(
        "see that {} leads to a web server, by the right scheme and port",
        peer.host_setting
    );
    Explained::new(format!("what {} answers is no HTTP", peer.who), helps)
}
