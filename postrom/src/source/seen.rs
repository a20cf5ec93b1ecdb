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
        self.0.insert(key(source))
    }

    /// Whether this was seen in this state.
    pub fn holds(&self, source: &Result<Input, Unread>) -> bool {
        self.0.contains(&key(source))
    }

    /// What another look has seen of these names was seen too.
    pub fn keep(&mut self, other: &Self, which: &dyn Fn(&str) -> bool) {
        self.0.extend(other.0.iter().filter(|(name, _)| which(name)).cloned());
    }

    /// What another look has seen was seen too.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

fn key(source: &Result<Input, Unread>) -> (String, Option<(u64, SystemTime)>) {
    match source {
        Ok(input) => (input.name.clone(), state(input)),
        Err(unread) => (unread.name.clone(), None),
    }
}

fn state(input: &Input) -> Option<(u64, SystemTime)> {
    let Body::File(path) = &input.body else { return None };
    let about = std::fs::metadata(path).ok()?;
    Some((about.len(), about.modified().ok()?))
}
