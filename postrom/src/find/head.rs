//! The head of a mail, or of one of its parts: the few fields that matter, whatever else stands there.
//!
//! Comes in: bytes at the start of a head. Goes out: its wanted fields and where the body begins. What always holds: at most
//! [`LONGEST`] bytes are kept, so that a head of 25 MB hides nothing and costs one walk; the parser of mails sees nothing
//! but these fields.

use std::cell::OnceCell;

use konvolutt_letter::{Reference, header_fields};
use mail_parser::{ContentType, Message, MessageParser, MimeHeaders as _};
use memchr::memchr;

/// Room for long fields of honest programs; `References` and the like are not kept at all.
const LONGEST: usize = 64 * 1024;

/// Fields that are kept, each the first time; those that say how a body is to be read, each time.
const WANTED: [&str; 10] = [
    "subject",
    "from",
    "to",
    "date",
    "message-id",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "mime-version",
    "x-konvolutt-reference",
];

/// A head that was read.
pub(super) struct Head {
    /// The wanted fields, with a blank line behind them.
    pub fields: Vec<u8>,
    /// Where the body begins.
    pub body: usize,
}

/// Reads the head that begins at `at`. It ends at its blank line, or where a line is no field.
pub(super) fn read(bytes: &[u8], at: usize, of_mail: bool) -> Head {
    let mut at = if of_mail { skip_blank_lines(bytes, at) } else { at };
    let mut fields = Vec::new();
    let mut seen = [false; WANTED.len()];
    let (mut keep, mut any) = (false, false);
    while at < bytes.len() {
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length + 1);
        let line = &bytes[at..end];
        if line.trim_ascii_end().is_empty() {
            at = end;
            break;
        }
        if !(line[0] == b' ' || line[0] == b'\t') {
            // Some programs put the line of an mbox before a head.
            let from = line.starts_with(b"From ") || line.starts_with(b">From ");
            match name(line) {
                Some(name) => keep = wanted(name, &mut seen),
                None if from && !any => keep = false,
                None => break,
            }
            any = true;
        } else if !any {
            break;
        }
        if keep && fields.len() + line.len() <= LONGEST {
            fields.extend_from_slice(line);
        }
        at = end;
    }
    if fields.last().is_some_and(|byte| *byte != b'\n') {
        fields.push(b'\n');
    }
    fields.push(b'\n');
    Head { fields, body: at }
}

fn wanted(name: &[u8], seen: &mut [bool; WANTED.len()]) -> bool {
    let known = WANTED
        .iter()
        .position(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes()));
    known.is_some_and(|at| !std::mem::replace(&mut seen[at], true) || is_structure(name))
}

fn is_structure(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"content-type") || name.eq_ignore_ascii_case(b"content-transfer-encoding")
}

/// The fields that say how a body is to be read, without the comments that may stand in them (RFC 2045 §5.1).
fn uncommented(fields: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.len());
    let (mut keep, mut depth, mut quoted) = (false, 0_usize, false);
    for line in fields.split_inclusive(|byte| *byte == b'\n') {
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            keep = name(line).is_some_and(is_structure);
            (depth, quoted) = (0, false);
        }
        for byte in line.iter().filter(|_| keep) {
            match byte {
                b'"' if depth == 0 => quoted = !quoted,
                b'(' if !quoted => depth += 1,
                b')' if depth > 0 => {
                    depth -= 1;
                    continue;
                }
                _ => {}
            }
            if depth == 0 || *byte == b'\n' {
                out.push(*byte);
            }
        }
    }
    out.push(b'\n');
    out
}

/// Behind lines of nothing but blanks.
fn skip_blank_lines(bytes: &[u8], at: usize) -> usize {
    let blank = bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = at + blank;
    // Back to the start of the line: blanks before a name make no field.
    bytes[at..text]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(at, |line| at + line + 1)
}

/// The name of the field that this line begins, if it begins one (RFC 5322 §3.6.8).
pub(super) fn name(line: &[u8]) -> Option<&[u8]> {
    const LONGEST_NAME: usize = 100;
    let window = &line[..line.len().min(LONGEST_NAME)];
    let colon = memchr(b':', window)?;
    let name = window[..colon].trim_ascii_end();
    let fits = !name.is_empty() && name.iter().all(|byte| (33..=126).contains(byte));
    fits.then_some(name)
}

/// A line with which the head of a mail can begin, where one is only guessed.
pub(super) fn begins_mail(line: &[u8]) -> bool {
    const FIRST: [&str; 16] = [
        "return-path",
        "received",
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "delivered-to",
        "x-mozilla-status",
        "content-type",
        "x-original-to",
        "sender",
        "reply-to",
        "authentication-results",
        "status",
    ];
    name(line).is_some_and(|name| {
        let known = FIRST.iter().any(|first| name.eq_ignore_ascii_case(first.as_bytes()));
        known
            || name.len() > 2 && name[..2].eq_ignore_ascii_case(b"x-")
            || name.len() > 4 && name[..4].eq_ignore_ascii_case(b"arc-")
    })
}

/// How a body is encoded.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    Quoted,
}

