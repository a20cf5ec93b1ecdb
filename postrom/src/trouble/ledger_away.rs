//! A ledger that went away, within what the system says when a file is missing: on its way to people it keeps its name.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Trouble;

/// The file that is not there any more.
#[derive(Debug)]
pub(crate) struct LedgerAway(PathBuf);

impl LedgerAway {
    /// The error about this file.
    pub(crate) fn error(file: &Path) -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, Self(file.to_owned()))
    }

    /// What is said of it, when an error is about one.
    pub(crate) fn of(error: &io::Error) -> Option<Trouble> {
        let Self(file) = error.get_ref()?.downcast_ref()?;
        let file = file.display().to_string();
        Some(Trouble::LedgerAway { file })
    }
}

impl fmt::Display for LedgerAway {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} went away", self.0.display())
    }
}

impl std::error::Error for LedgerAway {}
