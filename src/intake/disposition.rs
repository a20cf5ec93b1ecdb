//! Name and file name of a part, as browsers write them (HTML, "multipart/form-data"), and nothing else.
//!
//! `form-data; name="…"` and perhaps `filename="…"`. What stands between the quotes is meant as it is: browsers write a
//! quote as %22, and a backslash as itself. Whatever two readers could take for two different things is refused: a name
//! twice, a second header, `filename*` (RFC 7578 forbids it), words outside of quotes that are more than a word.

use axum::http::{HeaderMap, header};

/// Holds a citizen's file name: only tests print or compare it.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(super) struct Disposition {
    pub(super) name: String,
    pub(super) file: Option<String>,
}

impl Disposition {
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::CONTENT_DISPOSITION).into_iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return None;
        };
        Self::read(&String::from_utf8_lossy(value.as_bytes()))
    }

    fn read(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked("form-data".len())?;
        if !kind.eq_ignore_ascii_case("form-data") {
            return None;
        }
        let (mut name, mut file) = (None, None);
        let mut rest = rest.trim();
        while !rest.is_empty() {
            let (key, after) = rest.strip_prefix(';')?.trim_start().split_once('=')?;
            let (value, after) = value(after)?;
            let field = match key.to_ascii_lowercase().as_str() {
                "name" => &mut name,
                "filename" => &mut file,
                _ => return None,
            };
            if field.replace(value.to_owned()).is_some() {
                return None;
            }
            rest = after.trim_start();
        }
        name.map(|name| Self { name, file })
    }
}

/// A value and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"');
    }
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = text.find(|c| !in_word(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_header_and_no_more() {
        let of = |values: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_DISPOSITION, HeaderValue::from_bytes(value).unwrap());
            }
            Disposition::of(&headers).map(|found| found.name)
        };
        assert_eq!(of(&[b"form-data; name=\"a\""]), Some("a".to_owned()));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[b"form-data; name=\"a\"", b"form-data; name=\"a\""]), None);
        let not_utf8 = of(&[b"form-data; name=\"\xff\""]);
        assert_eq!(not_utf8, Some("\u{fffd}".to_owned()), "a name that no form has");
    }

    #[test]
    fn what_browsers_write_is_read() {
        let read = |text: &str| Disposition::read(text).map(|found| (found.name, found.file));
        let both = |name: &str, file: Option<&str>| Some((name.to_owned(), file.map(str::to_owned)));
        assert_eq!(read("form-data; name=\"a b;=\""), both("a b;=", None));
        assert_eq!(
            read("Form-Data;name=a; filename=\"C:\\x%22y\""),
            both("a", Some("C:\\x%22y"))
        );
        assert_eq!(
            read("form-data; filename=\"\"; NAME=\"; filename=x\""),
            both("; filename=x", Some(""))
        );
        assert_eq!(read("form-data; name=\"æ😀\""), both("æ😀", None));
        assert_eq!(read("form-data; name=\"a\\\"; filename=\"b\""), both("a\\", Some("b")));
        for wrong in [
            "",
            "form-data",
            "form-data; filename=\"a\"",
            "attachment; name=\"a\"",
            "form-datax; name=\"a\"",
            "form-data name=\"a\"",
            "form-data; name=",
            "form-data; name=\"a",
            "form-data; name=\"a\"b",
            "form-data; name=a\"",
            "form-data; name=\"a\"; name=\"b\"",
            "form-data; name=\"a\"; filename=\"b\"; filename*=utf-8''c",
            "form-data; name=\"a\"; x=y",
            "form-data; name =\"a\"",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
