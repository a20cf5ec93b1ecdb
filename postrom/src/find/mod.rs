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
mod escape;
mod form;
mod head;
mod hidden;
mod html;
mod leaf;
mod look;
mod marker;
mod mbox;
mod packets;
mod piece;
mod tell;
mod unwrap;
mod walk;
mod work;

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

pub use packets::recipients;

use crate::found::{Found, Kind};
use crate::source::{Body, Input, is_of_a_program, open_file};
use crate::trouble::{Cause, Trouble};
use condense::Condensed;
use form::Form;
use look::Finder;

/// This much of an input, or of one mail of an mbox, is held in memory at once, and this much of what it unfolds to: three times
/// the largest mail that common servers take. The other bounds are those of one mail of an mbox too.
const HELD: usize = 100_000_000;
/// Parts and files of one input that are decoded and looked at.
const MOST_PARTS: u64 = 10_000;
/// Sealed parts of one input that are told. More are an attack on the clerk's patience.
const MOST_SEALED: usize = 10_000;
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
        Body::Bytes(bytes) => memory(bytes.clone(), None, take),
        Body::File(path) => file(path, take),
        Body::Hidden => {
            let (place, kind) = (Vec::new(), Kind::Other);
            return take(Found::Other { place, kind });
        }
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

fn memory(bytes: Vec<u8>, instead: Option<Kind>, take: &mut dyn FnMut(Found)) -> io::Result<()> {
    if form::of(&bytes) == Form::Mbox {
        return condense::each(&*bytes, None, true, &mut |mail| Finder::new(mail, take).run(instead));
    }
    Finder::new(Condensed::whole(bytes), take).run(instead);
    Ok(())
}

fn file(path: &Path, take: &mut dyn FnMut(Found)) -> io::Result<()> {
    /// What is smaller is read whole.
    const SMALL: u64 = 4 * 1024 * 1024;
    const BLOCK: usize = 256 * 1024;
    let file = open_file(path)?;
    let length = file.metadata()?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let instead = Some(Kind::MailProgram).filter(|_| is_of_a_program(&name));
    if length <= SMALL {
        return memory(read(file, length)?, instead, take);
    }
    let mut file = BufReader::with_capacity(BLOCK, file);
    let bytes = file.fill_buf()?;
    let (start, armor_may_stand) = (form::of(bytes), form::is_text_of_a_document(bytes));
    let fits = length <= HELD as u64;
    match start {
        // A film in the folder is not read to its end to learn what it is.
        Form::Flat(kind @ (Kind::Picture | Kind::Document)) if !fits && !armor_may_stand => {
            let place = Vec::new();
            take(Found::Other { place, kind });
            Ok(())
        }
        Form::Mbox | Form::Mail | Form::Emlx | Form::Flat(_) => {
            let is_mbox = start == Form::Mbox;
            condense::each(file, Some(path), is_mbox, &mut |mail| {
                Finder::new(mail, take).run(instead)
            })
        }
        // Nothing in a container may be moved: its parts are where its list says.
        _ => {
            let bytes = if fits { read(file, length)? } else { Vec::new() };
            let cut = !fits;
            Finder::new(
                Condensed {
                    cut,
                    ..Condensed::whole(bytes)
                },
                take,
            )
            .run(instead);
            Ok(())
        }
    }
}

fn read(file: impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // It may grow while it is read.
    file.take(HELD as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
