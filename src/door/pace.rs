//! How slow a client may be, in either direction.

use std::time::Duration;

/// There is usually no cap on the whole: an upload that moves may take all night.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// A stream that moves nothing for so long is closed.
    pub(crate) idle: Duration,
    /// Slower than this on average, after `grace`, a stream is closed.
    bytes_per_second: u64,
    /// Time for a slow start.
    pub(crate) grace: Duration,
    /// Longer than this no stream takes, however fast.
    longest: Duration,
}

impl Pace {
    /// A phone on a bad line is ten times faster.
    pub(crate) const OF_THE_NET: Self = Self {
        idle: Duration::from_secs(20),
        bytes_per_second: 1024,
        grace: Duration::from_secs(30),
        longest: Duration::MAX,
    };
    /// Six relays around half the world, one of them overloaded.
    pub(crate) const OF_ONION: Self = Self {
        idle: Duration::from_secs(30),
        bytes_per_second: 128,
        grace: Duration::from_secs(60),
        longest: Duration::MAX,
    };

    /// Whether so much in so long is fast enough.
    pub(crate) fn is_kept(&self, bytes: u64, took: Duration) -> bool {
        took <= self.longest && (took <= self.grace || bytes >= took.as_secs() * self.bytes_per_second)
    }

    /// For when many come at once: time for a text, and for a file on a good line.
    pub(crate) fn hurried(self) -> Self {
        Self {
            longest: Duration::from_secs(120),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_start_is_kept_and_a_slow_stream_is_not() {
        let (net, onion) = (Pace::OF_THE_NET, Pace::OF_ONION);
        for (pace, bytes, seconds, wanted) in [
            (net, 0, 0, true),
            (net, 0, 30, true),
            (net, 0, 31, false),
            (net, 31 * 1024, 31, true),
            (net, 31 * 1024 - 1, 31, false),
            (onion, 0, 60, true),
            (onion, 61 * 128, 61, true),
            (onion, 61 * 128 - 1, 61, false),
            (net.hurried(), 0, 30, true),
            (net.hurried(), u64::MAX, 120, true),
            (net.hurried(), u64::MAX, 121, false),
        ] {
            let kept = pace.is_kept(bytes, Duration::from_secs(seconds));
            assert_eq!(kept, wanted, "{pace:?}: {bytes} bytes in {seconds} s");
        }
    }

    #[test]
    fn who_is_hurried_cannot_trickle_on() {
        let (usual, hurried) = (Pace::OF_ONION, Pace::OF_ONION.hurried());
        let (text, night) = (Duration::from_secs(100), Duration::from_secs(8 * 3600));
        assert!(usual.is_kept(1_000_000_000, night));
        assert!(hurried.is_kept(100_000, text) && !hurried.is_kept(1_000_000_000, night));
    }
}
