//! A line for people: time, level, what happened, fields.

use std::time::SystemTime;

use super::line::Line;
use crate::unix_time::minute_text;

pub(super) fn text(line: &Line, now: SystemTime) -> String {
    format!("{} {:>5} {}", minute_text(now), line.level, line.text())
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
