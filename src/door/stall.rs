//! A connection that waits for a slow client, but not for one who does not read.
//!
//! Comes in: a stream and the [`Pace`] of its client. Goes out: the same stream, which fails with `TimedOut` when writing
//! stalls. Without it a client that takes no byte of our answer would hold its place for ever: hyper has a time-out for
//! heads of requests only.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::pace::Pace;

/// After our last byte the client may finish sending: a socket that is closed with unread bytes in it is reset, and
/// the browser then shows its own error instead of our answer.
const LINGER: Duration = Duration::from_secs(2);
/// But not more than this.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// Ends a connection whose client does not read.
pub(super) struct StallGuard<S> {
    stream: S,
    pace: Pace,
    /// When writing began to wait, while it does.
    blocked: Option<Instant>,
    /// How long writing waited in all, and how much went out.
    waited: Duration,
    written: u64,
    deadline: Pin<Box<Sleep>>,
    /// Everything was said from our side.
    closed: bool,
}

impl<S> StallGuard<S> {
    pub(super) fn new(stream: S, pace: Pace) -> Self {
        Self {
            stream,
            pace,
            blocked: None,
            waited: Duration::ZERO,
            written: 0,
            deadline: Box::pin(sleep_until(Instant::now())),
            closed: false,
        }
    }

    /// Judges one attempt to write.
    fn judge(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let now = Instant::now();
        match wrote {
            Poll::Ready(Ok(bytes)) => {
                self.written += bytes as u64;
                self.waited += self.blocked.take().map_or(Duration::ZERO, |since| now - since);
                if self.pace.is_kept(self.written, self.waited) {
                    Poll::Ready(Ok(bytes))
                } else {
                    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
                }
            }
            Poll::Ready(error) => Poll::Ready(error),
            Poll::Pending => {
                if self.blocked.is_none() {
                    self.blocked = Some(now);
                    self.deadline.as_mut().reset(now + self.pace.idle);
                }
                ready!(self.deadline.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> StallGuard<S> {
    /// After the last word: reads on for a while what is not wanted any more. To be called once nothing else holds a buffer of this
    /// connection, so that none waits as long.
    pub(super) async fn linger(&mut self) {
        if !self.closed {
            return;
        }
        let mut bytes = [0u8; 4096];
        let read = async {
            let mut seen = 0;
            while seen <= LINGER_BYTES {
                match self.stream.read(&mut bytes).await {
                    // The end, or an error: then no browser waits for a good end.
                    Ok(0) | Err(_) => return,
                    Ok(length) => seen += length,
                }
                bytes.fill(0);
            }
        };
        let _ = timeout(LINGER, read).await;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallGuard<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for StallGuard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx).map_ok(|()| 0);
        self.judge(cx, flushed).map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(cx).map_ok(|()| 0);
        ready!(self.judge(cx, closed))?;
        self.closed = true;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_left_after_the_idle_time() {
        let (ours, theirs) = duplex(16);
        let mut ours = StallGuard::new(ours, Pace::OF_THE_NET);
        let began = Instant::now();
        let error = ours.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), Pace::OF_THE_NET.idle);
        drop(theirs);
    }

    #[tokio::test(start_paused = true)]
    async fn a_drop_now_and_then_is_not_reading() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = StallGuard::new(ours, Pace::OF_THE_NET);
        tokio::spawn(async move {
            let mut one = [0; 1];
            while theirs.read_exact(&mut one).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let began = Instant::now();
        let error = ours.write_all(&[0; 4096]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() <= Pace::OF_THE_NET.grace + Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_steadily_gets_everything() {
        let (ours, mut theirs) = duplex(1024);
        let mut ours = StallGuard::new(ours, Pace::OF_THE_NET);
        let reader = tokio::spawn(async move {
            let (mut some, mut all) = ([0; 2048], 0);
            while let Ok(read @ 1..) = theirs.read(&mut some).await {
                all += read;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            all
        });
        ours.write_all(&vec![0; 200_000]).await.unwrap();
        drop(ours);
        assert_eq!(reader.await.unwrap(), 200_000);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_the_client_but_not_long() {
        let (ours, mut theirs) = duplex(1024);
        let mut ours = StallGuard::new(ours, Pace::OF_THE_NET);
        let began = Instant::now();
        let client = tokio::spawn(async move {
            theirs.write_all(&[7; 5000]).await.unwrap();
            theirs
        });
        ours.shutdown().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        ours.linger().await;
        assert_eq!(began.elapsed(), LINGER);
        drop(client.await.unwrap());
    }
}
