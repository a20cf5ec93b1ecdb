//! A file on which this process has a lock, until it is dropped.

use std::fs::File;

use rustix::fs::FlockOperation;

/// The lock is let go by a call of its own: closing the handle would do so too, but not while a program that is just being
/// started has a copy of it.
pub(super) struct Held(pub(super) File);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}
