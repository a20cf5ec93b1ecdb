//! What eleven digits are: a person's number, one that stands in for it, one that was made for tests, or a slip.
//!
//! Skatteetaten gives fødselsnummer and D-numbers. Others took its form and moved the month out of the calendar, so that
//! no number of theirs is anybody's. Which series there are stands in their own documents: help numbers in
//! HIS 1001 (Direktoratet for e-helse), the rest in what Skatteetaten, NAV and Norsk helsenett say of their test data.

use crate::i18n::Catalog;

/// What eleven digits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NationalId {
    /// Adds up: a fødselsnummer or a D-number.
    Good,
    /// No day that there is: 31 February, or month 13.
    NoDay,
    /// A day that there is, and check digits that do not fit: a slip, or a rule that we do not know yet.
    Unsure,
    /// Begins with 8 or 9: the health services' shared help number, which has no date in it.
    SharedHelp,
    /// The month is 40 too high: a help number of one hospital, or made by NAV for tests.
    Help,
    /// The month is 20 too high: NAV's own number for somebody who has no other.
    Nav,
    /// The month is 60 or 65 too high: made by NAV or by Norsk helsenett for tests. From 66 to 72 it can be either.
    Test,
    /// The month is 80 too high: made by Skatteetaten for tests.
    Synthetic,
}

impl NationalId {
    pub(super) fn of(id: &str) -> Self {
        let digits: Vec<u32> = id.chars().filter_map(|c| c.to_digit(10)).collect();
        let fits = fits(&digits);
        if digits[0] >= 8 {
            return if fits { Self::SharedHelp } else { Self::Unsure };
        }
        let pair = |at: usize| digits[at] * 10 + digits[at + 1];
        // A D-number has 40 added to its day.
        let day = pair(0) % 40;
        let (series, months) = match pair(2) {
            month @ 1..=12 => (Self::Good, [month; 2]),
            month @ 21..=32 => (Self::Nav, [month - 20; 2]),
            month @ 41..=52 => (Self::Help, [month - 40; 2]),
            month @ 61..=65 => (Self::Test, [month - 60; 2]),
            month @ 66..=72 => (Self::Test, [month - 60, month - 65]),
            month @ 73..=77 => (Self::Test, [month - 65; 2]),
            month @ 81..=92 => (Self::Synthetic, [month - 80; 2]),
            _ => return Self::NoDay,
        };
        if !months.iter().any(|month| is_day(day, *month, pair(4))) {
            Self::NoDay
        } else if fits {
            series
        } else {
            Self::Unsure
        }
    }
}

/// Both weighted sums are divisible by 11; in numbers given from 2032 on the first may leave a remainder of 0 to 3
/// (Skatteetaten, new rules for the personal identifier).
fn fits(digits: &[u32]) -> bool {
    const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
    const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let sum = |weights: &[u32]| weights.iter().zip(digits).map(|(w, d)| w * d).sum::<u32>() % 11;
    sum(&FIRST) <= 3 && sum(&SECOND) == 0
}

/// Which century it is does not matter: of the years that two digits can mean, those that four divides are leap years,
/// or one of them is (2000).
fn is_day(day: u32, month: u32, year: u32) -> bool {
    let last = match month {
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=last).contains(&day)
}

/// A number that does not add up may be a slip, or a rule that we do not know yet: the clerk decides.
pub(super) fn note(id: &str, t: &Catalog) -> Option<&'static str> {
    match NationalId::of(id) {
        NationalId::Good => None,
        NationalId::NoDay => Some(t.letter_national_id_no_day),
        NationalId::Unsure => Some(t.letter_national_id_unsure),
        NationalId::SharedHelp => Some(t.letter_national_id_shared_help),
        NationalId::Help => Some(t.letter_national_id_help),
        NationalId::Nav => Some(t.letter_national_id_nav),
        NationalId::Test => Some(t.letter_national_id_test),
        NationalId::Synthetic => Some(t.letter_national_id_synthetic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn national_ids_add_up_under_both_rules() {
        // Worked out from the weights, for a person and for a D-number; the last two only since 2032.
        for good in ["01010750160", "41010750154", "01010750179", "41010750189"] {
            assert_eq!(NationalId::of(good), NationalId::Good, "{good}");
        }
        for bad in ["01010750161", "10010750160", "81234510054"] {
            assert_eq!(NationalId::of(bad), NationalId::Unsure, "{bad}");
        }
    }

    /// That check digits do not fit is said of none whose check digits fit.
    #[test]
    fn each_series_is_told_as_what_it_is() {
        for (id, kind) in [
            ("81234510053", NationalId::SharedHelp),
            ("01210710015", NationalId::Nav),
            ("01660710058", NationalId::Test),
            // As NAV and Skatteetaten have published them.
            ("15507600333", NationalId::Help),
            ("29422059278", NationalId::Help),
            ("17912099997", NationalId::Synthetic),
            ("69822075096", NationalId::Synthetic),
        ] {
            assert_eq!(NationalId::of(id), kind, "{id}");
        }
    }

    #[test]
    fn a_day_that_there_is_not_is_told_as_that() {
        for no_day in [
            "31020750160",
            "71020750160",
            "30020050160",
            "00010750160",
            "40010750160",
            "31110750160",
            "31840750160",
        ] {
            assert_eq!(NationalId::of(no_day), NationalId::NoDay, "{no_day}");
        }
        for no_month in [
            "01130750160",
            "01000750160",
            "01330750160",
            "01530750160",
            "01780750160",
            "01930750160",
        ] {
            assert_eq!(NationalId::of(no_month), NationalId::NoDay, "{no_month}");
        }
        // 29 February of 2000, of 2004, and of no other year; a test number whose month can be read in two ways.
        assert!(is_day(29, 2, 0) && is_day(29, 2, 4) && !is_day(29, 2, 1));
        assert_ne!(
            NationalId::of("31660750160"),
            NationalId::NoDay,
            "31 January, or no day in June"
        );
        assert_eq!(
            NationalId::of("31690750160"),
            NationalId::NoDay,
            "no day in April or in September"
        );
    }

    /// Every number with that month whose check digits fit under today's rule.
    fn with_month(month: u32) -> impl Iterator<Item = String> {
        (0..100_000u32).map(move |rest| format!("01{month:02}07{rest:05}"))
    }

    #[test]
    fn numbers_of_nobody_are_told_from_people() {
        for (month, kind) in [
            (21, NationalId::Nav),
            (41, NationalId::Help),
            (61, NationalId::Test),
            (77, NationalId::Test),
            (81, NationalId::Synthetic),
        ] {
            let found: Vec<_> = with_month(month).map(|id| NationalId::of(&id)).collect();
            assert!(found.contains(&kind) && !found.contains(&NationalId::Good), "{month}");
        }
        // Of a hundred wrong endings about four in a hundred and twenty-one fit: a slip is seen nearly always.
        let fits = with_month(1)
            .filter(|id| NationalId::of(id) == NationalId::Good)
            .count();
        assert!((2500..4000).contains(&fits), "{fits}");
    }

    /// A remark that was copied would tell the clerk of another number.
    #[test]
    fn no_two_series_have_one_remark() {
        let ids = [
            "31020750160",
            "01010750161",
            "81234510053",
            "01210710015",
            "15507600333",
            "01660710058",
            "17912099997",
        ];
        for lang in Lang::built_in() {
            let notes: std::collections::BTreeSet<_> = ids.iter().filter_map(|id| note(id, lang.catalog())).collect();
            assert_eq!(notes.len(), ids.len(), "{lang:?}");
        }
        assert_eq!(note("01010750160", Lang::NB.catalog()), None);
    }
}
