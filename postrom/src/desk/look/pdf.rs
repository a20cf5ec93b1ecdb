//! What a PDF could do when it is opened, by signs that mean nothing else.
//!
//! Names are looked for where objects are written: in the file, and in the streams that hold objects. Pictures and text are
//! passed over, so that chance makes no sign. What is locked hides its signs with all the rest.

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::facts::{FileFacts, Warning};

/// What one stream with objects unfolds to, and all of them together.
const LARGEST_STREAM: u64 = 4 * 1024 * 1024;
const ALL_STREAMS: usize = 32 * 1024 * 1024;
/// A stream's dictionary stands before it and is not longer.
const LONGEST_HEAD: usize = 1024;
/// So much of a value is looked at, and so many values lead to an object that has to be looked for.
const NEAR: usize = 400;
const MOST_LEADS: usize = 8;

/// Notes what it could do.
pub(super) fn look(bytes: &[u8], facts: &mut FileFacts) {
    let objects = objects(bytes);
    let mut leads = 0;
    names(&objects, &mut |name, rest| {
        let warning = match name {
            b"JavaScript" | b"JS" => Warning::Script,
            b"Launch" => Warning::Launches,
            b"EmbeddedFile" | b"EmbeddedFiles" => Warning::FilesInside,
            b"Encrypt" => Warning::MaybePassword,
            b"OpenAction" if leads < MOST_LEADS => {
                leads += 1;
                if !is_action(&objects, rest) {
                    return;
                }
                Warning::ActsWhenOpened
            }
            _ => return,
        };
        facts.warn(warning);
    });
    let end = &bytes[bytes.len().saturating_sub(2048)..];
    if memmem::find(end, b"%%EOF").is_none() {
        facts.warn(Warning::Damaged);
    }
}

/// Everything in which objects are written, one after the other.
fn objects(bytes: &[u8]) -> Vec<u8> {
    let (mut all, mut from, mut room) = (Vec::new(), 0, ALL_STREAMS);
    let end = memmem::Finder::new(b"endstream");
    for word in memmem::find_iter(bytes, b"stream") {
        let start = word + b"stream".len();
        // Within a stream that was passed over, or a word in a text.
        if word < from || !begins_stream(&bytes[from..word], &bytes[start..]) {
            continue;
        }
        let head = &bytes[from..word];
        all.extend_from_slice(head);
        all.push(b'\n');
        let length = end.find(&bytes[start..]).unwrap_or(bytes.len() - start);
        if room > 0 && holds_objects(head) {
            let unfolded = unfolded(&bytes[start..start + length]);
            room = room.saturating_sub(unfolded.len());
            all.extend_from_slice(&unfolded);
            all.push(b'\n');
        }
        from = start + length;
    }
    all.extend_from_slice(&bytes[from..]);
    all
}

fn begins_stream(before: &[u8], behind: &[u8]) -> bool {
    before.trim_ascii_end().ends_with(b">>") && matches!(behind.first(), Some(b'\r' | b'\n'))
}

fn holds_objects(head: &[u8]) -> bool {
    let near = &head[head.len().saturating_sub(LONGEST_HEAD)..];
    memmem::find(near, b"ObjStm").is_some()
}

fn unfolded(stream: &[u8]) -> Vec<u8> {
    let stream = stream.strip_prefix(b"\r").unwrap_or(stream);
    let stream = stream.strip_prefix(b"\n").unwrap_or(stream);
    let mut out = Vec::new();
    // As far as it goes: one that is cut has objects too.
    let _ = ZlibDecoder::new(stream).take(LARGEST_STREAM).read_to_end(&mut out);
    out
}

/// Each name, as it reads when its escapes are taken away, and what stands behind it.
fn names<'a>(bytes: &'a [u8], tell: &mut dyn FnMut(&[u8], &'a [u8])) {
    for slash in memchr::memchr_iter(b'/', bytes) {
        let rest = &bytes[slash + 1..];
        let length = rest.iter().take(64).take_while(|c| is_regular(**c)).count();
        let (name, rest) = rest.split_at(length);
        if name.contains(&b'#') {
            tell(&plain(name), rest);
        } else {
            tell(name, rest);
        }
    }
}

fn is_regular(c: u8) -> bool {
    c > b' ' && c < 0x7F && !b"()<>[]{}/%".contains(&c)
}

/// `J#61vaScript` is `JavaScript`.
fn plain(name: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), name);
    while let Some((first, further)) = rest.split_first() {
        let escaped = further.get(..2).filter(|_| *first == b'#');
        let escaped = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(escaped.unwrap_or(*first));
        rest = &further[if escaped.is_some() { 2 } else { 0 }..];
    }
    out
}

/// Whether it is more than the page to begin with.
fn is_action(objects: &[u8], value: &[u8]) -> bool {
    let value = near(value.trim_ascii_start());
    if value.starts_with(b"<<") {
        return !is_page(value);
    }
    let digits = value.iter().take(9).take_while(|c| c.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    let named = [&value[..digits], b" 0 obj"].concat();
    let begins = |at: &usize| at.checked_sub(1).is_none_or(|before| !objects[before].is_ascii_digit());
    let target = memmem::find_iter(objects, &named).find(begins);
    let target = target.map(|at| near(objects[at + named.len()..].trim_ascii_start()));
    target.is_some_and(|target| target.starts_with(b"<<") && !is_page(target))
}

fn near(value: &[u8]) -> &[u8] {
    &value[..value.len().min(NEAR)]
}

fn is_page(action: &[u8]) -> bool {
    let end = memmem::find(action, b">>").unwrap_or(action.len());
    memmem::find(&action[..end], b"/GoTo").is_some()
}
