//! The list of copies, over all letters.

use std::path::{Component, Path, PathBuf, absolute};
use std::time::Duration;

use jiff::Timestamp;
use konvolutt_letter::{Reference, hex};
use sha2::{Digest, Sha256};

use crate::desk::plan::Plan;
use crate::desk::room::{NotDone, Room};
use crate::folder::loose::FILES;
use crate::ledger::{Ledger, SavedCopy, is_gone};
use crate::trouble::Trouble;

/// A copy of a letter, or of one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Stands for it in forms of a page: says nothing of the letter, and stays the same.
    pub key: String,
    /// What the ledger says.
    pub saved: SavedCopy,
    /// The same as a time, when it is one.
    pub time: Option<Timestamp>,
    /// One file of a letter, as against the folder of a whole one.
    pub is_file: bool,
    /// Where it is.
    pub place: Where,
}

/// Where a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In this desk's out folder, as far as it can be looked at: the path from there on, name by name.
    Here(Vec<String>),
    /// It was there and is not any more: somebody moved or removed it.
    Gone(Vec<String>),
    /// Not in this desk's out folder: a colleague's, on a machine of theirs perhaps.
    Elsewhere,
}

/// Copies of all letters, the oldest first.
///
/// # Errors
/// When the desk is locked, or the ledger cannot be read.
pub fn list(room: &Room) -> Result<Vec<Copy>, NotDone> {
    let open = room.open().ok_or(NotDone::Locked)?;
    open.ledger.refresh().map_err(no_ledger)?;
    let copies = open.ledger.copies().into_iter();
    Ok(copies.map(|saved| copy(&open.ledger, room.plan(), saved)).collect())
}

/// How many of them lie here for longer than this.
pub fn older_than(copies: &[Copy], age: Duration) -> usize {
    let now = Timestamp::now();
    let is_old = |copy: &&Copy| {
        let since = copy.time.map(|time| now.duration_since(time));
        matches!(copy.place, Where::Here(_))
            && since.is_some_and(|since| since.unsigned_abs() > age && since.is_positive())
    };
    copies.iter().filter(is_old).count()
}

pub(super) fn no_ledger(error: std::io::Error) -> NotDone {
    NotDone::Trouble(Trouble::of_disk(&error))
}

pub(super) fn copy(ledger: &Ledger, plan: &Plan, saved: SavedCopy) -> Copy {
    let path = ledger.place(&saved);
    let pieces = pieces(&plan.out, &path);
    let place = match pieces {
        None => Where::Elsewhere,
        Some(pieces) if !is_gone(&plan.out, &path) => Where::Here(pieces),
        // The same path on a colleague's own machine.
        Some(_) if Path::new(&saved.path).is_absolute() && saved.who != plan.who => Where::Elsewhere,
        Some(pieces) => Where::Gone(pieces),
    };
    let is_file = match &place {
        Where::Here(pieces) | Where::Gone(pieces) => pieces.len() > 1,
        Where::Elsewhere => path.extension().is_some(),
    };
    Copy {
        key: hex(&Sha256::digest(format!("{}\n{}", saved.sha256, saved.path))[..16]),
        time: saved.time.parse().ok(),
        is_file,
        place,
        saved,
    }
}

/// The names from the out folder on; `None` when it lies elsewhere, or would lead out again.
fn pieces(out: &Path, path: &Path) -> Option<Vec<String>> {
    let whole = |path: &Path| -> Option<PathBuf> { Some(absolute(path).ok()?.components().collect()) };
    let below = whole(path)?.strip_prefix(whole(out)?).ok()?.to_owned();
    let names = below.components().map(|component| match component {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

/// The folder below `files/` for a letter's files. Only a reference that is one may become a name; a letter without it
/// has the beginning of its digest, so that no two letters share a folder.
pub(super) fn folder_of(reference: Option<&str>, sha256: &str, forged: bool) -> String {
    let reference = reference.and_then(Reference::parse);
    let digest = || {
        sha256
            .chars()
            .filter(char::is_ascii_hexdigit)
            .take(16)
            .collect::<String>()
    };
    let plain = reference.map_or_else(|| format!("brev-{}", digest()), |reference| reference.to_string());
    if forged { format!("not-genuine {plain}") } else { plain }
}

/// Whether this is where this program puts a copy of this letter. What a clerk sees of a copy is the letter's reference: a
/// line of the ledger by somebody else does not make another letter's file go under it.
pub(super) fn is_ours(copy: &SavedCopy, pieces: &[String]) -> bool {
    match pieces {
        // The letter's own status says whose folder it is.
        [_] => true,
        [files, folder, _] if files == FILES => {
            let of = |forged| folder_of(copy.reference.as_deref(), &copy.sha256, forged);
            *folder == of(false) || *folder == of(true)
        }
        _ => false,
    }
}
