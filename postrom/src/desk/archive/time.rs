//! When a letter came, as archives write it.

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::desk::reading::Reading;

/// The farthest offset of XML Schema, in seconds.
const FARTHEST: i32 = 14 * 3600;

/// A moment with its day.
pub(super) struct Moment {
    /// `2026-11-28T15:00:00+01:00`.
    pub(super) time: String,
    pub(super) day: Date,
}

impl Moment {
    /// When the form took the letter; else what the mail around it says; else the beginning of 1970: the time of its making
    /// would make each package of it a different one.
    pub(super) fn of(reading: &Reading) -> Self {
        let of_form = reading.status.received.as_deref().and_then(said);
        let of_mail = || reading.date.as_deref().and_then(said);
        let (time, offset) = of_form.or_else(of_mail).unwrap_or((Timestamp::UNIX_EPOCH, Offset::UTC));
        Self {
            time: time.display_with_offset(offset).to_string(),
            day: offset.to_datetime(time).date(),
        }
    }

    /// The day that is so many days later.
    pub(super) fn after(&self, days: u16) -> Option<Date> {
        self.day.checked_add(i64::from(days).days()).ok()
    }
}

/// With the offset that it was said with: the day of a journal is that of the authority.
fn said(text: &str) -> Option<(Timestamp, Offset)> {
    let time: Timestamp = text.parse().ok()?;
    // Archives have no others, and the schema's word for a year has four digits.
    let year = TimeZone::UTC.to_datetime(time).year();
    if !(1900..=9998).contains(&year) {
        return None;
    }
    let whole_seconds = Timestamp::from_second(time.as_second()).ok()?;
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    // Offsets of seconds are none of the schema's, nor those of more than 14 hours.
    let offset = offset
        .filter(|offset| offset.seconds() % 60 == 0 && offset.seconds().abs() <= FARTHEST)
        .unwrap_or(Offset::UTC);
    Some((whole_seconds, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_offset_and_nonsense_is_none() {
        for (given, expected) in [
            ("2026-11-28T15:00:00+01:00", Some("2026-11-28T15:00:00+01:00")),
            ("2026-11-28T15:00:00Z", Some("2026-11-28T15:00:00+00:00")),
            ("2026-11-28T15:00:00.5-08:30", Some("2026-11-28T15:00:00-08:30")),
            ("2026-11-28T15:00:00+20:00", Some("2026-11-27T19:00:00+00:00")),
            ("-009999-01-01T00:00:00Z", None),
            ("9999-12-31T23:59:59-25:00", None),
            ("28. november", None),
            ("<b>", None),
            ("", None),
        ] {
            let said = said(given).map(|(time, offset)| time.display_with_offset(offset).to_string());
            assert_eq!(said.as_deref(), expected, "{given}");
        }
    }
}
