//! The privacy notice: what article 13 of the GDPR wants people to be told before they write.

use crate::form::Form;
use crate::i18n::Catalog;

/// Headings and texts, in the order in which they are shown.
pub(super) fn notice<'a>(t: &'static Catalog, form: &'a Form) -> [(&'static str, &'a str); 9] {
    let notice = &form.privacy;
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
