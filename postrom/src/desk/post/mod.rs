//! What is in the mailbox, as the desk knows it: one row for each letter, however often it came.
//!
//! Comes in: what the process that opens has found and read. Goes out: rows. What always holds: every sealed part that was
//! found is in exactly one row; what cannot be opened is a row too; two letters are folded into one only when they are the
//! same to the byte and came through the same hand.

mod list;
mod row;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

pub use list::{List, Listed, Sort};
pub use row::{Content, Place, Row, RowId};

use super::worker::{At, Given, Thing};
use crate::desk::reading::Reading;
use crate::found::Kind;
use crate::judged::Verdict;
use crate::ledger::Seen;
use crate::trouble::Trouble;

/// Everything that was found. It has no `Debug`: it is what citizens wrote.
#[derive(Default)]
pub struct Post {
    rows: BTreeMap<RowId, Row>,
    last: RowId,
    by_seal: HashMap<String, RowId>,
    by_document: HashMap<(String, Verdict), RowId>,
    /// What was found in which inputs that is not sealed.
    others: HashMap<Given, Vec<Kind>>,
    /// Grows with every change.
    version: u64,
}

impl Post {
    /// An empty one, whose rows have larger numbers than this: a page that was left open since the desk was locked must not come
    /// to mean another letter.
    pub fn after(last: RowId) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// The largest number that a row had.
    pub fn last(&self) -> RowId {
        self.last
    }

    /// All rows, in the order in which they were found.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// One row.
    pub fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// How many mails and files hold nothing sealed, by what they are.
    pub fn others(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        self.others
            .values()
            .flatten()
            .for_each(|kind| *counts.entry(*kind).or_insert(0) += 1);
        counts
    }

    /// Grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// An input is looked through, perhaps once more.
    pub fn looking(&mut self, given: &Given) {
        self.others.remove(given);
        // What could not be had has no place that is known: it is the same by its name.
        let is_it = |at: &At| at.seals.is_empty() && at.given.mailbox == given.mailbox && at.given.name == given.name;
        self.only_places(&|place| !is_it(&place.at));
    }

    /// An input was looked through: these are the seals in it.
    pub fn looked(&mut self, given: &Given, seals: &HashSet<String>) {
        let is_there = |at: &At| at.seals.first().is_none_or(|seal| seals.contains(seal));
        self.only_places(&|place| place.at.given != *given || is_there(&place.at));
    }

    /// Something that is shown beside the rows is new.
    pub fn touch(&mut self) {
        self.version += 1;
    }

    /// One thing was found in an input; `seen` is what is remembered of a sealed part. The row that it is in, when it is sealed.
    pub fn found(&mut self, given: &Given, thing: Thing, seen: Option<Seen>) -> Option<RowId> {
        self.version += 1;
        match thing {
            Thing::Other(kind) => {
                self.others.entry(given.clone()).or_default().push(kind);
                None
            }
            Thing::NotLookedAt { source, why, reference } => {
                let place = Place::new(At::of(given, Vec::new()), source, None, reference);
                self.fault(place, Content::NotLookedAt(why));
                None
            }
            Thing::Sealed {
                seal,
                source,
                reference,
                date,
            } => {
                let place = Place::new(At::of(given, vec![seal]), source, date.as_deref(), reference);
                Some(self.sealed(place, seen))
            }
        }
    }

    fn sealed(&mut self, place: Place, seen: Option<Seen>) -> RowId {
        let seal = place.at.seal().to_owned();
        if let Some(id) = self.by_seal.get(&seal).copied() {
            if let Some(row) = self.rows.get_mut(&id) {
                row.came(place);
            }
            return id;
        }
        let document = seen.as_ref().map(|seen| (seen.sha256.clone(), seen.verdict));
        let content = seen.map_or(Content::Waiting, Content::Known);
        let id = self.put(place, content);
        self.by_seal.insert(seal, id);
        document.map_or(id, |document| self.folded(id, document))
    }

    /// A sealed part was opened.
    pub fn read(&mut self, given: &Given, seals: Vec<String>, reading: Reading) {
        self.version += 1;
        let document = (reading.status.sha256.clone(), reading.status.verdict);
        let seal = seals.last().cloned().unwrap_or_default();
        let id = self.at(given, seals, &reading.status.source, reading.date.as_deref());
        let id = self.unfolded(id, &seal, &document);
        if let Some(row) = self.rows.get_mut(&id) {
            row.content = Content::Read(Arc::new(reading));
        }
        self.folded(id, document);
    }

