//! What waits, as it was last seen on the disk: so that ten thousand letters are not looked at for each one.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::store::{Status, Waiting};

/// No letter is ever due later than this: a time beyond it came from a clock that was wrong.
const FARTHEST: u64 = 3 * 3600;

#[derive(Default)]
pub(super) struct Table {
    /// Each with the time under which it stands in `order`.
    letters: HashMap<String, (u64, Waiting)>,
    /// When a letter is due, and its name. What is in flight is not here.
    order: BTreeSet<(u64, String)>,
    in_flight: HashSet<String>,
}

impl Table {
    /// All that waits, seen anew. What is in flight stays as it is.
    pub(super) fn replace(&mut self, all: impl IntoIterator<Item = (String, Waiting)>, now: u64) {
        self.order.clear();
        self.letters.retain(|name, _| self.in_flight.contains(name));
        for (name, waiting) in all {
            self.put(name, waiting, now);
        }
    }

    /// A letter came, or its state changed.
    pub(super) fn put(&mut self, name: String, waiting: Waiting, now: u64) {
        if self.in_flight.contains(&name) {
            return;
        }
        self.remove(&name);
        let due = due(&waiting, now);
        self.order.insert((due, name.clone()));
        self.letters.insert(name, (due, waiting));
    }

    /// A letter went, and not by a delivery.
    pub(super) fn remove(&mut self, name: &str) {
        if self.in_flight.contains(name) {
            return;
        }
        if let Some((due, _)) = self.letters.remove(name) {
            self.order.remove(&(due, name.to_owned()));
        }
    }

    /// The time of the letter that has been due longest, or will be due first.
    pub(super) fn next(&self) -> Option<u64> {
        self.order.first().map(|(due, _)| *due)
    }

    /// The letter that has been due longest is taken for delivery.
    pub(super) fn take(&mut self, now: u64) -> Option<(String, Status)> {
        self.next().filter(|due| *due <= now)?;
        let (_, name) = self.order.pop_first()?;
        let status = self.letters.get(&name)?.1.status.clone();
        self.in_flight.insert(name.clone());
        Some((name, status))
    }

    /// Its delivery has ended: gone, or to wait again.
    pub(super) fn settle(&mut self, name: &str, again: Option<Status>, now: u64) {
        self.in_flight.remove(name);
        let before = self.letters.remove(name);
        if let (Some(status), Some((_, Waiting { since, .. }))) = (again, before) {
            self.put(name.to_owned(), Waiting { status, since }, now);
        }
    }

    /// A letter got through: whatever waited only because none did is due now.
    pub(super) fn server_is_back(&mut self, now: u64) {
        let waited = |name: &String, waiting: &mut (u64, Waiting)| {
            waiting.1.status.unreachable && !self.in_flight.contains(name)
        };
        let waited: Vec<_> = self.letters.extract_if(waited).collect();
        for (name, (due, mut waiting)) in waited {
            self.order.remove(&(due, name.clone()));
            waiting.status.due = now;
            waiting.status.unreachable = false;
            self.put(name, waiting, now);
        }
    }

    /// When the letter that has waited longest came.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.letters.values().map(|(_, waiting)| waiting.since).min()
    }
}

/// A new letter has no time yet: it is due since it came.
fn due(waiting: &Waiting, now: u64) -> u64 {
    match waiting.status.due {
        wrong if wrong > now + FARTHEST => now,
        due => due.max(waiting.since.min(now)),
    }
}
