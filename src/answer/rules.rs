//! The rules of each kind of field. What was typed and its normalised form both go on.

use std::collections::BTreeSet;

use konvolutt_letter::{ending, neutral};

use super::{Answer, CONFIRM, FileFact, Limits, Part, Problem, Typed};
use crate::form::values::{characters, composed, is_mark, is_unseen, legible};
use crate::form::{Choice, Field, Form, Formed, Pick, Rule, Shape};
use crate::i18n::{Catalog, fill, number, size, size_up};

/// Judges everything that was sent.
///
/// # Errors
/// Every problem at once, in the order of the form.
pub fn judge(
    form: &Form,
    typed: &Typed,
    files: &[FileFact],
    limits: Limits,
    t: &'static Catalog,
) -> Result<Vec<Answer>, Vec<Problem>> {
    Judge::new(typed, Some((files, limits)), t).all(form)
}

/// Judges what was typed and chosen, before any files are there to be judged.
///
/// # Errors
/// Every problem at once, in the order of the form.
pub fn judge_without_files(form: &Form, typed: &Typed, t: &'static Catalog) -> Result<Vec<Answer>, Vec<Problem>> {
    Judge::new(typed, None, t).all(form)
}

/// The three boxes of a date.
pub(super) const DATE_PARTS: [&str; 3] = ["day", "month", "year"];

