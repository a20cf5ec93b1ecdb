//! The copy of what was sent: shown once, to whoever has just sent it.

use askama::Template;

use super::Frame;
use crate::form::Form;
use crate::i18n::size;

/// Questions with their answers, and names and sizes of files.
#[derive(Template)]
#[template(path = "copy.html")]
pub struct Copy<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// Form that it was written in.
    pub form: &'a Form,
    /// Number for people.
    pub reference: &'a str,
    /// When it came, by the minute, where the authority is.
    pub received: &'a str,
    /// Each question that was answered, with what was answered.
    pub answers: &'a [(String, Vec<String>)],
    /// Name and bytes of each file.
    pub files: &'a [(String, u64)],
    /// Back to the receipt.
    pub back: String,
}

impl Copy<'_> {
    /// Neutral, as that of the form.
    pub fn title(&self) -> &str {
        self.form.title.get(self.frame.t.lang.code())
    }

    /// Bytes as people read them.
    pub fn size(&self, bytes: &u64) -> String {
        size(self.frame.t.lang, *bytes)
    }
}
