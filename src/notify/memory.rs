//! What was told already, over restarts.

use serde::{Deserialize, Serialize};

use super::diff::Told;
use crate::store::Notes;

/// The memory of one way.
#[derive(Serialize, Deserialize)]
pub(super) struct Memory {
    /// Whom it is about: another command or address has been told nothing yet.
    whom: String,
    pub(super) told: Told,
}

impl Memory {
    /// An unreadable note counts as empty: notifying twice is better than not at all.
    pub(super) fn load(notes: &dyn Notes, note: &'static str, whom: String) -> Self {
        let known = Self::read(notes, note).filter(|memory| memory.whom == whom);
        known.unwrap_or_else(|| Self::empty(whom))
    }

    pub(super) fn empty(whom: String) -> Self {
        let told = Told::default();
        Self { whom, told }
    }

    pub(super) fn read(notes: &dyn Notes, note: &'static str) -> Option<Self> {
        let bytes = notes.note(note).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
