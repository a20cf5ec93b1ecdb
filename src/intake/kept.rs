//! Pages that wait to be shown again: how many, for how long, and which goes when there is no room.
//!
//! Comes in: sealed pages with their owners. Goes out: the same, once, by name. What always holds: an owner makes room for
//! itself before anybody else does.

use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::owner::{self, Owner, Tally, heaviest};

/// How long it waits.
const LIFETIME: Duration = Duration::from_secs(60);
/// What a page counts for at least: so there are never more of them than can be looked through.
const LIGHTEST: usize = 2048;

/// The digest of a key.
pub(super) type Name = [u8; 32];

/// Pages that wait, and whose they are.
pub(super) struct Kept {
    most: u64,
    pub(super) pages: HashMap<Name, Sealed>,
    /// The oldest first, with those that are gone already.
    by_age: VecDeque<(Instant, Name)>,
    pub(super) bytes: Tally,
}

/// A page under a key that stands nowhere here.
pub(super) struct Sealed {
    pub(super) bytes: Vec<u8>,
    pub(super) since: Instant,
    pub(super) owner: Owner,
}

impl Sealed {
    fn weight(&self) -> u64 {
        self.bytes.len().max(LIGHTEST) as u64
    }
}

impl Kept {
    /// So many bytes at most.
    pub(super) fn new(most: u64) -> Self {
        Self {
            most,
            pages: HashMap::new(),
            by_age: VecDeque::new(),
            bytes: Tally::default(),
        }
    }

    pub(super) fn insert(&mut self, name: Name, sealed: Sealed) {
        self.bytes.add(&sealed.owner, sealed.weight());
        self.by_age.push_back((sealed.since, name));
        self.pages.insert(name, sealed);
    }

    pub(super) fn remove(&mut self, name: &Name) -> Option<Sealed> {
        let sealed = self.pages.remove(name)?;
        self.bytes.take(&sealed.owner, sealed.weight());
        Some(sealed)
    }

    pub(super) fn drop_what_is_too_old(&mut self) {
        while let Some((since, name)) = self.by_age.front().copied() {
            if since.elapsed() < LIFETIME {
                break;
            }
            self.by_age.pop_front();
            self.remove(&name);
        }
    }

    /// Whoever has more than its share makes room itself; when there is none at all, whoever has the most.
    pub(super) fn make_room_for(&mut self, new: &Sealed) {
        self.drop_what_is_too_old();
        while let Some(who) = self.who_makes_room(new) {
            // In one go, as long as it is their turn: looking through all for each small page that a large one takes the place
            // of would hold the lock for too long.
            let mut theirs = self.of(who);
            let Some(mut goes) = theirs.pop() else { return };
            loop {
                self.remove(&goes.1);
                match theirs.pop().filter(|_| self.who_makes_room(new) == Some(who)) {
                    Some(next) => goes = next,
                    None => break,
                }
            }
        }
    }

    fn who_makes_room(&self, new: &Sealed) -> Option<Who> {
        let free = self.most.saturating_sub(self.bytes.total());
        let beyond = new
            .owner
            .beyond_its_share(new.weight(), free, |name| self.bytes.of(name));
        match beyond {
            Some(name) => Some(Who::Net(name)),
            None => (new.weight() > free).then_some(Who::All),
        }
    }

    /// The pages of the heaviest of them; the first to go is the one that has cost the most room for the longest time. A
    /// browser comes for its page at once: so neither many small pages nor a few large ones of somebody else behind the same
    /// address push it out before, and a neighbour is spared as long as somebody there has more.
    fn of(&self, who: Who) -> BinaryHeap<(u128, Name)> {
        let among = self.pages.iter().filter(|(_, sealed)| match who {
            Who::Net(name) => sealed.owner.names().any(|own| own == name),
            Who::All => true,
        });
        let now = Instant::now();
        let cost =
            |sealed: &Sealed| u128::from(sealed.weight()) * now.saturating_duration_since(sealed.since).as_micros();
        let pages = heaviest(among.map(|page| (page, &page.1.owner, page.1.weight())));
        pages.into_iter().map(|(name, sealed)| (cost(sealed), *name)).collect()
    }
}

/// Among whom somebody makes room.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Net(owner::Name),
    All,
}
