//! The outer header fields held against the sealed ones.
//!
//! Outer fields can be forged; a difference is reported. What mail systems change without harm is none: a line below every
//! letter of a house would hide the one that matters.

use jiff::Timestamp;
use konvolutt_letter::{fill, printable};

use crate::i18n::Lang;
use crate::i18n::letters::TEXTS;

type Fields = [(String, String)];

/// A sentence for each field that differs. Some differences have an honest reason in a genuine letter: one that waits goes
/// out with the address, name and words that the relay's configuration has by then.
pub(crate) fn mismatches(outer: &Fields, protected: &Fields, genuine: bool, lang: Lang) -> Vec<String> {
    let texts = &TEXTS.of(lang).remarks;
    let mut out = Vec::new();
    for name in ["from", "to", "date", "message-id", "subject"] {
        // The outer Subject is another one on purpose; the letter says which.
        let inner = field(protected, if name == "subject" { "hp-outer-subject" } else { name });
        let (Some(inner), Some(outer)) = (inner, field(outer, name)) else {
            continue;
        };
        if same(name, inner, outer) {
            continue;
        }
        let values = [
            ("field", name),
            ("outer", &printable(outer)),
            ("inner", &printable(inner)),
        ];
        let mut sentence = fill(texts.header, &values);
        if genuine && matches!(name, "from" | "to" | "subject") {
            sentence.push_str(texts.header_of_operator);
        }
        out.push(sentence);
    }
    out
}

/// The value of a field.
pub(crate) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn same(name: &str, one: &str, other: &str) -> bool {
    match name {
        "date" => match (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        },
        "from" | "to" => address(one) == address(other),
        "message-id" => bare(one) == bare(other),
        _ => one.split_whitespace().eq(other.split_whitespace()),
    }
}

fn bare(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>')
}

/// The address without a display name; capitals do not matter in a domain.
fn address(value: &str) -> String {
    let address = value.rsplit_once('<').map_or(value, |(_, address)| address);
    let address = address.trim().trim_end_matches('>');
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, inner: &str, outer: &str) -> usize {
        let inner_name = if name == "subject" { "hp-outer-subject" } else { name };
        let fields = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        mismatches(&fields(name, outer), &fields(inner_name, inner), true, Lang::Nb).len()
    }

    #[test]
    fn what_mail_systems_change_is_no_difference() {
        for (name, inner, outer) in [
            ("date", "2026-02-01T10:00:00+01:00", "2026-02-01T09:00:00Z"),
            ("to", "post@x.example", "Postmottak <post@X.Example>"),
            ("from", "Sikkert skjema <a@x.example>", "a@x.example"),
            ("message-id", "a@b", "<a@b>"),
            ("subject", "Nytt brev", "Nytt  brev"),
        ] {
            assert_eq!(one(name, inner, outer), 0, "{name}");
        }
    }

    #[test]
    fn a_real_difference_is_told() {
        for (name, inner, outer) in [
            ("date", "2026-02-01T10:00:00+01:00", "2026-02-01T10:00:00Z"),
            ("to", "post@x.example", "post <post@y.example>"),
            ("from", "a@x.example", "A@x.example"),
            ("message-id", "a@b", "<c@b>"),
            ("subject", "Nytt brev", "Svar"),
        ] {
            assert_eq!(one(name, inner, outer), 1, "{name}");
        }
    }
}
