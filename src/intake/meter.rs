//! A body as it flows: counted, paced, and read on when it is refused.
//!
//! Comes in: what hyper reads. Goes out: the same chunks, or why no more are read. What always holds: nothing that a client
//! sends without end is read without end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::Instant;

use crate::door::{Pace, Place};

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
    /// Held until the body is read; who is beyond a share may be asked to leave before.
    place: Place,
    /// True while so much is taken that those who are slow have to hurry.
    crowded: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Meter {
    pub(super) fn start(pace: Pace, place: Place, crowded: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            pace: if place.is_beyond() { pace.hurried() } else { pace },
            place,
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
    #[error("the connection ended")]
    Gone,
    #[error("the body is too slow, or paused for too long")]
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
            let chunk = tokio::select! {
                next = tokio::time::timeout(meter.pace.idle, body.next()) => match next {
                    Ok(None) => return None,
                    Ok(Some(Ok(chunk))) => meter.count(chunk.len() as u64).map(|()| chunk),
                    Ok(Some(Err(_))) => Err(Stopped::Gone),
                    // It may be there after all, in a tunnel.
                    Err(_) => Err(Stopped::Slow),
                },
                // Then what came so far is given back.
                () = meter.place.asked_to_leave() => Err(Stopped::Slow),
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

    fn own() -> Place {
        Place::OfItsOwn { _held: None }
    }

    fn meter() -> Meter {
        Meter::start(Pace::OF_THE_NET, own(), || false)
    }

    /// However fast it is.
    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_time_in_all_when_many_come_and_when_there_is_enough_of_it() {
        let fast = 1024 * 1024;
        for (is_crowded, has_enough, wanted) in [
            (false, false, None),
            (true, false, Some((121, Stopped::Slow))),
            (false, true, Some((61, Stopped::TooLarge))),
        ] {
            let meter = Meter::start(Pace::OF_THE_NET, own(), move || is_crowded);
            if has_enough {
                meter.has_enough();
            }
            let mut stopped = None;
            for second in 1..=600 {
                tokio::time::advance(Duration::from_secs(1)).await;
                if let Err(why) = meter.count(fast) {
                    stopped = Some((second, why));
                    break;
                }
            }
            assert_eq!(stopped, wanted, "{is_crowded} {has_enough}");
        }
    }

    #[test]
    fn no_body_is_longer_than_the_longest() {
        let meter = meter();
        assert_eq!(meter.count(LONGEST), Ok(()));
        assert_eq!(meter.count(1), Err(Stopped::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_too_long_is_not_read_on() {
        let pause = Duration::from_secs(1);
        for (silent, wanted) in [
            (Pace::OF_THE_NET.idle - pause, Ok(Bytes::from_static(b"x"))),
            (Pace::OF_THE_NET.idle + pause, Err(Stopped::Slow)),
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
