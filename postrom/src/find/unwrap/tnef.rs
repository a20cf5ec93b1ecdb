//! `winmail.dat` ([MS-OXTNEF]): a row of attributes, those of attachments among them.

use std::ops::Range;

use memchr::memmem;

use super::{Bytes, Entry, How, Listing, MOST_ENTRIES};
use crate::trouble::Trouble;

const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800F;
const RENDERING: u32 = 0x0006_9002;
const ATTACHMENT: u32 = 0x0006_9005;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const SIGNATURE: &[u8] = b"\x78\x9F\x3E\x22";

struct Attribute {
    tag: u32,
    data: Range<usize>,
    end: usize,
}

pub(super) fn tnef(bytes: &[u8], _room: usize) -> Listing {
    let mut listing = Listing::default();
    let mut at = 6;
    // The data of an attachment stand before or after its name.
    let (mut name, mut data) = (String::new(), None);
    while at < bytes.len() {
        // What follows the last one of an inner mail belongs to the mail around it.
        if at > 6 && !matches!(bytes[at], 1 | 2) {
            break;
        }
        let Some(attribute) = attribute(bytes, at) else {
            listing.trouble(Trouble::BrokenArchive);
            break;
        };
        at = attribute.end;
        let range = attribute.data;
        match attribute.tag {
            RENDERING => add(&mut listing, &mut name, &mut data),
            TITLE => {
                name = String::from_utf8_lossy(bytes[range].trim_ascii_end())
                    .trim_end_matches('\0')
                    .to_owned()
            }
            DATA => data = Some(range),
            // MAPI properties in one piece: a mail within the mail is a TNEF of its own in them.
            ATTACHMENT | MESSAGE_PROPERTIES => {
                let inner = memmem::find(&bytes[range.clone()], SIGNATURE);
                if let Some(inner) = inner.filter(|_| listing.entries.len() < MOST_ENTRIES) {
                    let inner = Bytes::Range(range.start + inner..range.end);
                    listing.entries.push(Entry::file(String::new(), inner, How::Plain));
                }
            }
            _ => {}
        }
    }
    add(&mut listing, &mut name, &mut data);
    listing
}

fn add(listing: &mut Listing, name: &mut String, data: &mut Option<Range<usize>>) {
    let name = std::mem::take(name);
    let Some(data) = data.take() else {
        return;
    };
    if listing.entries.len() < MOST_ENTRIES {
        listing.entries.push(Entry::file(name, Bytes::Range(data), How::Plain));
    } else {
        listing.trouble(Trouble::TooManyParts {
            limit: MOST_ENTRIES as u64,
        });
    }
}

/// Level, tag, length, data, check sum.
fn attribute(bytes: &[u8], at: usize) -> Option<Attribute> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let tag = number(at + 1)?;
    let start = at + 9;
    let end = start.checked_add(usize::try_from(number(at + 5)?).ok()?)?;
    let whole = matches!(bytes.get(at), Some(1 | 2)) && end <= bytes.len();
    whole.then_some(Attribute {
        tag,
        data: start..end,
        end: end + 2,
    })
}
