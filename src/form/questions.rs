//! Sections and questions, out of a form file.

use std::collections::BTreeSet;

use super::texts::Texts;
use super::{Choice, Condition, Field, Kind, Line, Pick, Rule, Section, Shape, Text};
use crate::diagnostic::{Diagnostic, Table};

/// Most characters of one field: fifty pages. More is a file.
const MOST: usize = 100_000;
/// Most conditions of a form, whatever hangs on them: the stylesheet knows so many.
pub const MOST_CONDITIONS: usize = 12;

/// A question with choices that is always asked.
struct Known {
    field: String,
    values: Vec<String>,
    /// Those with which the form ends: nothing can follow them.
    stops: Vec<String>,
}

pub(super) struct Questions<'a> {
    pub(super) texts: Texts<'a>,
    names: BTreeSet<String>,
    /// Those of earlier sections: what a section can depend on.
    choices: Vec<Known>,
    /// Those above in the same section: what a field can depend on.
    here: Vec<Known>,
    conditions: Vec<Condition>,
}

impl<'a> Questions<'a> {
    pub(super) fn new(texts: Texts<'a>) -> Self {
        Self {
            texts,
            names: BTreeSet::new(),
            choices: Vec::new(),
            here: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// What has the title of its step above it needs none of its own, unless people are asked about it by name.
    pub(super) fn section(&mut self, mut table: Table<'_>, in_step: bool) -> Section {
        let title = if in_step && !table.has("shown_when") {
            self.texts.optional(&mut table, "title")
        } else {
            self.texts.needed(&mut table, "title")
        };
        let text = self.texts.optional(&mut table, "text");
        let shown_when = self.condition(&mut table, Of::Section);
        let mut fields = Vec::new();
        for table in table.tables("field") {
            let field = self.field(table, shown_when.is_none());
            // A choice that may not be asked itself cannot decide about anything else.
            if shown_when.is_none() && field.required_when.is_none() && field.kind.has_options() {
                self.here.push(known(&field));
            }
            fields.push(field);
        }
        self.choices.append(&mut self.here);
        if shown_when.is_some() && fields.is_empty() {
            let what = "A section that depends on a choice asks nothing.";
            table.problem("", what, "Give it a `[[section.field]]`, or take `shown_when` away.");
        }
        Section {
            title,
            text,
            shown_when,
            fields,
        }
    }

    fn condition(&mut self, table: &mut Table<'_>, of: Of) -> Option<Condition> {
        let mut table = table.table(of.key())?;
        let field = table.needed("field")?;
        table.must_have("is");
        let is = table.strings("is")?;
        let choices = match of {
            Of::Section => &self.choices,
            Of::Field => &self.here,
        };
        let Some(known) = choices.iter().find(|known| known.field == field) else {
            let (what, remedy) = of.unknown(&field);
            table.problem("field", what, remedy);
            return None;
        };
        if is.is_empty() {
            let what = format!("The {} could never be asked for.", of.noun());
            table.problem("is", what, "Name at least one choice.");
        }
        for value in is.iter().filter(|value| !known.values.contains(value)) {
            let what = format!("`{field}` has no choice {value:?}.");
            table.problem("is", what, format!("Use one of {}.", known.values.join(", ")));
        }
        for value in is.iter().filter(|value| known.stops.contains(value)) {
            let what = format!("The form ends with {value:?} of `{field}`, so nothing can be asked after it.");
            table.problem("is", what, "Name another choice, or take its `stop` away.");
        }
        let condition = Condition { field, is };
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition.clone());
            if self.conditions.len() > MOST_CONDITIONS {
                let what = format!("Sections and fields depend on more than {MOST_CONDITIONS} different choices.");
                table.problem("", what, "Put questions together, or make two forms.");
            }
        }
        Some(condition)
    }

