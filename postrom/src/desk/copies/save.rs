//! Saving one file of a letter, or all of it.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::list::folder_of;
use crate::desk::files;
use crate::desk::post::RowId;
use crate::desk::room::{NotDone, Room};
use crate::desk::session::Session;
use crate::desk::worker::Said;
use crate::folder::loose::Loose;
use crate::folder::web_mark;
use crate::ledger::Act;
use crate::trouble::{Cause, Trouble};

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The file, or the folder of a whole letter.
    pub path: PathBuf,
    /// False when Windows could not be told that the file comes from outside.
    pub marked: bool,
}

/// Saves one file of a letter as `OUT/files/REFERENCE/NAME`. Of a mail that is no letter, file 0 is the whole of it.
///
/// # Errors
/// Why it was not saved. Nothing is left then.
pub fn save_file(room: &Room, id: RowId, number: usize) -> Result<Saved, NotDone> {
    let open = room.open().ok_or(NotDone::Locked)?;
    let reading = open.session.reading(id).map_err(NotDone::Trouble)?;
    let status = &reading.status;
    let name = files::names(&open.session, id).map_err(NotDone::Trouble)?;
    // It was made harmless when it was read; it is the last thing that may be taken for granted.
    let name = konvolutt_letter::neutral(name.get(number).ok_or(NotDone::Gone)?);
    let folder = folder_of(status.reference.as_deref(), &status.sha256, status.verdict.is_forgery());

    let loose = Loose::begin(&room.plan().out).map_err(disk)?;
    let (staged, file) = loose.file().map_err(disk)?;
    write(&open.session, id, number, &file).map_err(NotDone::Trouble)?;
    let marked = web_mark::mark(&staged);
    file.sync_all().map_err(disk)?;
    drop(file);

    let listed_as = |path: &str| open.ledger.name(loose.out(), path);
    let mut why = None;
    let placed = loose.place(
        &staged,
        (&folder, &name),
        &mut |path| {
            let done = room.act(id, Act::Saved { path: listed_as(path) });
            done.map(drop).map_err(|error| {
                why = Some(error);
                io::Error::other("not listed")
            })
        },
        // It is listed, and gone: that is what the list says then.
        &mut |path| drop(room.act(id, Act::Removed { path: listed_as(path) })),
    );
    let path = placed.map_err(|error| why.take().unwrap_or_else(|| disk(error)))?;
    Ok(Saved {
        path: loose.out().join(path),
        marked,
    })
}

/// The bytes of one file.
fn write(session: &Session, id: RowId, number: usize, file: &File) -> Result<(), Trouble> {
    let (mut begin, mut end) = (file, file);
    files::pieces(
        session,
        id,
        number,
        &mut || file.set_len(0).and_then(|()| begin.rewind()),
        &mut |piece| end.write_all(piece),
    )
}

/// Saves a letter into a folder of its own, as `postrom open` does.
///
/// # Errors
/// Why it was not saved.
pub fn save_all(room: &Room, id: RowId) -> Result<Saved, NotDone> {
    let open = room.open().ok_or(NotDone::Locked)?;
    let plan = room.plan();
    let mut saved = None;
    for (said, _) in open
        .session
        .save(id, &plan.out, &plan.ledger)
        .map_err(NotDone::Trouble)?
    {
        match said {
            Said::Saved { folder, .. } => saved = Some(folder),
            Said::Failed(why) => return Err(NotDone::Trouble(why)),
            _ => {}
        }
    }
    let folder = saved.ok_or(NotDone::Trouble(Trouble::Ended))?;
    let path = listed(&open.ledger, &folder);
    room.act(id, Act::Saved { path })?;
    Ok(Saved {
        path: folder,
        // What could not be marked stands among the letter's remarks.
        marked: true,
    })
}

fn listed(ledger: &crate::ledger::Ledger, folder: &Path) -> String {
    match (folder.parent(), folder.file_name()) {
        (Some(out), Some(name)) => ledger.name(out, &name.to_string_lossy()),
        _ => folder.to_string_lossy().into_owned(),
    }
}

fn disk(error: io::Error) -> NotDone {
    NotDone::Trouble(Trouble::Disk {
        cause: Cause::from(&error),
    })
}
