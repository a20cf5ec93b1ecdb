//! When a letter was received, for its metadata and for people.

use jiff::fmt::strtime::BrokenDownTime;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use konvolutt_letter::fill;
use krilla::metadata::DateTime;

use crate::i18n::desk::document::DocumentTexts;

/// The time with the offset that the form gave it.
pub(super) fn received(rfc3339: &str) -> Option<Zoned> {
    let at: Timestamp = rfc3339.parse().ok()?;
    let offset = BrokenDownTime::parse("%Y-%m-%dT%H:%M:%S%:z", rfc3339).ok()?.offset()?;
    Some(at.to_zoned(TimeZone::fixed(offset)))
}

/// For people.
pub(super) fn shown(at: &Zoned, texts: &DocumentTexts) -> String {
    let month = usize::try_from(at.month() - 1)
        .ok()
        .and_then(|month| texts.months.get(month));
    let two = |value: i8| format!("{value:02}");
    let values = [
        ("day", &*at.day().to_string()),
        ("month", month.copied().unwrap_or_default()),
        ("year", &*at.year().to_string()),
        ("hour", &*two(at.hour())),
        ("minute", &*two(at.minute())),
    ];
    fill(texts.date, &values)
}

/// For the file. A file must have a time, and the time of its making would make each a different one: what has no time of its
/// own gets the beginning of 1970.
pub(super) fn of_file(received: Option<&Zoned>) -> DateTime {
    let Some(at) = received else {
        return DateTime::new(1970)
            .month(1)
            .day(1)
            .hour(0)
            .minute(0)
            .second(0)
            .utc_offset_hour(0)
            .utc_offset_minute(0);
    };
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    let minutes = at.offset().seconds() / 60;
    DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(i8::try_from(minutes / 60).unwrap_or(0))
        .utc_offset_minute(u8::try_from(minutes.abs() % 60).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_of_the_form_stays() {
        let at = received("2026-07-28T15:00:00+02:00").unwrap();
        assert_eq!((at.day(), at.hour(), at.offset().seconds()), (28, 15, 7200));
        assert!(received("").is_none() && received("i går").is_none() && received("2026-07-28").is_none());
        assert_ne!(of_file(Some(&at)), of_file(None));
    }
}
