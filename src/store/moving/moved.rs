//! What a move of all letters came to.

use serde::Serialize;

use super::transfer::Kind;

/// What a move came to.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// Where the letters were.
    pub from: Kind,
    /// Where they are now.
    pub to: Kind,
    /// How many there are in each state, the same at both ends.
    pub letters: Counts,
    /// A digest over their names and states, the same at both ends.
    pub digest: String,
    /// So many were written now.
    pub written: u64,
    /// So many were there already, the same byte for byte.
    pub there: u64,
    /// Letters that were there before and are none of these.
    pub others: u64,
    /// Small values of other modules.
    pub notes: u64,
    /// Letters that were found not to be as they were committed: they are corrupt now.
    pub damaged: Vec<String>,
    /// What is no letter and stayed where it was.
    pub stay: Vec<String>,
    /// All had been moved before: nothing was left to do.
    pub again: bool,
}

impl Moved {
    /// What is to be done next, in words for people.
    #[must_use]
    pub fn next(&self) -> [&'static str; 3] {
        match self.to {
            Kind::Postgres => [
                "See that the configuration of every node has the section [store.postgres], and every spool the same file `secret`.",
                "Start the services. `konvolutt store show` tells what the database proves.",
                "After some weeks remove the old letters: in the spool all in new/, held/, delivered/, corrupt/, discarded/ and \
                 state/. Keep `secret` and `moved`.",
            ],
            Kind::Files => [
                "Take the section [store.postgres] out of the configuration.",
                "Start the service on this machine, and on no other.",
                "After some weeks remove the old letters: in the database `drop schema konvolutt cascade`.",
            ],
        }
    }
}

/// Letters by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// To be delivered.
    pub waiting: u64,
    /// Held.
    pub held: u64,
    /// Delivered, and still kept.
    pub delivered: u64,
    /// Delivered longer ago: only the name is left, so that a repeat of the page is known.
    pub names: u64,
    /// Corrupt.
    pub corrupt: u64,
    /// Records of letters that were discarded.
    pub discarded: u64,
}
