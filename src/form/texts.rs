//! Texts in each language of a form, out of its file.

use super::Text;
use crate::diagnostic::Table;

/// Takes texts and sees to it that none is missing in any language.
pub(super) struct Texts<'a> {
    /// The languages of the form.
    pub(super) languages: &'a [String],
    /// The languages that a form can have.
    pub(super) known: &'a [&'a str],
}

impl Texts<'_> {
    /// A text that must be there.
    pub(super) fn needed(&self, table: &mut Table<'_>, name: &str) -> Text {
        if table.has(name) {
            self.optional(table, name)
        } else {
            table.must_have(name);
            Text::default()
        }
    }

    /// A text that may be left out, but not in one language only.
    pub(super) fn optional(&self, table: &mut Table<'_>, name: &str) -> Text {
        let Some(texts) = table.texts(name) else {
            return Text::default();
        };
        let text = Text(texts.into_iter().collect());
        let key = table.key(name);
        for lang in self.languages.iter().filter(|lang| text.get(lang).trim().is_empty()) {
            let what = format!("The text `{key}` is missing in {lang:?}.");
            table.problem(name, what, "Write it in every language that `languages` names.");
        }
        for lang in text.0.keys().filter(|lang| !self.known.contains(&lang.as_str())) {
            let what = format!("The text `{key}` has the language {lang:?}, which is unknown.");
            table.problem(name, what, format!("Use {}.", self.known.join(", ")));
        }
        text
    }
}
