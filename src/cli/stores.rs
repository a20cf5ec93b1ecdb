//! The store that the configuration names. Nobody else knows that there is more than one.

use std::sync::Arc;

use anyhow::Context;

use super::database;
use super::user::As;
use crate::store::files::{self, FileStore};
use crate::store::{Store, postgres};

/// Opens it. A database is not asked: it may be away, and the service says so.
///
/// # Errors
/// When what is on this machine cannot be used.
pub(super) fn open(
    spool: &files::Settings,
    database: Option<&postgres::Settings>,
    user: As,
) -> anyhow::Result<Arc<dyn Store>> {
    let directory = spool.directory.display();
    let opened = match database {
        Some(settings) => database::open(settings, user),
        None => FileStore::open(spool).map(|store| Arc::new(store) as Arc<dyn Store>),
    };
    opened.with_context(|| format!("the spool {directory} cannot be opened"))
}
