//! Our reader of multipart bodies beside another one, mail-parser: whatever we take, both see the same in it.

use konvolutt::intake::probe::{self, Page, Part};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use crate::support::Office;

const BOUNDARY: &str = "----grense7";

thread_local! {
    static OFFICE: Office = Office::new();
}

/// What we see in a body that comes in pieces of this size.
fn ours(body: &[u8], size: usize) -> Option<Page> {
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
        let file = disposition.attribute("filename").map(unescaped);
        let content = raw[from..to].to_vec();
        Some(Part {
            name: unescaped(disposition.attribute("name")?),
            content: if file.is_some() { content } else { read_as_text(content) },
            file,
        })
    });
    let (text, files): (Vec<_>, Vec<_>) = parts.partition(|part| part.file.is_none());
    text.into_iter().chain(files).collect()
}

/// What browsers escape in a name (HTML, "multipart form data").
fn unescaped(name: &str) -> String {
    let plain = name.replace("%22", "\"");
    plain.replace("%0D", "\r").replace("%0A", "\n")
}

/// Text that is not UTF-8 is read as Windows-1252, all of it, or what is not UTF-8 in a text that mostly is.
fn read_as_text(content: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(content) {
        Ok(text) => text.into_bytes(),
        Err(error) => {
            let windows = |bytes| {
                encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
                    .into_owned()
            };
            let (mut text, mut explained, mut wrong) = (String::new(), 0, 0);
            for chunk in error.as_bytes().utf8_chunks() {
                explained += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
                wrong += chunk.invalid().len();
                text += chunk.valid();
                text += &windows(chunk.invalid());
            }
            let text = if explained > wrong {
                text
            } else {
                windows(error.as_bytes())
            };
            text.into_bytes()
        }
    }
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

fn part() -> impl Strategy<Value = Sent> {
    let name = "[a-zæø_%;=. ]{1,20}";
    (name, prop::option::of("[a-zA-Zåø0-9_%;=.() ]{1,30}"), content())
}

type Sent = (String, Option<String>, Vec<u8>);

/// As a browser writes it.
fn written_part((name, file, content): &Sent) -> Vec<u8> {
    let kind = "\r\nContent-Type: application/octet-stream";
    let file = file
        .as_ref()
        .map(|file| format!("; filename=\"{file}\"{kind}"))
        .unwrap_or_default();
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn written(parts: &[Sent]) -> Vec<u8> {
    let end = format!("--{BOUNDARY}--\r\n").into_bytes();
    parts.iter().map(written_part).chain([end]).collect::<Vec<_>>().concat()
}

/// As it comes out, if anything does: a control of files that was left empty has neither name nor content.
fn as_read((name, file, content): &Sent) -> Option<Part> {
    if file.as_deref() == Some("") && content.is_empty() {
        return None;
    }
    Some(Part {
        name: unescaped(name),
        content: if file.is_some() {
            content.clone()
        } else {
            read_as_text(content.clone())
        },
        file: file.as_deref().map(unescaped),
    })
}

/// Where the boundaries stand, each with the line ends around it, and the empty line behind each head. Who damages one makes
/// two parts one.
fn boundaries(parts: &[Sent]) -> Vec<std::ops::Range<usize>> {
    let place = |begins: usize| begins.saturating_sub(2)..begins + BOUNDARY.len() + 4;
    let mut begins = 0;
    let mut places = Vec::new();
    for part in parts {
        let length = written_part(part).len();
        let content = begins + length - 2 - part.2.len();
        places.extend([place(begins), content - 4..content]);
        begins += length;
    }
    places.push(place(begins));
    places
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

/// No browser chooses a boundary that stands in what it sends: at the beginning of no line (RFC 2046, section 5.1.1).
fn is_sendable((_, _, content): &Sent) -> bool {
    holds_no_boundary(content)
}

fn holds_no_boundary(content: &[u8]) -> bool {
    let delimiter = format!("\r\n--{BOUNDARY}").into_bytes();
    let lines = [b"\r\n", content].concat();
    !lines.windows(delimiter.len()).any(|window| window == delimiter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Cut into pieces of any size, bodies as browsers write them come out as they went in; any other is refused or read
    /// as the second parser reads it.
    #[test]
    fn two_readers_see_the_same(parts in prop::collection::vec(part(), 0..6), size in 1usize..300) {
        let body = written(&parts);
        let ours = ours(&body, size).filter(|page| !page.has_strange_part).map(|page| page.parts);
        if parts.iter().all(is_sendable) {
            let wanted = |is_file: bool| parts.iter().filter(move |(_, file, _)| file.is_some() == is_file);
            let wanted = wanted(false).chain(wanted(true)).cloned();
            let wanted: Vec<_> = wanted.filter_map(|part| as_read(&part)).collect();
            prop_assert_eq!(ours.as_ref(), Some(&wanted));
        }
        if let Some(ours) = ours.filter(|ours| !is_unclear(&body, ours)) {
            prop_assert_eq!(ours, other(&body));
        }
    }

    /// One byte changed, left out or doubled anywhere: what stands in the parts that it did not fall into is read as
    /// before, whatever becomes of its own.
    #[test]
    fn what_is_damaged_costs_nothing_but_itself(
        parts in prop::collection::vec(part(), 2..5).prop_filter("boundary", |parts| parts.iter().all(is_sendable)),
        at in any::<prop::sample::Index>(),
        how in 0u8..3,
        byte in prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'"'), Just(b'\\')],
        size in 1usize..300,
    ) {
        let mut body = written(&parts);
        let at = at.index(body.len());
        match how {
            0 => body[at] = byte,
            1 => drop(body.remove(at)),
            _ => body.insert(at, byte),
        }
        let is_boundary = boundaries(&parts).iter().any(|place| place.contains(&at));
        let seen = ours(&body, size).unwrap_or_default().parts;
        if is_boundary || is_unclear(&body, &seen) {
            return Ok(());
        }
        let hit = parts.iter().scan(0, |end, part| {
            *end += written_part(part).len();
            Some(*end)
        }).position(|end| at < end);
        for (index, part) in parts.iter().enumerate().filter(|(index, _)| Some(*index) != hit) {
            let wanted = as_read(part);
            prop_assert!(wanted.is_none_or(|wanted| seen.contains(&wanted)), "part {} of {:?} in {:?}", index, seen, String::from_utf8_lossy(&body));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands for a part, head and all, costs no other.
    #[test]
    fn any_bytes_for_a_part_cost_no_other(
        parts in prop::collection::vec(part(), 1..5).prop_filter("boundary", |parts| parts.iter().all(is_sendable)),
        head in prop_oneof![Just(""), Just("Content-Disposition: form-data; name="), Just("\r\n")],
        odd in content(),
        at in any::<prop::sample::Index>(),
        size in 1usize..300,
    ) {
        let odd = [head.as_bytes(), &odd].concat();
        prop_assume!(holds_no_boundary(&odd));
        let at = at.index(parts.len() + 1);
        let before: Vec<u8> = parts[..at].iter().flat_map(written_part).collect();
        let between = [format!("--{BOUNDARY}\r\n").as_bytes(), &odd, b"\r\n"].concat();
        let body = [before, between, written(&parts[at..])].concat();
        let seen = ours(&body, size).unwrap_or_default().parts;
        for wanted in parts.iter().filter_map(as_read) {
            prop_assert!(seen.contains(&wanted), "{:?} in {:?}", wanted, String::from_utf8_lossy(&body));
        }
    }
}

fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(300)
}
