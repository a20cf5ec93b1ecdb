//! The privacy notice: what article 13 of the GDPR wants people to be told before they write.

use askama::Template;

use super::{Frame, INFO_PAGE, SWITCH};
use crate::answer::Typed;
use crate::form::Form;

/// Who is responsible, what for, for how long, and what people can ask for.
#[derive(Template)]
#[template(path = "privacy.html")]
pub struct PrivacyPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// The form it belongs to.
    pub form: &'a Form,
    /// What was typed there.
    pub carried: &'a Typed,
}

impl PrivacyPage<'_> {
    /// Headings and texts.
    pub fn parts(&self) -> [(&'static str, &str); 9] {
        let (t, notice) = (self.frame.t, &self.form.privacy);
        let parts = [
            (t.privacy_controller, &notice.controller),
            (t.privacy_dpo, &notice.dpo),
            (t.privacy_purpose, &notice.purpose),
            (t.privacy_legal_basis, &notice.legal_basis),
            (t.privacy_recipients, &notice.recipients),
            (t.privacy_storage, &notice.storage),
            (t.privacy_voluntary, &notice.voluntary),
            (t.privacy_rights, &notice.rights),
            (t.privacy_complaint, &notice.complaint),
        ];
        parts.map(|(heading, text)| (heading, text.get(t.lang.code())))
    }
}
