//! The parts of a store of files, put together.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use super::closed;
use super::deliveries::Deliveries;
use super::discarded::Records;
use super::fence::Fence;
use super::in_flight::Locks;
use super::layout::{Layout, open_directory};
use super::moves::Moves;
use super::pending::Arrivals;
use super::quarantine::Quarantine;
use super::quota::Quota;
use super::secret;
use super::settings::Settings;
use super::status::Statuses;
use crate::scratch::Directory;
use crate::store::{Identities, State};

/// An open store of files.
pub struct FileStore {
    pub(super) layout: Layout,
    pub(super) identities: Identities,
    pub(super) arrivals: Arrivals,
    pub(super) quota: Quota,
    pub(super) moves: Moves,
    pub(super) locks: Locks,
    pub(super) statuses: Statuses,
    pub(super) quarantine: Quarantine,
    pub(super) discarded: Records,
    /// Names of letters that were delivered and whose kept copy was found removed by hand: told once.
    pub(super) told_removed: Mutex<HashSet<String>>,
    pub(super) fence: Fence,
    pub(super) deliveries: Arc<Deliveries>,
    pub(super) keep_delivered_days: u32,
}

impl FileStore {
    /// Opens the store; makes its directories and its secret when they are missing, and removes what a crash left
    /// unfinished.
    ///
    /// # Errors
    /// When a directory cannot be made or written, or its letters were moved elsewhere.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        closed::refuse(&settings.directory)?;
        Self::open_even_closed(settings)
    }

    /// The same for who moves its letters.
    pub(super) fn open_even_closed(settings: &Settings) -> io::Result<Self> {
        let layout = Layout::make(&settings.directory)?;
        let scratch = Directory::open(&layout.path("draft"))?;
        let secret = secret::load_or_make(&settings.directory)?;
        let new: Arc<OwnedFd> = Arc::new(open_directory(&layout.directory(State::Waiting))?);
        let fence = Fence::default();
        let moves = Moves {
            layout: layout.clone(),
            fence: fence.clone(),
        };
        let quarantine = Quarantine(moves.clone());
        match quarantine.put_foreign_aside() {
            // Nothing is moved there any more.
            Err(_) if closed::is_there(&settings.directory) => {}
            // Whoever keeps the lock on all moves does not keep a service from starting; the relay tells of it.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                tracing::error!("what is no letter stays in the queue: {error}");
            }
            looked => looked?,
        }
        let (locks, statuses) = (Locks(layout.clone()), Statuses(layout.clone()));
        Ok(Self {
            identities: Identities::new(secret),
            quota: Quota::new(settings, layout.clone(), fence.clone(), new.clone()),
            arrivals: Arrivals {
                scratch,
                new,
                fence: fence.clone(),
                doubt: Mutex::default(),
            },
            fence,
            discarded: Records(layout.clone()),
            told_removed: Mutex::default(),
            deliveries: Arc::new(Deliveries::new(
                moves.clone(),
                locks.clone(),
                statuses.clone(),
                quarantine.clone(),
            )),
            moves,
            locks,
            statuses,
            quarantine,
            layout,
            keep_delivered_days: settings.keep_delivered_days,
        })
    }
}
