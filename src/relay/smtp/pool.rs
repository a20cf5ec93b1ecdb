//! Connections kept for the next letters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::connection::Connection;

/// Servers close idle connections after some minutes; it is more polite to be first.
const IDLE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Connection>>);

impl Pool {
    pub(super) fn put(&self, connection: Connection) {
        self.connections().push(connection);
    }

    /// The one that was used last, since it is the most likely to be there still.
    pub(super) fn take(&self) -> Option<Connection> {
        self.connections().pop()
    }

    /// Those that were not needed for long, taken out.
    pub(super) fn take_idle(&self) -> Vec<Connection> {
        self.connections()
            .extract_if(.., |connection| connection.idle() > IDLE)
            .collect()
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
