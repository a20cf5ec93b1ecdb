//! One reading of a sealed part, from its first byte to its last.

use std::io::{self, BufReader, Read};

use sequoia_openpgp as openpgp;

use openpgp::parse::Parse;
use openpgp::parse::stream::{Decryptor, DecryptorBuilder};
use openpgp::policy::StandardPolicy;

use super::Plain;
use super::helper::{Helper, NoKey, NotSealed, TooMany};
use super::judge::Found;
use super::session::Pass;
use crate::find::MOST_RECIPIENTS;
use crate::found::Data;
use crate::trouble::{Cause, Trouble};

/// A document may be this large, whatever its mail: more than unfolds from the largest mail that is read.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Our letters shrink when the armor is taken off and are never compressed. Other programs compress text by ten
/// at most; what unfolds beyond that is a bomb.
const RATIO: u64 = 20;
/// What the library holds back of a message while it decrypts. Its own 25 MB would be as good as the whole letter, and
/// nothing that is read here is used before the end was seen.
const RESERVE: usize = 64 * 1024;
/// How often somebody who wants to stop is heard.
const STOP: usize = 256 * 1024;

/// Decrypts and gives the document to `take` as a stream. What was taken may be used only when this returns `Ok`: the
/// integrity of the whole is known at its end.
///
/// # Errors
/// Why it cannot be opened.
pub(super) fn decrypted<T>(
    data: &Data,
    pass: Pass<'_>,
    stop: &(dyn Fn() -> bool + Sync),
    take: impl FnOnce(&mut Plain<'_>) -> io::Result<T>,
) -> Result<(T, Found), Trouble> {
    let policy = StandardPolicy::new();
    let unreadable = |error: io::Error| Trouble::Unreadable {
        cause: Cause::from(&error),
    };
    let reader = data.reader().map_err(unreadable)?;
    let at = pass.at;
    let builder = DecryptorBuilder::from_reader(reader).map_err(|_| Trouble::Damaged)?;
    let decryptor = builder
        .buffer_size(RESERVE)
        .with_policy(&policy, at, Helper::new(pass))
        .map_err(|error| explain(&error))?;
    let most = LARGEST.min(data.size_hint().saturating_mul(RATIO).saturating_add(1024 * 1024));
    let bounded = Bounded {
        decryptor,
        left: most,
        until_asked: STOP,
        stop,
    };
    let mut document = BufReader::with_capacity(64 * 1024, bounded);
    let taken = take(&mut document).and_then(|taken| {
        io::copy(&mut document, &mut io::sink())?;
        Ok(taken)
    });
    if document.get_ref().decryptor.helper_ref().not_sealed {
        return Err(Trouble::NotSealed);
    }
    let taken = taken.map_err(why)?;
    Ok((taken, document.into_inner().decryptor.into_helper().found()))
}

/// Our own reasons are passed on, those of the library are one.
fn explain(error: &openpgp::anyhow::Error) -> Trouble {
    if let Some(NoKey(sealed_to)) = error.downcast_ref() {
        let sealed_to = sealed_to.clone();
        return Trouble::NotForKeys { sealed_to };
    }
    if error.downcast_ref::<TooMany>().is_some() {
        let limit = MOST_RECIPIENTS;
        return Trouble::TooManyRecipients { limit };
    }
    if error.downcast_ref::<NotSealed>().is_some() {
        return Trouble::NotSealed;
    }
    Trouble::Damaged
}

fn why(error: io::Error) -> Trouble {
    match error.downcast::<Reason>() {
        Ok(Reason::Bomb) => Trouble::Bomb,
        Ok(Reason::Stopped) => Trouble::Stopped,
        Ok(Reason::Disk(error)) => Trouble::Disk {
            cause: Cause::from(&error),
        },
        Err(_) => Trouble::Damaged,
    }
}

/// What ends a reading besides the source itself.
#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("unfolds to far more than was sent")]
    Bomb,
    #[error("stopped")]
    Stopped,
    #[error(transparent)]
    Disk(io::Error),
}

/// An error of the place that is written to, on its way through a reader.
pub(super) fn on_disk(error: io::Error) -> io::Error {
    io::Error::other(Reason::Disk(error))
}

/// Stops a document that does not end, and one that nobody waits for any more.
struct Bounded<'a> {
    decryptor: Decryptor<'a, Helper<'a>>,
    left: u64,
    until_asked: usize,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl Read for Bounded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.decryptor.read(out)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| io::Error::other(Reason::Bomb))?;
        match self.until_asked.checked_sub(read) {
            Some(left) => self.until_asked = left,
            None if (self.stop)() => return Err(io::Error::other(Reason::Stopped)),
            None => self.until_asked = STOP,
        }
        Ok(read)
    }
}
