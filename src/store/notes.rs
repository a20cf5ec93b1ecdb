//! Small values beside the letters.

use std::io;

/// Small values of other modules that must survive a restart, such as what was told to whom.
pub trait Notes: Send + Sync {
    /// Reads a note; `None` when there is none.
    ///
    /// # Errors
    /// What the store says.
    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a note: after a crash it is there whole or as it was before.
    ///
    /// # Errors
    /// What the store says.
    fn set_note(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// The node that this process is one of, where several have their notes in one place.
    fn node(&self) -> Option<&str> {
        None
    }

    /// The name of a note that is this node's alone: no other one may write over it.
    fn own_name(&self, name: &str) -> String {
        self.node()
            .map_or_else(|| name.to_owned(), |node| format!("{name}.{node}"))
    }

    /// Reads a note for what can begin anew without it. One on a disk that cannot be read is as good as none. One that several
    /// nodes share may be there in a moment, and whoever began anew would write over it.
    ///
    /// # Errors
    /// To be tried again: the shared place is away.
    fn note_to_go_on(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match self.note(name) {
            Err(error) if self.node().is_some() => Err(error),
            read => Ok(read.ok().flatten()),
        }
    }
}
