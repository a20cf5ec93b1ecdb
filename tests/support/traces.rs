//! What a browser has left on the disk, in whatever it wraps what it writes down.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::Marker;

/// How Firefox begins what it packs: its session, its bookmarks.
const PACKED: &[u8] = b"mozLz40\0";
const GZIP: &[u8] = &[0x1f, 0x8b, 8];
/// More than any page of a test: what only looks like a packed text ends somewhere.
const MOST: u64 = 16 << 20;

/// Every place below `root` at which the marker is found: in names, in contents, in what is packed there. Databases and
/// their journals are looked at as bytes, so that what was deleted and is still there counts too.
pub fn traces(root: &Path, marker: &Marker) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(root) {
        let name = path.display();
        if marker.found_in(path.to_string_lossy().as_bytes()).is_some() {
            found.push(format!("in the name {name}"));
        }
        // A browser that runs takes files away.
        let Ok(bytes) = fs::read(&path) else { continue };
        for (wrapping, text) in wrappings(bytes) {
            found.extend(
                marker
                    .found_in(&text)
                    .map(|form| format!("as {form}{wrapping} in {name}")),
            );
        }
    }
    found
}

fn files(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut all = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        // A pipe or a socket would be read for ever; a link leads to what is read anyway.
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            all.extend(files(&path));
        } else if path.is_file() {
            all.push(path);
        }
    }
    all
}

/// The bytes themselves, and what is packed in them.
fn wrappings(bytes: Vec<u8>) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    if let Some(block) = bytes.strip_prefix(PACKED).and_then(|rest| rest.get(4..)) {
        all.push((", packed by LZ4,", unpacked(block)));
    }
    for at in memchr::memmem::find_iter(&bytes, GZIP) {
        let mut text = Vec::new();
        // One that is cut, or none at all, gives what comes before its end.
        let _ = MultiGzDecoder::new(&bytes[at..]).take(MOST).read_to_end(&mut text);
        all.push((", packed by gzip,", text));
    }
    all.push(("", bytes));
    all
}

/// One block of LZ4: runs of bytes, each followed by a piece of what came before. A damaged one gives what comes before
/// the damage.
fn unpacked(block: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = unpack(block, &mut text);
    text
}

fn unpack(mut rest: &[u8], text: &mut Vec<u8>) -> Option<()> {
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let run = length(usize::from(token >> 4), &mut rest)?;
        text.extend(rest.get(..run)?);
        rest = &rest[run..];
        let Some((back, after)) = rest.split_first_chunk::<2>() else {
            // The last run has no piece after it.
            return rest.is_empty().then_some(());
        };
        rest = after;
        let from = text.len().checked_sub(usize::from(u16::from_le_bytes(*back)))?;
        let more = length(usize::from(token & 15), &mut rest)? + 4;
        // A piece may reach into itself.
        for at in from..from + more {
            text.push(*text.get(at)?);
        }
    }
    Some(())
}

/// A length that did not fit into its four bits goes on in bytes.
fn length(first: usize, rest: &mut &[u8]) -> Option<usize> {
    let mut length = first;
    if first == 15 {
        loop {
            let (byte, after) = rest.split_first()?;
            *rest = after;
            length += usize::from(*byte);
            if *byte < 255 {
                break;
            }
        }
    }
    Some(length)
}
