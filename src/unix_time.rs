//! Times as numbers, for what is written to files and compared.

use std::fs::FileTimes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970; 0 before that.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Rounded down to the minute: enough to find a fault, too little to prove who sent something at 21:04:17.
pub fn minute(time: SystemTime) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds(time) / 60 * 60)
}

/// The same as text, as log and notices have it.
pub fn minute_text(time: SystemTime) -> String {
    let seconds = i64::try_from(seconds(time)).ok();
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.unwrap_or_default().strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// What a file may say of when it was written and read. Backups carry these times away. When its entry changed
/// (`st_ctime`) nobody can set.
pub fn file_times(now: SystemTime) -> FileTimes {
    let minute = minute(now);
    FileTimes::new().set_modified(minute).set_accessed(minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_begun_and_is_not_over() {
        for (at, begun) in [(0, 0), (59, 0), (60, 60), (1_795_308_137, 1_795_308_120)] {
            let time = UNIX_EPOCH + Duration::new(at, 999_999_999);
            assert_eq!(seconds(minute(time)), begun);
        }
        let time = UNIX_EPOCH + Duration::new(1_795_308_137, 999_999_999);
        assert_eq!(minute_text(time), "2026-11-22T00:42Z");
    }
}
