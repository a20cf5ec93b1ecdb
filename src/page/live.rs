//! What the scripts need to know. They hold no text of their own: it stands in `data-` attributes of the page.

use super::FormPage;
use crate::form::Field;
use crate::i18n::{fill, size};

/// What the script accepts as an answer: only where the 303 leads. The page there is for the reader, and may open once.
pub const WHERE: &str = "text/uri-list";
/// Seconds without a byte moving after which the script gives up. Longer than the server waits, which knows better.
pub const PATIENCE: u32 = 60;

impl FormPage<'_> {
    /// Names and values of the `data-` attributes of a file control.
    pub fn file_words(&self, field: &Field) -> Vec<(&'static str, String)> {
        let t = self.frame.t;
        let limit = size(t.lang, self.files_total);
        let with_limit = |text| fill(text, &[("size", &limit)]);
        let many = t.too_many_files.of(t.lang, field.max as u64);
        vec![
            ("limit", self.files_total.to_string()),
            ("most", field.max.to_string()),
            ("large", with_limit(t.file_too_large)),
            ("together", with_limit(t.files_too_large)),
            ("many", fill(many, &[("n", &field.max.to_string())])),
            ("empty", t.file_empty.to_owned()),
            ("unreadable", t.live_file_unreadable.to_owned()),
            ("remove", t.live_file_remove.to_owned()),
            ("removed", t.live_file_removed.to_owned()),
            ("used", fill(t.live_files_used, &[("limit", &limit)])),
        ]
    }
}