pub(super) struct Judge<'a> {
    pub(super) typed: &'a Typed,
    /// None while nothing is said about files.
    files: Option<(&'a [FileFact], Limits)>,
    pub(super) t: &'static Catalog,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Judge<'a> {
    fn new(typed: &'a Typed, files: Option<(&'a [FileFact], Limits)>, t: &'static Catalog) -> Self {
        Self {
            typed,
            files,
            t,
            problems: Vec::new(),
        }
    }

    pub(super) fn files(&self) -> &'a [FileFact] {
        self.files.map_or(&[], |(files, _)| files)
    }

    fn all(mut self, form: &Form) -> Result<Vec<Answer>, Vec<Problem>> {
        if self.is_at_the_wrong_place(form) {
            return Err(self.problems);
        }
        self.only_known_names(form);
        let sections = form.sections.iter();
        let answers: Vec<_> = sections.flat_map(|section| self.section(form, section)).collect();
        self.files_together(form);
        if self.problems.is_empty() {
            Ok(answers)
        } else {
            Err(self.problems)
        }
    }

    pub(super) fn problem(&mut self, field: &str, text: &str, values: &[(&str, &str)]) {
        self.problem_in(field, None, text, values);
    }

    pub(super) fn problem_in(&mut self, field: &str, part: Option<Part>, text: &str, values: &[(&str, &str)]) {
        self.problems.push(Problem {
            field: (!field.is_empty()).then(|| field.to_owned()),
            part,
            text: fill(text, values),
        });
    }

    /// A name that the form does not ask for means another version of the page, or an attack. What came under
    /// it would be lost without a word, so the citizen is told instead.
    fn only_known_names(&mut self, form: &Form) {
        let known: BTreeSet<String> = form.fields().flat_map(names).chain([CONFIRM.to_owned()]).collect();
        // Some browsers send a control of files that was left empty like an empty text.
        let no_file = |name: &str, value: &str| value.is_empty() && form.field(name).is_some_and(Field::is_for_files);
        let strange = |(name, value): (&str, &str)| !known.contains(name) && !no_file(name, value);
        let strange_text = self.typed.pairs().any(strange);
        let strange_file = |file: &FileFact| {
            let field = form.field(&file.field);
            !field.is_some_and(Field::is_for_files)
        };
        if strange_text || self.files().iter().any(strange_file) {
            self.problem("", self.t.unknown_field, &[]);
        }
    }

    pub(super) fn field(&mut self, field: &Field, label: &str, asked: bool) -> Option<Answer> {
        let before = self.problems.len();
        let shape = field.kind.shape();
        let answer = match shape {
            Shape::Nothing => return None,
            Shape::Files => {
                self.files_of(field, label, asked);
                return None;
            }
            Shape::Choice(pick) => self.choice(field, *pick, label),
            Shape::Day => self.date(field, label),
            Shape::Line(line) => self.line(field, &line.rule, label),
            Shape::Lines => self.lines(field, label),
        };
        let missing = answer.values.is_empty() && field.required && asked;
        if missing && self.problems.len() == before {
            self.problem(&field.name, unanswered(shape, self.t), &[("label", label)]);
        }
        Some(answer)
    }

    /// What came under a name that is sent once, as it was meant, with line ends as they are here.
    pub(super) fn single(&mut self, name: &str, field: &Field, label: &str) -> String {
        if self.typed.all(name).count() > 1 {
            self.problem(&field.name, self.t.repeated, &[("label", label)]);
        }
        legible(self.typed.first(name))
    }

    fn lines(&mut self, field: &Field, label: &str) -> Answer {
        let text = self.single(&field.name, field, label);
        self.text(field, &Rule::Free, label, &text)
    }

    fn line(&mut self, field: &Field, rule: &Rule, label: &str) -> Answer {
        let text = self.single(&field.name, field, label);
        let text = match rule {
            Rule::Free => one_line(&text),
            Rule::Formed(_) => composed(&without_marks(&text)).into_owned(),
        };
        self.text(field, rule, label, &text)
    }

    fn text(&mut self, field: &Field, rule: &Rule, label: &str, text: &str) -> Answer {
        let text = text.trim_end();
        let mut answer = blank(field, label);
        if text.trim().is_empty() {
            return answer;
        }
        let count = characters(text);
        if text.contains(is_unseen) {
            self.problem(&field.name, self.t.bad_character, &[("label", label)]);
        } else if count > field.max {
            let (max, n) = (number(self.t.lang, field.max), number(self.t.lang, count));
            let values = [("label", label), ("max", max.as_str()), ("n", n.as_str())];
            self.problem(&field.name, self.t.too_long, &values);
        } else if let Rule::Formed(formed) = rule {
            self.formed(formed, label, text.trim(), &mut answer);
        }
        answer.values.push(text.to_owned());
        answer
    }

    /// Gives the answer its form for machines, or tells that it has none.
    fn formed(&mut self, formed: &Formed, label: &str, text: &str, answer: &mut Answer) {
        match (formed.parse)(text) {
            Some(normalised) => {
                answer.note = (formed.note)(&normalised, self.t).map(str::to_owned);
                answer.normalised.push(normalised);
            }
            None => self.problem(&answer.name, (formed.wrong)(text, self.t), &[("label", label)]),
        }
    }

    fn choice(&mut self, field: &Field, pick: Pick, label: &str) -> Answer {
        let mut answer = blank(field, label);
        let sent: Vec<_> = self.typed.all(&field.name).filter(|v| !v.is_empty()).collect();
        if sent.len() > 1 && pick != Pick::Any {
            self.problem(&field.name, self.t.repeated, &[("label", label)]);
        }
        for value in sent {
            match field.options.iter().find(|choice| choice.value == value) {
                Some(choice) if !answer.normalised.contains(&choice.value) => {
                    answer.values.push(choice.label.get(self.t.lang.code()).to_owned());
                    answer.normalised.push(choice.value.clone());
                }
                Some(_) => {}
                None => self.problem(&field.name, self.t.bad_choice, &[("label", label)]),
            }
        }
        self.stands_alone(field, &answer);
        answer
    }

    /// «Do not contact me» with «Phone me» beside it: nobody knows which of them is meant.
    fn stands_alone(&mut self, field: &Field, answer: &Answer) {
        let is_chosen = |choice: &&Choice| answer.normalised.contains(&choice.value);
        let chosen = || field.options.iter().filter(is_chosen);
        let Some(alone) = chosen().find(|choice| choice.alone) else {
            return;
        };
        let choice = self.quoted([alone].into_iter(), "");
        let answers = self.quoted(chosen().filter(|other| other.value != alone.value), self.t.conjunction);
        if !answers.is_empty() {
            let values = [("choice", choice.as_str()), ("answers", answers.as_str())];
            self.problem(&field.name, self.t.not_together, &values);
        }
    }

    fn files_of(&mut self, field: &Field, label: &str, asked: bool) {
        let Some((files, limits)) = self.files else { return };
        let own: Vec<_> = files.iter().filter(|file| file.field == field.name).collect();
        if own.is_empty() && field.required && asked {
            self.problem(&field.name, unanswered(field.kind.shape(), self.t), &[("label", label)]);
        }
        if own.len() > field.max {
            let n = field.max.to_string();
            let text = self.t.too_many_files.of(self.t.lang, field.max as u64);
            self.problem(&field.name, text, &[("n", &n)]);
        }
        for file in own {
            let name = told(&file.name);
            let name = name.as_str();
            let total = size(self.t.lang, limits.files_total);
            if file.too_large {
                let values = [("name", name), ("size", total.as_str())];
                self.problem(&field.name, self.t.file_too_large, &values);
            } else if file.size == 0 {
                self.problem(&field.name, self.t.file_empty, &[("name", name)]);
            } else if !field.takes(&file.name) {
                let values = [("name", name), ("types", &field.types.join(", "))];
                self.problem(&field.name, self.t.file_type, &values);
            } else if file.locked {
                self.problem(&field.name, self.t.file_locked, &[("name", name)]);
            }
        }
    }

    fn files_together(&mut self, form: &Form) {
        let Some((files, limits)) = self.files else { return };
        let total: u64 = files.iter().map(|file| file.size).sum();
        let told = files.iter().any(|file| file.too_large);
        if total > limits.files_total && !told {
            let field = form.fields().find(|field| field.is_for_files());
            let name = field.map_or("", |field| &field.name).to_owned();
            let (limit, sum) = (size(self.t.lang, limits.files_total), size_up(self.t.lang, total));
            self.problem(&name, self.t.files_too_large, &[("size", &limit), ("sum", &sum)]);
        }
    }
}

