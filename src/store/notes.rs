//! Small values beside the letters.

use std::io;

/// Small values of other modules that must survive a restart, such as what was told to whom.
pub trait Notes: Send + Sync {
    /// Reads a note; `None` when there is none.
    ///
    /// # Errors
    /// What the store says.
    fn note(&self, name: &'static str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a note: after a crash it is there whole or as it was before.
    ///
    /// # Errors
    /// What the store says.
    fn set_note(&self, name: &'static str, bytes: &[u8]) -> io::Result<()>;
}
