//! Texts with a count in them.

use super::Lang;
use super::plural_rule::{CATEGORIES, category};

/// A text in the forms that a language has for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plural {
    /// The forms of [`CATEGORIES`]; the same as `other` where a language has none.
    forms: [&'static str; 5],
    /// For all the rest.
    pub other: &'static str,
    /// Lent by bokmål to a language that lacks it, and so counted as bokmål counts.
    lent: bool,
}

impl Plural {
    /// In a language with a form for 1 and one for all the rest.
    pub const fn new(one: &'static str, other: &'static str) -> Self {
        let mut forms = [other; 5];
        forms[1] = one;
        let lent = false;
        Self { forms, other, lent }
    }

    /// With these forms; what is not among them is `other`.
    pub(super) fn of_forms(forms: &[(&str, &'static str)], other: &'static str) -> Self {
        let form = |name: &str| forms.iter().find(|(own, _)| *own == name);
        Self {
            forms: CATEGORIES.map(|name| form(name).map_or(other, |(_, text)| text)),
            other,
            lent: false,
        }
    }

    /// The same for a language that has no such text of its own.
    pub(super) fn lent(self) -> Self {
        Self { lent: true, ..self }
    }

    /// The form of a category.
    pub fn form(&self, category: &str) -> &'static str {
        let own = CATEGORIES.iter().position(|name| *name == category);
        own.map_or(self.other, |place| self.forms[place])
    }

    /// The form for a count.
    pub fn of(&self, lang: Lang, count: u64) -> &'static str {
        let lang = if self.lent { Lang::NB } else { lang };
        self.form(category(lang.language().plural, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_form_of_its_count() {
        let text = Plural::new("one", "other");
        assert_eq!(
            [0, 1, 2].map(|count| text.of(Lang::NB, count)),
            ["other", "one", "other"]
        );
        let text = Plural::of_forms(&[("one", "one"), ("few", "few")], "other");
        assert_eq!(
            ["zero", "one", "few", "many", "other", "x"].map(|form| text.form(form)),
            ["other", "one", "few", "other", "other", "other"]
        );
    }
}
