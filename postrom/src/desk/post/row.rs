//! One letter of the list.

use std::sync::Arc;

use jiff::Timestamp;

use crate::desk::reading::Reading;
use crate::desk::worker::{At, Given};
use crate::judged::Verdict;
use crate::ledger::Seen;
use crate::status::Kind;
use crate::trouble::Trouble;

/// Stands for a row in addresses of pages. It says nothing of the letter, and lives as long as the desk is open.
pub type RowId = u32;

/// One letter, or one thing that could be one. It has no `Debug`.
pub struct Row {
    /// Its number on this desk.
    pub id: RowId,
    /// Where it lies; more than one place when it came more than once.
    pub places: Vec<Place>,
    /// What is known of it.
    pub content: Content,
}

/// Where a letter lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How it is found again.
    pub at: At,
    /// The same for people.
    pub source: String,
    /// The `Date` of the mail around it.
    pub date: Option<Timestamp>,
    /// Its number, where the mail around it says one. Anybody can write that.
    pub reference: Option<String>,
}

/// What is known of a row.
pub enum Content {
    /// It is sealed, and its turn has not come.
    Waiting,
    /// A desk has read it before; it was not opened since this one was unlocked.
    Known(Seen),
    /// It was opened.
    Read(Arc<Reading>),
    /// It cannot be opened.
    NotRead(Trouble),
    /// It could hold a letter and was not looked at.
    NotLookedAt(Trouble),
}

impl At {
    /// A sealed part of an input.
    pub fn of(given: &Given, seals: Vec<String>) -> Self {
        Self {
            given: given.clone(),
            seals,
        }
    }
}

impl Place {
    pub(super) fn new(at: At, source: String, date: Option<&str>, reference: Option<String>) -> Self {
        let date = date.and_then(|date| date.parse().ok());
        Self {
            at,
            source,
            date,
            reference,
        }
    }
}

impl Row {
    /// What was read in it.
    pub fn reading(&self) -> Option<&Arc<Reading>> {
        match &self.content {
            Content::Read(reading) => Some(reading),
            _ => None,
        }
    }

    /// SHA-256 of the sealed document, once it is known: what marks are about.
    pub fn document(&self) -> Option<&str> {
        match &self.content {
            Content::Known(seen) => Some(&seen.sha256),
            Content::Read(reading) => Some(&reading.status.sha256),
            _ => None,
        }
    }

    /// Number for people: of the letter, or else of the mail around it.
    pub fn reference(&self) -> Option<&str> {
        let own = match &self.content {
            Content::Known(seen) => seen.reference.as_deref(),
            Content::Read(reading) => reading.status.reference.as_deref(),
            _ => None,
        };
        own.or_else(|| self.places.iter().find_map(|place| place.reference.as_deref()))
    }

    /// Whose hand it came through, once it is known.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.content {
            Content::Known(seen) => Some(seen.verdict),
            Content::Read(reading) => Some(reading.status.verdict),
            _ => None,
        }
    }

    /// Letter or mail, once it is known.
    pub fn kind(&self) -> Option<Kind> {
        match &self.content {
            Content::Known(seen) => Some(seen.kind),
            Content::Read(reading) => Some(reading.status.kind),
            _ => None,
        }
    }

    /// Made by `send-test`, as far as a genuine letter says so.
    pub fn is_test(&self) -> bool {
        let said = match &self.content {
            Content::Known(seen) => seen.test,
            Content::Read(reading) => reading.status.test,
            _ => false,
        };
        said && self.verdict() == Some(Verdict::Genuine)
    }

    /// When the form took it; before it is opened, when the mail around it says that it was sent.
    pub fn received(&self) -> Option<Timestamp> {
        let said = match &self.content {
            Content::Known(seen) => seen.received.as_deref(),
            Content::Read(reading) => reading.status.received.as_deref(),
            _ => None,
        };
        let said = said.and_then(|said| said.parse().ok());
        said.or_else(|| self.places.iter().find_map(|place| place.date))
    }

    /// It lies in one more place, or in one that is known.
    pub(super) fn came(&mut self, place: Place) {
        if !self.places.iter().any(|known| known.at == place.at) {
            self.places.push(place);
        }
    }

    pub(super) fn is_fault_of(&self, place: &Place) -> bool {
        matches!(self.content, Content::NotLookedAt(_)) && self.places.iter().any(|known| known.source == place.source)
    }
}
