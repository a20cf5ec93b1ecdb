//! A body as it flows: counted, paced, and read on when it is refused.
//!
//! Comes in: what hyper reads. Goes out: the same chunks, or why no more are read. What always holds: nothing that a client
//! sends without end is read without end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use crate::door::Pace;

/// A body is read on, and what is too much dropped, up to here: the video of a telephone. Then the text beside it is not
/// lost, and the browser gets to see our answer instead of a reset.
const LONGEST: u64 = 1024 * 1024 * 1024;
/// And for so long, once nothing more of it is kept.
const AFTER_ENOUGH: Duration = Duration::from_secs(60);

/// Counts what flows.
pub(super) struct Meter {
    total: AtomicU64,
    began: Instant,
    pace: Pace,
    /// Since when nothing more is kept.
    enough: OnceLock<Instant>,
    /// True while so much is taken that those who are slow have to hurry.
    crowded: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Meter {
    pub(super) fn start(pace: Pace, crowded: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            pace,
            total: AtomicU64::new(0),
            began: Instant::now(),
            enough: OnceLock::new(),
            crowded: Box::new(crowded),
        }
    }

    /// How slow this body may be.
    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// What follows is too much: it is read on for what stands behind it, but not for long.
    pub(super) fn has_enough(&self) {
        self.enough.get_or_init(Instant::now);
    }

    /// Counts a chunk; refuses it when the whole is longer, or slower, than may be.
    fn count(&self, bytes: u64) -> Result<(), Stopped> {
        let total = self.total.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let enough = self.enough.get();
        if total > LONGEST || enough.is_some_and(|since| since.elapsed() > AFTER_ENOUGH) {
            return Err(Stopped::TooLarge);
        }
        let pace = if (self.crowded)() {
            self.pace.hurried()
        } else {
            self.pace
        };
        if pace.is_kept(total, self.began.elapsed()) {
            Ok(())
        } else {
            Err(Stopped::Slow)
        }
    }
}

/// Why a body is not read on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    #[error("the connection ended or stalled")]
    Gone,
    #[error("the body is too slow")]
    Slow,
    #[error("the body is too large")]
    TooLarge,
}

/// The body in chunks of at most hyper's buffer (16 KiB), one at a time, with a pause after each: a fast line must
/// not keep a thread of the runtime to itself.
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
    use super::*;

    fn meter() -> Meter {
        Meter::start(Pace::OF_THE_NET, || false)
    }

    #[test]
    fn no_body_is_longer_than_the_longest() {
        let meter = meter();
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
            let meter = Arc::new(meter());
            let mut read = std::pin::pin!(metered(&mut body, meter));
            assert_eq!(read.next().await, Some(wanted), "{silent:?}");
        }
    }
}
