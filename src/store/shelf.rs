//! The operator's side: what is there, without its content.

use std::io;
use std::time::SystemTime;

use super::error::ShelfError;
use super::letter::Letter;
use super::state::{Listed, State};

/// What the operator's commands may do.
pub trait Shelf: Send + Sync {
    /// Every letter in the store, oldest first; also one that came whole under the name of a corrupt one, and that one after it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn list(&self) -> io::Result<Vec<Listed>>;

    /// One letter; `None` when there is none of this name. Of one that was delivered long ago only the name is left.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn show(&self, name: &str) -> io::Result<Option<Listed>>;

    /// A letter that waits, is held, or was delivered and is still kept: its sealed bytes tell whom they are sealed to.
    /// `None` when it is in no such place, or not as it was committed.
    ///
    /// # Errors
    /// When it cannot be read.
    fn letter(&self, name: &str) -> io::Result<Option<Letter>>;

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

    /// Puts a held or delivered letter back into the queue, to be tried at once. One that was readdressed stays so.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it is in neither place, [`ShelfError::Busy`] while the relay is still moving it there.
    fn release(&self, name: &str) -> Result<(), ShelfError>;

    /// Forgets what was tried with a waiting letter, so that it is tried at once.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it does not wait, [`ShelfError::Busy`] while it is claimed.
    fn retry(&self, name: &str) -> Result<(), ShelfError>;

    /// Gives a letter another mailbox of the configuration, and puts it back into the queue, to be tried at once. What was
    /// committed stays as it is: its claim gives it with the new mailbox, also after a restart.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it neither waits nor is kept, [`ShelfError::Busy`] while it is claimed.
    fn readdress(&self, name: &str, mailbox: &str) -> Result<(), ShelfError>;

    /// Removes a held or corrupt letter for good, and keeps a record of that: the one in this state, since a good letter may
    /// have come under the name of a corrupt one, and stays. The name of one that was held stays taken from now on as after a
    /// delivery, so that the same page sent again is no new letter. A crash leaves the letter where it was, or removed with
    /// its record.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when it is not in that state, or the state is another, [`ShelfError::Busy`] while the relay is
    /// still moving it there; what is no file is refused, and stays without a record.
    fn discard(&self, name: &str, state: State, why: &str) -> Result<(), ShelfError>;
}
