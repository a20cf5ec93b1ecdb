//! A body as it flows: counted, paced, and read on when it is refused.
//!
//! Comes in: what hyper reads. Goes out: the same chunks, or why no more are read. What always holds: nothing that a client
//! sends without end is read without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use crate::door::Pace;

/// Head of one part. multer alone would buffer an endless one up to the whole body.
const PART_HEAD: u64 = 8 * 1024;
/// A body is read on, and what is too much dropped, up to here: the video of a telephone. Then the text beside it is not
/// lost, and the browser gets to see our answer instead of a reset.
const LONGEST: u64 = 1024 * 1024 * 1024;

/// Counts what flows, apart for heads of parts.
pub(super) struct Meter {
    in_head: AtomicBool,
    head: AtomicU64,
    total: AtomicU64,
    began: Instant,
    pace: Pace,
}

impl Meter {
    pub(super) fn start(pace: Pace) -> Self {
        Self {
            pace,
            in_head: AtomicBool::new(true),
            head: AtomicU64::new(0),
            total: AtomicU64::new(0),
            began: Instant::now(),
        }
    }

    pub(super) fn head_begins(&self) {
        self.head.store(0, Ordering::Relaxed);
        self.in_head.store(true, Ordering::Relaxed);
    }

    pub(super) fn head_ended(&self) {
        self.in_head.store(false, Ordering::Relaxed);
    }

    /// Counts a chunk; refuses it when a head or the whole is longer than may be.
    fn count(&self, bytes: u64) -> Result<(), Stopped> {
        let total = self.total.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if total > LONGEST {
            return Err(Stopped::TooLarge);
        }
        if !self.pace.is_kept(total, self.began.elapsed()) {
            return Err(Stopped::Gone);
        }
        // The chunk in which a head begins may hold the end of the part before it: only chunks that follow it
        // count against the head.
        let before = self.head.load(Ordering::Relaxed);
        if self.in_head.load(Ordering::Relaxed) && before > PART_HEAD {
            return Err(Stopped::LongHead);
        }
        self.head.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

/// Why a body is not read on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    #[error("the connection ended or stalled")]
    Gone,
    #[error("the body is too large")]
    TooLarge,
    #[error("the head of a part is too long")]
    LongHead,
}

/// The body in chunks of at most hyper's buffer (16 KiB), one at a time: multer takes whatever is there before it looks at
/// any of it, so without a pause after each chunk a fast line would fill the memory.
pub(super) fn metered(
    body: &mut BodyDataStream,
    meter: Arc<Meter>,
) -> impl Stream<Item = Result<Bytes, Stopped>> + Send {
    stream::unfold(Some(body), move |state| {
        let meter = meter.clone();
        async move {
            let body = state?;
            tokio::task::yield_now().await;
            let chunk = match tokio::time::timeout(meter.pace.idle, body.next()).await {
                Ok(None) => return None,
                Ok(Some(Ok(chunk))) => meter.count(chunk.len() as u64).map(|()| chunk),
                Ok(Some(Err(_))) | Err(_) => Err(Stopped::Gone),
            };
            let rest = chunk.is_ok().then_some(body);
            Some((chunk, rest))
        }
    })
}

/// Reads a refused body up to a bound, so that the browser reads our answer instead of seeing a reset.
pub(super) async fn discard(body: Body, pace: Pace) {
    drain_rest(&mut body.into_data_stream(), pace).await;
}

pub(super) async fn drain_rest(body: &mut BodyDataStream, pace: Pace) {
    const MOST: usize = 32 * 1024 * 1024;
    let mut seen = 0;
    let read = async {
        while let Some(Ok(chunk)) = body.next().await {
            seen += chunk.len();
            if seen > MOST {
                return;
            }
        }
    };
    // A bound in all: no client holds a connection by sending what is refused anyway.
    let _ = tokio::time::timeout(pace.grace, read).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const CHUNK: u64 = 16 * 1024;

    #[test]
    fn a_head_ends_soon_and_a_part_may_be_long() {
        let meter = Meter::start(Pace::OF_THE_NET);
        meter.head_begins();
        // The chunk in which a head begins may hold all of it, and the part before it.
        assert_eq!(meter.count(CHUNK), Ok(()));
        assert_eq!(meter.count(1), Err(Stopped::LongHead));
        meter.head_ended();
        for _ in 0..1000 {
            assert_eq!(meter.count(CHUNK), Ok(()));
        }
        meter.head_begins();
        assert_eq!(meter.count(CHUNK), Ok(()), "the next head begins anew");
        assert_eq!(meter.count(1), Err(Stopped::LongHead));
    }

    #[test]
    fn small_chunks_of_a_head_are_added_up() {
        let meter = Meter::start(Pace::OF_THE_NET);
        let taken = (0..100).take_while(|_| meter.count(1024).is_ok()).count();
        assert_eq!(taken as u64, PART_HEAD / 1024 + 1);
    }

    #[test]
    fn no_body_is_longer_than_the_longest() {
        let meter = Meter::start(Pace::OF_THE_NET);
        meter.head_ended();
        assert_eq!(meter.count(LONGEST), Ok(()));
        assert_eq!(meter.count(1), Err(Stopped::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_too_long_is_gone() {
        let pause = Duration::from_secs(1);
        for (silent, wanted) in [
            (Pace::OF_THE_NET.idle - pause, Ok(Bytes::from_static(b"x"))),
            (Pace::OF_THE_NET.idle + pause, Err(Stopped::Gone)),
        ] {
            let chunk = stream::once(async move {
                tokio::time::sleep(silent).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
            });
            let mut body = Body::from_stream(chunk).into_data_stream();
            let meter = Arc::new(Meter::start(Pace::OF_THE_NET));
            let mut read = std::pin::pin!(metered(&mut body, meter));
            assert_eq!(read.next().await, Some(wanted), "{silent:?}");
        }
    }
}