/// What is said of a question that must be answered and is not.
pub fn unanswered(shape: &Shape, t: &Catalog) -> &'static str {
    match shape {
        Shape::Choice(_) => t.choose_one,
        Shape::Day => t.fill_in_date,
        Shape::Files => t.choose_file,
        Shape::Line(_) | Shape::Lines | Shape::Nothing => t.fill_in,
    }
}

pub(super) fn blank(field: &Field, label: &str) -> Answer {
    Answer {
        name: field.name.clone(),
        kind: field.kind,
        label: label.to_owned(),
        values: Vec::new(),
        normalised: Vec::new(),
        note: None,
        safe_contact: field.safe_contact,
        sender: field.sender,
        belongs_to: None,
    }
}

/// Line ends and tabs come along with what is pasted out of a table.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

/// Telephones put marks around numbers that they copy, which nobody sees and nobody could take away.
pub(super) fn without_marks(text: &str) -> String {
    one_line(text).replace(is_mark, "")
}

/// A file's name as a sentence may hold it: as in the letter, where nothing in it acts or hides, but with the ending that
/// people know it by.
fn told(name: &str) -> String {
    let kept = neutral(name);
    match kept.strip_suffix(".bin") {
        Some(known) if ending(name) != "bin" => known.to_owned(),
        _ => kept,
    }
}

