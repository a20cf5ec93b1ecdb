//! Dates, typed into three boxes.

use super::rules::{DATE_PARTS, Judge, blank, without_marks};
use super::{Answer, Part};
use crate::form::Field;
use crate::form::values::{compact, is_unseen};

/// The boxes as problems name them: the first stands for the whole question.
const PLACES: [Option<Part>; 3] = [None, Some(Part::Month), Some(Part::Year)];

impl Judge<'_> {
    pub(super) fn date(&mut self, field: &Field, label: &str) -> Answer {
        let mut answer = blank(field, label);
        let part = |part| format!("{}_{part}", field.name);
        let parts = DATE_PARTS.map(|name| without_marks(&self.single(&part(name), field, label)));
        let parts = parts.each_ref().map(|part| part.trim());
        if parts.iter().all(|part| part.is_empty()) {
            return answer;
        }
        answer.values.push(parts.join("."));
        if parts.iter().any(|part| part.contains(is_unseen)) {
            self.problem(&field.name, self.t.bad_character, &[("label", label)]);
        } else if let Some(day) = self.day(field, label, parts) {
            answer.normalised.push(day.to_string());
        }
        answer
    }

    /// The day, or a problem at the first box that keeps it from being one.
    fn day(&mut self, field: &Field, label: &str, parts: [&str; 3]) -> Option<jiff::civil::Date> {
        let names = [self.t.day, self.t.month, self.t.year].map(str::to_lowercase);
        let mut numbers = [0i16; 3];
        for (i, most) in [31, 12, 9999].into_iter().enumerate() {
            let number = compact(parts[i]).parse().ok();
            let least = if i == 2 { 1000 } else { 1 };
            let fits = number.filter(|number| (least..=most).contains(number));
            let (most, part) = (most.to_string(), names[i].as_str());
            let text = match fits {
                Some(number) => {
                    numbers[i] = number;
                    continue;
                }
                None if parts[i].is_empty() => self.t.date_part_missing,
                None if i == 2 => self.t.bad_year,
                None => self.t.bad_date_part,
            };
            let values = [("label", label), ("part", part), ("max", most.as_str())];
            self.problem_in(&field.name, PLACES[i], text, &values);
            return None;
        }
        let [day, month, year] = numbers;
        let found = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
        if found.is_none() {
            let typed = format!("{day}.{month}.{year}");
            self.problem(&field.name, self.t.bad_date, &[("label", label), ("date", &typed)]);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::{Limits, Typed, judge};
    use crate::form::{self, Form};
    use crate::i18n::Lang;

    fn form() -> Form {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/forms/klage.toml");
        form::read(&path, &Lang::spoken(), jiff::civil::date(2026, 11, 22), &mut Vec::new()).unwrap()
    }

    /// The day of the decision, or where its problem leads.
    fn day(parts: [&str; 3]) -> Result<Vec<String>, String> {
        let mut typed = Typed::default();
        let names = ["vedtaksdato_day", "vedtaksdato_month", "vedtaksdato_year"];
        let rest = [("kommune", "Bodø"), ("klage", "Ei klage."), ("grunn", "vedtak")];
        for (name, value) in names.into_iter().zip(parts).chain(rest) {
            typed.push(name.into(), value.into());
        }
        let judged = judge(&form(), &typed, &[], Limits { files_total: 0 }, Lang::NB.catalog());
        match judged {
            Ok(answers) => {
                let own = answers.iter().find(|answer| answer.name == "vedtaksdato");
                Ok(own.map(|answer| answer.normalised.clone()).unwrap_or_default())
            }
            Err(problems) => Err(problems[0].place().unwrap_or_default()),
        }
    }

    #[test]
    fn a_day_is_one_that_there_is() {
        for (parts, found) in [
            (["1", "2", "2026"], "2026-02-01"),
            ([" 01 ", "02.", "2026"], "2026-02-01"),
            (["29", "2", "2024"], "2024-02-29"),
            (["\u{200E}٣١", "١٢", "٢٠٢٥"], "2025-12-31"),
        ] {
            assert_eq!(day(parts), Ok(vec![found.to_owned()]), "{parts:?}");
        }
        assert_eq!(day(["", " ", ""]), Ok(Vec::new()), "not answered");
        for (parts, place) in [
            (["29", "2", "2026"], "vedtaksdato"),
            (["31", "4", "2026"], "vedtaksdato"),
            (["32", "1", "2026"], "vedtaksdato"),
            (["0", "1", "2026"], "vedtaksdato"),
            (["", "1", "2026"], "vedtaksdato"),
            (["1", "13", "2026"], "vedtaksdato-month"),
            (["1", "mai", "2026"], "vedtaksdato-month"),
            (["1", "1", "26"], "vedtaksdato-year"),
            (["1", "1", ""], "vedtaksdato-year"),
            (["1", "1", "99999999999"], "vedtaksdato-year"),
        ] {
            assert_eq!(day(parts), Err(place.to_owned()), "{parts:?}");
        }
    }
}
