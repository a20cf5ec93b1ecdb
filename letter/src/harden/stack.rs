//! The dead part of a thread's stack: what functions leave there when they return.
//!
//! A digest, a cipher, a parser keep blocks of text in their frames. Nobody overwrites them until another call happens
//! to reach as deep, and the threads of the runtime live as long as the process.

use std::hint::black_box;

/// Deeper than handling a request or sealing a letter reaches (140 KiB in a build without optimisation); an eighth of
/// the stack that a thread has.
const DEPTH: usize = 256 * 1024;

/// Overwrites the stack below the caller.
#[inline(never)]
pub fn wipe_stack() {
    // For all that the compiler knows somebody looks at it: so the zeros are written.
    black_box(&mut [0u8; DEPTH]);
}

/// Wipes the stack when the work that it was made for ends, also by a panic.
pub struct CleanStack;

impl Drop for CleanStack {
    fn drop(&mut self) {
        wipe_stack();
    }
}
