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
    /// Mailboxes that letters were refused for, since the last time that one was taken.
    refused: HashSet<String>,
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
        self.refused.extend(waiting.status.refused_mailbox.clone());
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

    /// Whether a letter waits, or is in flight.
    pub(super) fn has(&self, name: &str) -> bool {
        self.letters.contains_key(name)
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

    /// The server can be reached: whatever waited only because it could not is due now.
    pub(super) fn server_is_back(&mut self, now: u64) {
        self.make_due(now, |status| std::mem::take(&mut status.unreachable));
    }

    /// A letter of this mailbox got through: whatever waited only because none did is due now.
    pub(super) fn mailbox_is_back(&mut self, mailbox: &str, now: u64) {
        // Seldom true, and asked at each delivery.
        if self.refused.remove(mailbox) {
            self.make_due(now, |status| {
                status.refused_mailbox.take_if(|refused| refused == mailbox).is_some()
            });
        }
    }

    /// Mailboxes for which letters wait that were refused.
    pub(super) fn refused_mailboxes(&self) -> BTreeSet<String> {
        let waiting = self.letters.values();
        waiting
            .filter_map(|(_, waiting)| waiting.status.refused_mailbox.clone())
            .collect()
    }

    /// Those that this is true of are due now. What is being sent stays as it is.
    fn make_due(&mut self, now: u64, which: impl Fn(&mut Status) -> bool) {
        let Self { letters, in_flight, .. } = self;
        let chosen =
            |name: &String, (_, waiting): &mut (u64, Waiting)| !in_flight.contains(name) && which(&mut waiting.status);
        let chosen: Vec<_> = letters.extract_if(chosen).collect();
        for (name, (due, mut waiting)) in chosen {
            self.order.remove(&(due, name.clone()));
            waiting.status.due = now;
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    fn waiting(since: u64, due: u64) -> Waiting {
        let status = Status {
            due,
            ..Status::default()
        };
        Waiting { status, since }
    }

    fn refused(mailbox: &str) -> Waiting {
        let mut waiting = waiting(NOW - 60, NOW + 7_000);
        waiting.status.refused_mailbox = Some(mailbox.to_owned());
        waiting
    }

    fn due_now(table: &mut Table) -> Vec<String> {
        let taken = std::iter::from_fn(|| table.take(NOW));
        taken.map(|(name, _)| name).collect()
    }

    #[test]
    fn what_has_been_due_longest_comes_first() {
        let mut table = Table::default();
        table.put("retry".into(), waiting(10, NOW - 5), NOW);
        table.put("new".into(), waiting(NOW - 9, 0), NOW);
        table.put("later".into(), waiting(10, NOW + 60), NOW);
        // A time beyond every pause came from a clock that was wrong.
        table.put("clock".into(), waiting(10, NOW + FARTHEST + 1), NOW);
        assert_eq!(table.oldest(), Some(10));
        assert_eq!(due_now(&mut table), ["new", "retry", "clock"]);
        assert_eq!(table.next(), Some(NOW + 60));
    }

    #[test]
    fn what_is_being_sent_is_neither_given_out_again_nor_changed() {
        let mut table = Table::default();
        table.put("a".into(), waiting(10, 0), NOW);
        assert!(table.take(NOW).is_some());
        table.put("a".into(), waiting(10, 0), NOW);
        table.remove("a");
        table.replace([("a".to_owned(), waiting(10, 0))], NOW);
        assert!(table.take(NOW).is_none());
        let again = waiting(10, NOW + 60).status;
        table.settle("a", Some(again), NOW);
        assert_eq!((table.next(), table.oldest()), (Some(NOW + 60), Some(10)));
        table.remove("a");
        assert_eq!((table.next(), table.oldest()), (None, None));
    }

    #[test]
    fn a_letter_that_got_through_makes_those_due_that_waited_for_it() {
        let mut table = Table::default();
        let mut unreachable = waiting(10, NOW + 7_000);
        unreachable.status.unreachable = true;
        table.put("server".into(), unreachable, NOW);
        table.put("own".into(), waiting(10, NOW + 7_000), NOW);
        table.put("one".into(), refused("one"), NOW);
        table.put("two".into(), refused("two"), NOW);
        table.mailbox_is_back("three", NOW);
        assert!(due_now(&mut table).is_empty());

        let all = table.refused_mailboxes().into_iter().collect::<Vec<_>>();
        assert_eq!(all, ["one", "two"]);
        table.mailbox_is_back("one", NOW);
        assert_eq!(due_now(&mut table), ["one"]);
        table.settle("one", None, NOW);
        table.server_is_back(NOW);
        assert_eq!(due_now(&mut table), ["server"]);
        table.remove("two");
        assert!(table.refused_mailboxes().is_empty());
    }
}
