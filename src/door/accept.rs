//! The accept loop. axum's own has no time-outs at all.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::client::{Client, ClientPolicy, Kind};
use super::sockets::Socket;
use super::stall::StallGuard;

/// From the first byte to the end of the request head.
const HEAD: Duration = Duration::from_secs(10);
/// For the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Longest request head, in bytes.
const HEAD_SIZE: usize = 16 * 1024;
/// What the kernel still holds of an answer for somebody who is gone without a word is dropped after this.
const GONE: Duration = Duration::from_secs(30);
/// After SIGTERM, running uploads have this long to finish.
const GOODBYE: Duration = Duration::from_secs(30);

impl Kind {
    /// Connections at once: each costs at most two buffers of [`HEAD_SIZE`] until it sends a body.
    fn connections(self) -> usize {
        match self {
            Kind::Public => 4096,
            Kind::Onion => 1024,
            Kind::Health => 64,
        }
    }
}

/// A way in.
pub(crate) struct Door {
    /// Bound already, so that the address is known before the first request.
    pub(crate) socket: Socket,
    /// Who comes in here.
    pub(crate) kind: Kind,
    /// TLS, when this program does it itself.
    pub(crate) tls: Option<TlsAcceptor>,
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

enum Stream {
    Tcp(TcpStream, IpAddr),
    Unix(UnixStream),
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
pub(crate) async fn serve(
    door: Door,
    router: Router,
    policy: Arc<ClientPolicy>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(door.kind.connections()));
    let listener = Listener::new(door.socket)?;
    loop {
        let next = async {
            let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|stream| (stream, permit))
        };
        let (stream, permit) = tokio::select! {
            next = next => match next {
                Ok(next) => next,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            },
            () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
        };
        let address = match &stream {
            Stream::Tcp(_, address) => Some(*address),
            Stream::Unix(_) => None,
        };
        let client = policy.meet(door.kind, door.tls.is_some(), address);
        // Too many from one prefix: nothing to say that would not cost more than it is worth.
        let Ok(place) = policy.slot(&client) else { continue };
        let talk = talk(stream, door.tls.clone(), client, router.clone(), stop.clone());
        tokio::spawn(async move {
            // What goes wrong on one connection is the client's own matter and is not logged.
            talk.await;
            drop((permit, place));
        });
    }
    drop(listener);
    let all = u32::try_from(door.kind.connections()).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(GOODBYE, room.acquire_many(all)).await;
    Ok(())
}

async fn talk(stream: Stream, tls: Option<TlsAcceptor>, client: Client, router: Router, stop: watch::Receiver<bool>) {
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

pub(crate) async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    client: Client,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        router.call(request)
    });
    let mut stream = StallGuard::new(stream, client.pace);
    {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_SIZE)
            .serve_connection(TokioIo::new(&mut stream), service);
        let mut connection = pin!(connection);
        let stopped = tokio::select! {
            _ = connection.as_mut() => false,
            () = async { drop(stop.wait_for(|stop| *stop).await) } => true,
        };
        if stopped {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
        // Here its buffers end, with what somebody wrote in them.
    }
    stream.linger().await;
}
