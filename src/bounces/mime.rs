//! As much of MIME as a report of a mail server needs (RFC 2045, RFC 2046, RFC 5322).
//!
//! Anybody can send such a mail: nesting, the number of parts and of fields are bounded, no step looks at a byte more often
//! than there are levels, and what is malformed reads as less, never as an error.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// A report has its parts at the second level; gateways put one more around it, Google two around its text.
const DEEPEST: usize = 5;
const MOST_PARTS: usize = 64;
const MOST_FIELDS: usize = 500;

const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// A mail, or a part of one.
pub(super) struct Part<'a> {
    /// Names in lower case, values in one line.
    fields: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// A head, an empty line, and the rest.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let mut rest = bytes;
        let mut fields: Vec<(String, String)> = Vec::new();
        while let Some((line, after)) = line(rest) {
            rest = after;
            if line.is_empty() {
                break;
            }
            let text = String::from_utf8_lossy(line);
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':')
                && fields.len() < MOST_FIELDS
            {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self { fields, body: rest }
    }

    /// Values of a field, by its name in lower case.
    pub(super) fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = self.fields.iter().filter(move |(own, _)| own == name);
        own.map(|(_, value)| value.as_str())
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields(name).next()
    }

    /// `multipart/report` and the like; without the field it is text.
    pub(super) fn kind(&self) -> String {
        let field = self.field("content-type").unwrap_or("text/plain");
        let kind = field.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// What the body says, without its encoding.
    pub(super) fn content(&self) -> Vec<u8> {
        let encoding = self.field("content-transfer-encoding").unwrap_or_default();
        match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => from_base64(self.body),
            "quoted-printable" => from_quoted_printable(self.body),
            _ => self.body.to_vec(),
        }
    }

    /// Every part that has none itself, in their order. A mail within the mail is one part.
    pub(super) fn leaves(self) -> Vec<Part<'a>> {
        let mut leaves = Vec::new();
        let mut open = vec![(0, self)];
        while let Some((depth, part)) = open.pop() {
            match part.boundary().filter(|_| depth < DEEPEST) {
                Some(boundary) => {
                    let inner = split(part.body, &boundary).into_iter().rev();
                    open.extend(inner.map(|inner| (depth + 1, Part::read(inner))));
                }
                None if leaves.len() < MOST_PARTS => leaves.push(part),
                None => break,
            }
        }
        leaves
    }

    /// What stands between the parts of a multipart.
    fn boundary(&self) -> Option<String> {
        let is_multipart = self.kind().starts_with("multipart/");
        let found = parameter(self.field("content-type")?, "boundary");
        found.filter(|boundary| is_multipart && !boundary.is_empty())
    }
}

/// A parameter of a field such as Content-Type, quoted or not.
fn parameter(field: &str, name: &str) -> Option<String> {
    let (mut quoted, mut escaped) = (false, false);
    let pieces = field.split(|c: char| {
        let ends = c == ';' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    pieces.skip(1).find_map(|piece| {
        let (own, value) = piece.split_once('=')?;
        let is_it = own.trim().eq_ignore_ascii_case(name);
        let value = value.trim();
        let inner = value.strip_prefix('"').and_then(|value| value.split('"').next());
        is_it.then(|| {
            inner
                .or_else(|| value.split_whitespace().next())
                .unwrap_or_default()
                .to_owned()
        })
    })
}

/// The parts between lines that begin with the boundary (RFC 2046 §5.1.1); the last may have been cut.
fn split<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mark = [b"--", boundary.as_bytes()].concat();
    let (mut parts, mut begun, mut rest) = (Vec::new(), None, body);
    while let Some((line, after)) = line(rest) {
        let follows = line.strip_prefix(mark.as_slice()).map(<[u8]>::trim_ascii_end);
        if let Some(end @ (b"" | b"--")) = follows {
            if let Some(begin) = begun.take() {
                let length = body.len() - rest.len() - begin;
                parts.push(&body[begin..begin + length]);
            }
            if end == b"--" || parts.len() >= MOST_PARTS {
                return parts;
            }
            begun = Some(body.len() - after.len());
        }
        rest = after;
    }
    parts.extend(begun.and_then(|begin| body.get(begin..)));
    parts
}

/// One line without its end, and what follows; `None` at the end of all.
pub(super) fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let line = &bytes[..end];
    let rest = bytes.get(end + 1..).unwrap_or_default();
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

fn from_base64(body: &[u8]) -> Vec<u8> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let mut digits: Vec<u8> = body.iter().copied().filter(is_digit).collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    BASE64.decode(digits).unwrap_or_default()
}

