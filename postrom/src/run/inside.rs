//! Letters that lie within a sealed mail: a colleague whose mail program seals everything hands a letter on that way.
//!
//! Comes in: a mail that was opened and is not a letter. Goes out: what became of each sealed part in it. What always holds: the mail
//! is in memory alone while it is looked through, and no more of it than [`LARGEST`] bytes; a seal within a seal within a seal is
//! named, not opened.

use std::io::{self, Write};

use super::Run;
use super::done::Done;
use crate::find::find;
use crate::found::{Found, Sealed};
use crate::i18n::inputs;
use crate::opened::Opened;
use crate::source::{Body, Input};
use crate::told::{Told, What};
use crate::trouble::Trouble;

/// What mailboxes take at most.
const LARGEST: usize = 32 * 1024 * 1024;
const MEGABYTE: usize = 1024 * 1024;
/// So many seals around a letter are opened.
pub(crate) const DEPTH: u32 = 3;

/// What became of each sealed part in an opened mail. `depth` is how many seals lie around it; `open` opens what is found.
pub(super) fn look(
    run: &Run<'_>,
    around: &Told,
    mail: &Opened,
    depth: u32,
    open: &mut dyn FnMut(Told, &Sealed) -> Vec<Done>,
) -> Vec<Done> {
    let input = match within(mail, &around.source, around.named) {
        Ok(input) => input,
        // The mail itself is in place; it was whole a moment ago.
        Err(trouble) => return vec![not_looked_at(run, around, trouble)],
    };
    let mut done = Vec::new();
    find(&input, &mut |found| match found {
        Found::Sealed(sealed) if depth < DEPTH => {
            let place = inputs::place(run.lang, &sealed.place);
            let mut told = Told::of(named(around, &place, done.len()), around.named, What::Letter);
            told.reference.clone_from(&sealed.reference);
            done.extend(open(told, &sealed));
        }
        Found::Sealed(_) => done.push(not_looked_at(run, around, Trouble::TooDeep)),
        Found::NotLookedAt { why, .. } => done.push(not_looked_at(run, around, why)),
        Found::Other { .. } => {}
    });
    done
}

/// An opened mail, to be looked through in its turn.
///
/// # Errors
/// It is too large, or what the opened mail says.
pub(crate) fn within(mail: &Opened, source: &str, named: bool) -> Result<Input, Trouble> {
    let mut document = Bounded(Vec::new());
    match mail.whole(&mut document) {
        Err(_) if document.is_full() => Err(Trouble::TooLarge {
            limit: (LARGEST / MEGABYTE) as u64,
        }),
        Err(trouble) => Err(trouble),
        Ok(()) => Ok(Input {
            name: source.to_owned(),
            named,
            body: Body::Bytes(document.0),
        }),
    }
}

/// A name that nothing else in this input has.
fn named(around: &Told, place: &str, before: usize) -> String {
    let within = if place.is_empty() {
        String::new()
    } else {
        format!(", {place}")
    };
    format!("{}{within} [{}]", around.source, before + 1)
}

fn not_looked_at(run: &Run<'_>, around: &Told, why: Trouble) -> Done {
    let mut told = Told::of(around.source.clone(), around.named, What::NotLookedAt);
    told.error = Some(inputs::trouble(run.lang, &why, None));
    told.trouble = Some(why);
    Done::Told(Box::new(told))
}

struct Bounded(Vec<u8>);

impl Bounded {
    fn is_full(&self) -> bool {
        self.0.len() > LARGEST
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        if self.is_full() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
