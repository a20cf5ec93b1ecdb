//! From a form file to a [`Form`], or to everything that is wrong with the file.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use super::{Choice, Field, Form, Help, Kind, Phone, Section, Text};
use crate::finding::{Finding, TomlFile};

/// Telephone numbers and facts are checked by a person at least this often; `check` warns after.
const FACTS_GO_STALE_AFTER_DAYS: i32 = 365;

/// Most characters of one field: fifty pages. More is a file.
const MOST: usize = 100_000;

#[derive(Deserialize)]
struct RawForm {
    slug: String,
    mailbox: String,
    languages: Vec<String>,
    #[serde(default = "yes")]
    autocomplete: bool,
    exit: String,
    title: Text,
    heading: Text,
    intro: Text,
    warning: Text,
    help: RawHelp,
    #[serde(default)]
    section: Vec<RawSection>,
}

#[derive(Deserialize)]
struct RawHelp {
    checked: String,
    heading: Text,
    about: Text,
    other_ways: Text,
    #[serde(default)]
    phones: Vec<RawPhone>,
}

#[derive(Deserialize)]
struct RawPhone {
    number: String,
    name: Text,
}

#[derive(Deserialize)]
struct RawSection {
    title: Text,
    #[serde(default)]
    text: Text,
    #[serde(default)]
    field: Vec<RawField>,
}

#[derive(Deserialize)]
struct RawField {
    name: String,
    kind: String,
    label: Text,
    #[serde(default)]
    hint: Text,
    #[serde(default)]
    required: bool,
    max: Option<usize>,
    #[serde(default)]
    options: Vec<RawChoice>,
    #[serde(default)]
    safe_contact: bool,
}

#[derive(Deserialize)]
struct RawChoice {
    value: String,
    label: Text,
}

fn yes() -> bool {
    true
}

