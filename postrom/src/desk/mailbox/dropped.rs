//! What a clerk drops on the page.
//!
//! Comes in: a name and bytes. Goes out: the same as from any mailbox. What always holds: it lies in memory alone, sealed as
//! it came, until the desk is locked.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use konvolutt_letter::printable;

use super::{Arrival, Fetch, Mailbox, STEP};
use crate::desk::worker::{Body, Given};
use crate::trouble::Trouble;

/// Bytes that may lie on a desk at once: five mails as large as mailboxes take.
const MOST: usize = 160 * 1024 * 1024;
const MEGABYTE: usize = 1024 * 1024;
const LONGEST_NAME: usize = 200;

/// The place on the desk where things are dropped.
#[derive(Default)]
pub struct Drops {
    lying: Mutex<Lying>,
    more: Condvar,
}

#[derive(Default)]
struct Lying {
    things: BTreeMap<String, Arc<Vec<u8>>>,
    bytes: usize,
    /// Names that nobody was told of.
    new: Vec<String>,
}

impl Drops {
    fn lying(&self) -> MutexGuard<'_, Lying> {
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes something in. Of the same name and content as what lies there, it is the same.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Trouble> {
        let mut lying = self.lying();
        if lying.bytes + bytes.len() > MOST {
            let limit = (MOST / MEGABYTE) as u64;
            return Err(Trouble::TooLarge { limit });
        }
        let name: String = printable(name).chars().take(LONGEST_NAME).collect();
        let mut free = name.clone();
        let mut number = 1;
        while let Some(there) = lying.things.get(&free) {
            if **there == bytes {
                return Ok(());
            }
            number += 1;
            free = format!("{name} ({number})");
        }
        lying.bytes += bytes.len();
        lying.things.insert(free.clone(), Arc::new(bytes));
        lying.new.push(free);
        self.more.notify_all();
        Ok(())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lying() = Lying::default();
    }
}

impl Fetch for Drops {
    fn fetch(&self, given: &Given) -> Result<Arc<Vec<u8>>, Trouble> {
        self.lying().things.get(&given.name).cloned().ok_or(Trouble::Missing)
    }
}

/// Drops, as a mailbox.
pub struct Dropped {
    number: usize,
    drops: Arc<Drops>,
}

impl Dropped {
    /// `number` is which of the desk's mailboxes this is.
    pub fn new(number: usize, drops: Arc<Drops>) -> Self {
        Self { number, drops }
    }
}

impl Mailbox for Dropped {
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool) {
        let new = std::mem::take(&mut self.drops.lying().new);
        for name in new {
            let given = Given {
                mailbox: self.number,
                name,
                named: true,
                body: Body::Follows,
            };
            let Ok(body) = self.drops.fetch(&given) else { continue };
            if !tell(Arrival::Input(given, body)) {
                return;
            }
        }
        let names = self.drops.lying().things.keys().cloned().collect();
        tell(Arrival::Whole(names));
    }

    fn wait(&mut self, stop: &dyn Fn() -> bool) {
        let mut lying = self.drops.lying();
        while lying.new.is_empty() && !stop() {
            let waited = self.drops.more.wait_timeout(lying, STEP);
            lying = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::clone(&self.drops) as Arc<dyn Fetch>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_told(mailbox: &mut Dropped) -> Vec<String> {
        let mut names = Vec::new();
        mailbox.look(&mut |arrival| {
            if let Arrival::Input(given, _) = arrival {
                names.push(given.name);
            }
            true
        });
        names
    }

    #[test]
    fn each_thing_is_told_once_and_two_of_one_name_are_two() {
        let drops = Arc::new(Drops::default());
        let mut mailbox = Dropped::new(0, Arc::clone(&drops));
        drops.put("brev.eml", b"a".to_vec()).unwrap();
        drops.put("brev.eml", b"a".to_vec()).unwrap();
        drops.put("brev.eml", b"b".to_vec()).unwrap();
        assert_eq!(names_told(&mut mailbox), ["brev.eml", "brev.eml (2)"]);
        assert!(names_told(&mut mailbox).is_empty());
        drops.clear();
        drops.put("brev.eml", b"a".to_vec()).unwrap();
        assert_eq!(names_told(&mut mailbox), ["brev.eml"]);
    }

    #[test]
    fn more_than_there_is_room_for_is_refused_and_what_lies_there_stays() {
        let drops = Drops::default();
        drops.put("a", vec![0; MOST - 1]).unwrap();
        assert!(matches!(drops.put("b", vec![1; 2]), Err(Trouble::TooLarge { .. })));
        drops.put("c", vec![1]).unwrap();
        assert_eq!(drops.lying().things.len(), 2);
    }
}
