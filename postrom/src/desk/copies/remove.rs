//! Removing a copy.

use std::io;
use std::path::Path;

use super::list::{Copy, Where, copy, is_ours, no_ledger};
use crate::desk::plan::Plan;
use crate::desk::room::{NotDone, Room};
use crate::folder::loose;
use crate::folder::within::{Folder, is_name};
use crate::folder::{ATTACHMENTS, DOCUMENT, JSON, TEXT};
use crate::ledger::{Act, Ledger, MARK, Mark};
use crate::status::{self, Status};
use crate::trouble::Cause;

/// The status of a letter with thousands of files.
const LARGEST_STATUS: u64 = 16 * 1024 * 1024;

/// What came of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone now.
    Removed,
    /// It was gone already.
    WasGone,
    /// What this program had written is gone; what somebody else put into its folder lies there still.
    OthersRemain,
}

/// Why a copy lies there still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRemoved {
    /// It is not on the list.
    NotListed,
    /// It does not lie in this desk's out folder: whoever saved it has to remove it.
    Elsewhere(String),
    /// What lies there was not written by this program, or belongs to another letter.
    NotOurs,
    /// Some program has it open.
    InUse,
    /// The disk says no.
    Disk(Cause),
    /// The desk is locked, or the list cannot be written.
    NotDone(NotDone),
}

/// Removes the copy that a key of the list stands for.
///
/// # Errors
/// Why it lies there still.
pub fn remove(room: &Room, key: &str) -> Result<Removed, NotRemoved> {
    let open = room.open().ok_or(NotRemoved::NotDone(NotDone::Locked))?;
    open.ledger
        .refresh()
        .map_err(|error| NotRemoved::NotDone(no_ledger(error)))?;
    let all = open.ledger.copies().into_iter();
    let found = all
        .map(|saved| copy(&open.ledger, room.plan(), saved))
        .find(|copy| copy.key == key);
    remove_one(&open.ledger, room.plan(), &found.ok_or(NotRemoved::NotListed)?)
}

/// The same of one that was looked up, and told to the ledger.
pub(super) fn remove_one(ledger: &Ledger, plan: &Plan, copy: &Copy) -> Result<Removed, NotRemoved> {
    let removed = match &copy.place {
        Where::Elsewhere => return Err(NotRemoved::Elsewhere(copy.saved.who.clone())),
        Where::Gone(_) => Removed::WasGone,
        Where::Here(pieces) if !is_ours(&copy.saved, pieces) => return Err(NotRemoved::NotOurs),
        Where::Here(pieces) => from_disk(&plan.out, pieces, &copy.saved.sha256)?,
    };
    let mark = Mark {
        schema: MARK.into(),
        sha256: copy.saved.sha256.clone(),
        reference: copy.saved.reference.clone(),
        act: Act::Removed {
            path: copy.saved.path.clone(),
        },
        time: crate::folder::now(),
        who: plan.who.clone(),
    };
    let told = ledger
        .mark(mark)
        .map_err(|error| NotRemoved::NotDone(no_ledger(error)))?;
    told.map_err(|refusal| NotRemoved::NotDone(NotDone::Refused(refusal)))?;
    Ok(removed)
}

fn from_disk(out: &Path, pieces: &[String], sha256: &str) -> Result<Removed, NotRemoved> {
    // A folder that is away is not made anew to find nothing in it.
    let home = Folder::open(out).map_err(|error| why(&error))?;
    // Nobody gives folders other names meanwhile.
    let _lock = loose::hold(out).map_err(|error| why(&error))?;
    let gone = |error: &NotRemoved| *error == NotRemoved::Disk(Cause::Missing);
    let removed = match pieces {
        [folder] => letter(&home, folder, sha256),
        [files, folder, name] => file(&home, files, folder, name),
        _ => Err(NotRemoved::NotOurs),
    };
    removed.or_else(|error| if gone(&error) { Ok(Removed::WasGone) } else { Err(error) })
}

fn file(out: &Folder, files: &str, folder: &str, name: &str) -> Result<Removed, NotRemoved> {
    let files = out.below(files).map_err(|error| why(&error))?;
    let home = files.below(folder).map_err(|error| why(&error))?;
    if !home.is_file(name).map_err(|error| why(&error))? {
        return Err(NotRemoved::NotOurs);
    }
    home.remove_file(name)
        .and_then(|()| home.sync())
        .map_err(|error| why(&error))?;
    drop(home);
    // Its folder goes with the last file.
    let _ = files.remove_folder(folder);
    Ok(Removed::Removed)
}

/// Removes what this program writes of a letter, by name: what clerks put beside it stays.
fn letter(out: &Folder, folder: &str, sha256: &str) -> Result<Removed, NotRemoved> {
    let home = out.below(folder).map_err(|error| why(&error))?;
    let bytes = home.read(status::FILE, LARGEST_STATUS);
    let status: Option<Status> = bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let status = status
        .filter(|status| status.sha256 == sha256)
        .ok_or(NotRemoved::NotOurs)?;
    if let Ok(files) = home.below(ATTACHMENTS) {
        for file in status.files.iter().filter(|file| is_name(&file.name)) {
            if_there(files.remove_file(&file.name))?;
        }
        drop(files);
        let _ = home.remove_folder(ATTACHMENTS);
    }
    // The status last: whoever was interrupted finds it again.
    for file in [DOCUMENT, TEXT, JSON, status::FILE] {
        if_there(home.remove_file(file))?;
    }
    let _ = home.sync();
    drop(home);
    match out.remove_folder(folder) {
        Ok(()) => out.sync().map(|()| Removed::Removed).map_err(|error| why(&error)),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Removed::OthersRemain),
        Err(error) => Err(why(&error)),
    }
}

fn if_there(removed: io::Result<()>) -> Result<(), NotRemoved> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(why(&error)),
        _ => Ok(()),
    }
}

fn why(error: &io::Error) -> NotRemoved {
    /// ERROR_SHARING_VIOLATION of Windows, where a file that is open does not go.
    const SHARING: i32 = 32;
    if cfg!(windows) && error.raw_os_error() == Some(SHARING) {
        return NotRemoved::InUse;
    }
    match error.kind() {
        // A link, or a file where a folder should be: somebody else's work.
        io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => NotRemoved::NotOurs,
        _ => NotRemoved::Disk(Cause::from(error)),
    }
}
