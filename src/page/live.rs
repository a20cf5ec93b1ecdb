//! What the scripts need to know. They hold no text of their own: it stands in `data-` attributes of the page.

use super::FormPage;
use crate::form::Field;
use crate::i18n::{fill, size};

/// What the script accepts as an answer: only where the 303 leads. The page there is for the reader, and may open once.
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
            ("together", with_limit(t.files_too_large)),
            ("many", fill(many, &[("n", &field.max.to_string())])),
            ("empty", t.file_empty.to_owned()),
            ("types", field.endings().join(" ")),
            ("type", fill(t.file_type, &[("types", &field.types.join(", "))])),
            ("unreadable", t.live_file_unreadable.to_owned()),
            ("remove", t.live_file_remove.to_owned()),
            ("removed", t.live_file_removed.to_owned()),
            ("used", fill(t.live_files_used, &[("limit", &limit)])),
        ];
        if field.types.is_empty() {
            words.retain(|(name, _)| !name.starts_with("type"));
        }
        words
    }
}
