//! From a form file to a [`Form`], or to everything that is wrong with the file.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;

use super::archive::{archive, deadline};
use super::questions::Questions;
use super::receipt::receipts;
use super::steps::sections;
use super::texts::Texts;
use super::{Form, Help, Phone, Privacy, Text};
use crate::diagnostic::{Diagnostic, Table, TomlFile};

/// Telephone numbers and facts are checked by a person at least this often; `check` warns after.
const FACTS_GO_STALE_AFTER_DAYS: i32 = 365;

/// Buttons below the heading: with more of them nobody finds the right one in a hurry.
const MOST_BUTTONS: usize = 2;

/// Reads a form file. `known_languages` are the codes that the program has its own texts for; `today` is
/// what the age of the facts is measured against.
pub fn read(path: &Path, known_languages: &[&str], today: Date, diagnostics: &mut Vec<Diagnostic>) -> Option<Form> {
    let file = TomlFile::read(path, diagnostics)?;
    let (form, good) = Table::read_all(&file, diagnostics, |table| form(table, known_languages, today));
    form.filter(|_| good)
}

/// A tab, a heading and a row of a list are one line each.
fn line(text: Text, table: &Table<'_>, name: &str) -> Text {
    let is_line = text.0.values().all(|text| !text.chars().any(char::is_control));
    table.rule(name, is_line, "must be one line");
    text
}

/// Looks at every key, whatever is wrong with others. `None` stands for a text without which there is no form.
fn form(mut table: Table<'_>, known: &[&str], today: Date) -> Option<Form> {
    let languages = languages(&mut table, known);
    let texts = || Texts {
        languages: &languages,
        known,
    };
    let slug = slug(&mut table);
    let exit = exit(&mut table);
    let mailbox = table.needed("mailbox");
    let autocomplete = autocomplete(&mut table);
    let review = table.flag("review", false);
    let title = line(texts().needed(&mut table, "title"), &table, "title");
    let heading = line(texts().needed(&mut table, "heading"), &table, "heading");
    let summary = line(texts().optional(&mut table, "summary"), &table, "summary");
    let intro = texts().needed(&mut table, "intro");
    let warning = texts().needed(&mut table, "warning");
    let help = help(&mut table, &texts(), today);
    let privacy = privacy(&mut table, &texts());
    let archive = archive(&mut table, &texts());
    let deadline_days = deadline(&mut table);
    let receipt = receipts(&mut table);
    let mut questions = Questions::new(texts());
    let (sections, steps) = sections(&mut table, &mut questions);
    if sections.iter().all(|section| section.fields.is_empty()) {
        let remedy = "Add a `[[section]]` with at least one `[[section.field]]`.";
        table.problem("section", "The form asks nothing.", remedy);
    }
    Some(Form {
        slug: slug?,
        mailbox: mailbox?,
        exit: exit?,
        help: help?,
        privacy: privacy?,
        languages,
        autocomplete,
        review,
        title,
        heading,
        summary,
        intro,
        warning,
        archive,
        deadline_days,
        receipt,
        sections,
        steps,
    })
}

fn slug(table: &mut Table<'_>) -> Option<String> {
    let slug = table.needed("slug")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if slug.is_empty() || !slug.chars().all(plain) {
        let what = format!("The slug {slug:?} cannot stand in an address.");
        let remedy = "Use lower-case letters, digits and hyphens, and no word that names the topic.";
        table.problem("slug", what, remedy);
    }
    Some(slug)
}

fn exit(table: &mut Table<'_>) -> Option<String> {
    let exit = table.needed("exit")?;
    let printable = exit.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if !exit.starts_with("https://") || exit.len() < 12 || !printable {
        let what = format!("The exit {exit:?} is not a web address.");
        table.problem(
            "exit",
            what,
            "Write the full address of an everyday page, such as `https://www.yr.no/`.",
        );
    }
    Some(exit)
}

/// A good form may want it; whoever switches it on shall know what it costs.
fn autocomplete(table: &mut Table<'_>) -> bool {
    let on = table.flag("autocomplete", false);
    if on {
        let what = "Browsers keep the e-mail addresses, telephone numbers and postal codes that are typed into this form, on \
                    devices that others may open. The page tells people so.";
        let remedy = "Remove `autocomplete`, unless nobody who writes here can be harmed by that.";
        table.tell("autocomplete", Diagnostic::warning(what, remedy));
    }
    on
}

