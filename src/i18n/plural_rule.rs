//! The rules by which languages count.
//!
//! A rule is written as CLDR writes it (UTS 35, "Language Plural Rules"), so that one for any language can be copied from
//! there: `i % 10 = 2..4 and i % 100 != 12..14`. Counts here are whole numbers, of which CLDR's `v`, `f`, `t`, `w`, `c` and
//! `e` are 0.

/// The forms that CLDR knows beside `other`, in the order in which they are tried.
pub(super) const CATEGORIES: [&str; 5] = ["zero", "one", "two", "few", "many"];

/// Which counts have a form of their own: the name of the form, and when it is taken.
pub type PluralRule = &'static [(&'static str, &'static str)];

/// One form for 1, one for all the rest.
pub(super) const ONE: PluralRule = &[("one", "n = 1")];

/// The form that a count takes.
pub(super) fn category(rule: PluralRule, count: u64) -> &'static str {
    let own = rule.iter().find(|(_, when)| holds(when, count) == Some(true));
    own.map_or("other", |(name, _)| name)
}

/// Whether a condition is so for a count; `None` when it is no condition. All of it is read, whatever its beginning says.
pub(super) fn holds(condition: &str, count: u64) -> Option<bool> {
    // Samples may have been copied along.
    let condition = condition.split('@').next()?;
    let mut any = false;
    for all in condition.split(" or ") {
        let mut every = true;
        for relation in all.split(" and ") {
            every &= relates(relation, count)?;
        }
        any |= every;
    }
    Some(any)
}

/// `n % 10 = 2..4,9`, or with `!=`.
fn relates(relation: &str, count: u64) -> Option<bool> {
    let (left, right) = relation.split_once('=')?;
    let (left, wanted) = match left.strip_suffix('!') {
        Some(left) => (left, false),
        None => (left, true),
    };
    let (operand, modulus) = match left.split_once('%') {
        Some((operand, modulus)) => (operand, Some(number(modulus)?)),
        None => (left, None),
    };
    let value = match operand.trim() {
        "n" | "i" => count,
        "v" | "w" | "f" | "t" | "c" | "e" => 0,
        _ => return None,
    };
    let value = match modulus {
        Some(modulus) => value.checked_rem(modulus)?,
        None => value,
    };
    let mut among = false;
    for range in right.split(',') {
        let (first, last) = range.split_once("..").unwrap_or((range, range));
        among |= (number(first)?..=number(last)?).contains(&value);
    }
    Some(among == wanted)
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::Lang;
    use super::*;

    /// The forms of the counts from 0 on.
    fn forms(rule: PluralRule) -> Vec<&'static str> {
        (0..23).map(|count| category(rule, count)).collect()
    }

    /// Rules as they stand in CLDR 46.
    #[test]
    fn each_language_counts_by_its_own_rule() {
        const POLISH: PluralRule = &[
            ("one", "i = 1 and v = 0"),
            ("few", "v = 0 and i % 10 = 2..4 and i % 100 != 12..14"),
            (
                "many",
                "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14 @integer 0",
            ),
        ];
        let polish = forms(POLISH);
        assert_eq!(polish[..6], ["many", "one", "few", "few", "few", "many"]);
        assert_eq!(polish[11..15], ["many"; 4]);
        assert_eq!(polish[20..23], ["many", "many", "few"]);
        const ARABIC: PluralRule = &[
            ("zero", "n = 0"),
            ("one", "n = 1"),
            ("two", "n = 2"),
            ("few", "n % 100 = 3..10"),
            ("many", "n % 100 = 11..99"),
        ];
        assert_eq!(forms(ARABIC)[..4], ["zero", "one", "two", "few"]);
        assert_eq!(category(ARABIC, 11), "many");
        assert_eq!(category(ARABIC, 100), "other");
        const PERSIAN: PluralRule = &[("one", "i = 0 or n = 1")];
        assert_eq!(forms(PERSIAN)[..3], ["one", "one", "other"]);
        const SAMI: PluralRule = &[("one", "n = 1"), ("two", "n = 2")];
        assert_eq!(forms(SAMI)[..4], ["other", "one", "two", "other"]);
        assert_eq!(forms(&[]), ["other"; 23]);
        assert_eq!(forms(ONE)[..3], ["other", "one", "other"]);
        for lang in Lang::built_in() {
            let rule = lang.language().plural;
            assert!(rule.iter().all(|(_, when)| holds(when, 0).is_some()), "{lang:?}");
        }
    }

    #[test]
    fn what_is_no_rule_is_told_from_one() {
        for wrong in [
            "",
            "n",
            "n = ",
            "x = 1",
            "n = 1 and",
            "n % 0 = 1",
            "n = one",
            "n == 1",
            "n = 1 or 2",
            "n is 1",
        ] {
            assert_eq!(holds(wrong, 1), None, "{wrong:?}");
        }
        assert_eq!(holds("n%10=2..4,9", 39), Some(true));
    }
}
