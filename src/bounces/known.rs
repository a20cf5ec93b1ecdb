//! Which letter a report means: by an id that only the envelope had, then by one in the address, then by the Message-ID.
//!
//! The first two are told to mail servers alone. The Message-ID is known to whoever sees the mail, so whoever can write to the
//! mailbox of reports can have a letter held that was delivered: an operator reads it and sends it again, and the post room
//! gets it twice under one Message-ID.

use std::collections::HashMap;
use std::io;

use super::report::Report;
use crate::store::{Identity, State, Store};

/// Letters whose names are still in the store.
#[derive(Default)]
pub(super) struct Known {
    by_bounce_id: HashMap<String, String>,
    by_message_id: HashMap<String, String>,
}

impl Known {
    pub(super) fn of(store: &dyn Store) -> io::Result<Self> {
        let delivered = store.delivered()?.into_iter().map(|(name, _)| name);
        let waiting = store.waiting()?.into_iter().map(|(name, _)| name);
        let mut known = Self::default();
        for name in delivered.chain(store.names(State::Held)?).chain(waiting) {
            if let Some(Identity { bounce, envelope, .. }) = store.identities().of_name(&name) {
                known.by_bounce_id.insert(bounce, name.clone());
                known.by_message_id.insert(envelope, name);
            }
        }
        Ok(known)
    }

    /// Its name.
    pub(super) fn find(&self, report: &Report) -> Option<&str> {
        let by_id = |id: &String| self.by_bounce_id.get(id);
        let envelope = report.envelope_id.as_ref().and_then(by_id);
        let address = || report.address_ids.iter().find_map(by_id);
        let message = || self.by_message_id.get(report.message_id.as_ref()?);
        envelope.or_else(address).or_else(message).map(String::as_str)
    }
}
