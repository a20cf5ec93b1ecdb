//! The right to deliver a letter: a row with its owner and a time of the database, renewed while the letter is in flight.
//!
//! A lock would not survive a failover, and a relay that dies must not keep its letters: what is not renewed is another's to
//! take after [`LASTS`]. Each claim has an owner of its own: what a claim that is over does late does nothing to the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::store::Settlement;
use konvolutt_letter::hex;

/// Seconds for which a claim holds without being renewed.
pub(super) const LASTS: f64 = 20.0;

/// What this process has claimed.
pub(super) struct Claims {
    pub(super) node: String,
    /// The machine that this node is.
    pub(super) place: String,
    /// What the owners of this machine's claims begin with, whichever process made them.
    pub(super) machine: String,
    /// What the owners of this process's claims begin with, and the owner of the lead.
    pub(super) process: String,
    count: AtomicU64,
    memory: Mutex<Memory>,
}

/// One claim, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// Its letter.
    pub(super) letter: i64,
    /// Who has it.
    pub(super) owner: String,
    /// The transaction that had changed the letter last when it was claimed: whatever comes later is somebody else's word.
    pub(super) changed: String,
}

#[derive(Default)]
struct Memory {
    /// Letters in flight, by name; nothing for one that is being claimed.
    held: HashMap<String, Option<Held>>,
    /// What became of letters that the database could not be told of yet: never to be sent again by this process.
    unsettled: HashMap<String, (Held, Settlement)>,
    leads: Option<(Instant, bool)>,
    /// Whether somebody asked who leads, and so wants to.
    wants_to_lead: bool,
    is_renewing: bool,
    /// This process alone delivers on this machine, and what another of it had claimed is to be freed once.
    is_to_free: bool,
    /// Another machine is.
    is_taken: bool,
}

impl Claims {
    pub(super) fn new(node: &str, place: String) -> Self {
        let mut own = [0; 8];
        // Without chance the process number must do: one process of a node delivers at a time.
        let _ = getrandom::fill(&mut own);
        let machine = format!("{node}:{place}:");
        Self {
            process: format!("{machine}{}:{}:", std::process::id(), hex(own)),
            machine,
            node: node.to_owned(),
            place,
            count: AtomicU64::new(0),
            memory: Mutex::default(),
        }
    }

    /// An owner for one claim.
    pub(super) fn next_owner(&self) -> String {
        format!("{}{}", self.process, self.count.fetch_add(1, Ordering::SeqCst))
    }

    /// False when this process has it already.
    pub(super) fn reserve(&self, name: &str) -> bool {
        let mut memory = self.memory();
        let is_free = !memory.held.contains_key(name) && !memory.unsettled.contains_key(name);
        if is_free {
            memory.held.insert(name.to_owned(), None);
        }
        is_free
    }

    /// The reservation is a claim.
    pub(super) fn took(&self, name: &str, held: Held) {
        self.memory().held.insert(name.to_owned(), Some(held));
    }

    /// The reservation comes to nothing.
    pub(super) fn gives_up(&self, name: &str) {
        let mut memory = self.memory();
        if memory.held.get(name).is_some_and(Option::is_none) {
            memory.held.remove(name);
        }
    }

    /// This claim is over, and no other of its letter.
    pub(super) fn is_over(&self, name: &str, held: &Held) {
        let mut memory = self.memory();
        if memory.held.get(name).is_some_and(|known| known.as_ref() == Some(held)) {
            memory.held.remove(name);
        }
        if memory.unsettled.get(name).is_some_and(|(known, _)| known == held) {
            memory.unsettled.remove(name);
        }
    }

    /// The database does not know yet what became of the letter.
    pub(super) fn could_not_settle(&self, name: &str, held: &Held, settlement: Settlement) {
        let mut memory = self.memory();
        memory.held.remove(name);
        memory.unsettled.insert(name.to_owned(), (held.clone(), settlement));
    }

    pub(super) fn unsettled(&self, name: &str) -> Option<(Held, Settlement)> {
        self.memory().unsettled.get(name).cloned()
    }

    /// What the database is still to be told of.
    pub(super) fn all_unsettled(&self) -> Vec<(String, Held, Settlement)> {
        let memory = self.memory();
        let all = memory.unsettled.iter();
        all.map(|(name, (held, settlement))| (name.clone(), held.clone(), settlement.clone()))
            .collect()
    }

    /// Claims that are to be renewed.
    pub(super) fn in_flight(&self) -> Vec<(String, Held)> {
        let memory = self.memory();
        let unsettled = memory
            .unsettled
            .iter()
            .map(|(name, (held, _))| (name.clone(), held.clone()));
        let held = memory.held.iter();
        held.filter_map(|(name, held)| Some((name.clone(), held.clone()?)))
            .chain(unsettled)
            .collect()
    }

    /// Whether the letter is still claimed in this way.
    pub(super) fn has(&self, name: &str, held: &Held) -> bool {
        self.in_flight().iter().any(|(known, of)| known == name && of == held)
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

    /// This process has the lock of this machine: what another of it had claimed is free.
    pub(super) fn delivers_alone(&self) {
        self.memory().is_to_free = true;
    }

    /// This machine is this node. Whether claims of an earlier process of it are to be freed.
    pub(super) fn is_known(&self) -> bool {
        let mut memory = self.memory();
        memory.is_taken = false;
        memory.is_to_free
    }

    pub(super) fn has_freed(&self) {
        self.memory().is_to_free = false;
    }

    /// Another machine is this node.
    pub(super) fn is_shut_out(&self) {
        self.memory().is_taken = true;
    }

    /// Whether another machine has this node's name: then nothing is claimed.
    pub(super) fn is_taken(&self) -> bool {
        self.memory().is_taken
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(claims: &Claims) -> Held {
        Held {
            letter: 1,
            owner: claims.next_owner(),
            changed: "7".to_owned(),
        }
    }

    /// What an earlier claim on a letter does late does nothing to the one that came after it.
    #[test]
    fn a_claim_that_is_over_ends_no_other() {
        let claims = Claims::new("a", "here".to_owned());
        let (first, second) = (held(&claims), held(&claims));
        assert_ne!(first.owner, second.owner);
        assert!(claims.reserve("letter") && !claims.reserve("letter"));
        claims.took("letter", first.clone());
        claims.gives_up("letter");
        assert!(claims.has("letter", &first), "it was no reservation any more");
        claims.is_over("letter", &first);
        assert!(claims.reserve("letter"));
        claims.took("letter", second.clone());
        claims.is_over("letter", &first);
        assert!(claims.has("letter", &second));
        claims.could_not_settle("letter", &second, Settlement::Delivered);
        assert!(!claims.reserve("letter"), "it was delivered");
        claims.is_over("letter", &first);
        assert_eq!(claims.unsettled("letter").map(|(of, _)| of), Some(second.clone()));
        assert!(claims.has("letter", &second), "renewed until the database knows");
        claims.is_over("letter", &second);
        assert!(claims.in_flight().is_empty() && claims.reserve("letter"));
    }
}
