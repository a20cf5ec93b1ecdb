//! Days, times, and sizes of files.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::i18n::{Each, Lang};

const MONTHS: Each<[&str; 12]> = Each {
    nb: [
        "jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des.",
    ],
    nn: [
        "jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des.",
    ],
    en: [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
};

fn here(time: Timestamp) -> Zoned {
    time.to_zoned(TimeZone::system())
}

/// A day; without its year when it is this one.
pub fn day(time: Timestamp, lang: Lang) -> String {
    let day = here(time).date();
    if day.year() == Zoned::now().year() {
        short(day, lang)
    } else {
        full(day, lang)
    }
}

fn short(day: Date, lang: Lang) -> String {
    let month = usize::try_from(day.month() - 1).ok();
    let month = month
        .and_then(|month| MONTHS.of(lang).get(month))
        .copied()
        .unwrap_or_default();
    let dot = if lang == Lang::En { "" } else { "." };
    format!("{}{dot} {month}", day.day())
}

fn full(day: Date, lang: Lang) -> String {
    format!("{} {}", short(day, lang), day.year())
}

/// The last day of a deadline that began when a letter was received.
pub fn deadline(received: Timestamp, days: u16, lang: Lang) -> String {
    let last = here(received)
        .date()
        .checked_add(jiff::Span::new().days(i64::from(days)));
    last.map(|last| full(last, lang)).unwrap_or_default()
}

/// The time of day.
pub fn clock(time: Timestamp, lang: Lang) -> String {
    let mark = if lang == Lang::En { ":" } else { "." };
    let time = here(time);
    format!("{:02}{mark}{:02}", time.hour(), time.minute())
}

/// Day and time, with the year: it may be read in ten years, on paper.
pub fn moment(time: Timestamp, lang: Lang) -> String {
    let at = match lang {
        Lang::Nb | Lang::Nn => "kl.",
        Lang::En => "at",
    };
    format!("{} {at} {}", full(here(time).date(), lang), clock(time, lang))
}

/// The same of what a letter or a mark says; as it stands there when it is no time.
pub fn said(text: &str, lang: Lang) -> String {
    match text.parse() {
        Ok(time) => moment(time, lang),
        Err(_) => konvolutt_letter::printable(text),
    }
}

/// Days from today to the one on which so many days have passed; negative when that was.
pub fn days_left(received: Timestamp, days: u16) -> i64 {
    let begun = here(received).date();
    let passed = Zoned::now()
        .date()
        .since(begun)
        .map_or(0, |span| i64::from(span.get_days()));
    i64::from(days) - passed
}

/// Bytes, as people count them.
pub fn size(bytes: u64, lang: Lang) -> String {
    let (comma, byte) = match lang {
        Lang::En if bytes != 1 => (".", "bytes"),
        Lang::En => (".", "byte"),
        Lang::Nb | Lang::Nn => (",", "byte"),
    };
    let tenth = |unit: u64| (bytes * 10 + unit / 2) / unit;
    let shown = |unit: u64, name: &str| match tenth(unit) {
        tenths if tenths < 100 => format!("{}{comma}{} {name}", tenths / 10, tenths % 10),
        _ => format!("{} {name}", (bytes + unit / 2) / unit),
    };
    match bytes {
        0..1_000 => format!("{bytes} {byte}"),
        1_000..999_500 => shown(1_000, "kB"),
        _ => shown(1_000_000, "MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded() {
        for (bytes, shown) in [
            (0, "0 byte"),
            (999, "999 byte"),
            (1_000, "1,0 kB"),
            (12_345, "12 kB"),
            (999_499, "999 kB"),
            (999_500, "1,0 MB"),
            (3_140_000, "3,1 MB"),
            (25_000_000, "25 MB"),
        ] {
            assert_eq!(size(bytes, Lang::Nb), shown);
        }
    }

    #[test]
    fn a_deadline_is_counted_in_whole_days() {
        let ago = |days: i64| Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        assert_eq!(days_left(ago(0), 30), 30);
        assert_eq!(days_left(ago(400), 30), -370);
        let received = "2026-02-10T12:00:00Z".parse().unwrap();
        assert_eq!(deadline(received, 30, Lang::Nn), "12. mars 2026");
        assert_eq!(deadline(received, 30, Lang::En), "12 Mar 2026");
    }
}
