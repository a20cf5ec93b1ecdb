//! What is still to be done within an input, as values: a stretch of bytes, what to do with it, and where it lies.

use std::rc::Rc;

use super::head::Mail;
use super::piece::Piece;
use super::unwrap::How;
use crate::found::Step;
use crate::trouble::Trouble;

/// Where something lies.
#[derive(Clone, Default)]
pub(super) struct Place {
    pub steps: Vec<Step>,
    pub mail: Option<Rc<Mail>>,
    pub depth: u32,
    /// It is the input itself, taken out of something that only packs it.
    pub top: bool,
    /// It may say again what was told already.
    pub again: bool,
}

/// Something to be done.
pub(super) enum Work {
    /// To be decoded, and looked at for what it is; with `raw`, armor that stands in it undecoded counts too.
    Look {
        piece: Piece,
        how: How,
        place: Place,
        raw: bool,
    },
    /// To be searched for armor; the body of it begins at `body`.
    Search { piece: Piece, body: usize, place: Place },
    /// To be searched for armor that what was taken out of it did not have.
    Leftovers { piece: Piece, place: Place, told: u64 },
    /// To be said.
    Say { why: Trouble, place: Place },
}
