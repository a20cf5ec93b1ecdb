//! The rules of each kind of field. What was typed and its normalised form both go on.

use std::collections::BTreeSet;

use super::values::{NationalId, characters, digits, email, is_mark, is_unseen, national_id, phone};
use super::{Answer, CONFIRM, FileFact, Limits, Part, Problem, Typed};
use crate::form::{Field, Form, Kind, Section};
use crate::i18n::{Catalog, fill, number, size};

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
    let mut judge = Judge {
        typed,
        files,
        limits,
        t,
        problems: Vec::new(),
    };
    judge.only_known_names(form);
    let sections = form.sections.iter();
    let answers: Vec<_> = sections.flat_map(|section| judge.section(form, section)).collect();
    judge.files_together(form);
    if judge.problems.is_empty() {
        Ok(answers)
    } else {
        Err(judge.problems)
    }
}

/// The three boxes of a date.
pub(super) const DATE_PARTS: [&str; 3] = ["day", "month", "year"];

pub(super) struct Judge<'a> {
    pub(super) typed: &'a Typed,
    files: &'a [FileFact],
    limits: Limits,
    pub(super) t: &'static Catalog,
    problems: Vec<Problem>,
}

impl Judge<'_> {
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
        let strange_text = self.typed.pairs().any(|(name, _)| !known.contains(name));
        let strange_file = |file: &FileFact| {
            let field = form.field(&file.field);
            field.is_none_or(|field| field.kind != Kind::File)
        };
        if strange_text || self.files.iter().any(strange_file) {
            self.problem("", self.t.unknown_field, &[]);
        }
    }

    /// A section that was not asked for is left out of the letter. When something stands in it all the same, as in a
    /// browser that cannot hide it, the citizen says whether it shall be sent.
    fn section(&mut self, form: &Form, section: &Section) -> Vec<Answer> {
        let asked = self.typed.asks(section);
        let filled = !asked && self.holds_something(section);
        if filled && !self.typed.confirms(section) {
            self.wants_confirmation(form, section);
            return Vec::new();
        }
        let lang = self.t.lang.code();
        let mut answers = Vec::new();
        for field in &section.fields {
            let Some(mut answer) = self.field(field, field.label.get(lang), asked) else {
                continue;
            };
            if filled && !answer.values.is_empty() {
                let notes = answer
                    .note
                    .take()
                    .into_iter()
                    .chain([self.t.letter_not_asked.to_owned()]);
                answer.note = Some(notes.collect::<Vec<_>>().join(" "));
            }
            // Silence about safe contact is never left out: it is no permission.
            if asked || answer.safe_contact || !answer.values.is_empty() {
                answers.push(answer);
            }
        }
        answers
    }

    fn holds_something(&self, section: &Section) -> bool {
        let typed = |name: String| self.typed.all(&name).any(|value| !value.trim().is_empty());
        let file = |field: &Field| self.files.iter().any(|file| file.field == field.name);
        section
            .fields
            .iter()
            .any(|field| names(field).into_iter().any(typed) || file(field))
    }

    fn wants_confirmation(&mut self, form: &Form, section: &Section) {
        let lang = self.t.lang.code();
        let Some(when) = &section.shown_when else { return };
        let Some(question) = form.field(&when.field) else {
            return;
        };
        let chosen = question.options.iter().filter(|choice| when.is.contains(&choice.value));
        let quoted = |text| fill(self.t.quoted, &[("text", text)]);
        let answers: Vec<_> = chosen.map(|choice| quoted(choice.label.get(lang))).collect();
        let values = [
            ("label", section.title.get(lang)),
            ("question", question.label.get(lang)),
            ("answers", &answers.join(self.t.alternatives)),
        ];
        self.problem_in(section.name(), Some(Part::Confirm), self.t.not_asked, &values);
    }

    fn field(&mut self, field: &Field, label: &str, asked: bool) -> Option<Answer> {
        let before = self.problems.len();
        let answer = match field.kind {
            Kind::Info => return None,
            Kind::File => {
                self.files_of(field, label, asked);
                return None;
            }
            Kind::Select | Kind::Radio | Kind::Checkboxes => self.choice(field, label),
            Kind::Date => self.date(field, label),
            _ => self.line(field, label),
        };
        let missing = answer.values.is_empty() && field.required && asked;
        if missing && self.problems.len() == before {
            let text = match field.kind {
                Kind::Date => self.t.fill_in_date,
                kind if kind.has_options() => self.t.choose_one,
                _ => self.t.fill_in,
            };
            self.problem(&field.name, text, &[("label", label)]);
        }
        Some(answer)
    }

    pub(super) fn single(&mut self, name: &str, field: &Field, label: &str) -> String {
        if self.typed.all(name).count() > 1 {
            self.problem(&field.name, self.t.repeated, &[("label", label)]);
        }
        let text = self.typed.first(name).replace("\r\n", "\n").replace('\r', "\n");
        match field.kind {
            Kind::Textarea => text,
            // Comes along with what is pasted out of a table.
            Kind::Text => text.replace(['\n', '\t'], " "),
            // Telephones put marks around numbers that they copy, which nobody sees and nobody could take away.
            _ => text.replace(['\n', '\t'], " ").replace(is_mark, ""),
        }
    }

    fn line(&mut self, field: &Field, label: &str) -> Answer {
        let text = self.single(&field.name, field, label);
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
        } else {
            self.shape(field, label, text.trim(), &mut answer);
        }
        answer.values.push(text.to_owned());
        answer
    }

    /// What a number or an address must look like.
    fn shape(&mut self, field: &Field, label: &str, text: &str, answer: &mut Answer) {
        let (normalised, wrong) = match field.kind {
            Kind::Email => (email(text), self.t.bad_email),
            Kind::Phone => (phone(text), self.t.bad_phone),
            Kind::PostalCode => (digits(text, 4), self.t.bad_postal_code),
            Kind::NationalId => (digits(text, 11), self.t.bad_national_id),
            _ => return,
        };
        let Some(normalised) = normalised else {
            return self.problem(&field.name, wrong, &[("label", label)]);
        };
        // A number that does not add up may be a slip or a rule we do not know yet: the clerk decides.
        if field.kind == Kind::NationalId {
            answer.note = self.note_on(&national_id(&normalised)).map(str::to_owned);
        }
        answer.normalised.push(normalised);
    }

    fn choice(&mut self, field: &Field, label: &str) -> Answer {
        let mut answer = blank(field, label);
        let sent: Vec<_> = self.typed.all(&field.name).filter(|v| !v.is_empty()).collect();
        if sent.len() > 1 && field.kind != Kind::Checkboxes {
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
        answer
    }

    fn note_on(&self, id: &NationalId) -> Option<&'static str> {
        match id {
            NationalId::Good => None,
            NationalId::Synthetic => Some(self.t.letter_national_id_synthetic),
            NationalId::Help => Some(self.t.letter_national_id_help),
            NationalId::Unsure => Some(self.t.letter_national_id_unsure),
        }
    }

    fn files_of(&mut self, field: &Field, label: &str, asked: bool) {
        let files = self.files;
        let own: Vec<_> = files.iter().filter(|file| file.field == field.name).collect();
        if own.is_empty() && field.required && asked {
            self.problem(&field.name, self.t.choose_file, &[("label", label)]);
        }
        if own.len() > field.max {
            let n = field.max.to_string();
            let text = self.t.too_many_files.of(self.t.lang, field.max as u64);
            self.problem(&field.name, text, &[("n", &n)]);
        }
        for file in own {
            let total = size(self.t.lang, self.limits.files_total);
            if file.too_large {
                let values = [("name", file.name.as_str()), ("size", total.as_str())];
                self.problem(&field.name, self.t.file_too_large, &values);
            } else if file.size == 0 {
                self.problem(&field.name, self.t.file_empty, &[("name", &file.name)]);
            } else if !field.takes(&file.name) {
                let values = [("name", file.name.as_str()), ("types", &field.types.join(", "))];
                self.problem(&field.name, self.t.file_type, &values);
            } else if file.locked {
                self.problem(&field.name, self.t.file_locked, &[("name", &file.name)]);
            }
        }
    }

    fn files_together(&mut self, form: &Form) {
        let total: u64 = self.files.iter().map(|file| file.size).sum();
        let told = self.files.iter().any(|file| file.too_large);
        if total > self.limits.files_total && !told {
            let field = form.fields().find(|field| field.kind == Kind::File);
            let name = field.map_or("", |field| &field.name).to_owned();
            let limit = size(self.t.lang, self.limits.files_total);
            self.problem(&name, self.t.files_too_large, &[("size", &limit)]);
        }
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
    }
}

/// The names under which a field's values come.
fn names(field: &Field) -> Vec<String> {
    match field.kind {
        Kind::Date => DATE_PARTS.map(|part| format!("{}_{part}", field.name)).to_vec(),
        Kind::File | Kind::Info => Vec::new(),
        _ => vec![field.name.clone()],
    }
}
