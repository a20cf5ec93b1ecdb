//! "Deleted here": every copy of a letter on this side goes, and it is said what remains elsewhere.

use super::list::{Copy, Where, copy, no_ledger};
use super::remove::{NotRemoved, remove_one};
use crate::desk::post::RowId;
use crate::desk::room::{NotDone, Room};
use crate::ledger::{Act, Standing, State};

/// What is gone, and what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// How the letter stands now.
    pub standing: Standing,
    /// So many copies were removed, or were gone already.
    pub removed: usize,
    /// The mail with the sealed letter: a desk never deletes mail.
    pub in_mailbox: bool,
    /// It was registered, so the archive has it.
    pub in_archive: bool,
    /// Copies that colleagues have, by who saved them.
    pub with_others: Vec<Copy>,
}

/// Why a letter is not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDeleted {
    /// The desk is locked, a colleague has it, or something stood in the way. Nothing was removed.
    NotDone(NotDone),
    /// These copies could not be removed; the others are gone. Tried again, it goes on here.
    Copies(Vec<(Copy, NotRemoved)>),
}

impl From<NotDone> for NotDeleted {
    fn from(error: NotDone) -> Self {
        Self::NotDone(error)
    }
}

/// Removes every copy of a letter in this desk's out folder, then says so in the ledger.
///
/// # Errors
/// Why not.
pub fn delete_here(room: &Room, id: RowId) -> Result<Deleted, NotDeleted> {
    let open = room.open().ok_or(NotDone::Locked)?;
    let (sha256, in_mailbox) = {
        let post = open.session.post();
        let row = post.row(id).ok_or(NotDone::Gone)?;
        (row.document().ok_or(NotDone::Gone)?.to_owned(), !row.places.is_empty())
    };
    open.ledger.refresh().map_err(no_ledger)?;
    let before = open.ledger.standing(&sha256);
    before
        .allows(&Act::Deleted, &room.plan().who)
        .map_err(NotDone::Refused)?;

    let copies = open.ledger.copies_of(&sha256).into_iter();
    let copies = copies.map(|saved| copy(&open.ledger, room.plan(), saved));
    let (with_others, own): (Vec<Copy>, Vec<Copy>) = copies.partition(|copy| copy.place == Where::Elsewhere);
    let tried = own.len();
    let failed = own.into_iter().filter_map(|copy| {
        let error = remove_one(&open.ledger, room.plan(), &copy).err()?;
        Some((copy, error))
    });
    let failed: Vec<_> = failed.collect();
    if !failed.is_empty() {
        return Err(NotDeleted::Copies(failed));
    }
    let standing = room.act(id, Act::Deleted)?;
    Ok(Deleted {
        in_archive: before.state == State::Registered,
        standing,
        removed: tried,
        in_mailbox,
        with_others,
    })
}
