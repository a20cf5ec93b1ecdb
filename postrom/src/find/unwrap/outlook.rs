//! Outlook's `.msg` ([MS-OXMSG]): a compound file whose streams are a mail's properties. Looked at are the attachments, the
//! body in its three forms, and the head that the mail had on its way.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Bytes, Entry, How, Listing, MOST_ENTRIES, rtf};
use crate::find::head::{self, Mail};
use crate::find::look::DEEPEST;
use crate::found::{Kind, Step};
use crate::trouble::Trouble;

type Compound<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

const STREAM: &str = "__substg1.0_";
const HEAD: &str = "007D";
const TEXT: &str = "1000";
const RTF: &str = "1009";
const HTML: &str = "1013";
const DATA: &str = "3701";
const NAMES: [&str; 2] = ["3707", "3704"];

/// An attachment and a mail for each mail that lies in another, between the root and a stream.
const LONGEST_PATH: usize = 2 + 2 * DEEPEST as usize;

struct Mailbox<'a> {
    file: Compound<'a>,
    /// Streams by storage and property.
    streams: HashMap<(PathBuf, String), PathBuf>,
    heads: HashMap<PathBuf, Option<Rc<Mail>>>,
    room: usize,
}

pub(super) fn compound(bytes: &[u8], room: usize) -> Listing {
    let mut listing = Listing {
        known_as: Some(Kind::Document),
        ..Listing::default()
    };
    let Ok(file) = Compound::open(Cursor::new(bytes)) else {
        listing.known_as = Some(Kind::Outlook);
        listing.troubles.push(Trouble::BrokenArchive);
        return listing;
    };
    let (streams, wanted) = properties(&file, &mut listing);
    if !streams.is_empty() {
        listing.known_as = Some(Kind::Outlook);
    }
    let mut mailbox = Mailbox {
        file,
        streams,
        heads: HashMap::new(),
        room,
    };
    for (storage, property, path) in wanted {
        match mailbox.entry(&storage, &property, &path) {
            Ok(entry) => listing.entries.push(entry),
            Err(trouble) => listing.trouble(trouble),
        }
    }
    listing
}

type Wanted = Vec<(PathBuf, String, PathBuf)>;

/// All properties, and those that something sealed can lie in.
fn properties(file: &Compound<'_>, listing: &mut Listing) -> (HashMap<(PathBuf, String), PathBuf>, Wanted) {
    let (mut all, mut wanted) = (HashMap::new(), Vec::new());
    for entry in file.walk() {
        // Each path is as long as it is deep, and is gone up for each stream.
        if entry.path().components().count() > LONGEST_PATH {
            listing.trouble(Trouble::TooDeep);
            break;
        }
        let Some(name) = entry
            .name()
            .strip_prefix(STREAM)
            .filter(|name| entry.is_stream() && name.len() >= 8 && name.is_ascii())
        else {
            continue;
        };
        let property = name[..8].to_ascii_uppercase();
        let storage = entry.path().parent().unwrap_or(Path::new("/")).to_owned();
        if all.len() == MOST_ENTRIES {
            listing.trouble(Trouble::TooManyParts {
                limit: MOST_ENTRIES as u64,
            });
            break;
        }
        if [TEXT, RTF, HTML, DATA].contains(&&property[..4]) {
            wanted.push((storage.clone(), property.clone(), entry.path().to_owned()));
        }
        all.insert((storage, property), entry.path().to_owned());
    }
    // The text before HTML and RTF, which mostly say the same.
    wanted.sort();
    (all, wanted)
}

impl Mailbox<'_> {
    fn entry(&mut self, storage: &Path, property: &str, path: &Path) -> Result<Entry, Trouble> {
        let mut bytes = self.stream(path)?;
        let tag = &property[..4];
        if tag == RTF {
            bytes = rtf::text(&bytes, self.room).ok_or(Trouble::Bomb)?;
            self.count(bytes.len())?;
        }
        let how = if property.ends_with("001F") {
            How::Utf16 { little: true }
        } else {
            How::Plain
        };
        let name = if tag == DATA { self.name(storage) } else { None };
        Ok(Entry {
            step: name.map(|name| Step::file(&name)),
            bytes: Bytes::Own(bytes),
            how,
            mail: self.mail(storage),
            again: tag == RTF || tag == HTML,
        })
    }

    fn stream(&mut self, path: &Path) -> Result<Vec<u8>, Trouble> {
        let stream = self.file.open_stream(path).map_err(|_| Trouble::BrokenArchive)?;
        let mut bytes = Vec::new();
        let read = stream.take(self.room as u64 + 1).read_to_end(&mut bytes);
        // Sectors may be shared by many streams of a hostile file.
        self.count(bytes.len())?;
        read.map(|_| bytes).map_err(|_| Trouble::BrokenArchive)
    }

    fn count(&mut self, held: usize) -> Result<(), Trouble> {
        self.room = self.room.checked_sub(held).ok_or(Trouble::Bomb)?;
        Ok(())
    }

    fn name(&mut self, storage: &Path) -> Option<String> {
        NAMES.iter().find_map(|tag| self.string(storage, tag))
    }

    fn string(&mut self, storage: &Path, tag: &str) -> Option<String> {
        let wide = self.streams.get(&(storage.to_owned(), format!("{tag}001F"))).cloned();
        if let Some(path) = wide {
            let bytes = self.stream(&path).ok()?;
            let pairs = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            let text: String = char::decode_utf16(pairs)
                .map(|sign| sign.unwrap_or('\u{FFFD}'))
                .collect();
            return Some(text);
        }
        let path = self.streams.get(&(storage.to_owned(), format!("{tag}001E"))).cloned()?;
        let bytes = self.stream(&path).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The nearest mail around a storage that has a head.
    fn mail(&mut self, storage: &Path) -> Option<Rc<Mail>> {
        for around in storage.ancestors() {
            if !self.heads.contains_key(around) {
                let text = self.string(around, HEAD);
                let head = text.map(|text| head::read(text.as_bytes(), 0, true));
                let forwarded = around.components().count() / 2;
                let mail = head.map(|head| Rc::new(Mail::new(head.fields, false, forwarded)));
                self.heads.insert(around.to_owned(), mail);
            }
            if let Some(Some(mail)) = self.heads.get(around) {
                return Some(mail.clone());
            }
        }
        None
    }
}
