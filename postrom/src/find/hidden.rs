//! Sealed parts that no head announces: base64 and uuencode in the middle of text, and binary messages between other bytes.
//!
//! Comes in: a stretch that is searched. Goes out: where such parts lie. What always holds: the way is linear in the bytes, no
//! two of the stretches share a byte, and there are at most [`MOST`] of them.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memmem};

use super::packets::{self, Pgp};
use super::{MOST_PARTS, armor};

/// One more than is looked at, so that this is told.
const MOST: usize = MOST_PARTS as usize + 1;
/// Nothing sealed is shorter.
const SHORTEST: usize = 40;

/// `-----BEGIN` and `MESSAGE-----` as base64 writes them, by how many bytes of three stand before them; and which sign of
/// four is the first. A line's end falls into one of the two at most.
static NEEDLES: LazyLock<[(Finder<'static>, usize); 6]> = LazyLock::new(|| {
    [
        ("LS0tLS1CRUdJT", 0),
        ("0tLS0tQkVHSU", 2),
        ("tLS0tLUJFR0lO", 3),
        ("TUVTU0FHRS0tLS0t", 0),
        ("1FU1NBR0UtLS0tL", 2),
        ("NRVNTQUdFLS0tLS", 3),
    ]
    .map(|(text, phase)| (Finder::new(text), phase))
});

/// Where something lies.
pub(super) enum Hidden {
    /// Base64.
    Base64(Range<usize>),
    /// A file of uuencode, decoded.
    File { name: String, bytes: Vec<u8> },
}

/// There may be something.
pub(super) fn worth(bytes: &[u8]) -> bool {
    bytes.len() >= SHORTEST
        && (NEEDLES.iter().any(|(needle, _)| needle.find(bytes).is_some())
            || block(bytes, 0).is_some()
            || uuencoded(bytes, 0).is_some()
            || packets::next(bytes, 0).is_some())
}

/// All base64 and uuencode; with `blocks`, also base64 of binary messages, which looks like what stands in armor, and of base64.
pub(super) fn all(bytes: &[u8], blocks: bool) -> Vec<Hidden> {
    let mut found: Vec<Hidden> = armored(bytes).into_iter().map(Hidden::Base64).collect();
    let mut at = 0;
    // Not asked for beside armor, which would be walked through sign by sign for nothing.
    while blocks
        && found.len() < MOST
        && let Some(block) = block(bytes, at)
    {
        at = block.end;
        found.push(Hidden::Base64(block));
    }
    at = 0;
    while found.len() < MOST
        && let Some((file, end)) = uuencoded(bytes, at)
    {
        at = end;
        found.push(file);
    }
    found
}

/// Base64 of text that has armor in it.
fn armored(bytes: &[u8]) -> Vec<Range<usize>> {
    let find = |number: usize, from: usize| {
        let (needle, _) = NEEDLES.get(number)?;
        needle.find(bytes.get(from..)?).map(|at| from + at)
    };
    let mut next = [0, 1, 2, 3, 4, 5].map(|number| find(number, 0));
    let mut runs: Vec<Range<usize>> = Vec::new();
    while runs.len() < MOST {
        let first = (0..next.len()).filter_map(|number| Some((next[number]?, number))).min();
        let Some((hit, number)) = first else {
            break;
        };
        let before = runs.last().map_or(0, |run| run.end);
        let run = run_around(bytes, before, hit, NEEDLES[number].1);
        let end = run.end.max(hit + 1);
        for (number, next) in next.iter_mut().enumerate() {
            if next.is_some_and(|at| at < end) {
                *next = find(number, end);
            }
        }
        runs.push(run.start..end);
    }
    runs
}

/// The base64 around a sign that is the `phase`th of its four.
fn run_around(bytes: &[u8], limit: usize, hit: usize, phase: usize) -> Range<usize> {
    let mut start = hit;
    loop {
        let line = bytes[limit..start].iter().rposition(|byte| *byte == b'\n');
        let line = line.map_or(limit, |at| limit + at + 1);
        let signs = bytes[line..start]
            .iter()
            .rev()
            .take_while(|byte| armor::is_sign(**byte));
        start -= signs.count();
        let indent = bytes[line..start].iter().all(|byte| matches!(byte, b' ' | b'\t'));
        // A blank line, or something else than base64, stands before it.
        let above = bytes[limit..line].trim_ascii_end();
        let ends = above.last().is_none_or(|byte| !armor::is_sign(*byte));
        if !indent || ends || is_blank(&bytes[limit + above.len()..line]) {
            break;
        }
        start = limit + above.len();
    }
    let before = bytes[start..hit].iter().filter(|byte| armor::is_sign(**byte)).count();
    let mut spare = (before + 4 - phase) % 4;
    while spare > 0 && start < bytes.len() {
        spare -= usize::from(armor::is_sign(bytes[start]));
        start += 1;
    }
    start..run_end(bytes, hit)
}

