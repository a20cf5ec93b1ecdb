//! The end of a certificate, in words that change only when it is to be told again.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAY: u64 = 86_400;

/// Days before the end at which it is told. An authority that renews by itself does so a month before; what is told is
/// that it did not.
pub const WARNED_BEFORE: [u64; 4] = [30, 14, 7, 1];

/// The day of a moment, in UTC as certificates have it.
pub fn day(seconds: u64) -> String {
    let time = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    // Whatever ends so late ends never.
    time.map_or_else(
        || "9999-12-31".to_owned(),
        |time| time.to_zoned(TimeZone::UTC).date().to_string(),
    )
}

/// What is to be told of the end of `what`; `None` while it is far away. The text is the same from one of the days in
/// [`WARNED_BEFORE`] to the next.
pub fn ending(what: &str, until: u64, now: u64) -> Option<String> {
    let day = day(until);
    let Some(left) = until.checked_sub(now) else {
        return Some(format!("{what} ended on {day}"));
    };
    let days = WARNED_BEFORE.into_iter().rev().find(|days| left <= days * DAY)?;
    let days = if days == 1 {
        "a day".to_owned()
    } else {
        format!("{days} days")
    };
    Some(format!("{what} ends within {days}, on {day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_in_five_steps() {
        let until = 100 * DAY;
        let told: Vec<_> = (0..=101 * 24)
            .filter_map(|hour| ending("it", until, hour * 3600 + 1))
            .collect();
        let mut steps = told.clone();
        steps.dedup();
        let wanted =
            ["30 days", "14 days", "7 days", "a day"].map(|days| format!("it ends within {days}, on 1970-04-11"));
        assert_eq!(steps[..4], wanted);
        assert_eq!(steps[4..], ["it ended on 1970-04-11"]);
        assert_eq!(ending("it", until, until - 30 * DAY - 1), None);
        assert!(ending("it", until, until).unwrap().contains("within a day"));
    }

    #[test]
    fn a_day_is_written_whatever_its_year() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_800_000_000), "2027-01-15");
        assert_eq!(day(u64::MAX), "9999-12-31");
    }
}
