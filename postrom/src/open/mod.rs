//! Decrypts one sealed part and judges its signature.
//!
//! Comes in: a [`Data`], the clerk's [`Keys`], the [`Trust`] to hold it against. Goes out: an [`Opened`], or the
//! [`Trouble`] that stood in the way. What always holds: nothing is written anywhere, and `Opened` exists only of what
//! was read to its end and found whole. Files up to [`HELD`] bytes stay in memory; larger ones are decrypted once more
//! when they are written, with the session key of the first time, and held against its digest.

mod again;
mod helper;
mod judge;
mod pass;
mod reasons;
mod session;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use konvolutt_letter::{ReadError, Shelf, read};
use sha2::{Digest, Sha256};

use crate::find::{MOST_RECIPIENTS, recipients};
use crate::found::Data;
use crate::keys::Keys;
use crate::opened::{Content, Opened};
use crate::trouble::{Cause, Trouble};
use crate::trust::Trust;

use again::Held;
use pass::decrypted;
use session::Pass;

/// Files of one letter that stay in memory between decrypting and writing.
const HELD: usize = 4 * 1024 * 1024;

/// Opens a sealed part. `stop` is asked now and then: when it says yes, opening ends with [`Trouble::Stopped`].
///
/// # Errors
/// Why it cannot be opened.
pub fn open(data: &Data, keys: &Keys, trust: &Trust, stop: &(dyn Fn() -> bool + Sync)) -> Result<Opened, Trouble> {
    // Sequoia 2.4 panics on data that end right after the first cipher block (found by cutting letters at random):
    // one damaged mail must not end the opening of forty.
    let opened = catch_unwind(AssertUnwindSafe(|| once(data, keys, trust, stop)));
    opened.unwrap_or(Err(Trouble::Damaged))
}

fn once(data: &Data, keys: &Keys, trust: &Trust, stop: &(dyn Fn() -> bool + Sync)) -> Result<Opened, Trouble> {
    too_many(data)?;
    let mut shelf = Held::new(HELD);
    let mut digest = Sha256::new();
    let pass = Pass::first(keys, trust);
    let (content, found) = decrypted(data, pass, stop, |plain| {
        let mut plain = BufReader::new(Digested(plain, &mut digest));
        let document = match read(&mut plain, &mut shelf) {
            Ok(document) => Content::Letter(Box::new(document)),
            Err(ReadError::NotALetter(_)) => Content::Foreign,
            Err(ReadError::Source(error) | ReadError::Shelf(error)) => return Err(error),
        };
        // Whatever it is: its integrity is known at its end.
        io::copy(&mut plain, &mut io::sink())?;
        Ok(document)
    })?;
    let sha256 = digest.finalize().into();
    let (judged, sessions) = reasons::told_apart(data, trust, found, stop)?;
    Ok(Opened {
        judged,
        sha256,
        content,
        body: Box::new(again::Again::new(data.clone(), sessions, sha256, shelf.taken())),
    })
}

/// Each key that a letter names is tried with each of the clerk's: a mail with thousands would take minutes.
fn too_many(data: &Data) -> Result<(), Trouble> {
    let unreadable = |error: io::Error| Trouble::Unreadable {
        cause: Cause::from(&error),
    };
    let named = data
        .reader()
        .and_then(|reader| recipients(reader, MOST_RECIPIENTS))
        .map_err(unreadable)?;
    if named > MOST_RECIPIENTS {
        return Err(Trouble::TooManyRecipients { limit: MOST_RECIPIENTS });
    }
    Ok(())
}

/// Hashes what is read through it.
struct Digested<'a, R: ?Sized>(&'a mut R, &'a mut Sha256);

impl<R: Read + ?Sized> Read for Digested<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        self.1.update(&out[..read]);
        Ok(read)
    }
}

/// The stream of a sealed document, as the passes give it.
type Plain<'a> = dyn BufRead + 'a;

/// Puts the files of a document that is read once more onto a shelf.
fn files_of(plain: &mut Plain<'_>, shelf: &mut dyn Shelf) -> io::Result<()> {
    match read(&mut BufReader::new(plain), shelf) {
        Ok(_) => Ok(()),
        Err(ReadError::Source(error)) => Err(error),
        Err(ReadError::Shelf(error)) => Err(pass::on_disk(error)),
        Err(ReadError::NotALetter(_)) => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Copies a document; what the target says is told from what the source says.
fn copied(plain: &mut Plain<'_>, out: &mut dyn Write) -> io::Result<()> {
    loop {
        let some = plain.fill_buf()?;
        if some.is_empty() {
            return Ok(());
        }
        out.write_all(some).map_err(pass::on_disk)?;
        let len = some.len();
        plain.consume(len);
    }
}
