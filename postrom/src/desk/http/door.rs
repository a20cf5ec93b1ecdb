//! The door: what is known of it on every connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::crowd::Crowd;
use super::entry::Entry;
use super::events::Event;
use super::rules;
use crate::i18n::Lang;

/// Connections of the clerk's own at a time. A browser has six.
const CONNECTIONS: usize = 64;
/// Connections of others, which are only told that this is not theirs.
const STRANGERS: usize = 8;

/// What the door needs to know of the desk behind it.
pub struct Behind {
    /// Whether the desk is locked.
    pub is_locked: Box<dyn Fn() -> bool + Send + Sync>,
    /// What the clerk should hear of at the terminal.
    pub tell: Box<dyn Fn(Event) + Send + Sync>,
    /// The language of refusals.
    pub lang: Lang,
}

/// The door.
pub struct Door {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    pub(super) entry: Entry,
    pub(super) behind: Behind,
    pub(super) own: Arc<Crowd>,
    pub(super) strangers: Arc<Crowd>,
    pub(super) drops: Semaphore,
    pub(super) stop: watch::Sender<bool>,
    /// Counts the times that every connection was to end.
    pub(super) cleared: watch::Sender<u64>,
}

impl Door {
    /// One for whatever listens at this address, with a new secret.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(address: SocketAddr, behind: Behind) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            address,
            host: rules::host(address),
            entry: Entry::new()?,
            behind,
            own: Crowd::new(CONNECTIONS),
            strangers: Crowd::new(STRANGERS),
            drops: Semaphore::new(1),
            stop: watch::Sender::new(false),
            cleared: watch::Sender::new(0),
        }))
    }

    /// A new address by which a browser may come in, once, and not later than this.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn invite(&self, within: Option<Duration>) -> io::Result<String> {
        Ok(format!("http://{}/{}", self.host, self.entry.invite(within)?))
    }

    /// Ends every connection: those at work when they have answered, and soon in any case.
    pub fn clear(&self) {
        self.cleared.send_modify(|times| *times += 1);
    }

    /// Ends [`serve`](super::serve).
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}
