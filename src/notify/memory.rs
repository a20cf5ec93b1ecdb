//! What was told already, over restarts.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diff::Told;
use crate::store::Notes;

/// What one way was told of some alarms, here and in the store.
pub(super) struct Memory {
    note: String,
    whom: String,
    pub(super) told: Told,
    /// The note as this process read or wrote it last; nothing before it was read.
    noted: Option<Vec<u8>>,
    /// The note does not say it yet.
    unsaved: bool,
    /// That it cannot be written is in the log.
    told_unsaved: bool,
}

/// A note.
#[derive(Serialize, Deserialize)]
struct Noted<W, T> {
    /// Whom it is about: another command or address has been told nothing yet.
    whom: W,
    told: T,
}

impl Memory {
    /// One that knows nothing yet.
    pub(super) fn new(note: String, whom: String) -> Self {
        Self {
            note,
            whom,
            told: Told::default(),
            noted: None,
            unsaved: false,
            told_unsaved: false,
        }
    }

    /// Reads the note where that was not done yet.
    pub(super) async fn begin(&mut self, notes: &Arc<dyn Notes>) -> Result<(), String> {
        match self.noted {
            Some(_) => Ok(()),
            None => self.read_again(notes).await,
        }
    }

    /// Reads what another node may have written since. When none did, what is known here is newer: it could not be written while
    /// the store was away. An unreadable note counts as empty: notifying twice is better than not at all.
    pub(super) async fn read_again(&mut self, notes: &Arc<dyn Notes>) -> Result<(), String> {
        let (notes, note) = (notes.clone(), self.note.clone());
        let read = tokio::task::spawn_blocking(move || notes.note_to_go_on(&note)).await;
        let read = read.map_err(io::Error::other).and_then(|read| read);
        let bytes = read.map_err(|error| error.to_string())?.unwrap_or_default();
        let noted: Option<Noted<String, Told>> = serde_json::from_slice(&bytes).ok();
        let told = noted.filter(|noted| noted.whom == self.whom).map(|noted| noted.told);
        let told = told.unwrap_or_default();
        match self.noted.replace(bytes) {
            None => self.told.learn(told),
            Some(before) if self.noted.as_ref() == Some(&before) => {}
            Some(_) => (self.told, self.unsaved) = (told, false),
        }
        Ok(())
    }

    /// Another node goes on with it.
    pub(super) fn leave(&mut self) {
        (self.told, self.noted, self.unsaved) = (Told::default(), None, false);
    }

    /// Something is known that the note does not say.
    pub(super) fn changed(&mut self) {
        self.unsaved = true;
    }

    /// Whether there is something to write down.
    pub(super) fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// A full disk does not suppress a notification; at worst it is sent twice.
    pub(super) async fn save(&mut self, notes: &Arc<dyn Notes>) {
        // What was not read yet is not written over.
        if self.noted.is_none() {
            return;
        }
        let noted = Noted {
            whom: &self.whom,
            told: &self.told,
        };
        let bytes = serde_json::to_vec(&noted).unwrap_or_default();
        let (notes, note, written) = (notes.clone(), self.note.clone(), bytes.clone());
        let saved = tokio::task::spawn_blocking(move || notes.set_note(&note, &written)).await;
        match saved.map_err(io::Error::other).and_then(|saved| saved) {
            Ok(()) => (self.noted, self.unsaved, self.told_unsaved) = (Some(bytes), false, false),
            Err(error) if !std::mem::replace(&mut self.told_unsaved, true) => {
                tracing::warn!(%error, "what was told could not be written down");
            }
            Err(_) => {}
        }
    }
}

/// What a note says was told; `None` when there is none that can be read.
pub(super) fn told(notes: &dyn Notes, note: &str) -> io::Result<Option<Told>> {
    let noted = notes.note(note)?;
    let noted: Option<Noted<String, Told>> = noted.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(noted.map(|noted| noted.told))
}
