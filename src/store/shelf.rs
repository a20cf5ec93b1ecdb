//! The operator's side: what is there, without its content.

use std::io;
use std::time::SystemTime;

use super::error::ShelfError;
use super::state::Listed;

/// What the operator's commands may do.
pub trait Shelf: Send + Sync {
    /// Every letter in the store, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn list(&self) -> io::Result<Vec<Listed>>;

    /// One letter; `None` when there is none of this name. Of one that was delivered long ago only the name is left.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn show(&self, name: &str) -> io::Result<Option<Listed>>;

    /// Names of the letters that were delivered, also of those that are no longer kept, and when.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn delivered(&self) -> io::Result<Vec<(String, SystemTime)>>;

    /// Takes a waiting letter out of the queue, and keeps it.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it does not wait, [`ShelfError::Busy`] while it is claimed.
    fn hold(&self, name: &str) -> Result<(), ShelfError>;

    /// Puts a held or delivered letter back into the queue, to be tried at once.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it is in neither place, [`ShelfError::Busy`] while the relay is still moving it there.
    fn release(&self, name: &str) -> Result<(), ShelfError>;

    /// Forgets what was tried with a waiting letter, so that it is tried at once.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it does not wait, [`ShelfError::Busy`] while it is claimed.
    fn retry(&self, name: &str) -> Result<(), ShelfError>;
}
