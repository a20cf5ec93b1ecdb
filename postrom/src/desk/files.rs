//! A letter's files while they are needed: their bytes, and what is to be known of them.
//!
//! Comes in: the stream of the process that opens. Goes out: the bytes of one file, piece by piece or in memory, or the facts of
//! all of them. What always holds: a file is whole or there is none of it; nothing is kept.

use std::io;

use super::look::{Looked, look};
use super::post::RowId;
use super::session::Session;
use super::worker::{Said, Start};
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

/// The bytes of one file, in memory.
///
/// # Errors
/// Why they cannot be had.
pub fn bytes(session: &Session, id: RowId, number: usize) -> Result<Vec<u8>, Trouble> {
    let whole = std::cell::RefCell::new(Vec::new());
    pieces(
        session,
        id,
        number,
        &mut || {
            whole.borrow_mut().clear();
            Ok(())
        },
        &mut |piece| {
            whole.borrow_mut().extend_from_slice(piece);
            Ok(())
        },
    )?;
    Ok(whole.into_inner())
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

/// What is to be known of each file, without pictures, in the order of the letter.
///
/// # Errors
/// Why they cannot be had.
pub fn facts(session: &Session, start: &Start, id: RowId) -> Result<Vec<Looked>, Trouble> {
    let reading = session.reading(id)?;
    // What the citizen called it says more than what it was renamed to.
    let called = reading.status.files.iter();
    let called = called.map(|file| file.name_in_letter.as_deref().unwrap_or(&file.name));
    let called: Vec<&str> = called.collect();
    let name = |number: usize| called.get(number).copied().unwrap_or(MAIL);
    let (mut all, mut file) = (Vec::new(), None::<Vec<u8>>);
    for (said, body) in session.files(id)? {
        match said {
            Said::Bytes => file.get_or_insert_default().extend_from_slice(&body),
            Said::Again => {
                all.clear();
                file = None;
            }
            Said::Failed(why) => return Err(why),
            Said::File(_) | Said::Done => {
                let ends = matches!(said, Said::Done);
                let begins = if ends { None } else { Some(Vec::new()) };
                if let Some(whole) = std::mem::replace(&mut file, begins) {
                    all.push(look(start, name(all.len()), &whole, false));
                }
                if ends {
                    return Ok(all);
                }
            }
            _ => {}
        }
    }
    Err(Trouble::Missing)
}
