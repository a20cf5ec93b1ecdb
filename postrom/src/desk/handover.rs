//! Hands a letter over: to the archive as a package, or to a case officer as a mail that only they open.
//!
//! What always holds: only the process that opens sees the letter's bytes, and hands its files on as they come; what is not
//! whole gets no name.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::post::RowId;
use super::session::Session;
use super::worker::{Answers, Said};
use crate::desk::archive::pdf::letter_pdf;
use crate::desk::archive::{NoPackage, Officer, Order, Package, Piece, package};
use crate::i18n::Lang;
use crate::keys::certs_to_bytes;
use crate::trouble::{Cause, Trouble};

/// What was made of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// Where it is.
    pub package: Package,
    /// The document names signs that it cannot show.
    pub names_signs: bool,
}

/// Makes a package of a letter, with its document in the clerk's language. `stop` is asked now and then.
///
/// # Errors
/// Why there is none.
pub fn hand_over(
    session: &Session,
    id: RowId,
    order: &Order,
    lang: Lang,
    stop: &dyn Fn() -> bool,
) -> Result<HandedOver, NoPackage> {
    let reading = session.reading(id)?;
    // Before anything is asked of the other process.
    order.allows(&reading)?;
    let document = letter_pdf(&reading, lang).map_err(NoPackage::Document)?;
    let files = Pieces::of(session.files(id)?);
    let files = files.map(|piece| if stop() { Err(Trouble::Stopped) } else { piece });
    Ok(HandedOver {
        package: package(&reading, files, &document.bytes, order)?,
        names_signs: !document.missing.is_empty(),
    })
}

/// Writes a mail file with a letter that the officer alone can open.
///
/// # Errors
/// Why there is none.
pub fn hand_to_officer(session: &Session, id: RowId, officer: &Officer, to: &Path) -> Result<PathBuf, Trouble> {
    let cert = certs_to_bytes(std::slice::from_ref(&officer.cert)).map_err(|error| Trouble::Disk {
        cause: Cause::Other {
            text: error.to_string(),
        },
    })?;
    let mut file = None;
    for (said, _) in session.reseal(id, &BASE64.encode(cert), to)? {
        match said {
            Said::Resealed(path) => file = Some(path),
            Said::Failed(why) => return Err(why),
            Said::Done => return file.ok_or(Trouble::Missing),
            _ => {}
        }
    }
    Err(Trouble::Ended)
}

/// A letter's files, out of the answers of the process that opens.
struct Pieces(Option<Answers>);

impl Pieces {
    fn of(answers: Answers) -> Self {
        Self(Some(answers))
    }
}

impl Iterator for Pieces {
    type Item = Result<Piece, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let answers = self.0.as_mut()?;
            let end = match answers.next() {
                Some((Said::File(_), _)) => return Some(Ok(Piece::File)),
                Some((Said::Bytes, bytes)) => return Some(Ok(Piece::Bytes(bytes))),
                Some((Said::Again, _)) => return Some(Ok(Piece::Again)),
                Some((Said::Done, _)) => None,
                Some((Said::Failed(why), _)) => Some(Err(why)),
                Some(_) => continue,
                // Nobody is left who could say that it was all.
                None => Some(Err(Trouble::Ended)),
            };
            self.0 = None;
            return end;
        }
    }
}
