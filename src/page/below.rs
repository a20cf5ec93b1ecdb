//! Questions that belong to a choice stand below it, and boxes that confirm what a choice leaves open.

use std::ops::Deref;

use askama::Template;

use super::FormPage;
use crate::answer::{CONFIRM, Part};
use crate::form::{Choice, Condition, Field, Pick, Section, Shape};
use crate::i18n::fill;

/// A question below the choice that asks for it. All else it has from its page.
#[derive(Template)]
#[template(path = "below.html")]
pub struct Below<'a> {
    page: &'a FormPage<'a>,
    field: &'a Field,
}

impl<'a> Deref for Below<'a> {
    type Target = FormPage<'a>;

    fn deref(&self) -> &FormPage<'a> {
        self.page
    }
}

/// A box to tick: that something goes as it is.
pub struct Confirm<'a> {
    /// The value that it sends: the name of a field.
    pub name: &'a str,
    /// What stands beside it.
    pub label: String,
    /// Why it is there, where no question says so.
    pub problem: Option<&'a str>,
    /// It was ticked before.
    pub ticked: bool,
}

impl FormPage<'_> {
    /// Classes of what a choice asks for: `if3` shows it while a choice of the class `on3` is made, `open` in any case.
    fn classes(&self, when: Option<&Condition>, is_open: bool) -> String {
        let conditions = self.form.conditions();
        let number = when.and_then(|when| conditions.iter().position(|known| *known == when));
        let open = if is_open { " open" } else { "" };
        number.map_or_else(String::new, |number| format!("if{}{open}", number + 1))
    }

    /// Classes of a section.
    pub fn section_class(&self, section: &Section) -> String {
        let is_open = self.section_confirm(section).is_some();
        self.classes(section.shown_when.as_ref(), is_open)
    }

    /// Classes of a question below a choice.
    pub fn field_class(&self, field: &Field) -> String {
        let is_open = !self.typed.asks_for(field) && self.field_confirm(field).is_some();
        self.classes(field.required_when.as_ref(), is_open)
    }

    /// Classes of a choice: `on3` for what has the class `if3`, `ends` where the form ends with it.
    pub fn choice_class(&self, field: &Field, choice: &Choice) -> String {
        let conditions = self.form.conditions();
        let shown = conditions
            .iter()
            .zip(1..)
            .filter(|(when, _)| when.holds_for(field, choice));
        let classes = shown.map(|(_, number)| format!("on{number}"));
        let ends = choice.stops().then(|| "ends".to_owned());
        classes.chain(ends).collect::<Vec<_>>().join(" ")
    }

    /// The questions below a choice: those that it is the last to ask for. Of a drop-down all stand below the last one.
    pub fn below<'p>(&'p self, field: &Field, choice: &Choice) -> Vec<Below<'p>> {
        let folded = matches!(field.kind.shape(), Shape::Choice(Pick::Folded));
        let stands_here = |asked: &&Field| {
            let Some(when) = asked.required_when.as_ref().filter(|when| when.field == field.name) else {
                return false;
            };
            let mut asking = field.options.iter().rev();
            let last = asking.find(|other| folded || when.holds_for(field, other));
            last.is_some_and(|last| last.value == choice.value)
        };
        let asked = self.form.fields().filter(stands_here);
        asked.map(|field| Below { page: self, field }).collect()
    }

    /// Whether something stands below one of its choices.
    pub fn has_below(&self, field: &Field) -> bool {
        let own = |asked: &Field| {
            asked
                .required_when
                .as_ref()
                .is_some_and(|when| when.field == field.name)
        };
        self.form.fields().any(own)
    }

    /// The box of a section that was filled in without being asked for: sent only when the citizen says so.
    pub fn section_confirm<'s>(&'s self, section: &'s Section) -> Option<Confirm<'s>> {
        let unasked = !self.typed.asks(section);
        let confirm = self.confirm(section.name(), true, self.frame.t.confirm.to_owned())?;
        unasked.then_some(confirm)
    }

    /// The box of a question that a choice asks for: filled in though that was not made, or left empty though it was.
    pub fn field_confirm<'s>(&'s self, field: &'s Field) -> Option<Confirm<'s>> {
        let t = self.frame.t;
        field.required_when.as_ref()?;
        let label = |text| fill(text, &[("label", field.label.get(self.lang()))]);
        if !self.typed.asks_for(field) {
            return self.confirm(&field.name, true, label(t.confirm_field));
        }
        let is_left_out = !field.required && !self.typed.fills(field);
        let confirm = self.confirm(&field.name, false, label(t.confirm_without))?;
        is_left_out.then_some(confirm)
    }

    /// Nothing where there is nothing to confirm: neither a problem says so, nor was it ticked before.
    fn confirm<'s>(&'s self, name: &'s str, unasked: bool, label: String) -> Option<Confirm<'s>> {
        let ticked = self.typed.confirms(name);
        let problem = self.first_problem(name, |part| (part == Some(Part::Confirm)) == unasked);
        (ticked || problem.is_some()).then_some(Confirm {
            name,
            label,
            problem: problem.filter(|_| unasked),
            ticked,
        })
    }
}
