//! Our reader of multipart bodies beside another one, mail-parser: whatever we take, both see the same in it.

use konvolutt::intake::probe::{self, Part};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use crate::support::Office;

const BOUNDARY: &str = "----grense7";

thread_local! {
    static OFFICE: Office = Office::new();
}

/// What we see in a body that comes in pieces of this size.
fn ours(body: &[u8], size: usize) -> Option<Vec<Part>> {
    let pieces = body.chunks(size).map(<[u8]>::to_vec).collect();
    OFFICE.with(|office| probe::multipart(pieces, BOUNDARY, &office.pipeline.drafts).unwrap())
}

/// What the other one sees: text first, then files.
fn other(body: &[u8]) -> Vec<Part> {
    let head = format!("Content-Type: multipart/form-data; boundary=\"{BOUNDARY}\"\r\n\r\n");
    let raw = [head.as_bytes(), body].concat();
    let message = MessageParser::default().parse(&raw).unwrap();
    let leaves = message.parts.iter().skip(1);
    let parts = leaves.filter_map(|part| {
        let head = &raw[part.raw_header_offset() as usize..part.raw_body_offset() as usize];
        // A control of files that was left empty; this reader knows no empty values.
        if head.windows(11).any(|window| window == b"filename=\"\"") {
            return None;
        }
        let disposition = part.content_disposition()?;
        let (from, to) = (part.raw_body_offset() as usize, part.raw_end_offset() as usize);
        Some(Part {
            name: disposition.attribute("name")?.to_owned(),
            file: disposition.attribute("filename").map(str::to_owned),
            content: raw[from..to].to_vec(),
        })
    });
    let (text, files): (Vec<_>, Vec<_>) = parts.partition(|part| part.file.is_none());
    text.into_iter().chain(files).collect()
}

/// Bytes of all kinds, and what looks like the end of a part.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r\n--".to_vec()),
        1 => Just(format!("--{BOUNDARY}").into_bytes()),
        1 => Just(format!("\r\n--{}", &BOUNDARY[..9]).into_bytes()),
        1 => Just(format!("\n--{BOUNDARY}\n").into_bytes()),
        1 => Just(b"\r\n\r\n--\r\n".to_vec()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn part() -> impl Strategy<Value = (String, Option<String>, Vec<u8>)> {
    let name = "[a-zæø_%;=. ]{1,20}";
    (name, prop::option::of("[a-zA-Zåø0-9_%;=.() ]{1,30}"), content())
}

/// As a browser writes it.
fn written(parts: &[(String, Option<String>, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file
            .as_ref()
            .map(|file| format!("; filename=\"{file}\""))
            .unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n");
        let kind = if file.is_empty() {
            ""
        } else {
            "Content-Type: application/octet-stream\r\n"
        };
        body.extend_from_slice(format!("{head}{kind}\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Whether a boundary stands where one reader would stop and another go on: in the middle of a line, after a lone line
/// feed, or right after the head of a part. Browsers choose a boundary that is in no content, so only who plays with it
/// gets there, and it is its own letter that it plays with.
fn is_unclear(body: &[u8], parts: &[Part]) -> bool {
    let boundary = format!("--{BOUNDARY}").into_bytes();
    let places = (0..body.len()).filter(|at| body[*at..].starts_with(&boundary));
    let unclear = |at: usize| {
        let (before, after) = (&body[..at], &body[at + boundary.len()..]);
        let begins = before.is_empty() || before.ends_with(b"\r\n");
        let ends = after.starts_with(b"\r\n") || after.starts_with(b"--\r\n");
        !(begins && ends)
    };
    places.into_iter().any(unclear) || parts.iter().any(|part| part.content.starts_with(&boundary))
}

/// Line feeds and carriage returns that are not both.
fn halves(body: &[u8]) -> usize {
    let count = |sign: u8| body.iter().filter(|byte| **byte == sign).count();
    let whole = body.windows(2).filter(|pair| *pair == b"\r\n").count();
    count(b'\r') + count(b'\n') - 2 * whole
}

/// Text is text.
fn is_sendable((_, file, content): &(String, Option<String>, Vec<u8>)) -> bool {
    let delimiter = format!("\r\n--{BOUNDARY}").into_bytes();
    let ends = content.windows(delimiter.len()).any(|window| window == delimiter);
    !ends && (file.is_some() || std::str::from_utf8(content).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Cut into pieces of any size, bodies as browsers write them come out as they went in; any other is refused or read
    /// as the second parser reads it.
    #[test]
    fn two_readers_see_the_same(parts in prop::collection::vec(part(), 0..6), size in 1usize..300) {
        let body = written(&parts);
        let ours = ours(&body, size);
        if parts.iter().all(is_sendable) {
            let wanted = |is_file: bool| parts.iter().filter(move |(_, file, _)| file.is_some() == is_file);
            let wanted = wanted(false).chain(wanted(true)).cloned();
            let wanted: Vec<_> = wanted.map(|(name, file, content)| Part { name, file, content }).collect();
            prop_assert_eq!(ours.as_ref(), Some(&wanted));
        }
        if let Some(ours) = ours.filter(|ours| !is_unclear(&body, ours)) {
            prop_assert_eq!(ours, other(&body));
        }
    }

    /// One byte changed, left out or doubled anywhere.
    #[test]
    fn what_was_damaged_is_refused_or_seen_by_both(
        parts in prop::collection::vec(part(), 1..4),
        at in any::<prop::sample::Index>(),
        how in 0u8..3,
        byte in prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'"')],
        size in 1usize..300,
    ) {
        let whole = written(&parts);
        let mut body = whole.clone();
        let at = at.index(body.len());
        match how {
            0 => body[at] = byte,
            1 => drop(body.remove(at)),
            _ => body.insert(at, byte),
        }
        // Half a line end is a line end to some readers.
        let same_lines = halves(&body) == halves(&whole);
        // A backslash is itself to browsers, and takes the next sign's meaning to readers of mail.
        prop_assume!(byte != b'\\');
        if let Some(ours) = ours(&body, size).filter(|ours| same_lines && !is_unclear(&body, ours)) {
            prop_assert_eq!(ours, other(&body));
        }
    }
}

fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(300)
}
