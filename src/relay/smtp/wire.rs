//! The stream below the mail library.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// What a server may say before we speak again. lettre bounds lines, but only once they have ended.
const LONGEST_REPLY: usize = 128 * 1024;

/// One TLS connection with two holders: lettre speaks the commands, and a letter's bytes go past it.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    tls: TlsStream<TcpStream>,
    /// What the server is taken to have said already.
    advance: io::Cursor<&'static [u8]>,
    /// Bytes that came since we spoke last.
    heard: usize,
}

impl Wire {
    pub(super) fn new(tls: TlsStream<TcpStream>, advance: &'static [u8]) -> Self {
        let advance = io::Cursor::new(advance);
        Self(Arc::new(Mutex::new(Inner { tls, advance, heard: 0 })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wire")
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner().tls.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut inner = self.inner();
        let mut said = [0; 64];
        let room = out.remaining().min(said.len());
        let count = io::Read::read(&mut inner.advance, &mut said[..room])?;
        if count > 0 {
            out.put_slice(&said[..count]);
            return Poll::Ready(Ok(()));
        }
        if inner.heard > LONGEST_REPLY {
            return Poll::Ready(Err(io::Error::other("the mail server's reply does not end")));
        }
        let before = out.filled().len();
        let read = Pin::new(&mut inner.tls).poll_read(cx, out);
        inner.heard += out.filled().len() - before;
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut inner = self.inner();
        inner.heard = 0;
        Pin::new(&mut inner.tls).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner().tls).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner().tls).poll_shutdown(cx)
    }
}