/// The names under which a field's values come.
pub(super) fn names(field: &Field) -> Vec<String> {
    match field.kind.shape() {
        Shape::Day => DATE_PARTS.map(|part| format!("{}_{part}", field.name)).to_vec(),
        Shape::Files | Shape::Nothing => Vec::new(),
        Shape::Line(_) | Shape::Lines | Shape::Choice(_) => vec![field.name.clone()],
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::form;
    use crate::i18n::Lang;

    /// The shipped form with every kind of field.
    fn form() -> Form {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms/klage.toml");
        let day = jiff::civil::date(2026, 11, 22);
        form::read(&path, &Lang::spoken(), day, &mut Vec::new()).unwrap()
    }

    fn judged(typed: &[(&str, &str)], files: &[FileFact]) -> Result<Vec<Answer>, Vec<Problem>> {
        let mut all = Typed::default();
        let needed = [("kommune", "Bodø"), ("klage", "Ei klage.")];
        let own = |name: &str| typed.iter().any(|(own, _)| *own == name);
        for (name, value) in needed.iter().filter(|(name, _)| !own(name)).chain(typed) {
            all.push((*name).to_owned(), (*value).to_owned());
        }
        let limits = Limits { files_total: 1000 };
        judge(&form(), &all, files, limits, Lang::NB.catalog())
    }

    /// The places that the problems lead to.
    fn places(judged: Result<Vec<Answer>, Vec<Problem>>) -> Vec<String> {
        let problems = judged.err().unwrap_or_default();
        problems
            .iter()
            .map(|problem| problem.place().unwrap_or_default())
            .collect()
    }

    #[test]
    fn each_answer_has_what_was_typed_and_what_machines_compare() {
        let typed = [
            ("tjeneste", "helse"),
            ("trygg_kontakt", "ring"),
            ("trygg_kontakt", "epost"),
            ("telefon", "75 02-17 11 "),
            ("epost", "Ka\u{30A}ri@EKSEMPEL.no"),
            ("tidlegare_referanse", "k7f 3k9q 2mj"),
            ("fodselsnummer", "\u{202A}010107 50161\u{202C}"),
        ];
        let answers = judged(&typed, &[]).ok().unwrap();
        let answer = |name: &str| answers.iter().find(|answer| answer.name == name).unwrap();
        assert_eq!(answer("kommune").values, ["Bodø"]);
        assert!(answer("kommune").normalised.is_empty(), "free text is what it is");
        assert_eq!(answer("tjeneste").values, ["Helse og omsorg"]);
        assert_eq!(answer("tjeneste").normalised, ["helse"]);
        assert_eq!(answer("trygg_kontakt").normalised, ["ring", "epost"]);
        assert_eq!(answer("telefon").values, ["75 02-17 11"]);
        assert_eq!(answer("telefon").normalised, ["+4775021711"]);
        assert_eq!(
            answer("epost").values,
            ["Kåri@EKSEMPEL.no"],
            "one sign, however it was sent"
        );
        assert_eq!(answer("epost").normalised, ["Kåri@eksempel.no"]);
        assert_eq!(answer("tidlegare_referanse").normalised, ["K7F-3K9Q-2MJ"]);
        assert_eq!(answer("fodselsnummer").values, ["010107 50161"]);
        let note = Lang::NB.catalog().letter_national_id_unsure;
        assert_eq!(answer("fodselsnummer").note.as_deref(), Some(note));
        assert!(
            answers.iter().all(|answer| answer.name != "adresse"),
            "it was not asked for"
        );
    }

    #[test]
    fn each_problem_leads_to_its_place() {
        for (typed, place) in [
            (&[("kommune", " ")][..], "kommune"),
            (&[("kommune", "a"), ("kommune", "b")], "kommune"),
            (&[("klage", "a\u{0}b")], "klage"),
            (&[("tjeneste", "x")], "tjeneste"),
            (&[("grunn", "annet"), ("grunn", "vedtak")], "grunn"),
            (&[("fodselsnummer", "1")], "fodselsnummer"),
            (
                &[
                    ("grunn", "vedtak"),
                    ("vedtaksdato_day", "1"),
                    ("vedtaksdato_month", "13"),
                ],
                "vedtaksdato-month",
            ),
            (&[("saksnummer", "1")], "vedtaksdato-confirm"),
            (&[("telefon", "75 02 17 11")], "telefon-confirm"),
            (&[("trygg_kontakt", "ring")], "telefon"),
            (&[("tidlegare_referanse", "K7F-3K9Q-2MX")], "tidlegare_referanse"),
            (&[("tjenste", "helse")], ""),
        ] {
            assert_eq!(places(judged(typed, &[])), [place], "{typed:?}");
        }
        // What was typed where nothing was asked is sent once that is confirmed, and the clerk reads so.
        let confirmed = judged(&[("saksnummer", "1"), (CONFIRM, "vedtaksdato")], &[])
            .ok()
            .unwrap();
        let answer = confirmed.iter().find(|answer| answer.name == "saksnummer").unwrap();
        assert_eq!(answer.note.as_deref(), Some(Lang::NB.catalog().letter_not_asked));
    }

    #[test]
    fn files_are_judged_before_their_content() {
        let file = |name: &str, size| FileFact {
            field: "vedlegg".into(),
            name: name.into(),
            size,
            too_large: false,
            locked: false,
        };
        assert!(places(judged(&[], &[file("a.pdf", 1)])).is_empty());
        let large = FileFact {
            too_large: true,
            ..file("a.pdf", 1001)
        };
        let locked = FileFact {
            locked: true,
            ..file("a.pdf", 1)
        };
        let named = |name: &str| places(judged(&[], &[file(name, 1)])).is_empty();
        for name in [
            "a.pdf ",
            "a.pdf.",
            "a.pdf\u{200E}",
            " .pdf",
            "a.jpeg",
            "a.JPG",
            "a.heif",
        ] {
            assert!(named(name), "{name:?}");
        }
        for name in [
            "a.exe",
            "a.pdf.exe",
            "a.pdf\u{2800}.exe",
            "pdf",
            "x.url.bin",
            "a.html",
            "a",
        ] {
            assert!(!named(name), "{name:?}");
        }
        for files in [
            vec![file("a.pdf", 0)],
            vec![large],
            vec![locked],
            vec![file("a.pdf", 600), file("b.pdf", 600)],
        ] {
            assert_eq!(places(judged(&[], &files)), ["vedlegg"]);
        }
        let elsewhere = FileFact {
            field: "kommune".into(),
            ..file("a.pdf", 1)
        };
        assert_eq!(places(judged(&[], &[elsewhere])), [""]);
    }
}
