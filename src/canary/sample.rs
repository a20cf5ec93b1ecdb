//! What a test letter says.

use crate::answer::{CONFIRM, Typed};
use crate::form::{Field, Form, Shape};

/// An answer for every question that must be answered. What decides whether a section or a field is asked stands above it.
pub fn sample(form: &Form) -> Typed {
    let mut typed = Typed::default();
    for section in &form.sections {
        if !typed.asks(section) {
            continue;
        }
        for field in &section.fields {
            if (field.required || field.required_when.is_some()) && typed.asks_for(field) {
                answer(field, &mut typed);
                // A test letter may come without a file, where the mailbox takes none.
                if field.is_for_files() {
                    typed.push(CONFIRM.into(), field.name.clone());
                }
            }
        }
    }
    typed
}

fn answer(field: &Field, typed: &mut Typed) {
    let mut push = |name: String, value: &str| typed.push(name, value.to_owned());
    let name = field.name.clone();
    match field.kind.shape() {
        Shape::Line(line) => push(name, within(line.sample, field.max)),
        Shape::Lines => push(name, within("Test", field.max)),
        Shape::Day => {
            for (part, value) in [("day", "1"), ("month", "1"), ("year", "2026")] {
                push(format!("{name}_{part}"), value);
            }
        }
        Shape::Choice(_) => {
            let first = field.options.iter().find(|choice| !choice.stops());
            push(name, first.map_or("", |choice| &choice.value));
        }
        Shape::Files | Shape::Nothing => {}
    }
}

/// Samples are ASCII, so that any place in them is one to cut at.
fn within(sample: &'static str, max: usize) -> &'static str {
    sample.get(..max).unwrap_or(sample)
}
