//! From one input to all its sealed parts.
//!
//! Comes in: an [`Input`], whatever it is. Goes out: a [`Found`] for each sealed part, for each thing that was not looked at, and for each
//! mail or file in which there is nothing sealed. What always holds: every `-----BEGIN PGP MESSAGE-----` in the bytes, and
//! in what they unfold to, is told once or lies in something that is told as not looked at; nothing recurses, and what
//! is held in memory, unfolded and counted is bounded; no input ends the program.
//!
//! Raw bytes are searched for armor wherever it stands. The structure of a mail ([`walk`]) only says which mail is nearest,
//! and which stretches are encoded and must be decoded and looked at again ([`unwrap`]). So a mail whose structure is
//! broken, or built to break readers, gives what stands in it all the same.

mod armor;
mod condense;
mod data;
mod form;
mod head;
mod html;
mod look;
mod marker;
mod mbox;
mod packets;
mod piece;
mod tell;
mod unwrap;
mod walk;

use std::io::{BufRead, Read as _};
use std::path::Path;

pub use packets::recipients;

pub(crate) use form::is_of_a_program;

use crate::found::{Found, Kind};
use crate::source::{Body, Input, open_file};
use crate::trouble::{Cause, Trouble};
use condense::Condensed;
use look::Finder;

/// This much of an input is held in memory at once, and this much of what it unfolds to: three times the largest mail that
/// common servers take.
const HELD: usize = 100_000_000;
/// Limits are told in this unit.
const MEGABYTE: usize = 1_000_000;
const TOO_LARGE: Trouble = Trouble::TooLarge {
    limit: (HELD / MEGABYTE) as u64,
};

/// No form seals to more keys; a message with more is refused before any of them is tried.
pub const MOST_RECIPIENTS: u64 = 64;

/// Tells everything that is in an input.
pub fn find(input: &Input, take: &mut dyn FnMut(Found)) {
    let outcome = match &input.body {
        Body::Bytes(bytes) => memory(bytes, take),
        Body::File(path) => file(path, take),
    };
    if let Err(error) = outcome {
        let why = match Cause::from(&error) {
            Cause::Missing => Trouble::Missing,
            cause => Trouble::Unreadable { cause },
        };
        take(Found::NotLookedAt {
            place: Vec::new(),
            why,
            reference: None,
        });
    }
}

fn memory(bytes: &[u8], take: &mut dyn FnMut(Found)) -> std::io::Result<()> {
    if form::of(bytes) != form::Form::Mbox {
        Finder::new(Condensed::whole(bytes.to_vec()), take).run(None);
        return Ok(());
    }
    condense::each(bytes, None, true, &mut |mail| Finder::new(mail, take).run(None))
}

fn file(path: &Path, take: &mut dyn FnMut(Found)) -> std::io::Result<()> {
    /// What is smaller is read whole.
    const SMALL: u64 = 1024 * 1024;
    let file = open_file(path)?;
    let length = file.metadata()?.len();
    let program = path
        .file_name()
        .is_some_and(|name| is_of_a_program(&name.to_string_lossy()));
    let instead = program.then_some(Kind::MailProgram);
    let mut file = std::io::BufReader::with_capacity(256 * 1024, file);
    let start = form::of(file.fill_buf()?);
    match start {
        form::Form::Mbox => {}
        _ if length <= SMALL => {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            // A file may grow while it is read.
            file.take(HELD as u64).read_to_end(&mut bytes)?;
            Finder::new(Condensed::whole(bytes), take).run(instead);
            return Ok(());
        }
        // A film in the folder is not read to its end to learn what it is.
        form::Form::Flat(kind @ (Kind::Picture | Kind::Document)) if length > HELD as u64 => {
            take(Found::Other {
                place: Vec::new(),
                kind,
            });
            return Ok(());
        }
        _ => {}
    }
    let mbox = start == form::Form::Mbox;
    condense::each(file, Some(path), mbox, &mut |mail| Finder::new(mail, take).run(instead))
}
