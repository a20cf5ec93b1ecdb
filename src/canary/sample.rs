//! What a test letter says.

use crate::answer::Typed;
use crate::form::{Form, Kind};

/// An answer for every question that must be answered.
pub fn sample(form: &Form) -> Typed {
    let mut typed = Typed::default();
    for field in form.fields().filter(|field| field.required) {
        let mut push = |name: String, value: &str| typed.push(name, value.to_owned());
        let name = field.name.clone();
        match field.kind {
            Kind::Text | Kind::Textarea => push(name, "Test"),
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
    typed
}
