//! A long form in steps.

use super::FormPage;
use crate::form::{Section, Step};
use crate::i18n::{fill, number};

impl FormPage<'_> {
    /// What stands in a step.
    pub fn sections_of(&self, step: &Step) -> &[Section] {
        &self.form.sections[step.sections.clone()]
    }

    /// Which step of how many.
    pub fn step_of(&self, step: &usize) -> String {
        let t = self.frame.t;
        let (n, all) = (number(t.lang, *step), number(t.lang, self.form.steps.len()));
        fill(t.step_of, &[("n", &n), ("all", &all)])
    }
}
