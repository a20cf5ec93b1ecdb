//! What the scripts need to know. They hold no text of their own: it stands in `data-` attributes of the page.

use super::FormPage;
use crate::answer::unanswered;
use crate::form::{Field, Shape};
use crate::i18n::{fill, number, size};

/// What the script accepts as an answer: a form that is to be corrected, or only where the receipt is, which is a page for
/// the reader.
pub const LIVE: &str = "text/uri-list, text/html;q=0.9";
/// What it accepted before: only where the 303 leads. Pages that were open when the program was updated still ask so.
pub const WHERE: &str = "text/uri-list";
/// Seconds without a byte moving after which the script gives up. Longer than the server waits, which knows better.
pub const PATIENCE: u32 = 60;

impl FormPage<'_> {
    /// Which kinds of files are taken, said before any is chosen.
    pub fn file_types(&self, field: &Field) -> String {
        let t = self.frame.t;
        if field.types.is_empty() {
            t.files_of_any_type.to_owned()
        } else {
            fill(t.files_types, &[("types", &field.types.join(", "))])
        }
    }

    /// The same for the browser's own window, which then shows these first.
    pub fn accept(&self, field: &Field) -> String {
        let endings: Vec<_> = field.endings().iter().map(|ending| format!(".{ending}")).collect();
        endings.join(",")
    }

    /// What is said of a field that is left empty or holds too much, as the server would say it: so the script can say it
    /// before anything travels. `{n}` is how much it holds.
    pub fn checks(&self, field: &Field) -> Vec<(&'static str, String)> {
        let t = self.frame.t;
        let label = field.label.get(self.lang());
        let shape = field.kind.shape();
        let mut words = Vec::new();
        if field.required {
            words.push(("missing", fill(unanswered(shape, t), &[("label", label)])));
        }
        if matches!(shape, Shape::Lines | Shape::Line(_)) {
            let max = number(t.lang, field.max);
            words.push(("most", field.max.to_string()));
            words.push(("long", fill(t.too_long, &[("label", label), ("max", &max)])));
        }
        words
    }

    /// Names and values of the `data-` attributes beside the button that sends: the script's own words.
    pub fn live_words(&self) -> Vec<(&'static str, String)> {
        let t = self.frame.t;
        let language = t.lang.language();
        let texts = [
            ("decimal", language.decimal),
            ("group", language.group),
            ("error", t.error_prefix),
            ("kept", t.problems_kept),
            ("left", t.live_left),
            ("over", t.live_over),
            ("files", t.live_files_wrong),
            ("progress", t.live_progress),
            ("sending", t.live_sending),
            ("button", t.live_sending_button),
            ("amount", t.live_amount),
            ("part", t.live_part),
            ("wait", t.live_wait),
            ("cancel", t.live_cancel),
            ("cancelled", t.live_cancelled),
            ("unsure", t.live_unsure),
            ("unturned", t.live_unturned),
        ];
        let texts = texts.map(|(name, text)| (name, text.to_owned()));
        texts.into_iter().chain([("heads", self.headings())]).collect()
    }

    /// Headings of a list of problems, a line for each form that the language has for counting, with the least count that
    /// takes it.
    pub fn headings(&self) -> String {
        let t = self.frame.t;
        let heading = |count| t.problems.of(t.lang, count);
        let counts = 1..=self.form.fields().count() as u64;
        let new = counts.filter(|count| *count == 1 || heading(*count) != heading(count - 1));
        let lines: Vec<_> = new.map(|count| format!("{count} {}", heading(count))).collect();
        lines.join("\n")
    }

    /// Names and values of the `data-` attributes of a file control.
    pub fn file_words(&self, field: &Field) -> Vec<(&'static str, String)> {
        let t = self.frame.t;
        let limit = size(t.lang, self.files_total);
        let with_limit = |text| fill(text, &[("size", &limit)]);
        let many = t.too_many_files.of(t.lang, field.max as u64);
        let mut words = vec![
            ("limit", self.files_total.to_string()),
            ("most", field.max.to_string()),
            ("large", with_limit(t.file_too_large)),
            ("together", with_limit(t.files_too_large)), // with a place left for the sum
            ("many", fill(many, &[("n", &field.max.to_string())])),
            ("empty", t.file_empty.to_owned()),
            ("types", field.endings().join(" ")),
            ("type", fill(t.file_type, &[("types", &field.types.join(", "))])),
            ("unreadable", t.live_file_unreadable.to_owned()),
            ("remove", t.live_file_remove.to_owned()),
            ("removed", t.live_file_removed.to_owned()),
            ("used", fill(t.live_files_used, &[("limit", &limit)])),
            ("choose", t.live_choose.of(t.lang, field.max as u64).to_owned()),
            ("place", t.live_picture_place.to_owned()),
            ("smaller", t.live_picture_smaller.to_owned()),
            ("all", t.live_pictures_smaller.to_owned()),
            ("lost", t.live_picture_lost.to_owned()),
            ("original", t.live_picture_original.to_owned()),
            ("made", t.live_picture_made.to_owned()),
            ("unmade", t.live_picture_unmade.to_owned()),
        ];
        if field.types.is_empty() {
            words.retain(|(name, _)| !name.starts_with("type"));
        }
        words
    }
}
