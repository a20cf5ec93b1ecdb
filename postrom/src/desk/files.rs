//! A letter's files while they are needed.
//!
//! Comes in: the stream of the process that opens. Goes out: the bytes of one file, piece by piece, or of each of them. What
//! always holds: a file is whole or there is none of it; nothing is kept.

use std::io;

use super::post::RowId;
use super::session::Session;
use super::worker::Said;
use crate::status::Kind;
use crate::trouble::{Cause, Trouble};

/// The whole of a mail that is no letter of a form, as a file.
const MAIL: &str = "document.eml";

/// Names of a letter's files in their order, as they are on the disk; a mail that is no letter is one file.
///
/// # Errors
/// Why it cannot be opened.
pub fn names(session: &Session, id: RowId) -> Result<Vec<String>, Trouble> {
    let reading = session.reading(id)?;
    Ok(match reading.status.kind {
        Kind::Letter => reading.status.files.iter().map(|file| file.name.clone()).collect(),
        Kind::Mail => vec![MAIL.to_owned()],
    })
}

/// The bytes of one file as they come. `anew` is called when what came until then does not count.
///
/// # Errors
/// Why they cannot be had, or what whoever takes them says of the disk.
pub fn pieces(
    session: &Session,
    id: RowId,
    number: usize,
    anew: &mut dyn FnMut() -> io::Result<()>,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Trouble> {
    let disk = |error: io::Error| Trouble::Disk {
        cause: Cause::from(&error),
    };
    let mut begun = 0;
    for (said, body) in session.files(id)? {
        match said {
            Said::File(_) => begun += 1,
            Said::Bytes if begun == number + 1 => take(&body).map_err(disk)?,
            Said::Again => {
                begun = 0;
                anew().map_err(disk)?;
            }
            Said::Failed(why) => return Err(why),
            Said::Done if begun > number => return Ok(()),
            _ => {}
        }
    }
    // The mail is another one by now, or the desk was locked.
    Err(Trouble::Missing)
}

/// Each file whole, in the order of the letter, one after the other. `anew` is called when what came until then does not count.
///
/// # Errors
/// Why they cannot be had.
pub fn each(
    session: &Session,
    id: RowId,
    anew: &mut dyn FnMut(),
    take: &mut dyn FnMut(Vec<u8>),
) -> Result<(), Trouble> {
    let mut file = None::<Vec<u8>>;
    for (said, body) in session.files(id)? {
        match said {
            Said::File(_) => {
                if let Some(whole) = file.replace(Vec::new()) {
                    take(whole);
                }
            }
            Said::Bytes => file.get_or_insert_default().extend_from_slice(&body),
            Said::Again => {
                file = None;
                anew();
            }
            Said::Failed(why) => return Err(why),
            Said::Done => {
                file.map(take);
                return Ok(());
            }
            _ => {}
        }
    }
    // The mail is another one by now, or the desk was locked.
    Err(Trouble::Missing)
}
