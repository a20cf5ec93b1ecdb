//! How slow a visitor may be, in either direction.

use std::time::Duration;

/// There is no cap on the whole: an upload that moves may take all night.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// A stream that moves nothing for so long is closed.
    pub(super) idle: Duration,
    /// Slower than this on average, after `grace`, a stream is closed.
    bytes_per_second: u64,
    /// Time for a slow start.
    pub(super) grace: Duration,
}

impl Pace {
    /// A phone on a bad line is ten times faster.
    pub(super) const OF_THE_NET: Self = Self {
        idle: Duration::from_secs(20),
        bytes_per_second: 1024,
        grace: Duration::from_secs(30),
    };
    /// Six relays around half the world, one of them overloaded.
    pub(super) const OF_ONION: Self = Self {
        idle: Duration::from_secs(30),
        bytes_per_second: 128,
        grace: Duration::from_secs(60),
    };

    /// Whether so much in so long is fast enough.
    pub(super) fn is_kept(&self, bytes: u64, took: Duration) -> bool {
        took <= self.grace || bytes >= took.as_secs() * self.bytes_per_second
    }
}
