//! A line for people: time, level, what happened, fields.

use std::time::SystemTime;

use super::line::Line;
use crate::unix_time;

pub(super) fn text(line: &Line, now: SystemTime) -> String {
    format!("{} {:>5} {}", minute(now), line.level, line.text())
}

/// Times to the minute: enough to find a fault, too little to prove who sent something at 21:04:17.
pub(super) fn minute(now: SystemTime) -> String {
    let seconds = i64::try_from(unix_time::seconds(now)).ok();
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.unwrap_or_default().strftime("%Y-%m-%dT%H:%MZ").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use tracing::Level;

    use super::super::line::tests::of_letter;
    use super::*;

    /// Scripts read it.
    #[test]
    fn it_reads_as_it_always_did() {
        let now = UNIX_EPOCH + Duration::from_secs(1_795_308_137);
        let line = of_letter(Level::INFO, "a letter is delivered", "UJZ-52RN-FJC");
        assert_eq!(
            text(&line, now),
            "2026-11-22T00:42Z  INFO a letter is delivered reference=UJZ-52RN-FJC attempts=2"
        );
    }
}
