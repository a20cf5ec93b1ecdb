//! The program's texts in a language that it does not have itself, out of a file that people who speak it wrote.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use super::{Catalog, Lang, Plural};
use crate::diagnostic::{Diagnostic, Table, TomlFile};

/// Reads `language = "se"` and every text of [`Catalog`] by its name. A text that is missing, or that lacks a place which
/// the program fills, is a diagnostic: nobody shall meet a key on a page.
pub fn load(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Catalog> {
    let file = TomlFile::read(path)
        .map_err(|diagnostic| diagnostics.push(diagnostic))
        .ok()?;
    let own = RefCell::default();
    let catalog = file.table(&own).and_then(|mut table| {
        let lang = language(&mut table)?;
        Some(Catalog::out_of(lang, &mut Source { lang, table }))
    });
    let mut own = own.into_inner();
    own.sort_by_key(|diagnostic| diagnostic.line);
    let good = crate::diagnostic::passes(&own);
    diagnostics.append(&mut own);
    catalog.filter(|_| good)
}

fn language(table: &mut Table<'_>) -> Option<Lang> {
    let code = table.needed("language")?;
    let lang = Lang::named(&code).filter(|lang| lang.has_dual());
    if lang.is_none() {
        let what = format!("{code:?} is no language that texts can be added for.");
        table.problem("language", what, "Use se, smj or sma; nb, nn and en are built in.");
    }
    lang
}

/// Where the texts of a catalog come from.
pub(super) struct Source<'a> {
    lang: Lang,
    table: Table<'a>,
}

/// What a catalog holds under one name.
pub(super) trait Taken: Copy {
    /// Takes it out of a file; `model` is the same text in bokmål.
    fn take(source: &mut Source<'_>, name: &str, model: Self) -> Self;
}

impl Taken for &'static str {
    fn take(source: &mut Source<'_>, name: &str, model: Self) -> Self {
        let table = &mut source.table;
        text(table, name, |places| places == places_of(model)).unwrap_or(model)
    }
}

impl Taken for Plural {
    fn take(source: &mut Source<'_>, name: &str, model: Self) -> Self {
        source.table.must_have(name);
        let Some(mut forms) = source.table.table(name) else {
            return model;
        };
        let all = places_of(model.other);
        // «ei fil» needs no number.
        let mut some = |form, model| text(&mut forms, form, |places| places.is_subset(&all)).unwrap_or(model);
        let one = some("one", model.one);
        let two = if source.lang.has_dual() {
            some("two", model.two)
        } else {
            model.two
        };
        let other = text(&mut forms, "other", |places| places == all).unwrap_or(model.other);
        Plural { one, two, other }
    }
}

/// A text that is there and has the places it should have. It lives as long as the process, so its memory is not given
/// back: a file of texts is read once.
fn text(table: &mut Table<'_>, name: &str, fits: impl FnOnce(BTreeSet<&str>) -> bool) -> Option<&'static str> {
    let text = table.needed(name)?;
    let key = table.key(name);
    if text.trim().is_empty() {
        table.problem(name, format!("`{key}` is empty."), "Write the text.");
        return None;
    }
    if !fits(places_of(&text)) {
        let remedy = "Use the same names in braces as `konvolutt texts nb` shows for it.";
        table.problem(
            name,
            format!("`{key}` has other places in braces than the program fills."),
            remedy,
        );
        return None;
    }
    Some(text.trim().to_owned().leak())
}

/// The names in braces.
pub(super) fn places_of(text: &str) -> BTreeSet<&str> {
    let places = text.split('{').skip(1);
    places
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}