    fn field(&mut self, mut table: Table<'_>, section_asked: bool) -> Field {
        let name = table.needed("name").unwrap_or_default();
        self.name_is_usable(&table, &name);
        let known = kind(&mut table);
        let kind = known.unwrap_or(Kind::Info);
        let options = self.options(&mut table, kind);
        let required_when = self.condition(&mut table, Of::Field);
        if required_when.is_some() && known.is_some_and(|kind| matches!(kind.shape(), Shape::Nothing)) {
            let what = format!("The field `{name}` asks nothing, so nothing of it can be required.");
            table.problem("required_when", what, "Take `required_when` away.");
        }
        if known.is_some() && kind.has_options() == options.is_empty() {
            let (what, remedy) = if options.is_empty() {
                ("no options", "Add `options = [{ value = …, label = … }]`.")
            } else {
                ("options that nobody can choose", "Remove `options`.")
            };
            table.problem("options", format!("The field `{name}` has {what}."), remedy);
        }
        stops(&table, &options, section_asked && required_when.is_none());
        let max = table.whole("max");
        if max.is_some_and(|max| max == 0 || max > MOST) {
            let what = format!("The field `{name}` cannot take that much.");
            table.problem("max", what, format!("Set `max` to between 1 and {MOST}."));
        }
        Field {
            label: self.texts.needed(&mut table, "label"),
            hint: self.texts.optional(&mut table, "hint"),
            required: table.flag("required", false),
            required_when,
            safe_contact: table.flag("safe_contact", false),
            sender: sender(&mut table, known),
            max: max.unwrap_or(kind.row().max),
            types: types(&mut table, kind),
            options,
            name,
            kind,
        }
    }

    fn name_is_usable(&mut self, table: &Table<'_>, name: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        // A leading underscore marks the program's own fields. A missing name was told already.
        if !name.is_empty() && (!name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain)) {
            let what = format!("{name:?} cannot be a field's name.");
            table.problem(
                "name",
                what,
                "Use lower-case letters, digits and underscores; begin with a letter.",
            );
        }
        if !name.is_empty() && !self.names.insert(name.to_owned()) {
            let what = format!("Two fields are named `{name}`.");
            table.problem("name", what, "Give each field a name of its own.");
        }
    }

    fn options(&mut self, table: &mut Table<'_>, kind: Kind) -> Vec<Choice> {
        let mut values = BTreeSet::new();
        let many = matches!(kind.shape(), Shape::Choice(Pick::Any));
        let folded = matches!(kind.shape(), Shape::Choice(Pick::Folded));
        let one = |mut table: Table<'_>| {
            let value = table.needed("value").unwrap_or_default();
            if value.trim().is_empty() || !values.insert(value.clone()) {
                let what = format!("The option {value:?} is empty or stands twice.");
                table.problem("value", what, "Give each option a value of its own.");
            }
            let label = self.texts.needed(&mut table, "label");
            let alone = table.flag("alone", false);
            if alone && !many {
                let what = "Of this field only one can be chosen, so that each stands alone.";
                table.problem("alone", what, "Take `alone` away.");
            }
            let stop = self.texts.optional(&mut table, "stop");
            if stop != Text::default() && (many || folded) {
                let what = "Only a choice of a field of kind `radio` can end the form.";
                table.problem("stop", what, "Take `stop` away, or make the field a `radio`.");
            }
            Choice {
                value,
                label,
                alone,
                stop,
            }
        };
        table.tables("options").into_iter().map(one).collect()
    }
}

/// What a condition stands at.
#[derive(Clone, Copy)]
enum Of {
    Section,
    Field,
}

impl Of {
    fn key(self) -> &'static str {
        match self {
            Self::Section => "shown_when",
            Self::Field => "required_when",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Section => "section",
            Self::Field => "field",
        }
    }

    fn unknown(self, field: &str) -> (String, String) {
        let place = match self {
            Self::Section => "in an earlier section without `shown_when`",
            Self::Field => "above in the same section, which must not have `shown_when`",
        };
        let what = match self {
            Self::Section => format!("`{field}` is no choice that stands above this section and is always asked."),
            Self::Field => format!("`{field}` is no choice that stands above in this section and is always asked."),
        };
        let lists = Kind::ALL.iter().filter(|kind| kind.has_options());
        let lists: Vec<_> = lists.map(|kind| kind.name()).collect();
        let remedy = format!("Name a field of one of the kinds {} {place}.", lists.join(", "));
        (what, remedy)
    }
}

