//! The head of a file of texts: which language it is, and what is to be known of it.

use super::language::DATE_PLACES;
use super::places::places;
use super::plural_rule::{CATEGORIES, PluralRule, holds};
use super::{BUILT_IN, Direction, Language, nb};
use crate::diagnostic::Table;

/// The Sámi languages, whose files need no head: they were written before files had one.
const HEADLESS: [(&str, &str); 3] = [
    ("se", "Davvisámegiella"),
    ("smj", "Julevsámegiella"),
    ("sma", "Åarjelsaemien gïele"),
];

/// Their forms (CLDR): one for two, between one and many.
const DUAL: PluralRule = &[("one", "n = 1"), ("two", "n = 2")];

/// Longest code; longer ones are no language that anybody writes a form in.
const LONGEST: usize = 35;

/// Reads `language` and `head`. Nothing, with every reason told, when it is no usable language.
pub(super) fn head(table: &mut Table<'_>) -> Option<Language> {
    let code = code(table)?;
    let known = HEADLESS.iter().find(|(own, _)| *own == code);
    if known.is_none() {
        table.must_have("head");
    }
    let mut language = Language {
        code: keep(code),
        own_name: known.map_or("", |(_, name)| name),
        plural: known.map_or(&[], |_| DUAL),
        ..nb::LANGUAGE
    };
    let Some(mut head) = table.table("head") else {
        return known.map(|_| language);
    };
    if known.is_none() {
        head.must_have("name");
        head.must_have("plural");
    }
    if let Some(name) = text(&mut head, "name", is_a_name) {
        language.own_name = name;
    }
    if let Some(rule) = plural(&mut head) {
        language.plural = rule;
    }
    let mark = |mark: &str| mark.chars().count() <= 1 && !mark.contains(|c: char| c.is_alphanumeric());
    if let Some(decimal) = text(&mut head, "decimal", |own| !own.is_empty() && mark(own)) {
        language.decimal = decimal;
    }
    if let Some(group) = text(&mut head, "group", mark) {
        language.group = group;
    }
    let whole = |date: &str| places(date).is_some_and(|own| own == DATE_PLACES.into());
    if let Some(date) = text(&mut head, "date", whole) {
        language.date = date;
    }
    let named = |name: &str| Direction::ALL.into_iter().find(|direction| direction.name() == name);
    if let Some(direction) = text(&mut head, "direction", |name| named(name).is_some()).and_then(named) {
        language.direction = direction;
    }
    if let Some(names) = called(&mut head) {
        language.called = names;
    }
    Some(language)
}

/// What others call it: one line of a letter.
fn called(head: &mut Table<'_>) -> Option<&'static [(&'static str, &'static str)]> {
    let names = head.texts("called")?;
    let wrong = names.iter().find(|(_, name)| !is_a_name(name));
    if let Some((reader, name)) = wrong {
        let what = format!("`{reader} = {name:?}` in `{}` is no name.", head.key("called"));
        head.problem("called", what, "Write at most 60 characters: `nn = \"arabisk\"`.");
        return None;
    }
    let names = names.into_iter().map(|(reader, name)| (keep(reader), keep(name)));
    Some(names.collect::<Vec<_>>().leak())
}

fn is_a_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= 60
}

/// A code as BCP 47 has them: `pl`, `smj`, `zh-Hant`.
fn code(table: &mut Table<'_>) -> Option<String> {
    let code = table.needed("language")?;
    let mut parts = code.split('-');
    let first = parts
        .next()
        .is_some_and(|part| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    let rest = parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !first || !rest || code.len() > LONGEST {
        let what = format!("{code:?} is no code of a language.");
        table.problem(
            "language",
            what,
            "Write its code of BCP 47, such as `pl`, `smj` or `zh-Hant`.",
        );
        return None;
    }
    if BUILT_IN.iter().any(|catalog| catalog.lang.code() == code) {
        let what = format!("{code:?} is no language that texts can be added for: it is built in.");
        table.problem(
            "language",
            what,
            "Take the file away, or set the language that its texts are in.",
        );
        return None;
    }
    Some(code)
}

fn text(head: &mut Table<'_>, name: &str, fits: impl FnOnce(&str) -> bool) -> Option<&'static str> {
    let text = head.string(name)?;
    if !fits(&text) {
        let what = format!("`{}` cannot be {text:?}.", head.key(name));
        head.problem(name, what, "`konvolutt texts nb` shows what stands there for bokmål.");
        return None;
    }
    Some(keep(text))
}

fn plural(head: &mut Table<'_>) -> Option<PluralRule> {
    let rules = head.texts("plural")?;
    let wrong = rules
        .iter()
        .find(|(name, when)| !CATEGORIES.contains(&name.as_str()) || holds(when, 0).is_none());
    if let Some((name, when)) = wrong {
        let what = format!(
            "`{name} = {when:?}` in `{}` is no rule for counting.",
            head.key("plural")
        );
        let remedy = "Copy the language's cardinal rules from CLDR, for each form but `other`: `one = \"n = 1\"`.";
        head.problem("plural", what, remedy);
        return None;
    }
    let mut own = Vec::new();
    for category in CATEGORIES {
        let rule = rules.iter().find(|(name, _)| name == category);
        own.extend(rule.map(|(_, when)| (category, keep(when.clone()))));
    }
    Some(own.leak())
}

/// It lives as long as the process, so its memory is not given back: a file of texts is read once.
pub(super) fn keep(text: String) -> &'static str {
    text.leak()
}
