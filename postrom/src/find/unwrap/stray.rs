//! Files of a zip that its directory does not name, by the heads that stand before their data (APPNOTE 4.3.7).
//!
//! What always holds: no two of them share a byte, so that all of them together are no longer than the zip.

use std::ops::Range;

use memchr::memmem;

use super::{Bytes, Entry, How, Listing, MOST_ENTRIES};
use crate::trouble::Trouble;

const HEAD: &[u8] = b"PK\x03\x04";
const HEAD_LENGTH: usize = 30;
const LOCKED: u16 = 1;
/// Its length stands behind the data.
const LENGTH_BEHIND: u16 = 8;
/// What follows the data of a file: its lengths, the directory, or the directory's end.
const BEHIND: [&[u8]; 3] = [b"PK\x07\x08", b"PK\x01\x02", b"PK\x05\x06"];

struct Head {
    at: usize,
    flags: u16,
    method: u16,
    length: usize,
    name: Range<usize>,
    data: usize,
}

/// Adds what is not in `known`: where each file that was listed begins and ends.
pub(super) fn add(listing: &mut Listing, bytes: &[u8], mut known: Vec<Range<usize>>) {
    known.sort_by_key(|file| file.start);
    let heads = memmem::find_iter(bytes, HEAD).filter_map(|at| head(bytes, at));
    let mut stray = heads.filter(|head| !is_known(&known, head.at)).peekable();
    let (mut covered, mut descriptors) = (0, true);
    while let Some(head) = stray.next() {
        if head.at < covered {
            continue;
        }
        if listing.entries.len() >= MOST_ENTRIES {
            return listing.trouble(Trouble::TooManyParts {
                limit: MOST_ENTRIES as u64,
            });
        }
        let listed = known.get(known.partition_point(|file| file.start <= head.at));
        let listed = listed.map_or(bytes.len(), |file| file.start);
        let said = said_end(bytes, &head, &mut descriptors).filter(|end| *end <= listed);
        if said.is_none() && head.flags & LENGTH_BEHIND == 0 {
            listing.trouble(Trouble::BrokenArchive);
        }
        // What is packed can hold such heads as they are, when it was not made smaller.
        covered = said.unwrap_or(head.data);
        let next = stray.peek().map_or(bytes.len(), |next| next.at).min(listed);
        match entry(bytes, &head, said, next) {
            Ok(Some(entry)) => listing.add_file(entry),
            Ok(None) => {}
            Err(trouble) => listing.trouble(trouble),
        }
    }
}

/// Where the data of a file end by what is said before or behind them.
fn said_end(bytes: &[u8], head: &Head, descriptors: &mut bool) -> Option<usize> {
    if head.flags & LENGTH_BEHIND == 0 {
        return head.data.checked_add(head.length).filter(|end| *end <= bytes.len());
    }
    let data = &bytes[head.data..];
    let fits = |at: &usize| {
        let length = data.get(at + 8..at + 12).and_then(|four| four.try_into().ok());
        length.is_some_and(|length| u32::from_le_bytes(length) as usize == *at)
    };
    // Looked for in vain once: the way is not gone for each file anew.
    let end = Some(data).filter(|_| *descriptors);
    let end = end.and_then(|data| memmem::find_iter(data, BEHIND[0]).find(fits));
    *descriptors &= end.is_some();
    end.map(|end| head.data + end)
}

/// It is a listed file, or lies in one: a zip in a zip.
fn is_known(known: &[Range<usize>], at: usize) -> bool {
    let before = known.partition_point(|file| file.start <= at);
    known[..before]
        .last()
        .is_some_and(|file| file.start == at || file.contains(&at))
}

fn head(bytes: &[u8], at: usize) -> Option<Head> {
    /// The newest version that is told of, in tenths.
    const NEWEST: u16 = 63;
    let field = bytes.get(at..at + HEAD_LENGTH)?;
    let short = |at: usize| u16::from_le_bytes([field[at], field[at + 1]]);
    let length = u32::from_le_bytes([field[18], field[19], field[20], field[21]]);
    let name = at + HEAD_LENGTH;
    let extra = name + usize::from(short(26));
    let data = extra + usize::from(short(28));
    let fits = short(4) & 0xFF <= NEWEST && data <= bytes.len();
    fits.then_some(Head {
        at,
        flags: short(6),
        method: short(8),
        length: usize::try_from(length).unwrap_or(usize::MAX),
        name: name..extra,
        data,
    })
}

fn entry(bytes: &[u8], head: &Head, said: Option<usize>, next: usize) -> Result<Option<Entry>, Trouble> {
    if head.flags & LOCKED != 0 {
        return Err(Trouble::LockedArchive);
    }
    let name = String::from_utf8_lossy(&bytes[head.name.clone()]).into_owned();
    if name.ends_with('/') {
        return Ok(None);
    }
    let end = said.unwrap_or(next.max(head.data));
    let (how, end) = match head.method {
        // What is packed says itself where it ends.
        8 => (How::Inflate, end),
        0 if said.is_some() => (How::Plain, end),
        0 => (How::Plain, head.data + until_behind(&bytes[head.data..end])),
        _ => return Err(Trouble::UnknownArchive),
    };
    let bytes = Bytes::Range(head.data..end);
    Ok(Some(Entry {
        again: true,
        ..Entry::file(name, bytes, how)
    }))
}

fn until_behind(data: &[u8]) -> usize {
    let ends = BEHIND.iter().filter_map(|mark| memmem::find(data, mark));
    ends.min().unwrap_or(data.len())
}
