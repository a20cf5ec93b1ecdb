//! Texts with a count in them.

use super::Lang;

/// A text in the forms that a language has for counting (CLDR: one, two, other).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plural {
    /// For 1.
    pub one: &'static str,
    /// For 2, in languages that have a form for it.
    pub two: &'static str,
    /// For all the rest.
    pub other: &'static str,
}

impl Plural {
    /// In a language without a form for two.
    pub const fn new(one: &'static str, other: &'static str) -> Self {
        Self { one, two: other, other }
    }

    /// The form for a count.
    pub fn of(&self, lang: Lang, count: u64) -> &'static str {
        match count {
            1 => self.one,
            2 if lang.has_dual() => self.two,
            _ => self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_counts_by_its_own_rule() {
        let text = Plural {
            one: "one",
            two: "two",
            other: "other",
        };
        for (lang, forms) in [
            (Lang::Nb, ["other", "one", "other", "other"]),
            (Lang::En, ["other", "one", "other", "other"]),
            (Lang::Se, ["other", "one", "two", "other"]),
            (Lang::Smj, ["other", "one", "two", "other"]),
            (Lang::Sma, ["other", "one", "two", "other"]),
        ] {
            assert_eq!([0, 1, 2, 3].map(|count| text.of(lang, count)), forms, "{lang:?}");
        }
    }
}