fn known(field: &Field) -> Known {
    let values = |stops: bool| {
        let options = field.options.iter().filter(move |choice| !stops || choice.stops());
        options.map(|choice| choice.value.clone()).collect()
    };
    Known {
        field: field.name.clone(),
        values: values(false),
        stops: values(true),
    }
}

/// A question that is hidden again would end the form, and nobody could see why; and somebody must come to the end.
fn stops(table: &Table<'_>, options: &[Choice], always_asked: bool) {
    if !options.iter().any(Choice::stops) {
        return;
    }
    if !always_asked {
        let what = "A question that is not always asked cannot end the form.";
        table.problem("options", what, "Take `stop` away, or ask the question of everybody.");
    }
    if options.iter().all(Choice::stops) {
        let what = "The form ends with each of these choices, so nobody can send it.";
        table.problem("options", what, "Add a choice without `stop`.");
    }
}

/// A name is a line of any form: what has one, such as a national id, must not come into a journal by this way.
fn sender(table: &mut Table<'_>, kind: Option<Kind>) -> bool {
    let sender = table.flag("sender", false);
    let is_a_name = |kind: Kind| matches!(kind.shape(), Shape::Line(Line { rule: Rule::Free, .. }));
    if sender && kind.is_some_and(|kind| !is_a_name(kind)) {
        let what = "Only a field of kind `text` can name the sender.";
        table.problem(
            "sender",
            what,
            "Take `sender` away, or set it at the question for the name.",
        );
    }
    sender
}

/// Endings of files, as they stand after the dot.
fn types(table: &mut Table<'_>, kind: Kind) -> Vec<String> {
    let types = table.strings("types").unwrap_or_default();
    let plain =
        |ending: &String| !ending.is_empty() && ending.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !types.iter().all(plain) {
        table.problem(
            "types",
            "A type is no ending of a file's name.",
            "Write it without the dot, in lower case: `types = [\"pdf\", \"jpg\"]`.",
        );
    }
    for (i, ending) in types.iter().enumerate() {
        if let Some(warning) = superfluous(ending, &types[..i]).or_else(|| gets_a_second(ending)) {
            table.tell("types", warning);
        }
    }
    if !types.is_empty() && !matches!(kind.shape(), Shape::Files) {
        table.problem("types", "Only a field of kind `file` has types.", "Take `types` away.");
    }
    types
}

/// No problem: before, `jpg` did not take `.jpeg`, and both had to be named.
fn superfluous(ending: &str, before: &[String]) -> Option<Diagnostic> {
    let same = before.iter().find(|other| konvolutt_letter::same_kind(other, ending))?;
    let what = format!("The type `{ending}` is never met: `{same}` takes the same files.");
    Some(Diagnostic::warning(what, format!("Take `{ending}` away.")))
}

fn gets_a_second(ending: &str) -> Option<Diagnostic> {
    let (given, kept) = (format!("x.{ending}"), konvolutt_letter::neutral(&format!("x.{ending}")));
    let what = format!(
        "The type `{ending}` is not known to be harmless: the post room gets `{given}` as `{kept}`, so that no double click runs it."
    );
    let remedy = format!("Take `{ending}` away, unless the post room needs such files and knows what to do with them.");
    (given != kept).then(|| Diagnostic::warning(what, remedy))
}

