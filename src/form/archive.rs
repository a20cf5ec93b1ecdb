//! What a form says of its letters for the archive, out of its file.
//!
//! What always holds: the title of the public journal is the operator's own words, on one line; what a citizen wrote is not
//! among what it is made of.

use super::texts::Texts;
use super::{Archive, Text};
use crate::diagnostic::Table;

/// Without a word in the form file: what the duty of confidentiality exempts, as journals name it.
const BASIS: &str = "Offl. § 13 jf. fvl. § 13 første ledd nr. 1";
/// Without a word in the form file: exempt from public access.
const CODE: &str = "UO";
/// A journal's line. More is a mistake, and archives cut it.
const LONGEST: usize = 200;
/// More than a year is no deadline for an answer.
const MOST_DAYS: u16 = 366;

/// What stands in `[archive]`.
pub(super) fn archive(table: &mut Table<'_>, texts: &Texts<'_>) -> Option<Archive> {
    let mut table = table.table("archive")?;
    let public_title = title(&mut table, texts);
    let mut word = |name, otherwise: &str| {
        let said = table.string(name);
        line(&table, name, said.as_deref());
        said.unwrap_or_else(|| otherwise.to_owned())
    };
    let legal_basis = word("skjermingsheimel", BASIS);
    let access_code = word("tilgangskode", CODE);
    Some(Archive {
        public_title,
        legal_basis,
        access_code,
    })
}

/// One for all languages, or one for each.
fn title(table: &mut Table<'_>, texts: &Texts<'_>) -> Text {
    const NAME: &str = "offentleg_tittel";
    if !table.is_text(NAME) {
        let title = texts.needed(table, NAME);
        for text in title.0.values() {
            line(table, NAME, Some(text));
        }
        return title;
    }
    let said = table.string(NAME).unwrap_or_default();
    line(table, NAME, Some(&said));
    let languages: Vec<&str> = texts.languages.iter().map(String::as_str).collect();
    Text::same(&said, &languages)
}

/// A journal shows it on one line.
fn line(table: &Table<'_>, name: &str, said: Option<&str>) {
    let Some(said) = said else { return };
    let fits = said.chars().count() <= LONGEST && !said.chars().any(char::is_control);
    table.rule(name, fits, "must be one line of at most 200 characters");
    table.rule(name, !said.trim().is_empty(), "is empty");
}

/// In so many days the authority answers, when the form says so.
pub(super) fn deadline(table: &mut Table<'_>) -> Option<u16> {
    const NAME: &str = "deadline_days";
    let days = table.whole(NAME)?;
    table.rule(NAME, (1..=MOST_DAYS).contains(&days), "must be between 1 and 366");
    Some(days)
}
