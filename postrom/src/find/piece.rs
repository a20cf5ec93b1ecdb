//! Bytes in memory that several pieces of work share, and the sum of those that were decoded.

use std::cell::Cell;
use std::ops::{Deref, Range};
use std::rc::Rc;

struct Held {
    bytes: Vec<u8>,
    counted: usize,
    sum: Rc<Cell<usize>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.sum.set(self.sum.get() - self.counted);
    }
}

/// A stretch of bytes. The last piece of some bytes frees them.
#[derive(Clone)]
pub(super) struct Piece {
    held: Rc<Held>,
    range: Range<usize>,
}

impl Piece {
    /// The input itself, which is not counted.
    pub(super) fn input(bytes: Vec<u8>) -> Self {
        Self::new(bytes, 0, &Rc::default())
    }

    /// Bytes that were decoded, counted in `sum` as long as they are held.
    pub(super) fn decoded(bytes: Vec<u8>, sum: &Rc<Cell<usize>>) -> Self {
        let counted = bytes.len();
        Self::new(bytes, counted, sum)
    }

    fn new(bytes: Vec<u8>, counted: usize, sum: &Rc<Cell<usize>>) -> Self {
        sum.set(sum.get() + counted);
        let range = 0..bytes.len();
        let sum = sum.clone();
        Self {
            held: Rc::new(Held { bytes, counted, sum }),
            range,
        }
    }

    /// A part of it; one that does not lie in it is cut.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        let range = self.range.start + start..self.range.start + end;
        Self {
            held: self.held.clone(),
            range,
        }
    }
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.held.bytes[self.range.clone()]
    }
}
