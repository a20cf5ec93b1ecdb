//! What is to be known of a language besides its texts: its names, how it counts, how it writes numbers and days, which way
//! its lines run.

use std::fmt;

use super::fill;
use super::plural_rule::PluralRule;

/// A language. The built-in ones stand beside their texts, the others at the head of their file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 code, as in addresses and in `lang`.
    pub code: &'static str,
    /// Its name in itself.
    pub own_name: &'static str,
    /// Which counts have a form of their own.
    pub plural: PluralRule,
    /// Before the tenths of a number: `9,7`.
    pub decimal: &'static str,
    /// Between the thousands of a number: `10 000`.
    pub group: &'static str,
    /// How a day is written, with the places `{day}`, `{month}` and `{year}`.
    pub date: &'static str,
    /// Which way its lines run.
    pub direction: Direction,
    /// What others call it, by the code of their language: «arabisk» for who reads `nn`.
    pub called: &'static [(&'static str, &'static str)],
}

/// Which way lines run; as in `dir`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As in Latin script.
    LeftToRight,
    /// As in Arabic script.
    RightToLeft,
}

impl Direction {
    /// Both, by their names.
    pub const ALL: [Self; 2] = [Self::LeftToRight, Self::RightToLeft];

    /// As HTML and the heads of files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The places of [`Language::date`].
pub(super) const DATE_PLACES: [&str; 3] = ["day", "month", "year"];

impl Language {
    /// A day as people write it, without leading zeros.
    pub fn date(&self, day: jiff::civil::Date) -> String {
        let parts = [day.day().to_string(), day.month().to_string(), day.year().to_string()];
        let [day, month, year] = parts.each_ref().map(String::as_str);
        fill(self.date, &[("day", day), ("month", month), ("year", year)])
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::Lang;

    #[test]
    fn a_day_is_written_in_the_order_of_the_language() {
        let day = jiff::civil::date(2026, 2, 9);
        assert_eq!(Lang::NB.language().date(day), "9.2.2026");
        let mut other = Lang::NB.language().clone();
        other.date = "{year}-{month}-{day}";
        assert_eq!(other.date(day), "2026-2-9");
    }
}