fn from_quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((line, after)) = line(rest) {
        rest = after;
        let mut bytes = line.trim_ascii_end();
        let goes_on = bytes.ends_with(b"=");
        bytes = bytes.strip_suffix(b"=").unwrap_or(bytes);
        while let Some((byte, more)) = bytes.split_first() {
            let code = more.get(..2).filter(|_| *byte == b'=');
            let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
            plain.push(code.unwrap_or(*byte));
            bytes = code.map_or(more, |_| &more[2..]);
        }
        if !goes_on {
            plain.push(b'\n');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_with_its_folded_lines() {
        let mail = b"From a@b Sun\r\nSubject: one\r\n\ttwo\r\nTO : x@y\r\nnonsense\r\n\r\nbody: 1\r\n";
        let part = Part::read(mail);
        assert_eq!(part.field("subject"), Some("one two"));
        assert_eq!(part.field("to"), Some("x@y"));
        assert_eq!((part.field("body"), part.body), (None, b"body: 1\r\n".as_slice()));
        assert_eq!(Part::read(b"no head at all").kind(), "text/plain");
    }

    #[test]
    fn parameters_are_found_quoted_or_not() {
        for (field, boundary) in [
            (
                "multipart/report; report-type=delivery-status; boundary=\"a;b =c\"",
                Some("a;b =c"),
            ),
            ("multipart/report; BOUNDARY = abc ; x=y", Some("abc")),
            ("multipart/report; x=\"boundary=no\"; boundary=yes", Some("yes")),
            ("multipart/report; x=\"\\\"; boundary=no\"; boundary=yes", Some("yes")),
            ("multipart/report", None),
            ("multipart/report; boundary", None),
        ] {
            assert_eq!(parameter(field, "boundary").as_deref(), boundary, "{field}");
        }
    }

    #[test]
    fn parts_are_split_at_whole_lines_and_the_last_may_be_cut() {
        let texts = |body: &str| -> Vec<String> {
            let parts = split(body.as_bytes(), "b");
            parts
                .iter()
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect()
        };
        assert_eq!(
            texts("before\r\n--b\r\none\r\n--b \r\ntwo\r\n--b--\r\nafter"),
            ["one\r\n", "two\r\n"]
        );
        assert_eq!(texts("--b\none\n--bc\n--b\ncut"), ["one\n--bc\n", "cut"]);
        assert_eq!(texts("--b--\nnothing"), [""; 0]);
        assert_eq!(texts("nothing"), [""; 0]);
    }

    #[test]
    fn encodings_are_undone_as_far_as_they_go() {
        assert_eq!(
            from_quoted_printable(b"Action: fai=\r\nled =E2=80=94 =ZZ =\n"),
            "Action: failed — =ZZ ".as_bytes()
        );
        assert_eq!(from_base64(b"QWN0aW9u\r\nOiBmYWlsZWQ=\r\n"), b"Action: failed");
        assert_eq!(from_base64(b"QWN0aW9uO"), b"Action");
    }

    /// A mail of nothing but nested parts, and one of nothing but fields: bounded, and soon done.
    #[test]
    fn nesting_ends_and_so_do_parts_and_fields() {
        let mut nested = String::new();
        for level in 0..10_000 {
            nested += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        assert_eq!(Part::read(nested.as_bytes()).leaves().len(), 1);
        let wide = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\n".repeat(50_000)
        );
        assert!(Part::read(wide.as_bytes()).leaves().len() <= MOST_PARTS);
        let fields = "a: b\n".repeat(50_000);
        assert_eq!(Part::read(fields.as_bytes()).fields.len(), MOST_FIELDS);
    }
}
