//! How a letter stands where marks are kept with the mails as well.
//!
//! What always holds: what the mailbox says goes before the lines of the file; copies are what this file says.

use std::collections::HashMap;
use std::io;
use std::sync::PoisonError;

use super::{Ledger, Line, Mark, Standing};

/// By document, what the mailbox says otherwise than the file.
pub(super) type Elsewhere = HashMap<String, Standing>;

impl Ledger {
    /// How a document stands.
    pub fn standing(&self, sha256: &str) -> Standing {
        let elsewhere = self.elsewhere.read().unwrap_or_else(PoisonError::into_inner);
        match elsewhere.get(sha256) {
            None => self.written(sha256),
            Some(standing) => Standing {
                copies: self.written(sha256).copies,
                ..standing.clone()
            },
        }
    }

    /// How a document stands by the lines of this file alone.
    pub fn written(&self, sha256: &str) -> Standing {
        Standing::of(self.index().marks.get(sha256).into_iter().flatten())
    }

    /// How a document stands by marks that are kept elsewhere and go before these lines; `None` when they say the same.
    pub fn stands_elsewhere(&self, sha256: &str, standing: Option<Standing>) {
        let mut elsewhere = self.elsewhere.write().unwrap_or_else(PoisonError::into_inner);
        match standing {
            Some(standing) => drop(elsewhere.insert(sha256.to_owned(), standing)),
            None => drop(elsewhere.remove(sha256)),
        }
    }

    /// Writes down what a clerk did. That it was allowed was decided elsewhere.
    ///
    /// # Errors
    /// What the disk says.
    pub fn note(&self, mark: Mark) -> io::Result<()> {
        match self.begin()? {
            Some(mut book) => book.append(vec![Line::Mark(mark)]),
            None => {
                self.index_mut().add(Line::Mark(mark));
                Ok(())
            }
        }
    }
}