fn kind(table: &mut Table<'_>) -> Option<Kind> {
    let name = table.needed("kind")?;
    let found = Kind::named(&name);
    if found.is_none() {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let what = format!("`{name}` is not a kind of field.");
        table.problem("kind", what, format!("Use one of {}.", known.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    /// The form of the docs with other questions.
    fn told(questions: &str) -> Vec<Diagnostic> {
        let docs = include_str!("../../docs/forms.md");
        let example = docs.split("<!-- example -->\n```toml\n").nth(1).unwrap();
        let head = example.split("[[section]]").next().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{head}{questions}")).unwrap();
        let mut diagnostics = Vec::new();
        crate::form::read(
            file.path(),
            &Lang::spoken(),
            jiff::civil::date(2026, 11, 22),
            &mut diagnostics,
        );
        diagnostics
    }

    fn one(kind: &str, more: &str) -> String {
        let label = "label = { nb = \"a\", en = \"a\" }";
        format!(
            "[[section]]\ntitle = {{ nb = \"a\", en = \"a\" }}\n[[section.field]]\nname = \"a\"\nkind = \"{kind}\"\n{label}\n{more}\n"
        )
    }

    const OPTIONS: &str = "options = [{ value = \"x\", label = { nb = \"x\", en = \"x\" } }]";

    /// Each kind by its name, with options where it has them and without where it has not.
    #[test]
    fn every_kind_can_be_asked() {
        for kind in Kind::ALL {
            let (right, wrong) = if kind.has_options() {
                (OPTIONS, "")
            } else {
                ("", OPTIONS)
            };
            assert_eq!(told(&one(kind.name(), right)), [], "{kind:?}");
            assert_eq!(told(&one(kind.name(), wrong)).len(), 1, "{kind:?}");
        }
        let unknown = told(&one("radoi", ""));
        for kind in Kind::ALL {
            assert!(unknown[0].remedy.contains(kind.name()), "{unknown:?}");
        }
    }

    #[test]
    fn limits_and_types_are_judged() {
        for (kind, more, count) in [
            ("text", "max = 100000", 0),
            ("text", "max = 100001", 1),
            ("text", "max = 0", 1),
            ("file", "types = [\"pdf\"]", 0),
            ("file", "types = [\"jpeg\", \"png\", \"docx\"]", 0),
            ("file", "types = [\"jpeg\", \"html\"]", 1),
            ("file", "types = [\".pdf\"]", 1),
            ("file", "types = [\"jpg\", \"png\", \"jpeg\"]", 1),
            ("file", "types = [\"dwg\", \"dwg\"]", 2),
            ("text", "types = [\"pdf\"]", 1),
        ] {
            assert_eq!(told(&one(kind, more)).len(), count, "{kind} {more}");
        }
    }

    /// A form that was good yesterday still opens.
    #[test]
    fn what_a_list_of_types_says_in_vain_is_a_warning() {
        for (types, told_of) in [("jpg, jpeg", "never met"), ("pdf, html", "`x.html.bin`")] {
            let list: Vec<_> = types.split(", ").map(|ending| format!("\"{ending}\"")).collect();
            let said = told(&one("file", &format!("types = [{}]", list.join(", "))));
            assert!(said.len() == 1 && said[0].what.contains(told_of), "{said:?}");
            assert!(crate::diagnostic::passes(&said), "{said:?}");
        }
    }

    #[test]
    fn only_so_many_choices_ask_for_more() {
        let option = |number: usize| format!("{{ value = \"{number}\", label = {{ nb = \"x\", en = \"x\" }} }}");
        let options: Vec<_> = (0..20).map(option).collect();
        let choice = one("radio", &format!("options = [{}]", options.join(", ")));
        let field = |number: usize, is: usize| {
            let question = one("text", &format!("required_when = {{ field = \"a\", is = [\"{is}\"] }}"));
            let question = question.split("\n").skip(2).collect::<Vec<_>>().join("\n");
            question.replace("name = \"a\"", &format!("name = \"f{number}\""))
        };
        let section = |number: usize| {
            one("text", "")
                .replace("name = \"a\"", &format!("name = \"b{number}\""))
                .replacen(
                    "title",
                    &format!("shown_when = {{ field = \"a\", is = [\"{number}\"] }}\ntitle"),
                    1,
                )
        };
        // Two fields hang on each of the first three choices, which count once, and a section on each of the others.
        let form = |count: usize| {
            let fields: String = (0..6).map(|number| field(number, number / 2)).collect();
            choice.clone() + &fields + &(3..count).map(section).collect::<String>()
        };
        assert_eq!(told(&form(MOST_CONDITIONS)), []);
        assert_eq!(told(&form(MOST_CONDITIONS + 1)).len(), 1);
    }

    #[test]
    fn a_field_belongs_to_a_choice_above_it_in_its_section() {
        let field = |name: &str, when: &str, kind: &str, more: &str| {
            let when = if when.is_empty() {
                String::new()
            } else {
                format!("required_when = {{ field = \"{when}\", is = [\"x\"] }}")
            };
            let question = one(kind, &format!("{when}\n{more}"));
            question
                .split_once("[[section.field]]")
                .unwrap()
                .1
                .replace("name = \"a\"", &format!("name = \"{name}\""))
        };
        let asks = |fields: &[String]| {
            let fields: String = fields.iter().map(|field| format!("[[section.field]]{field}")).collect();
            format!("[[section]]\ntitle = {{ nb = \"a\", en = \"a\" }}\n{fields}")
        };
        let choice = || field("a", "", "radio", OPTIONS);
        let text = |when: &str| field("b", when, "text", "");
        assert_eq!(told(&asks(&[choice(), text("a")])), []);
        for wrong in [
            asks(&[text("a"), choice()]),
            asks(&[choice()]) + &asks(&[text("a")]),
            asks(&[choice(), field("b", "a", "info", "")]),
            // What may not be asked itself decides about nothing.
            asks(&[choice(), field("c", "a", "radio", OPTIONS), text("c")]),
        ] {
            assert_eq!(told(&wrong).len(), 1, "{wrong}");
        }
        let hidden = asks(&[field("c", "", "radio", OPTIONS), text("c")]);
        let hidden = hidden.replacen("title", "shown_when = { field = \"a\", is = [\"x\"] }\ntitle", 1);
        assert_eq!(told(&(asks(&[choice()]) + &hidden)).len(), 1, "{hidden}");
    }

    #[test]
    fn a_choice_ends_the_form_where_everybody_is_asked_and_not_for_everybody() {
        let option = |value: &str, stop: &str| {
            let stop = stop.replace("stop", ", stop = { nb = \"x\", en = \"x\" }");
            format!("{{ value = \"{value}\", label = {{ nb = \"x\", en = \"x\" }}{stop} }}")
        };
        let options = |x: &str, y: &str| format!("options = [{}, {}]", option("x", x), option("y", y));
        let shown = |is: &str, kind: &str, more: &str| {
            let section = one(kind, more).replace("name = \"a\"", "name = \"b\"");
            let when = format!("shown_when = {{ field = \"a\", is = [\"{is}\"] }}\ntitle");
            section.replacen("title", &when, 1)
        };
        let asks = |x: &str, y: &str| one("radio", &options(x, y));
        assert_eq!(told(&asks("stop", "")), []);
        assert_eq!(told(&(asks("stop", "") + &shown("y", "text", ""))), []);
        for wrong in [
            asks("stop", "stop"),
            one("select", &options("stop", "")),
            asks("stop", "") + &shown("x", "text", ""),
            asks("", "") + &shown("x", "radio", &options("stop", "")),
        ] {
            assert_eq!(told(&wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn only_of_several_can_one_stand_alone() {
        let alone = OPTIONS.replace("value", "alone = true, value");
        for (kind, count) in [("checkboxes", 0), ("radio", 1), ("select", 1)] {
            assert_eq!(told(&one(kind, &alone)).len(), count, "{kind}");
        }
    }
}
