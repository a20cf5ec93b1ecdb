//! Times as numbers, for what is written to files and compared.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970; 0 before that.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