fn is_blank(gap: &[u8]) -> bool {
    gap.iter().filter(|byte| **byte == b'\n').count() > 1
}

/// Where base64 ends that goes on here: at padding, a blank line, or what is no sign.
fn run_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut lines = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' if lines == 1 => break,
            b'\n' => lines = 1,
            b'\r' | b' ' | b'\t' => {}
            b'=' => return at + 1 + usize::from(bytes.get(at + 1) == Some(&b'=')),
            byte if armor::is_sign(*byte) => lines = 0,
            _ => break,
        }
        at += 1;
    }
    at
}

/// Lines of base64 at the start or behind a blank line, whose first bytes are a sealed message's, or base64 once more.
fn block(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let first = (from == 0).then_some(0);
    // A letter has thousands of lines: no more is asked of each than its neighbour.
    let behind = |at| match bytes.get(at) {
        Some(b'\n') => Some(at + 1),
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => Some(at + 2),
        _ => None,
    };
    let starts = memchr_iter(b'\n', &bytes[from..]).filter_map(|at| behind(from + at + 1));
    first.into_iter().chain(starts).find_map(|start| block_at(bytes, start))
}

fn block_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    /// A line that is no word.
    const LINE: usize = 48;
    let line = bytes.get(start..start + LINE)?;
    let signs = line.iter().all(|byte| armor::is_sign(*byte)).then(|| line.to_vec())?;
    let decoded = armor::decode(signs);
    let twice = decoded
        .iter()
        .all(|byte| armor::is_sign(*byte) || byte.is_ascii_whitespace());
    let sealed = packets::kind(&decoded) == Some(Pgp::Sealed);
    (sealed || twice).then(|| start..run_end(bytes, start))
}

/// A file of uuencode from `from` on, and where it ends.
fn uuencoded(bytes: &[u8], from: usize) -> Option<(Hidden, usize)> {
    const BEGIN: &[u8] = b"begin ";
    memmem::find_iter(&bytes[from..], BEGIN).find_map(|at| {
        let at = from + at;
        let starts = at == 0 || bytes[at - 1] == b'\n';
        let behind = &bytes[at + BEGIN.len()..];
        let digits = behind.iter().take_while(|byte| (b'0'..b'8').contains(byte)).count();
        if !starts || !(3..=4).contains(&digits) || behind.get(digits) != Some(&b' ') {
            return None;
        }
        let end = memchr(b'\n', behind)?;
        let name = String::from_utf8_lossy(behind[digits..end].trim_ascii()).into_owned();
        let (bytes, length) = uudecode(&behind[end + 1..]);
        (!bytes.is_empty()).then_some((Hidden::File { name, bytes }, at + BEGIN.len() + end + 1 + length))
    })
}

/// Decodes lines that say how long they are, up to one that is none.
fn uudecode(bytes: &[u8]) -> (Vec<u8>, usize) {
    let six = |byte: Option<&u8>| byte.map_or(0, |byte| byte.wrapping_sub(b' ') & 63);
    let mut out = Vec::new();
    let mut read = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        let length = usize::from(six(text.first()));
        let fits = text.iter().all(|byte| (b' '..=b'`').contains(byte)) && text.len() <= length.div_ceil(3) * 4 + 2;
        if length == 0 || !fits {
            break;
        }
        read += line.len();
        // Blanks at the end may be lost.
        let fours = (0..length.div_ceil(3)).map(|four| 1 + four * 4);
        let decoded = fours.flat_map(|at| {
            let [a, b, c, d] = [0, 1, 2, 3].map(|sign| six(text.get(at + sign)));
            [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
        });
        out.extend(decoded.take(length));
    }
    (out, read)
}
