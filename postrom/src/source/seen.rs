//! What a run that watches has looked at already.

use std::collections::HashSet;
use std::time::SystemTime;

use super::{Body, Input, Unread};

/// Inputs by their name and state: one that changed is looked at again, and one that could not be read is told once.
#[derive(Default)]
pub struct Seen(HashSet<(String, Option<(u64, SystemTime)>)>);

impl Seen {
    /// Whether this is new; from now on it is not.
    pub fn is_new(&mut self, source: &Result<Input, Unread>) -> bool {
        let key = match source {
            Ok(input) => (input.name.clone(), state(input)),
            Err(unread) => (unread.name.clone(), None),
        };
        self.0.insert(key)
    }
}

fn state(input: &Input) -> Option<(u64, SystemTime)> {
    let Body::File(path) = &input.body else { return None };
    let about = std::fs::metadata(path).ok()?;
    Some((about.len(), about.modified().ok()?))
}
