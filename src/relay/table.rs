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
    /// All that waits, seen anew. What is in flight stays as it is, and so does what was made due here and not tried since.
    /// Gives the names of those that are gone.
    pub(super) fn replace(&mut self, all: impl IntoIterator<Item = (String, Waiting)>, now: u64) -> BTreeSet<String> {
        let Self { letters, in_flight, .. } = self;
        let before = letters.extract_if(|name, _| !in_flight.contains(name));
        let mut before: HashMap<_, _> = before.map(|(name, (_, waiting))| (name, waiting)).collect();
        self.order.clear();
        for (name, waiting) in all {
            let made_due = before
                .remove(&name)
                .filter(|before| was_made_due(before, &waiting, now));
            self.put(name, made_due.unwrap_or(waiting), now);
        }
        before.into_keys().collect()
    }

    /// A letter came, or its state changed on the disk. Word of our own writing comes late, when the letter may have been made due.
    pub(super) fn hear(&mut self, name: String, waiting: Waiting, now: u64) {
        let before = self.letters.get(&name);
        if !before.is_some_and(|(_, before)| was_made_due(before, &waiting, now)) {
            self.put(name, waiting, now);
        }
    }

    /// A letter waits so.
    fn put(&mut self, name: String, waiting: Waiting, now: u64) {
        if self.in_flight.contains(&name) {
            return;
        }
        self.remove(&name);
        let due = due(&waiting, now);
        self.refused.extend(waiting.status.refused_mailbox.clone());
        self.order.insert((due, name.clone()));
        self.letters.insert(name, (due, waiting));
    }

    /// A letter went, and not by a delivery; whether it was here.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        if self.in_flight.contains(name) {
            return false;
        }
        let found = self.letters.remove(name);
        found.is_some_and(|(due, _)| self.order.remove(&(due, name.to_owned())))
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

    /// Of the letters that wait because nothing could be sent, the one that has waited longest tries for all.
    pub(super) fn one_tries(&mut self, now: u64) {
        let waits = |name: &String, waiting: &Waiting| waiting.status.unreachable && !self.in_flight.contains(name);
        let all = self.letters.iter().filter(|(name, (_, waiting))| waits(name, waiting));
        let first = all.min_by_key(|(name, (_, waiting))| (waiting.since, *name));
        let Some(name) = first.map(|(name, _)| name.clone()) else {
            return;
        };
        if let Some((due, mut waiting)) = self.letters.remove(&name) {
            self.order.remove(&(due, name.clone()));
            waiting.status.due = waiting.status.due.min(now);
            self.put(name, waiting, now);
        }
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

    /// The letter that has waited longest: when it came, and its name.
    pub(super) fn oldest(&self) -> Option<(u64, &str)> {
        let all = self.letters.iter();
        all.map(|(name, (_, waiting))| (waiting.since, name.as_str())).min()
    }
}

/// Whether it was made due here and not tried since: the disk still says when its own turn comes.
fn was_made_due(before: &Waiting, on_disk: &Waiting, now: u64) -> bool {
    let (before, on_disk) = (&before.status, &on_disk.status);
    before.due <= now && before.attempts == on_disk.attempts && before.mailbox == on_disk.mailbox
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
        assert_eq!(table.oldest(), Some((10, "clock")));
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
        assert!(table.replace([("a".to_owned(), waiting(10, 0))], NOW).is_empty());
        assert!(table.replace([], NOW).is_empty(), "what is being sent is not gone");
        assert!(table.take(NOW).is_none());
        let again = waiting(10, NOW + 60).status;
        table.settle("a", Some(again), NOW);
        assert_eq!((table.next(), table.oldest()), (Some(NOW + 60), Some((10, "a"))));
        assert!(table.remove("a") && !table.remove("a"));
        assert_eq!((table.next(), table.oldest()), (None, None));
    }

    #[test]
    fn one_letter_tries_for_all_that_could_not_be_sent() {
        let mut table = Table::default();
        for (name, since, unreachable) in [("own", 10, false), ("late", 30, true), ("first", 20, true)] {
            let mut waiting = waiting(since, NOW + 7_000);
            waiting.status.unreachable = unreachable;
            table.put(name.into(), waiting, NOW);
        }
        table.one_tries(NOW);
        // A look between changes nothing of that.
        let mut on_disk = waiting(20, NOW + 7_000);
        on_disk.status.unreachable = true;
        let others = ["own", "late"].map(|name| (name.to_owned(), table.letters[name].1.clone()));
        table.replace([("first".to_owned(), on_disk)].into_iter().chain(others), NOW);
        assert_eq!(due_now(&mut table), ["first"]);
        // While it is on its way the next one may.
        table.one_tries(NOW);
        assert_eq!(due_now(&mut table), ["late"]);
        table.one_tries(NOW);
        assert!(due_now(&mut table).is_empty());
    }

    /// The server is back before the word of what was written when it was not.
    #[test]
    fn late_word_of_the_disk_takes_no_turn_away() {
        let mut unreachable = waiting(10, NOW + 60);
        (unreachable.status.unreachable, unreachable.status.attempts) = (true, 1);
        let mut table = Table::default();
        table.hear("a".into(), unreachable.clone(), NOW);
        assert!(due_now(&mut table).is_empty(), "the control");
        table.server_is_back(NOW);
        table.hear("a".into(), unreachable.clone(), NOW);
        assert_eq!(due_now(&mut table), ["a"]);
        // Tried since, it has another turn.
        unreachable.status.attempts = 2;
        table.settle("a", Some(unreachable.status.clone()), NOW);
        table.hear("a".into(), unreachable.clone(), NOW);
        assert!(due_now(&mut table).is_empty());
        // Somebody else gave it another mailbox: what is due is the letter as it is now.
        unreachable.status.mailbox = Some("other".into());
        table.server_is_back(NOW);
        table.hear("a".into(), unreachable, NOW);
        assert!(due_now(&mut table).is_empty());
    }

    #[test]
    fn what_is_gone_at_the_next_look_is_named() {
        let mut table = Table::default();
        let all = ["a", "b", "c"].map(|name| (name.to_owned(), waiting(10, 0)));
        assert!(table.replace(all.clone(), NOW).is_empty());
        let gone = table.replace(all.into_iter().filter(|(name, _)| name != "b"), NOW);
        assert_eq!(gone, ["b".to_owned()].into());
        assert_eq!(due_now(&mut table), ["a", "c"]);
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