fn languages(table: &mut Table<'_>, known: &[&str]) -> Vec<String> {
    table.must_have("languages");
    let languages = table.strings("languages");
    if languages.as_ref().is_some_and(Vec::is_empty) {
        let remedy = "Write for example `languages = [\"nb\", \"nn\"]`.";
        table.problem("languages", "The form speaks no language.", remedy);
    }
    let languages = languages.unwrap_or_default();
    let mut seen = BTreeSet::new();
    for lang in &languages {
        if !seen.insert(lang) {
            table.problem(
                "languages",
                format!("The language {lang:?} is named twice."),
                "Name it once.",
            );
        }
        if !known.contains(&lang.as_str()) {
            let what = format!("There are no texts of the program itself in {lang:?}.");
            table.problem("languages", what, format!("Use {}.", known.join(", ")));
        }
    }
    languages
}

fn help(table: &mut Table<'_>, texts: &Texts<'_>, today: Date) -> Option<Help> {
    table.must_have("help");
    let mut table = table.table("help")?;
    let checked = table.string("checked");
    match &checked {
        Some(checked) => facts_are_fresh(&table, checked, today),
        None => nobody_has_checked(&table),
    }
    let phones: Vec<_> = table
        .tables("phones")
        .into_iter()
        .map(|one| phone(one, texts))
        .collect();
    if phones.is_empty() {
        let remedy = "Add `[[help.phones]]` with a number and a name: a closed form shows them.";
        table.problem("phones", "The form names nobody to phone.", remedy);
    }
    let buttons = phones.iter().filter(|phone| phone.button != Text::default()).count();
    if buttons > MOST_BUTTONS {
        let what = format!("{buttons} of `help.phones` have a `button`.");
        let remedy =
            format!("Leave it to the {MOST_BUTTONS} that somebody in danger needs; the list shows all of them.");
        table.problem("phones", what, remedy);
    }
    Some(Help {
        heading: texts.needed(&mut table, "heading"),
        about: texts.needed(&mut table, "about"),
        other_ways: texts.needed(&mut table, "other_ways"),
        checked,
        phones,
    })
}

fn phone(mut table: Table<'_>, texts: &Texts<'_>) -> Phone {
    let number = table.needed("number").unwrap_or_default();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '+');
    if !number.is_empty() && (!plain || !(3..=15).contains(&digits)) {
        let what = format!("{number:?} is not a telephone number.");
        table.problem("number", what, "Write digits and blanks: `75 02 17 11`.");
    }
    let name = texts.needed(&mut table, "name");
    let mut button = texts.optional(&mut table, "button");
    let unbroken = number.replace(' ', "\u{a0}");
    for (lang, words) in &mut button.0 {
        if !words.contains(&number) {
            let what = format!("The button for {number} does not say the number in {lang:?}.");
            table.problem(
                "button",
                what,
                "Write the number as `number` has it: not every device can ring.",
            );
        }
        *words = words.replace(&number, &unbroken);
    }
    Phone { number, name, button }
}

fn nobody_has_checked(table: &Table<'_>) {
    let what = "Nobody has said when the telephone numbers and facts were last checked, so the page shows no day.";
    let remedy = "Phone through the list, correct it, and write that day as `checked = \"YYYY-MM-DD\"`.";
    table.tell("", Diagnostic::warning(what, remedy));
}

fn facts_are_fresh(table: &Table<'_>, checked: &str, today: Date) {
    let Ok(day) = checked.parse::<Date>() else {
        let remedy = "Write the day on which somebody last phoned through the list, as \"YYYY-MM-DD\".";
        return table.problem("checked", format!("{checked:?} is not a day."), remedy);
    };
    let age = day.until(today).map_or(0, |span| span.get_days());
    if age > FACTS_GO_STALE_AFTER_DAYS {
        let what = format!("The telephone numbers and facts were last checked on {checked}, over a year ago.");
        let remedy = "Phone through the list, correct it, and set `checked` to today.";
        table.tell("checked", Diagnostic::warning(what, remedy));
    } else if age < 0 {
        // Perhaps this machine's clock is late: no reason to keep a form from people.
        let what = format!("The day {checked} lies in the future.");
        let remedy = "Set `checked` to the day on which the list was really checked, or this machine's clock.";
        table.tell("checked", Diagnostic::warning(what, remedy));
    }
}

fn privacy(table: &mut Table<'_>, texts: &Texts<'_>) -> Option<Privacy> {
    table.must_have("privacy");
    let mut table = table.table("privacy")?;
    let mut text = |name| texts.needed(&mut table, name);
    Some(Privacy {
        controller: text("controller"),
        dpo: text("dpo"),
        purpose: text("purpose"),
        legal_basis: text("legal_basis"),
        recipients: text("recipients"),
        storage: text("storage"),
        voluntary: text("voluntary"),
        rights: text("rights"),
        complaint: text("complaint"),
    })
}
