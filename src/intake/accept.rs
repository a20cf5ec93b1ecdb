//! The accept loop. axum's own has no time-outs at all.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// From the first byte to the end of the request head.
const HEAD: Duration = Duration::from_secs(10);
/// For the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Longest request head, in bytes.
const HEAD_SIZE: usize = 16 * 1024;
/// Connections at once: each costs at most two buffers of [`HEAD_SIZE`] until it sends a body.
const CONNECTIONS: usize = 4096;
/// After SIGTERM, running uploads have this long to finish.
const GOODBYE: Duration = Duration::from_secs(30);

/// A place to listen at.
pub struct Listener {
    /// Bound already, so that the address is known before the first request.
    pub tcp: TcpListener,
    /// TLS, when this program does it itself.
    pub tls: Option<TlsAcceptor>,
}

/// Serves until `stop` becomes true, then lets running requests finish within a bound.
///
/// # Errors
/// When the runtime is gone.
pub async fn serve(listener: Listener, router: Router, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let next = async {
            let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
            listener.tcp.accept().await.map(|(stream, _)| (stream, permit))
        };
        let (stream, permit) = tokio::select! {
            next = next => match next {
                Ok(next) => next,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
        };
        let (router, tls, stop) = (router.clone(), listener.tls.clone(), stop.clone());
        tokio::spawn(async move {
            // What goes wrong on one connection is the visitor's own matter and is not logged.
            let _ = stream.set_nodelay(true);
            match tls {
                None => connection(stream, router, stop).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        connection(stream, router, stop).await;
                    }
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(GOODBYE, room.acquire_many(all)).await;
    Ok(())
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let stopped = tokio::select! {
        _ = connection.as_mut() => false,
        () = async { drop(stop.wait_for(|stop| *stop).await) } => true,
    };
    if stopped {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
