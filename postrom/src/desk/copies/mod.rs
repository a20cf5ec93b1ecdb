//! Copies of letters in the clear that clerks make, and how they go again.
//!
//! Comes in: what a clerk saves, and the ledger's list of what was saved. Goes out: files below the out folder; a list with
//! ages; removals. What always holds: a copy is on the list before it has its name; what the list says is never believed as
//! a path (others write it too): removed is only what lies in this desk's own out folder, in a place where this program
//! puts such a thing, of that letter, and through no link.

mod delete;
mod list;
mod remove;
mod save;

pub use delete::{Deleted, NotDeleted, delete_here};
pub use list::{Copy, Where, list, older_than};
pub use remove::{NotRemoved, Removed, remove};
pub use save::{Saved, save_all, save_file};

use std::path::Path;

/// Removes what programs left that were ended while they saved; how many times that was. To be asked when a desk starts.
///
/// # Errors
/// What the disk says.
pub fn recover(out: &Path) -> std::io::Result<usize> {
    crate::folder::loose::recover(out)
}