/// Reads a form file. `known_languages` are the codes that the program has its own texts for; `today` is
/// what the age of the facts is measured against.
pub fn read(
    path: &Path,
    known_languages: &[&str],
    today: jiff::civil::Date,
    findings: &mut Vec<Finding>,
) -> Option<Form> {
    let file = match TomlFile::read(path) {
        Ok(file) => file,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    let mut own = Vec::new();
    let raw = file.parse::<RawForm>(&mut own);
    let form = raw.map(|raw| {
        let mut reader = Reader {
            file: &file,
            languages: raw.languages.clone(),
            names: BTreeSet::new(),
            findings: &mut own,
        };
        reader.languages_are_known(known_languages);
        reader.facts_are_fresh(&raw.help.checked, today);
        reader.form(raw)
    });
    let good = crate::finding::passes(&own);
    findings.append(&mut own);
    form.filter(|_| good)
}

struct Reader<'a> {
    file: &'a TomlFile,
    languages: Vec<String>,
    names: BTreeSet<String>,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn problem(&mut self, key: &str, what: String, remedy: &str) {
        let finding = self.file.at(key, Finding::problem(what, remedy));
        self.findings.push(finding);
    }

    fn form(&mut self, raw: RawForm) -> Form {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if raw.slug.is_empty() || !raw.slug.chars().all(plain) {
            self.problem(
                "slug",
                format!("The slug {:?} cannot stand in an address.", raw.slug),
                "Use lower-case letters, digits and hyphens, and no word that names the topic.",
            );
        }
        let printable = raw.exit.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        if !raw.exit.starts_with("https://") || raw.exit.len() < 12 || !printable {
            self.problem(
                "exit",
                format!("The exit {:?} is not a web address.", raw.exit),
                "Write the full address of an everyday page, such as `https://www.yr.no/`.",
            );
        }
        if raw.section.iter().all(|section| section.field.is_empty()) {
            self.problem(
                "slug",
                "The form asks nothing.".into(),
                "Add a `[[section]]` with at least one `[[section.field]]`.",
            );
        }
        Form {
            title: self.text("title", raw.title),
            heading: self.text("heading", raw.heading),
            intro: self.text("intro", raw.intro),
            warning: self.text("warning", raw.warning),
            help: self.help(raw.help),
            sections: self.sections(raw.section),
            slug: raw.slug,
            mailbox: raw.mailbox,
            languages: raw.languages,
            autocomplete: raw.autocomplete,
            exit: raw.exit,
        }
    }

    fn languages_are_known(&mut self, known: &[&str]) {
        if self.languages.is_empty() {
            self.problem(
                "languages",
                "The form speaks no language.".into(),
                "Write for example `languages = [\"nb\", \"nn\"]`.",
            );
        }
        let mut seen = BTreeSet::new();
        for lang in self.languages.clone() {
            if !seen.insert(lang.clone()) {
                self.problem(
                    "languages",
                    format!("The language {lang:?} is named twice."),
                    "Name it once.",
                );
            }
            if !known.contains(&lang.as_str()) {
                self.problem(
                    "languages",
                    format!("There are no texts of the program itself in {lang:?}."),
                    &format!("Use {}.", known.join(", ")),
                );
            }
        }
    }

    fn facts_are_fresh(&mut self, checked: &str, today: jiff::civil::Date) {
        let key = "help.checked";
        let Ok(day) = checked.parse::<jiff::civil::Date>() else {
            return self.problem(
                key,
                format!("{checked:?} is not a day."),
                "Write the day on which somebody last phoned through the list, as YYYY-MM-DD.",
            );
        };
        let age = day.until(today).map_or(0, |span| span.get_days());
        if age > FACTS_GO_STALE_AFTER_DAYS {
            let warning = Finding::warning(
                format!("The telephone numbers and facts were last checked on {checked}, over a year ago."),
                "Phone through the list, correct it, and set `checked` to today.",
            );
            self.findings.push(self.file.at(key, warning));
        } else if age < 0 {
            // Perhaps this machine's clock is late: no reason to keep a form from people.
            let what = format!("The day {checked} lies in the future.");
            let remedy = "Set `checked` to the day on which the list was really checked, or this machine's clock.";
            self.findings.push(self.file.at(key, Finding::warning(what, remedy)));
        }
    }

    /// A text that must be there.
    fn text(&mut self, key: &str, text: Text) -> Text {
        for lang in self.languages.clone() {
            if text.get(&lang).trim().is_empty() {
                self.problem(
                    key,
                    format!("The text `{key}` is missing in {lang:?}."),
                    "Write it in every language that `languages` names.",
                );
            }
        }
        text
    }

    /// A text that may be left out, but not in one language only.
    fn optional(&mut self, key: &str, text: Text) -> Text {
        if text.0.is_empty() {
            return text;
        }
        self.text(key, text)
    }

    fn help(&mut self, raw: RawHelp) -> Help {
        if raw.phones.is_empty() {
            self.problem(
                "help",
                "The form names nobody to phone.".into(),
                "Add `[[help.phones]]` with a number and a name: a closed form shows them.",
            );
        }
        let mut phones = Vec::new();
        for (i, phone) in raw.phones.into_iter().enumerate() {
            let digits = phone.number.chars().filter(char::is_ascii_digit).count();
            let plain = phone.number.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '+');
            if !plain || !(3..=15).contains(&digits) {
                let what = format!("{:?} is not a telephone number.", phone.number);
                self.problem(
                    &format!("help.phones.{i}.number"),
                    what,
                    "Write digits and blanks: `75 02 17 11`.",
                );
            }
            phones.push(Phone {
                name: self.text(&format!("help.phones.{i}.name"), phone.name),
                number: phone.number,
            });
        }
        Help {
            heading: self.text("help.heading", raw.heading),
            about: self.text("help.about", raw.about),
            other_ways: self.text("help.other_ways", raw.other_ways),
            checked: raw.checked,
            phones,
        }
    }

    fn sections(&mut self, raw: Vec<RawSection>) -> Vec<Section> {
        let one = |(i, section): (usize, RawSection)| {
            let key = format!("section.{i}");
            let fields = section.field.into_iter().enumerate();
            Section {
                title: self.text(&format!("{key}.title"), section.title),
                text: self.optional(&format!("{key}.text"), section.text),
                fields: fields
                    .map(|(j, field)| self.field(&format!("{key}.field.{j}"), field))
                    .collect(),
            }
        };
        raw.into_iter().enumerate().map(one).collect()
    }

    fn field(&mut self, key: &str, raw: RawField) -> Field {
        self.name_is_usable(key, &raw.name);
        let known = self.kind(&format!("{key}.kind"), &raw.kind);
        let kind = known.unwrap_or(Kind::Info);
        if known.is_some() && kind.has_options() == raw.options.is_empty() {
            let what = format!("The field `{}` of kind `{}` has ", raw.name, raw.kind);
            let (rest, remedy) = match raw.options.is_empty() {
                true => ("no options.", "Add `options = [{ value = …, label = … }]`."),
                false => ("options that nobody can choose.", "Remove `options`."),
            };
            self.problem(key, what + rest, remedy);
        }
        if raw.max.is_some_and(|max| max == 0 || max > MOST) {
            self.problem(
                &format!("{key}.max"),
                format!("The field `{}` cannot take that many characters.", raw.name),
                &format!("Set `max` to between 1 and {MOST}."),
            );
        }
        Field {
            label: self.text(&format!("{key}.label"), raw.label),
            hint: self.optional(&format!("{key}.hint"), raw.hint),
            options: self.options(key, raw.options),
            max: raw.max.unwrap_or(default_max(kind)),
            name: raw.name,
            kind,
            required: raw.required,
            safe_contact: raw.safe_contact,
        }
    }

    fn name_is_usable(&mut self, key: &str, name: &str) {
        let key = format!("{key}.name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        // A leading underscore marks the program's own fields.
        if name.is_empty() || name.starts_with('_') || !name.chars().all(plain) {
            self.problem(
                &key,
                format!("{name:?} cannot be a field's name."),
                "Use lower-case letters, digits and underscores; begin with a letter.",
            );
        }
        if !self.names.insert(name.to_owned()) {
            self.problem(
                &key,
                format!("Two fields are named `{name}`."),
                "Give each field a name of its own.",
            );
        }
    }

    fn kind(&mut self, key: &str, name: &str) -> Option<Kind> {
        if let Some((_, kind)) = Kind::ALL.iter().find(|(known, _)| *known == name) {
            return Some(*kind);
        }
        let known: Vec<_> = Kind::ALL.iter().map(|(name, _)| *name).collect();
        self.problem(
            key,
            format!("`{name}` is not a kind of field."),
            &format!("Use one of {}.", known.join(", ")),
        );
        None
    }

    fn options(&mut self, key: &str, raw: Vec<RawChoice>) -> Vec<Choice> {
        let mut values = BTreeSet::new();
        let one = |(i, choice): (usize, RawChoice)| {
            let key = format!("{key}.options.{i}");
            if choice.value.trim().is_empty() || !values.insert(choice.value.clone()) {
                self.problem(
                    &key,
                    format!("The option {:?} is empty or stands twice.", choice.value),
                    "Give each option a value of its own.",
                );
            }
            Choice {
                label: self.text(&format!("{key}.label"), choice.label),
                value: choice.value,
            }
        };
        raw.into_iter().enumerate().map(one).collect()
    }
}

/// Most characters, where the form file says nothing.
fn default_max(kind: Kind) -> usize {
    match kind {
        Kind::Textarea => 10_000,
        // RFC 5321 §4.5.3.1.3: a path is at most 256 octets with its angle brackets.
        Kind::Email => 254,
        Kind::File => 10,
        _ => 200,
    }
}
