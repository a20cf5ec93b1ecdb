//! When each mailbox was looked through, and why it cannot be now.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::trouble::Trouble;

/// By the number of the mailbox.
pub(super) struct Looks {
    looked: Vec<Option<Timestamp>>,
    away: BTreeMap<usize, Trouble>,
}

impl Looks {
    /// Of so many mailboxes that can be away. What is dropped on the page comes after them.
    pub(super) fn of(mailboxes: usize) -> Self {
        Self {
            looked: vec![None; mailboxes],
            away: BTreeMap::new(),
        }
    }

    pub(super) fn was_whole(&mut self, number: usize) {
        if let Some(looked) = self.looked.get_mut(number) {
            *looked = Some(Timestamp::now());
            self.away.remove(&number);
        }
    }

    pub(super) fn is_away(&mut self, number: usize, why: Trouble) {
        self.away.insert(number, why);
    }

    /// Of the one for which it is longest ago.
    pub(super) fn looked(&self) -> Option<Timestamp> {
        self.looked.iter().flatten().min().copied()
    }

    /// Whether of each it is known what lies in it, or that it is away.
    pub(super) fn are_whole(&self) -> bool {
        let mut all = self.looked.iter().enumerate();
        all.all(|(number, looked)| looked.is_some() || self.away.contains_key(&number))
    }

    pub(super) fn away(&self) -> Option<Trouble> {
        self.away.values().next().cloned()
    }
}
