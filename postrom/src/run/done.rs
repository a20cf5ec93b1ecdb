//! What an opener hands on to the placer.

use crate::folder::{Known, Staged};
use crate::told::Told;

/// What an opener hands on.
pub(super) enum Done {
    /// All that is to be said.
    Told(Box<Told>),
    /// Opened before.
    Known(Box<Told>, Box<Known>),
    /// Opened, and waiting for its name.
    Staged(Box<Told>, Box<Staged>),
    /// The run ends before this was opened.
    Stopped,
}
