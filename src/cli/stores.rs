//! The store that the configuration names. Nobody else knows that there is more than one.

use std::sync::Arc;

use anyhow::Context;

use super::database;
use crate::alarms::Side;
use crate::store::files::{self, FileStore};
use crate::store::{Store, postgres};

/// As whom a process comes to what all its parts share. A user of a database reads only what is that user's, and a process
/// need not have the passwords of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// The form's side.
    Web,
    /// Whoever delivers.
    Relay,
    /// A command beside the service.
    Command,
}

impl As {
    /// Of a process with the alarms of these halves.
    pub(super) fn of(sides: &[Side]) -> Self {
        match sides {
            [] => Self::Command,
            [Side::Web] => Self::Web,
            _ => Self::Relay,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_comes_as_whoever_it_has_the_password_of() {
        assert_eq!(As::of(&[]), As::Command);
        assert_eq!(As::of(&[Side::Web]), As::Web);
        for delivers in [&[Side::Relay][..], &[Side::Web, Side::Relay]] {
            assert_eq!(As::of(delivers), As::Relay);
        }
    }
}
