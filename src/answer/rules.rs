//! The rules of each kind of field.
//!
//! Spaces, hyphens and brackets in numbers never matter. What was typed and its normalised form both go on.

use std::collections::BTreeSet;

use validator::ValidateEmail;

use super::{Answer, FileFact, Limits, Problem, Typed};
use crate::form::{Field, Form, Kind};
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
    let lang = t.lang.code();
    let answers: Vec<_> = form
        .fields()
        .filter_map(|field| judge.field(field, field.label.get(lang)))
        .collect();
    judge.files_together(form);
    match judge.problems.is_empty() {
        true => Ok(answers),
        false => Err(judge.problems),
    }
}

/// The three boxes of a date.
const DATE_PARTS: [&str; 3] = ["day", "month", "year"];

struct Judge<'a> {
    typed: &'a Typed,
    files: &'a [FileFact],
    limits: Limits,
    t: &'static Catalog,
    problems: Vec<Problem>,
}

impl Judge<'_> {
    fn problem(&mut self, field: &str, text: &str, values: &[(&str, &str)]) {
        self.problems.push(Problem {
            field: (!field.is_empty()).then(|| field.to_owned()),
            text: fill(text, values),
        });
    }

    /// A name that the form does not ask for means another version of the page, or an attack. What came under
    /// it would be lost without a word, so the citizen is told instead.
    fn only_known_names(&mut self, form: &Form) {
        let known: BTreeSet<String> = form.fields().flat_map(names).collect();
        let strange_text = self.typed.pairs().any(|(name, _)| !known.contains(name));
        let strange_file = |file: &FileFact| {
            let field = form.field(&file.field);
            field.is_none_or(|field| field.kind != Kind::File)
        };
        if strange_text || self.files.iter().any(strange_file) {
            self.problem("", self.t.unknown_field, &[]);
        }
    }

    fn field(&mut self, field: &Field, label: &str) -> Option<Answer> {
        let before = self.problems.len();
        let answer = match field.kind {
            Kind::Info => return None,
            Kind::File => {
                self.files_of(field, label);
                return None;
            }
            Kind::Select | Kind::Radio | Kind::Checkboxes => self.choice(field, label),
            Kind::Date => self.date(field, label),
            _ => self.line(field, label),
        };
        let missing = answer.values.is_empty() && field.required;
        if missing && self.problems.len() == before {
            let text = match field.kind.has_options() {
                true => self.t.choose_one,
                false => self.t.fill_in,
            };
            self.problem(&field.name, text, &[("label", label)]);
        }
        Some(answer)
    }

    fn single(&mut self, name: &str, field: &Field, label: &str) -> String {
        if self.typed.all(name).count() > 1 {
            self.problem(&field.name, self.t.repeated, &[("label", label)]);
        }
        self.typed.first(name).replace("\r\n", "\n")
    }

    fn line(&mut self, field: &Field, label: &str) -> Answer {
        let text = self.single(&field.name, field, label);
        let text = text.trim_end();
        let mut answer = blank(field, label);
        if text.trim().is_empty() {
            return answer;
        }
        let lines = field.kind == Kind::Textarea;
        let strange = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\t'));
        let count = text.chars().count();
        if text.chars().any(strange) {
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
        if field.kind == Kind::NationalId && !national_id_adds_up(&normalised) {
            answer.note = Some(self.t.letter_national_id_unsure.to_owned());
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

    fn date(&mut self, field: &Field, label: &str) -> Answer {
        let mut answer = blank(field, label);
        let part = |part| format!("{}_{part}", field.name);
        let parts = DATE_PARTS.map(|name| self.single(&part(name), field, label));
        let parts = parts.each_ref().map(|part| part.trim());
        if parts.iter().all(|part| part.is_empty()) {
            return answer;
        }
        answer.values.push(parts.join("."));
        let day = (|| {
            let year: i16 = parts[2].parse().ok().filter(|year| *year >= 1000)?;
            jiff::civil::Date::new(year, parts[1].parse().ok()?, parts[0].parse().ok()?).ok()
        })();
        match day {
            Some(day) => answer.normalised.push(day.to_string()),
            None => self.problem(&field.name, self.t.bad_date, &[("label", label)]),
        }
        answer
    }

    fn files_of(&mut self, field: &Field, label: &str) {
        let files = self.files;
        let own: Vec<_> = files.iter().filter(|file| file.field == field.name).collect();
        if own.is_empty() && field.required {
            self.problem(&field.name, self.t.choose_file, &[("label", label)]);
        }
        if own.len() > field.max {
            let n = field.max.to_string();
            self.problem(&field.name, self.t.too_many_files, &[("n", &n)]);
        }
        for file in own {
            let total = size(self.t.lang, self.limits.files_total);
            if file.too_large {
                let values = [("name", file.name.as_str()), ("size", total.as_str())];
                self.problem(&field.name, self.t.file_too_large, &values);
            } else if file.size == 0 {
                self.problem(&field.name, self.t.file_empty, &[("name", &file.name)]);
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

fn blank(field: &Field, label: &str) -> Answer {
    Answer {
        name: field.name.clone(),
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

/// The text without what people put between digits, and without the unseen marks that telephones put around numbers
/// when they are copied.
fn compact(text: &str) -> String {
    let unseen = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    let between = |c: &char| !c.is_whitespace() && !unseen(*c) && !matches!(c, '-' | '–' | '(' | ')' | '.' | '/');
    text.chars().filter(between).collect()
}

fn digits(text: &str, count: usize) -> Option<String> {
    let text = compact(text);
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(text)
}

/// A number as E.164 where that is certain, else its digits: Norwegian ones have 8 digits and begin with 2–9,
/// or are short (5 digits from 02000, `116 xxx`); foreign ones begin with `+` or `00`.
fn phone(text: &str) -> Option<String> {
    let text = compact(text);
    let (foreign, number) = match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        Some(number) => (true, number),
        None => (false, text.as_str()),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (foreign, number.len()) {
        (true, 6..=15) => Some(format!("+{number}")),
        (false, 8) if number.as_bytes()[0] >= b'2' => Some(format!("+47{number}")),
        // Short numbers, machine numbers of 12 digits, and foreign ones typed without their prefix.
        (false, 3..=7 | 9..=15) => Some(number.to_owned()),
        _ => None,
    }
}

/// An address that mail can reach. `validator` takes `æøå` in the domain but not before the `@`, where they
/// are as good (RFC 6531), so letters are judged by their place only.
fn email(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_alphabetic() && !c.is_ascii() { 'x' } else { c })
        .collect();
    plain.validate_email().then(|| text.to_owned())
}

/// Check digits of a fødselsnummer or D-number: both weighted sums are divisible by 11; in numbers given from
/// 2032 on the first may leave a remainder of 0 to 3 (Skatteetaten, new rules for the personal identifier).
fn national_id_adds_up(id: &str) -> bool {
    const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
    const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let digits: Vec<u32> = id.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum = |weights: &[u32]| weights.iter().zip(&digits).map(|(w, d)| w * d).sum::<u32>() % 11;
    let day = digits[0] * 10 + digits[1];
    let month = digits[2] * 10 + digits[3];
    let born = matches!(day, 1..=31 | 41..=71) && matches!(month, 1..=12);
    born && sum(&FIRST) <= 3 && sum(&SECOND) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_judged_without_what_people_put_between() {
        assert_eq!(phone("75 02 17 11").as_deref(), Some("+4775021711"));
        assert_eq!(phone("(+46) 70-123 45 67").as_deref(), Some("+46701234567"));
        assert_eq!(phone("0047 75021711").as_deref(), Some("+4775021711"));
        assert_eq!(phone("116 006").as_deref(), Some("116006"));
        assert_eq!(phone("ring meg"), None);
        assert_eq!(digits("0150", 4).as_deref(), Some("0150"));
        assert_eq!(digits("150", 4), None);
    }

    #[test]
    fn national_ids_add_up_under_both_rules() {
        // Worked out from the weights, for a person and for a D-number; the last two only since 2032.
        for good in ["01010750160", "41010750154", "01010750179", "41010750189"] {
            assert!(national_id_adds_up(good), "{good}");
        }
        for bad in ["01010750161", "10010750160", "32010750160", "01130750160"] {
            assert!(!national_id_adds_up(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_may_hold_norwegian_letters() {
        assert!(email("bjørn.ås@sørøst.no").is_some());
        assert!(email("kari@eksempel.no").is_some());
        for bad in ["kari", "kari@", "@eksempel.no", "kari @eksempel.no", "a@b\u{0}c.no"] {
            assert!(email(bad).is_none(), "{bad:?}");
        }
    }
}
