//! A PostgreSQL that several nodes share, for whoever opens it or asks it.

use std::io;
use std::sync::Arc;

use super::stores::As;
use crate::store::Store;
use crate::store::postgres::{PostgresStore, Settings, Who};

/// Opens the store. Nobody is asked.
pub(super) fn open(settings: &Settings, user: As) -> io::Result<Arc<dyn Store>> {
    let who = match user {
        As::Web => Who::Web,
        As::Relay => Who::Relay,
        As::Command => Who::Operator,
    };
    Ok(Arc::new(PostgresStore::open(settings)?.with_notes_as(who)))
}
