//! What lies in a `.zip` or a `.tar`: only the lists are read here.
//!
//! The library that reads a zip keeps one file of each name, and knows nothing of what its directory does not name (two zips one
//! behind the other, a directory that was cut off). So the heads that stand before each file's data are walked too.

use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::{Bytes, Entry, How, Listing, MOST_ENTRIES, stray};
use crate::found::Kind;
use crate::trouble::Trouble;

pub(super) fn zip(bytes: &[u8], _room: usize) -> Listing {
    let mut listing = Listing::default();
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        listing.troubles.push(Trouble::BrokenArchive);
        stray::add(&mut listing, bytes, Vec::new());
        return listing;
    };
    let mut known = Vec::new();
    if archive.len() > MOST_ENTRIES {
        listing.troubles.push(Trouble::TooManyParts {
            limit: MOST_ENTRIES as u64,
        });
    }
    for number in 0..archive.len().min(MOST_ENTRIES) {
        match zip_entry(&mut archive, number, &mut known) {
            Ok(Some(entry)) => listing.add_file(entry),
            Ok(None) => {}
            Err(trouble) => listing.trouble(trouble),
        }
    }
    stray::add(&mut listing, bytes, known);
    listing
}

fn zip_entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    number: usize,
    known: &mut Vec<Range<usize>>,
) -> Result<Option<Entry>, Trouble> {
    let file = archive.by_index_raw(number).map_err(|_| Trouble::BrokenArchive)?;
    let head = usize::try_from(file.header_start()).unwrap_or(usize::MAX);
    let start = file.data_start().and_then(|start| usize::try_from(start).ok());
    let length = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
    known.push(head..start.unwrap_or(head).saturating_add(length));
    let name = String::from_utf8_lossy(file.name_raw()).into_owned();
    if file.encrypted() {
        return Err(Trouble::LockedArchive);
    }
    if name.ends_with('/') {
        return Ok(None);
    }
    let how = match file.compression() {
        CompressionMethod::Stored => How::Plain,
        CompressionMethod::Deflated => How::Inflate,
        _ => return Err(Trouble::UnknownArchive),
    };
    let start = start.ok_or(Trouble::BrokenArchive)?;
    Ok(Some(Entry::file(
        name,
        Bytes::Range(start..start.saturating_add(length)),
        how,
    )))
}

pub(super) fn tar(bytes: &[u8], _room: usize) -> Listing {
    let mut listing = Listing::default();
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    let Ok(entries) = archive.entries() else {
        listing.troubles.push(Trouble::BrokenArchive);
        return listing;
    };
    for entry in entries {
        let Ok(entry) = entry else {
            listing.trouble(Trouble::BrokenArchive);
            break;
        };
        if listing.entries.len() == MOST_ENTRIES {
            listing.trouble(Trouble::TooManyParts {
                limit: MOST_ENTRIES as u64,
            });
            break;
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
        let length = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        let end = start.saturating_add(length);
        if end > bytes.len() {
            listing.trouble(Trouble::BrokenArchive);
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        listing.add_file(Entry::file(name, Bytes::Range(start..end), How::Plain));
    }
    listing
}

impl Listing {
    pub(super) fn add_file(&mut self, entry: Entry) {
        if let Some(crate::found::Step::File { name }) = &entry.step
            && matches!(name.as_str(), "[Content_Types].xml" | "mimetype")
        {
            self.known_as = Some(Kind::Document);
        }
        self.entries.push(entry);
    }

    /// Each trouble of an archive once.
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}
