//! One event of the log as a value.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// What happened, with what is known of it by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) fields: Vec<Named>,
}

/// A field of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// A text of the code's own, which people see in quotes; the others show as they say.
    pub(super) is_text: bool,
}

/// Names of fields by which a line is about a letter: its reference, its name in the spool, or a count of visits to its form.
const OF_A_LETTER: [&str; 3] = ["reference", "name", "visits"];

impl Line {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut line = Self {
            level: *event.metadata().level(),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut line);
        line
    }

    /// It tells of something that happened to one letter: when that was is nobody's business, also of one that must wait (a
    /// warning). What went wrong for good is an error, and told at once.
    pub(super) fn is_of_a_letter(&self) -> bool {
        let named = self.fields.iter().any(|field| OF_A_LETTER.contains(&field.name));
        named && self.level != Level::ERROR
    }

    /// Message and fields as people read them, on one line.
    pub(super) fn text(&self) -> String {
        let fields = self
            .fields
            .iter()
            .map(|field| format!(" {}={}", field.name, field.shown()));
        printable(&(self.message.clone() + &fields.collect::<String>()))
    }

    fn put(&mut self, field: &Field, value: Value, is_text: bool) {
        self.fields.push(Named {
            name: field.name(),
            value,
            is_text,
        });
    }
}

impl Named {
    /// The bare value.
    pub(super) fn bare(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    fn shown(&self) -> String {
        if self.is_text {
            format!("{:?}", self.bare())
        } else {
            self.bare()
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let said = format!("{value:?}");
        if field.name() == "message" {
            self.message = said;
        } else {
            self.put(field, said.into(), false);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = value.to_owned();
        } else {
            self.put(field, value.into(), true);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into(), false);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into(), false);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into(), false);
    }
}

/// What a mail server or a file's name brings along must neither begin a line of its own nor speak to the terminal.
fn printable(text: &str) -> String {
    let safe = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => " ".to_owned(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    safe.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A line about a letter, as the relay and the form write them.
    pub(in super::super) fn of_letter(level: Level, message: &str, reference: &str) -> Line {
        let field = |name, value: Value, is_text| Named { name, value, is_text };
        Line {
            level,
            message: message.to_owned(),
            fields: vec![
                field("reference", reference.into(), false),
                field("attempts", 2.into(), false),
            ],
        }
    }

    #[test]
    fn a_line_is_one_line_whatever_it_holds() {
        let mut line = of_letter(
            Level::WARN,
            "a letter must wait: 451 no\nERROR not ours \u{1b}[31m",
            "UJZ-52RN-FJC",
        );
        line.fields.push(Named {
            name: "name",
            value: "a\"b".into(),
            is_text: true,
        });
        let shown =
            r#"a letter must wait: 451 no ERROR not ours \u{1b}[31m reference=UJZ-52RN-FJC attempts=2 name="a\"b""#;
        assert_eq!(line.text(), shown);
    }

    #[test]
    fn an_error_about_a_letter_does_not_wait_and_a_warning_does() {
        for (level, waits) in [(Level::INFO, true), (Level::WARN, true), (Level::ERROR, false)] {
            assert_eq!(of_letter(level, "x", "UJZ-52RN-FJC").is_of_a_letter(), waits, "{level}");
        }
        let mut other = of_letter(Level::INFO, "the sandbox is closed", "x");
        other.fields.remove(0);
        assert!(!other.is_of_a_letter());
    }
}