/// What a head says of its body.
#[derive(Default)]
pub(super) struct Mime {
    /// `type/subtype` in lower case, when it says so.
    pub kind: Option<String>,
    /// The mark between the parts of a multipart.
    pub boundary: Option<Vec<u8>>,
    /// How its body is encoded.
    pub encoding: Encoding,
    /// The name of the file that it is.
    pub name: Option<String>,
    /// `protocol` of a signed or encrypted multipart.
    pub protocol: Option<String>,
}

impl Mime {
    pub(super) fn read(fields: &[u8]) -> Self {
        // Most parts of a mail that is built to cost much have no head.
        let Some(message) = Some(fields).filter(|fields| fields.len() > 1).and_then(parsed) else {
            return Self::default();
        };
        let plain = memchr(b'(', fields).map(|_| uncommented(fields));
        let plain = plain.as_deref().and_then(parsed);
        let structure = plain.as_ref().unwrap_or(&message);
        let kind = kind(structure);
        let attribute = |name| kind.and_then(|kind| kind.attribute(name)).map(str::to_owned);
        Self {
            kind: kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_lowercase()),
            boundary: attribute("boundary")
                .map(String::into_bytes)
                .filter(|mark| !mark.is_empty()),
            encoding: encoding(structure),
            name: message
                .attachment_name()
                .map(str::to_owned)
                .filter(|name| !name.is_empty()),
            protocol: attribute("protocol"),
        }
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    pub(super) fn is_mail(&self) -> bool {
        self.is("message/rfc822") || self.is("message/global") || self.is("message/news")
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.starts_with("multipart/"))
    }
}

/// What type a mail or part is; of several, the one that has parts.
fn kind<'a>(message: &'a Message<'_>) -> Option<&'a ContentType<'a>> {
    let kinds = message
        .headers()
        .iter()
        .filter_map(|header| header.value().as_content_type());
    let mut kinds = kinds.filter(|kind| kind.ctype().eq_ignore_ascii_case("multipart"));
    kinds
        .find(|kind| kind.attribute("boundary").is_some())
        .or(message.content_type())
}

/// How its body is encoded; of several, the one that is an encoding.
fn encoding(message: &Message<'_>) -> Encoding {
    let fields = message.headers().iter();
    let fields = fields.filter(|header| header.name().eq_ignore_ascii_case("content-transfer-encoding"));
    let words = fields.filter_map(|header| header.value().as_text());
    let mut known = words.filter_map(|word| {
        let word = word.trim_matches(|sign: char| sign == '"' || sign == '\'' || sign == ';' || sign.is_whitespace());
        if word.eq_ignore_ascii_case("base64") {
            Some(Encoding::Base64)
        } else if word.eq_ignore_ascii_case("quoted-printable") {
            Some(Encoding::Quoted)
        } else {
            None
        }
    });
    known.next_back().unwrap_or_default()
}

/// The fields, read. The parser's own message without any field has no part to ask.
fn parsed(fields: &[u8]) -> Option<Message<'_>> {
    let message = MessageParser::default().parse_headers(fields)?;
    Some(message).filter(|message| !message.parts.is_empty())
}

#[derive(Default)]
struct Told {
    outer: Vec<(String, String)>,
    reference: Option<String>,
}

/// A mail around something: what its head says, read when it is asked for.
pub(super) struct Mail {
    fields: Vec<u8>,
    /// It is `multipart/encrypted`, as the form sent it.
    pub encrypted: bool,
    /// How many mails it lies in.
    pub forwarded: usize,
    told: OnceCell<Told>,
}

impl Mail {
    pub(super) fn new(fields: Vec<u8>, encrypted: bool, forwarded: usize) -> Self {
        Self {
            fields,
            encrypted,
            forwarded,
            told: OnceCell::new(),
        }
    }

    /// Its fields as [`header_fields`] gives them.
    pub(super) fn outer(&self) -> &[(String, String)] {
        &self.parsed().outer
    }

    /// Its `X-Konvolutt-Reference`, when that is a reference.
    pub(super) fn reference(&self) -> Option<&str> {
        self.parsed().reference.as_deref()
    }

    fn parsed(&self) -> &Told {
        self.told.get_or_init(|| {
            let Some(message) = parsed(&self.fields) else {
                return Told::default();
            };
            let reference = message.header_raw("X-Konvolutt-Reference");
            let reference = reference.and_then(|text| Reference::parse(text.trim()));
            Told {
                outer: header_fields(&message),
                reference: reference.map(|reference| reference.to_string()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_of_25_mb_hides_nothing() {
        let junk = "X-Junk: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(430_000);
        let text = format!("Subject: A\r\n{junk}Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\nbody");
        let head = read(text.as_bytes(), 0, true);
        assert_eq!(&text.as_bytes()[head.body..], b"body");
        assert_eq!(Mime::read(&head.fields).boundary.as_deref(), Some(b"b".as_slice()));
        assert!(head.fields.len() < 100);
    }

    #[test]
    fn a_head_ends_where_a_line_is_no_field() {
        let text = b"\r\n\nSubject: A\n-----BEGIN PGP MESSAGE-----\n\nabcd";
        let head = read(text, 0, true);
        assert!(text[head.body..].starts_with(b"-----BEGIN"));
        assert_eq!(read(b"abcd\n\nefgh", 0, false).body, 0);
        assert_eq!(read(b"\nabcd", 0, false).body, 1);
    }
}
