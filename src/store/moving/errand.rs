//! The letters on their way from one end to the other, and what both have in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use sha2::{Digest, Sha256};

use super::moved::{Counts, Moved};
use super::transfer::{End, Item, Key, Piece, Slot};
use crate::store::state::State;
use konvolutt_letter::hex;

/// Where each letter is to be found: its state, and whether its bytes are there.
type Places = BTreeMap<Key, (State, bool)>;

/// The letters on their way.
pub(super) struct Errand<'a> {
    source: &'a dyn End,
    target: &'a dyn End,
    /// What was seen at the source.
    seen: BTreeMap<Key, State>,
    /// What is to be found at the target.
    expected: Places,
    pub(super) moved: Moved,
}

impl<'a> Errand<'a> {
    pub(super) fn new(source: &'a dyn End, target: &'a dyn End) -> Self {
        Self {
            source,
            target,
            seen: BTreeMap::new(),
            expected: Places::new(),
            moved: Moved {
                from: source.kind(),
                to: target.kind(),
                letters: Counts::default(),
                digest: String::new(),
                written: 0,
                there: 0,
                others: 0,
                notes: 0,
                damaged: Vec::new(),
                stay: Vec::new(),
                again: false,
            },
        }
    }

    /// Carries what was not seen before; how many that were.
    pub(super) fn carry_all(&mut self, progress: &mut dyn FnMut(u64, u64)) -> io::Result<usize> {
        let contents = self.source.list()?;
        self.moved.stay = contents.stay;
        let keys: BTreeSet<&Key> = contents.items.iter().map(|item| &item.key).collect();
        if self.seen.keys().any(|key| !keys.contains(key)) {
            return Err(moves_on());
        }
        let mut fresh = Vec::new();
        for item in &contents.items {
            match self.seen.insert(item.key.clone(), item.state) {
                None => fresh.push(item),
                Some(state) if state == item.state => {}
                Some(_) => return Err(moves_on()),
            }
        }
        let all = fresh.len() as u64;
        for (done, item) in (1..).zip(&fresh) {
            self.carry_item(item)?;
            progress(done, all);
        }
        Ok(fresh.len())
    }

    fn carry_item(&mut self, item: &Item) -> io::Result<()> {
        let piece = self.source.piece(&item.key)?.ok_or_else(moves_on)?;
        if piece.damage.is_none() {
            return self.carry(&piece);
        }
        // What would be found by whoever claims it is said now. Of a delivered one the name stays taken.
        let name = item.key.name.clone();
        self.moved.damaged.push(name.clone());
        if item.state == State::Delivered {
            self.carry(&piece.tombstone())?;
        }
        let of_name = |key: &&Key| key.name == name && matches!(key.slot, Slot::Corrupt(_));
        let number = self.expected.keys().filter(of_name).count();
        self.carry(&piece.corrupt(u32::try_from(number).map_err(io::Error::other)? + 1))
    }

    fn carry(&mut self, piece: &Piece) -> io::Result<()> {
        let facts = &piece.facts;
        match self.target.piece(&facts.key)? {
            Some(there) if there.facts == *facts => self.moved.there += 1,
            Some(there)
                if there.damage.is_some() || there.facts.bytes.is_some_and(|bytes| facts.bytes != Some(bytes)) =>
            {
                return Err(stop(format!(
                    "{} have another letter {} already: it was left as it is; remove the one that is not to be delivered, and \
                     run this again",
                    self.target.kind().name(),
                    facts.key.name
                )));
            }
            _ => {
                self.target.put(piece)?;
                let back = self.target.piece(&facts.key)?;
                if back.as_ref().map(|back| &back.facts) != Some(facts) {
                    return Err(stop(format!(
                        "the letter {} was read back from {} as another one",
                        facts.key.name,
                        self.target.kind().name()
                    )));
                }
                self.moved.written += 1;
            }
        }
        let place = (facts.state, facts.bytes.is_some());
        self.expected.insert(facts.key.clone(), place);
        Ok(())
    }

    /// What there was to carry, of a move that came to its end before.
    pub(super) fn was_done(mut self) -> io::Result<Moved> {
        for item in self.source.list()?.items {
            self.expected.insert(item.key, (item.state, item.kept));
        }
        self.moved.there = self.expected.len() as u64;
        self.moved.letters = counts(&self.expected);
        self.moved.digest = digest(&self.expected);
        self.moved.again = true;
        Ok(self.moved)
    }

    /// Counts both ends.
    pub(super) fn compare(&mut self) -> io::Result<()> {
        let mut found = Places::new();
        for item in self.target.list()?.items {
            if self.expected.contains_key(&item.key) {
                found.insert(item.key, (item.state, item.kept));
            } else {
                self.moved.others += 1;
            }
        }
        self.moved.letters = counts(&self.expected);
        self.moved.digest = digest(&self.expected);
        if counts(&found) == self.moved.letters && digest(&found) == self.moved.digest {
            return Ok(());
        }
        Err(stop(format!(
            "the letters at both ends are not the same: {:?} were to come to {}, and {:?} are there",
            self.moved.letters,
            self.target.kind().name(),
            counts(&found)
        )))
    }
}

fn counts(places: &Places) -> Counts {
    let mut counts = Counts::default();
    for (state, kept) in places.values() {
        *match (state, kept) {
            (State::Waiting, _) => &mut counts.waiting,
            (State::Held, _) => &mut counts.held,
            (State::Delivered, true) => &mut counts.delivered,
            (State::Delivered, false) => &mut counts.names,
            (State::Corrupt, _) => &mut counts.corrupt,
            (State::Discarded, _) => &mut counts.discarded,
        } += 1;
    }
    counts
}

fn digest(places: &Places) -> String {
    let mut digest = Sha256::new();
    for (key, (state, kept)) in places {
        digest.update(format!("{} {:?} {state:?} {kept}\n", key.name, key.slot));
    }
    hex(digest.finalize())
}

/// Somebody works with what is being moved.
fn moves_on() -> io::Error {
    stop("letters left the store while they were moved: end whatever works with it, and run this again".to_owned())
}

pub(super) fn stop(why: String) -> io::Error {
    io::Error::other(why)
}
