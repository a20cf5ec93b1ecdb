//! Which of several nodes keeps a text: its name stands in the address, in front of what only that node knows.
//!
//! What waits to be shown again lies in the memory of one process. A proxy in front of several nodes reads the name and
//! sends the next request there. A node that is asked for what another keeps cannot have it.
//!
//! Comes in: what an address says. Goes out: the same without this node's name, or nothing. What always holds: where there is
//! one node, addresses have no name in them; no part of an address is logged.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::replay::key_of;
use crate::alarms::{Alarms, Event};

/// What stands between a name and what follows it; neither has one.
const MARK: char = '.';
/// Letters of a name at most.
const LONGEST: usize = 16;
/// Anybody can ask for such an address, so the log says it no more often.
const TOLD_EACH: Duration = Duration::from_secs(3600);

/// This node, where there are several.
#[derive(Default)]
pub(super) struct Node {
    name: Option<Arc<str>>,
    missed: Mutex<Missed>,
}

/// Requests that met the wrong node.
#[derive(Default)]
struct Missed {
    since_told: u64,
    told: Option<Instant>,
}

/// Whose a part of an address is.
#[derive(Debug, PartialEq, Eq)]
enum Whose<'a> {
    /// Of this node, or of the only one.
    Ours(&'a str),
    /// Of a node with another name.
    Another(&'a str),
    /// Of none that could be.
    Nobody,
}

impl Node {
    pub(super) fn named(name: Option<Arc<str>>) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// There are others.
    pub(super) fn has_others(&self) -> bool {
        self.name.is_some()
    }

    /// For an address.
    pub(super) fn marked(&self, own: &str) -> String {
        match &self.name {
            Some(name) => format!("{name}{MARK}{own}"),
            None => own.to_owned(),
        }
    }

    /// What this node marked.
    pub(super) fn unmarked<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self.whose(text) {
            Whose::Ours(own) => Some(own),
            Whose::Another(_) | Whose::Nobody => None,
        }
    }

    /// The same for the key to a text. One of another node is counted, and told now and then.
    pub(super) fn key<'a>(&self, text: &'a str, alarms: &Alarms) -> Option<&'a str> {
        match self.whose(text) {
            Whose::Ours(key) => Some(key),
            Whose::Another(key) if key_of(key).is_some() => {
                alarms.count(Event::Elsewhere);
                self.tell(Instant::now());
                None
            }
            Whose::Another(_) | Whose::Nobody => None,
        }
    }

    fn whose<'a>(&self, text: &'a str) -> Whose<'a> {
        let Some(own) = &self.name else {
            return Whose::Ours(text);
        };
        match text.split_once(MARK) {
            Some((name, rest)) if name == &**own => Whose::Ours(rest),
            Some((name, rest)) if is_name(name) => Whose::Another(rest),
            _ => Whose::Nobody,
        }
    }

    /// Says how many met the wrong node, unless it was said a short time ago.
    fn tell(&self, now: Instant) -> bool {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.since_told += 1;
        let is_due = |told| now.saturating_duration_since(told) >= TOLD_EACH;
        if !missed.told.is_none_or(is_due) {
            return false;
        }
        missed.told = Some(now);
        let visits = std::mem::take(&mut missed.since_told);
        drop(missed);
        tracing::warn!(
            visits,
            "somebody's text was asked for here that another node keeps, and the form came back empty: let the proxy in \
             front send each address with NODE. after k= or v= to that node (docs/postgres.md); it happens too while a \
             node is away"
        );
        true
    }
}

fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> Node {
        Node::named(Some(name.into()))
    }

    #[test]
    fn one_node_has_no_name_in_its_addresses() {
        let alone = Node::default();
        assert_eq!(alone.marked("KEY"), "KEY");
        for text in ["KEY", "a.KEY", "", "..", "."] {
            assert_eq!(alone.whose(text), Whose::Ours(text), "as it came: {text}");
        }
        assert!(!alone.has_others() && node("a").has_others());
    }

    #[test]
    fn a_node_knows_its_own_and_takes_no_other_for_it() {
        let a = node("a");
        assert_eq!(a.marked("KEY"), "a.KEY");
        assert_eq!(a.unmarked("a.KEY"), Some("KEY"));
        assert_eq!(a.unmarked("a."), Some(""));
        for another in ["b.KEY", "aa.KEY", "a-.KEY", "node-0123456789a.KEY"] {
            assert_eq!(a.whose(another), Whose::Another("KEY"), "{another}");
        }
        // Not marked at all; marked with what is no name; too long by one.
        for nobodys in [
            "KEY",
            "",
            ".",
            "..",
            "..KEY",
            ".KEY",
            "A.KEY",
            "a b.KEY",
            "å.KEY",
            "a%2EKEY",
            "a/../b.KEY",
            "node-0123456789ab.KEY",
        ] {
            assert_eq!(a.whose(nobodys), Whose::Nobody, "{nobodys}");
            assert_eq!(a.unmarked(nobodys), None, "{nobodys}");
        }
        // The rest is no key then, and opens nothing.
        assert_eq!(a.whose("a.b.KEY"), Whose::Ours("b.KEY"));
        assert!(key_of("b.KEY").is_none());
        let longest = "z".repeat(LONGEST);
        assert_eq!(node(&longest).unmarked(&node(&longest).marked("KEY")), Some("KEY"));
    }

    #[test]
    fn only_what_another_node_can_have_written_is_counted() {
        let directory = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(directory.path().to_owned(), &[]);
        let counted = || {
            let later = std::time::SystemTime::now() + Duration::from_secs(crate::alarms::STEP);
            let told = alarms.metrics(later);
            let line = told.lines().find(|line| line.contains("event=\"elsewhere\"")).unwrap();
            line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
        };
        let (a, key) = (node("a"), "A".repeat(43));
        assert_eq!(a.key(&a.marked(&key), &alarms), Some(&*key));
        for nothing in [&*key, "b.", "b.AAAA", "..", &*format!("B.{key}"), &*format!("b.{key}A")] {
            assert_eq!(a.key(nothing, &alarms), None);
        }
        assert_eq!(
            Node::default().key(&format!("b.{key}"), &alarms).map(str::len),
            Some(45)
        );
        assert_eq!(counted(), 0);
        assert_eq!(a.key(&format!("b.{key}"), &alarms), None);
        assert_eq!(counted(), 1);
    }

    #[test]
    fn the_log_says_it_once_in_an_hour() {
        let (a, start) = (node("a"), Instant::now());
        assert!(a.tell(start));
        assert!(!a.tell(start) && !a.tell(start + TOLD_EACH - Duration::from_secs(1)));
        assert!(a.tell(start + TOLD_EACH));
        assert_eq!(a.missed.lock().unwrap().since_told, 0);
    }
}