    /// A sealed part was not opened.
    pub fn not_read(&mut self, given: &Given, seals: Vec<String>, source: &str, why: Trouble) {
        self.version += 1;
        if seals.is_empty() {
            // Nobody knows which seal it is.
            let place = Place::new(At::of(given, seals), source.to_owned(), None, None);
            return self.fault(place, Content::NotLookedAt(why));
        }
        let id = self.at(given, seals, source, None);
        if let Some(row) = self.rows.get_mut(&id) {
            // What was opened once is not forgotten because its mail is damaged now.
            if !matches!(row.content, Content::Read(_)) {
                row.content = Content::NotRead(why);
            }
        }
    }

    /// The row of a sealed part; a new one for what lies within a sealed mail.
    fn at(&mut self, given: &Given, seals: Vec<String>, source: &str, date: Option<&str>) -> RowId {
        self.sealed(Place::new(At::of(given, seals), source.to_owned(), date, None), None)
    }

    /// Every input that is there now. Rows of which nothing is there any more go.
    pub fn only(&mut self, is_there: &dyn Fn(&Given) -> bool) {
        let before = self.others.len();
        self.others.retain(|given, _| is_there(given));
        if self.others.len() != before {
            self.version += 1;
        }
        self.only_places(&|place| is_there(&place.at.given));
    }

    fn only_places(&mut self, is_there: &dyn Fn(&Place) -> bool) {
        let before = self.rows.len();
        for row in self.rows.values_mut() {
            row.places.retain(is_there);
        }
        self.rows.retain(|_, row| !row.places.is_empty());
        if self.rows.len() != before {
            let rows = &self.rows;
            self.by_seal.retain(|_, id| rows.contains_key(id));
            self.by_document.retain(|_, id| rows.contains_key(id));
            self.version += 1;
        }
    }

    /// A repeat goes into the row of the letter that it repeats; which one that is.
    fn folded(&mut self, id: RowId, document: (String, Verdict)) -> RowId {
        // A row may have come to be another letter's, or none's, since it was the first with this.
        let holds_it = |row: &Row| row.document() == Some(&*document.0) && row.verdict() == Some(document.1);
        let first = self.by_document.get(&document).copied();
        let first = first.filter(|first| *first != id && self.rows.get(first).is_some_and(holds_it));
        let Some(first) = first else {
            self.by_document.insert(document, id);
            return id;
        };
        let Some(repeat) = self.rows.remove(&id) else {
            return first;
        };
        self.by_seal
            .values_mut()
            .filter(|row| **row == id)
            .for_each(|row| *row = first);
        if let Some(row) = self.rows.get_mut(&first) {
            repeat.places.into_iter().for_each(|place| row.came(place));
            if let (Content::Known(_), Content::Read(_)) = (&row.content, &repeat.content) {
                row.content = repeat.content;
            }
        }
        first
    }

    /// What is remembered put this seal to another letter's, and that is not so: it has a row of its own. Whoever can write into
    /// the ledger could hide a letter behind another one.
    fn unfolded(&mut self, id: RowId, seal: &str, document: &(String, Verdict)) -> RowId {
        let Some(row) = self.rows.get_mut(&id) else { return id };
        let is_its = row.document() == Some(&document.0) && row.verdict() == Some(document.1);
        if is_its || row.places.iter().all(|place| place.at.seal() == seal) {
            return id;
        }
        let (places, others) = std::mem::take(&mut row.places)
            .into_iter()
            .partition(|place| place.at.seal() == seal);
        row.places = others;
        self.last += 1;
        let own = self.last;
        let content = Content::Waiting;
        self.rows.insert(
            own,
            Row {
                id: own,
                places,
                content,
            },
        );
        self.by_seal.insert(seal.to_owned(), own);
        own
    }

    fn fault(&mut self, place: Place, content: Content) {
        let again = self.rows.values_mut().find(|row| row.is_fault_of(&place));
        match again {
            Some(row) => row.content = content,
            None => drop(self.put(place, content)),
        }
    }

    fn put(&mut self, place: Place, content: Content) -> RowId {
        self.last += 1;
        let id = self.last;
        let places = vec![place];
        self.rows.insert(id, Row { id, places, content });
        id
    }
}
