//! The accept loop: connections become requests to a router. axum's own loop has no time-outs at all.
//!
//! Comes in: a socket that listens. Goes out: requests with their [`Client`] and exactly one valid Host. What always holds:
//! every wait has an end, and what goes wrong on a connection is not logged.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::client::{Client, ClientPolicy, ListenerKind};
use super::host::check_host;
use super::overflow::{self, Place};
use super::sockets::Socket;
use super::stall::StallGuard;
use crate::stop::stopped;

/// From the first byte to the end of the request head.
const HEAD: Duration = Duration::from_secs(10);
/// For the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Longest request head, in bytes.
const HEAD_SIZE: usize = 16 * 1024;
/// What the kernel still holds of an answer for a client who is gone without a word is dropped after this.
const GONE: Duration = Duration::from_secs(30);
/// A connection beyond its owner's share has this long in all: enough for a page, and for a text on a bad line.
const GUEST: Duration = Duration::from_secs(60);
/// After SIGTERM, running uploads have this long to finish.
const GOODBYE: Duration = Duration::from_secs(30);

impl ListenerKind {
    /// Connections at once: each costs at most two buffers of [`HEAD_SIZE`] until it sends a body.
    fn connections(self) -> usize {
        match self {
            // Some more than there are places, so that there is always one to ask another one to leave.
            ListenerKind::Public => 4096 + 2 * overflow::MOST,
            ListenerKind::Onion => 1024,
            ListenerKind::Health => 64,
        }
    }
}

/// One socket and how it is served.
pub(super) struct Endpoint {
    /// Bound already, so that the address is known before the first request.
    pub(super) socket: Socket,
    /// Who comes in here.
    pub(super) kind: ListenerKind,
    /// TLS, when this program does it itself.
    pub(super) tls: Option<TlsAcceptor>,
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

enum Stream {
    Tcp(TcpStream, IpAddr),
    Unix(UnixStream),
}

impl Stream {
    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(_, address) => Some(*address),
            Self::Unix(_) => None,
        }
    }
}

impl Listener {
    fn new(socket: Socket) -> io::Result<Self> {
        match socket {
            Socket::Tcp(listener) => TcpListener::from_std(listener).map(Self::Tcp),
            Socket::Unix(listener) => UnixListener::from_std(listener).map(Self::Unix),
        }
    }

    async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                let (stream, from) = listener.accept().await?;
                // A socket that cannot be tuned is gone already.
                let _ = stream.set_nodelay(true);
                let gone = u32::try_from(GONE.as_millis()).unwrap_or(u32::MAX);
                let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, gone);
                Ok(Stream::Tcp(stream, from.ip()))
            }
            Self::Unix(listener) => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }
}

/// Serves until `stop` becomes true, then lets running requests finish within a bound.
///
/// # Errors
/// When the socket cannot be used.
pub(super) async fn serve(
    endpoint: Endpoint,
    router: Router,
    policy: Arc<ClientPolicy>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let Endpoint { socket, kind, tls } = endpoint;
    let permits = Arc::new(Semaphore::new(kind.connections()));
    let listener = Listener::new(socket)?;
    loop {
        let next = next_connection(&listener, &permits);
        let (stream, permit) = tokio::select! {
            next = next => next?,
            () = stopped(&mut stop) => break,
        };
        let mut client = policy.client(kind, tls.is_some(), stream.address());
        let owner = policy.owner_of_connection(&client);
        let place = policy.connection(&owner);
        client.is_guest = place.is_beyond();
        let connection = secured(stream, tls.clone(), client, router.clone(), stop.clone());
        tokio::spawn(hold(connection, permit, place));
    }
    drop(listener);
    let all = u32::try_from(kind.connections()).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(GOODBYE, permits.acquire_many(all)).await;
    Ok(())
}

/// The next connection, once there may be one more.
async fn next_connection(listener: &Listener, permits: &Arc<Semaphore>) -> io::Result<(Stream, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok(stream) => return Ok((stream, permit)),
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to come back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Holds the connection's place for as long as it lasts. What goes wrong on it is the client's own matter and is not
/// logged.
async fn hold(connection: impl Future<Output = ()>, permit: OwnedSemaphorePermit, place: Place) {
    let most = if place.is_beyond() { GUEST } else { Duration::MAX };
    tokio::select! {
        _ = tokio::time::timeout(most, connection) => {}
        () = place.asked_to_leave() => {}
    }
    drop((permit, place));
}

/// A connection, behind its handshake where there is one.
async fn secured(
    stream: Stream,
    tls: Option<TlsAcceptor>,
    client: Client,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    match (stream, tls) {
        (Stream::Unix(stream), _) => connection(stream, client, router, stop).await,
        (Stream::Tcp(stream, _), None) => connection(stream, client, router, stop).await,
        (Stream::Tcp(stream, _), Some(tls)) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                connection(stream, client, router, stop).await;
            }
        }
    }
}

/// Answers the requests of one connection until it ends.
pub(crate) async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    client: Client,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| answer(request, client, router.clone()));
    let mut stream = StallGuard::new(stream, client.pace);
    {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_SIZE)
            .serve_connection(TokioIo::new(&mut stream), service);
        let mut connection = pin!(connection);
        let is_stopped = tokio::select! {
            _ = connection.as_mut() => false,
            () = stopped(&mut stop) => true,
        };
        if is_stopped {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
        // Here its buffers end, with what was typed in them.
    }
    stream.linger().await;
}

/// One request: to the router once its Host is certain.
async fn answer(mut request: Request<Incoming>, client: Client, router: Router) -> Result<Response, Infallible> {
    if check_host(&mut request).is_err() {
        // Who writes such a head may mean something else with what follows it, too: the connection ends.
        let mut answer = StatusCode::BAD_REQUEST.into_response();
        super::close(&mut answer);
        return Ok(answer);
    }
    request.extensions_mut().insert(client);
    TowerToHyperService::new(router).call(request).await
}

#[cfg(test)]
mod tests {
    use super::super::overflow::Overflow;
    use super::*;
    use crate::owner::{NameKey, Source};

    /// How long a connection stays that would stay for ever.
    async fn stays(place: Place) -> Duration {
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let began = tokio::time::Instant::now();
        let hour = Duration::from_secs(3600);
        let _ = tokio::time::timeout(hour, hold(std::future::pending(), permit, place)).await;
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_a_share_a_connection_has_a_minute_or_until_somebody_needs_its_place() {
        let (overflow, key) = (Arc::new(Overflow::default()), NameKey::random());
        let owner = key.owner(Source::Address(IpAddr::from([192, 0, 2, 7])));
        let guest = || Place::Beyond(overflow.enter(&owner));
        assert_eq!(stays(Place::OfItsOwn { _held: None }).await, Duration::from_secs(3600));
        assert_eq!(stays(guest()).await.as_secs(), GUEST.as_secs());
        let first = guest();
        let _others: Vec<_> = (0..overflow::MOST).map(|_| guest()).collect();
        assert!(stays(first).await < Duration::from_secs(1));
    }
}
