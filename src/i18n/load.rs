//! The program's texts in a language that it does not have itself, out of a file that people who speak it wrote.
//!
//! What stands in the file must be right: no text empty, none without a place that the program fills or with one that it
//! does not know. What does *not* stand there is lent by bokmål and told: a new version of the program brings new texts,
//! and must not stop an authority whose file is from before.

use std::path::Path;

use super::head::{head, keep};
use super::places::wrong_places;
use super::plural_rule::CATEGORIES;
use super::{Catalog, Direction, FileTexts, Lang, Language, Plural};
use crate::diagnostic::{Diagnostic, Table, TomlFile};

const TRANSLATE: &str = "Until it is translated, people read it in bokmål. `konvolutt texts nb` shows it.";

/// Marks around what is filled into a text (UAX #9): it runs in its own direction, and turns nothing beside it.
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// Reads the head of the file and every text of [`Catalog`] by its name. `None`, with every reason told, when something
/// in it is wrong.
pub fn load(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<FileTexts> {
    let file = TomlFile::read(path, diagnostics)?;
    let (texts, good) = Table::read_all(&file, diagnostics, |mut table| {
        let language: &'static Language = Box::leak(Box::new(head(&mut table)?));
        let mut source = Source {
            language,
            table,
            missing: Vec::new(),
        };
        let catalog = Catalog::out_of(Lang(language), &mut source);
        source.table.rest(|key| {
            let what = format!("`{key}` is not a key that this version has a text for.");
            Diagnostic::warning(what, "Correct the spelling, or remove the line.")
        });
        let missing = source.missing;
        Some(FileTexts { catalog, missing })
    });
    texts.filter(|_| good)
}

/// Where the texts of a catalog come from.
pub(super) struct Source<'a> {
    language: &'static Language,
    table: Table<'a>,
    missing: Vec<&'static str>,
}

impl Source<'_> {
    /// True when the file has something under this name; what it lacks is told.
    fn has(&mut self, name: &'static str) -> bool {
        let has = self.table.has(name);
        if !has {
            self.missing.push(name);
            let missing = Diagnostic::warning(format!("`{name}` is missing."), TRANSLATE);
            self.table.tell(name, missing);
        }
        has
    }

    /// A text that runs from right to left, with what is filled in kept apart: without that `116 006` reads `006 116`, and
    /// the dot after `brev (2).pdf` goes to its other end. The words of a letter have no such marks, since none is let into it,
    /// nor have those of a signed receipt, since mail may lose them.
    fn apart(&self, name: &str, text: &'static str) -> &'static str {
        let is_plain = name.starts_with("letter_") || name == "receipt_signed_words";
        let turns = self.language.direction == Direction::RightToLeft && !is_plain;
        if !turns || !text.contains('{') {
            return text;
        }
        let begun = text.replace('{', &format!("{ISOLATE}{{"));
        keep(begun.replace('}', &format!("}}{END_OF_ISOLATE}")))
    }
}

/// What a catalog holds under one name.
pub(super) trait Taken: Copy {
    /// Takes it out of a file; `model` is the same text in bokmål.
    fn take(source: &mut Source<'_>, name: &'static str, model: Self) -> Self;
}

impl Taken for &'static str {
    fn take(source: &mut Source<'_>, name: &'static str, model: Self) -> Self {
        if !source.has(name) {
            return model;
        }
        let text = text(&mut source.table, name, model, false);
        text.map_or(model, |text| source.apart(name, text))
    }
}

impl Taken for Plural {
    fn take(source: &mut Source<'_>, name: &'static str, model: Self) -> Self {
        if !source.has(name) {
            return model.lent();
        }
        let Some(mut forms) = source.table.table(name) else {
            return model;
        };
        let other = text(&mut forms, "other", model.other, false);
        let other = other.map_or(model.other, |text| source.apart(name, text));
        let mut own = Vec::new();
        for (form, _) in source.language.plural {
            let text = text(&mut forms, form, model.other, true);
            own.push((*form, text.map_or(other, |text| source.apart(name, text))));
        }
        // `konvolutt texts` shows forms that this language may not have.
        for form in CATEGORIES {
            forms.string(form);
        }
        Plural::of_forms(&own, other)
    }
}

/// A text that is there and has the places it should have, with a blank before or after it where the model has one.
fn text(table: &mut Table<'_>, name: &str, model: &str, is_a_form: bool) -> Option<&'static str> {
    let text = table.needed(name)?;
    let key = table.key(name);
    if text.trim().is_empty() {
        table.problem(name, format!("`{key}` is empty."), "Write the text.");
        return None;
    }
    if let Some(wrong) = wrong_places(&text, model, is_a_form) {
        let remedy = "Use the same names in braces as `konvolutt texts nb` shows for it.";
        table.problem(name, format!("`{key}` {wrong}."), remedy);
        return None;
    }
    let before = &model[..model.len() - model.trim_start().len()];
    let after = &model[model.trim_end().len()..];
    Some(keep(format!("{before}{}{after}", text.trim())))
}
