//! What a test letter says.

use crate::answer::Typed;
use crate::form::{Field, Form, Kind};

/// An answer for every question that must be answered. What decides whether a section is asked stands above it.
pub fn sample(form: &Form) -> Typed {
    let mut typed = Typed::default();
    for section in &form.sections {
        if typed.asks(section) {
            let required = section.fields.iter().filter(|field| field.required);
            required.for_each(|field| answer(field, &mut typed));
        }
    }
    typed
}

fn answer(field: &Field, typed: &mut Typed) {
    let mut push = |name: String, value: &str| typed.push(name, value.to_owned());
    let name = field.name.clone();
    match field.kind {
        Kind::Text | Kind::Textarea => push(name, &"Test"[..field.max.min(4)]),
        Kind::Email => push(name, "test@example.org"),
        Kind::Phone => push(name, "22 22 22 22"),
        Kind::NationalId => push(name, "010107 50160"),
        Kind::PostalCode => push(name, "8002"),
        Kind::Date => {
            for (part, value) in [("day", "1"), ("month", "1"), ("year", "2026")] {
                push(format!("{name}_{part}"), value);
            }
        }
        Kind::Select | Kind::Radio | Kind::Checkboxes => {
            let first = field.options.first();
            push(name, first.map_or("", |choice| &choice.value));
        }
        Kind::File | Kind::Info => {}
    }
}
