//! Dates, typed into three boxes.

use super::rules::{DATE_PARTS, Judge, blank};
use super::values::{compact, is_unseen};
use super::{Answer, Part};
use crate::form::Field;

/// The boxes as problems name them: the first stands for the whole question.
const PLACES: [Option<Part>; 3] = [None, Some(Part::Month), Some(Part::Year)];

impl Judge<'_> {
    pub(super) fn date(&mut self, field: &Field, label: &str) -> Answer {
        let mut answer = blank(field, label);
        let part = |part| format!("{}_{part}", field.name);
        let parts = DATE_PARTS.map(|name| self.single(&part(name), field, label));
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
