//! What lies in a container, and how it is decoded. One level: what comes out is looked at as if it were an input.
//!
//! What always holds: nothing here gives out more than it is allowed to, and a library that panics costs its container.

mod archive;
mod decode;
mod outlook;
mod rtf;
mod stray;
mod tnef;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::head::Mail;
use crate::found::Step;
use crate::trouble::Trouble;

pub(super) use decode::decode;

/// How bytes are encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Plain,
    Base64,
    Quoted,
    Inflate,
    Gzip,
    Utf16 { little: bool },
}

/// Where the bytes of an entry are.
pub(super) enum Bytes {
    /// In the container.
    Range(Range<usize>),
    /// Put together from it.
    Own(Vec<u8>),
}

/// Something in a container.
pub(super) struct Entry {
    pub step: Option<Step>,
    pub bytes: Bytes,
    pub how: How,
    /// The mail that it lies in, when the container is one.
    pub mail: Option<Rc<Mail>>,
    /// May say again what an entry before it said: the same text in another form.
    pub again: bool,
}

impl Entry {
    fn file(name: String, bytes: Bytes, how: How) -> Self {
        let step = Some(name).filter(|name| !name.is_empty()).map(|name| Step::file(&name));
        Self {
            step,
            bytes,
            how,
            mail: None,
            again: false,
        }
    }
}

/// All that lies in a container, as far as it could be read.
#[derive(Default)]
pub(super) struct Listing {
    pub entries: Vec<Entry>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
    /// An office document, a mail of Outlook: more than an archive.
    pub known_as: Option<crate::found::Kind>,
}

/// More files in an archive are not looked at: honest ones have some hundred at most.
pub(super) const MOST_ENTRIES: usize = 10_000;

/// A reader of a container: bytes, and how many more may be held.
type Reader = fn(&[u8], usize) -> Listing;

pub(super) const ZIP: Reader = archive::zip;
pub(super) const TAR: Reader = archive::tar;
pub(super) const COMPOUND: Reader = outlook::compound;
pub(super) const TNEF: Reader = tnef::tnef;

/// Lists a container.
pub(super) fn list(reader: Reader, bytes: &[u8], room: usize) -> Listing {
    // The libraries are written with care, and none of them promises that it does not panic.
    catch_unwind(AssertUnwindSafe(|| reader(bytes, room))).unwrap_or_else(|_| Listing {
        troubles: vec![Trouble::BrokenArchive],
        ..Listing::default()
    })
}
