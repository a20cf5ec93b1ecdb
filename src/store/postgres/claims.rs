//! The right to deliver a letter: a row with its owner and a time of the database, renewed while the letter is in flight.
//!
//! A lock would not survive a failover, and a relay that dies must not keep its letters: what is not renewed is another's to
//! take after [`LASTS`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::store::Settlement;
use konvolutt_letter::hex;

/// Seconds for which a claim holds without being renewed.
pub(super) const LASTS: f64 = 20.0;
/// No letter has this number.
pub(super) const NOBODY: i64 = 0;

/// What this process has claimed.
pub(super) struct Claims {
    /// This process, and no other.
    pub(super) owner: String,
    pub(super) node: String,
    /// The machine that this node is.
    pub(super) place: String,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Letters in flight, by name.
    held: HashMap<String, i64>,
    /// What became of letters that the database could not be told of yet: never to be sent again by this process.
    unsettled: HashMap<String, (i64, Settlement)>,
    leads: Option<(Instant, bool)>,
    /// Whether somebody asked who leads, and so wants to.
    wants_to_lead: bool,
    is_renewing: bool,
}

impl Claims {
    pub(super) fn new(node: &str, place: String) -> Self {
        let mut own = [0; 8];
        // Without chance the process number must do: one process of a node delivers at a time.
        let _ = getrandom::fill(&mut own);
        Self {
            owner: format!("{node}:{}:{}", std::process::id(), hex(own)),
            node: node.to_owned(),
            place,
            memory: Mutex::default(),
        }
    }

    pub(super) fn is_held(&self, name: &str) -> bool {
        let memory = self.memory();
        memory.held.contains_key(name) || memory.unsettled.contains_key(name)
    }

    /// False when this process has it already.
    pub(super) fn reserve(&self, name: &str) -> bool {
        let mut memory = self.memory();
        let is_free = !memory.held.contains_key(name) && !memory.unsettled.contains_key(name);
        if is_free {
            memory.held.insert(name.to_owned(), NOBODY);
        }
        is_free
    }

    pub(super) fn took(&self, name: &str, letter: i64) {
        self.memory().held.insert(name.to_owned(), letter);
    }

    pub(super) fn gave_back(&self, name: &str) {
        self.memory().held.remove(name);
    }

    /// The database does not know yet what became of the letter.
    pub(super) fn could_not_settle(&self, name: &str, letter: i64, settlement: Settlement) {
        let mut memory = self.memory();
        memory.held.remove(name);
        memory.unsettled.insert(name.to_owned(), (letter, settlement));
    }

    pub(super) fn unsettled(&self, name: &str) -> Option<(i64, Settlement)> {
        self.memory().unsettled.get(name).cloned()
    }

    pub(super) fn settled(&self, name: &str) {
        let mut memory = self.memory();
        memory.held.remove(name);
        memory.unsettled.remove(name);
    }

    /// What the database is still to be told of.
    pub(super) fn all_unsettled(&self) -> Vec<(String, i64, Settlement)> {
        let memory = self.memory();
        let all = memory.unsettled.iter();
        all.map(|(name, (letter, settlement))| (name.clone(), *letter, settlement.clone()))
            .collect()
    }

    /// Letters whose claims are to be renewed.
    pub(super) fn in_flight(&self) -> Vec<(String, i64)> {
        let memory = self.memory();
        let unsettled = memory
            .unsettled
            .iter()
            .map(|(name, (letter, _))| (name.clone(), *letter));
        let held = memory.held.iter().map(|(name, letter)| (name.clone(), *letter));
        held.chain(unsettled).collect()
    }

    /// What was heard last of the leadership, and when. From now on this process wants it.
    pub(super) fn leads(&self) -> Option<(Instant, bool)> {
        let mut memory = self.memory();
        memory.wants_to_lead = true;
        memory.leads
    }

    pub(super) fn wants_to_lead(&self) -> bool {
        self.memory().wants_to_lead
    }

    pub(super) fn heard_who_leads(&self, when: Instant, own: bool) {
        self.memory().leads = Some((when, own));
    }

    /// True the first time.
    pub(super) fn begin_to_renew(&self) -> bool {
        !std::mem::replace(&mut self.memory().is_renewing, true)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
