//! The receipt: a reference, what happens next, whom to phone; nothing of what was written.

use askama::Template;

use super::Frame;
use crate::form::{Form, Phone};

/// Shown once a letter is sealed and on disk. Stateless: it tells only what its address says.
#[derive(Template)]
#[template(path = "receipt.html")]
pub struct Receipt<'a> {
    /// What stands around it. Its stylesheet is the one that also empties the browser's cache.
    pub frame: Frame,
    /// Number for people, `K7F-3K9Q-2MX`.
    pub reference: &'a str,
    /// Form that it was written in, when known.
    pub form: Option<&'a Form>,
}

impl Receipt<'_> {
    /// Whom to phone.
    pub fn phones(&self) -> &[Phone] {
        self.form.map_or(&[], |form| &form.help.phones)
    }
}
