//! Header values in the forms that every mail program reads: encoded words (RFC 2047), addresses (RFC 5322),
//! file names (RFC 2231 beside RFC 2047).
//!
//! Ours, and not a library's: `email-encoding` writes the same encoded words, but every name that is not ASCII as
//! `filename*0*=`, which a reader without continuations does not take, and not the pair of `name` and `filename*`.
//!
//! What goes in may hold anything; what comes out is printable ASCII in lines under 998 bytes with strict
//! CRLF, so that no value can start a header of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Bytes of text per encoded word: 45 become 60 symbols, 72 with `=?utf-8?B?` and `?=` (75 is the most).
const WORD: usize = 45;
/// Symbols of a file name per RFC 2231 segment, far below any line limit.
const SEGMENT: usize = 60;

/// An unstructured value such as a Subject: as it is when short and printable, else in encoded words.
pub fn unstructured(text: &str) -> String {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    // `=?` could be taken for an encoded word; blanks at the ends would be lost in folding.
    if printable && text.len() <= 60 && !text.contains("=?") && text.trim() == text {
        return text.to_owned();
    }
    encoded_words(text)
}

/// `Name <address>`. The address was checked when the configuration was read.
pub fn mailbox(name: &str, address: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " -".contains(c);
    match name {
        "" => address.to_owned(),
        _ if name.chars().all(plain) && name.len() <= 60 => format!("{name} <{address}>"),
        _ => format!("{} <{address}>", encoded_words(name)),
    }
}

/// The `name` parameter of Content-Type and the `filename` parameter of Content-Disposition.
pub fn file_name(name: &str) -> (String, String) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
    if name.chars().all(plain) && name.len() <= SEGMENT {
        return (format!("name=\"{name}\""), format!("filename=\"{name}\""));
    }
    let word = encoded_words(name);
    (format!("name=\"{word}\""), extended_file_name(name))
}

/// `filename*` (RFC 2231), in continuations when it is long. A segment ends between characters: some readers
/// decode each by itself.
fn extended_file_name(name: &str) -> String {
    let mut segments = vec![String::new()];
    for c in name.chars() {
        let mut bytes = [0; 4];
        let piece: String = match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c.into(),
            _ => c
                .encode_utf8(&mut bytes)
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect(),
        };
        if segments.last().is_some_and(|last| last.len() + piece.len() > SEGMENT) {
            segments.push(String::new());
        }
        if let Some(last) = segments.last_mut() {
            last.push_str(&piece);
        }
    }
    if let [only] = segments.as_slice() {
        return format!("filename*=UTF-8''{only}");
    }
    let number = |(i, segment): (usize, &String)| {
        let charset = if i == 0 { "UTF-8''" } else { "" };
        format!("filename*{i}*={charset}{segment}")
    };
    let parameters: Vec<_> = segments.iter().enumerate().map(number).collect();
    parameters.join(";\r\n ")
}

/// On lines of their own, so that none is too long.
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(WORD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        words.push(format!("=?utf-8?B?{}?=", BASE64.encode(&rest[..end])));
        rest = &rest[end..];
    }
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_stay_readable() {
        assert_eq!(
            unstructured("Ny henvendelse K7F-3K9Q-2MX"),
            "Ny henvendelse K7F-3K9Q-2MX"
        );
        assert_eq!(mailbox("Postmottak", "p@x.no"), "Postmottak <p@x.no>");
        assert_eq!(file_name("brev.pdf").1, "filename=\"brev.pdf\"");
    }

    #[test]
    fn no_value_can_start_a_header() {
        let evil = "a\r\nBcc: x@y.no\r\n\r\n\"; name=ø";
        for value in [
            unstructured(evil),
            mailbox(evil, "p@x.no"),
            file_name(evil).0,
            file_name(evil).1,
        ] {
            let unfolded = value.replace("\r\n ", "");
            assert!(!unfolded.contains(['\r', '\n']), "{value:?}");
            assert!(value.is_ascii());
            assert!(value.lines().all(|line| line.len() < 100), "{value:?}");
        }
    }

    /// Values that come back as they were, from a reader that is not ours.
    #[cfg(feature = "read")]
    #[test]
    fn readers_get_back_what_went_in() {
        use mail_parser::{Address, MessageParser, MimeHeaders};
        let long = "Vedlegg til klagen på vedtaket frå Ås – side ".repeat(4);
        for text in [
            "brev.pdf",
            "brev på nynorsk.pdf",
            "Æøå ŋđŧ 😀 «x».pdf",
            "字".repeat(80).as_str(),
            "=?x?=",
            "a%20b.pdf",
            "it's, a; name.pdf",
            long.trim(),
        ] {
            let (name, disposition) = file_name(text);
            let (subject, from) = (unstructured(text), mailbox(text, "p@x.example"));
            let head = format!(
                "Subject: {subject}\r\nFrom: {from}\r\nContent-Type: application/pdf;\r\n {name}\r\nContent-Disposition: attachment;\r\n {disposition}\r\n\r\n"
            );
            assert!(head.is_ascii() && head.lines().all(|line| line.len() < 100), "{head}");
            let message = MessageParser::default().parse_headers(head.as_bytes()).unwrap();
            assert_eq!(message.attachment_name(), Some(text));
            assert_eq!(message.content_type().unwrap().attribute("name"), Some(text), "{head}");
            assert_eq!(message.subject(), Some(text));
            let Some(Address::List(from)) = message.from() else {
                panic!("{head}")
            };
            assert_eq!(from[0].name.as_deref(), Some(text), "{head}");
            assert_eq!(from[0].address.as_deref(), Some("p@x.example"));
        }
    }

    #[test]
    fn each_value_in_its_simplest_form() {
        for (text, subject, disposition) in [
            ("brev.pdf", "brev.pdf", "filename=\"brev.pdf\""),
            ("på.pdf", "=?utf-8?B?cMOlLnBkZg==?=", "filename*=UTF-8''p%C3%A5.pdf"),
            // Would be taken for an encoded word, or lost its blank.
            ("=?x", "=?utf-8?B?PT94?=", "filename*=UTF-8''%3D%3Fx"),
            (" x", "=?utf-8?B?IHg=?=", "filename=\" x\""),
            // A quote and a backslash would end or escape in a quoted string.
            ("a\"b\\", "a\"b\\", "filename*=UTF-8''a%22b%5C"),
            ("", "", "filename=\"\""),
        ] {
            assert_eq!(unstructured(text), subject, "{text:?}");
            assert_eq!(file_name(text).1, disposition, "{text:?}");
        }
        assert_eq!(mailbox("", "p@x.no"), "p@x.no");
        assert_eq!(mailbox("A, B", "p@x.no"), "=?utf-8?B?QSwgQg==?= <p@x.no>");
    }

    #[test]
    fn long_names_continue() {
        let (_, disposition) = file_name(&"ŋđŧ😀".repeat(30));
        assert!(disposition.contains("filename*0*=UTF-8''"));
        assert!(disposition.contains("filename*1*="));
        for segment in disposition.split("\r\n ") {
            let encoded = segment.trim_end_matches(';').rsplit(['=', '\'']).next().unwrap();
            let bytes: Vec<u8> = encoded
                .split('%')
                .skip(1)
                .map(|hex| u8::from_str_radix(hex, 16).unwrap())
                .collect();
            assert!(std::str::from_utf8(&bytes).is_ok(), "{segment}");
        }
    }
}
