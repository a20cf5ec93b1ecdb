//! A line for programs: one JSON object, with `time`, `level`, `message` and each field by its name.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::line::Line;
use crate::unix_time::minute_text;

pub(super) fn text(line: &Line, now: SystemTime) -> String {
    let own = [
        ("time", minute_text(now)),
        ("level", line.level.as_str().to_ascii_lowercase()),
        ("message", line.message.clone()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), Value::String(value)));
    let fields = line
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), field.value.clone()));
    Value::Object(fields.chain(own).collect::<Map<_, _>>()).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use tracing::Level;

    use super::super::line::tests::of_letter;
    use super::*;

    #[test]
    fn it_is_one_object_on_one_line_with_its_fields_as_they_are() {
        let now = UNIX_EPOCH + Duration::from_secs(1_795_308_137);
        let text = text(&of_letter(Level::WARN, "451 \"no\"\nmore", "UJZ-52RN-FJC"), now);
        assert!(!text.contains('\n'));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "time": "2026-11-22T00:42Z", "level": "warn", "message": "451 \"no\"\nmore",
                "reference": "UJZ-52RN-FJC", "attempts": 2,
            })
        );
    }
}
