//! Connections beyond the share of their owner: a few, and for a short time, so that nobody who shares an address with
//! somebody greedy gets a reset instead of a page. The same for pages that come through a proxy of ours.
//!
//! Comes in: a connection beyond its owner's share. Goes out: a [`Guest`], which may be asked to leave for a newer one. What
//! always holds: there are never more than [`MOST`], and the owner with the most of them makes room first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::owner::{Held, Owner, heaviest};

/// Such connections at once.
pub(super) const MOST: usize = 512;

/// All of them, the oldest first. The lock is held for a look-up in memory.
#[derive(Default)]
pub(super) struct Overflow(Mutex<VecDeque<Entry>>);

struct Entry {
    owner: Owner,
    leave: Arc<Notify>,
}

/// Why a connection, or a page, may be here.
pub(crate) enum Place {
    /// Within its owner's share, where it has one.
    OfItsOwn {
        /// Given back with it.
        _held: Option<Held>,
    },
    /// Beyond it, for a short time.
    Beyond(Guest),
}

impl Place {
    /// It is beyond its owner's share.
    pub(crate) fn is_beyond(&self) -> bool {
        matches!(self, Self::Beyond(_))
    }

    /// Returns when another one needs the place; never within a share.
    pub(crate) async fn asked_to_leave(&self) {
        match self {
            Self::OfItsOwn { .. } => std::future::pending().await,
            Self::Beyond(guest) => guest.asked_to_leave().await,
        }
    }
}

/// One that is here for a short time.
pub(crate) struct Guest {
    overflow: Arc<Overflow>,
    leave: Arc<Notify>,
}

impl Overflow {
    /// Lets one more in. When all places are taken, the oldest of the owner who has the most is asked to leave.
    pub(super) fn enter(self: &Arc<Self>, owner: &Owner) -> Guest {
        let leave = Arc::new(Notify::new());
        let mut places = self.places();
        if places.len() >= MOST
            && let Some(oldest) = oldest_of_the_heaviest(&places)
            && let Some(place) = places.remove(oldest)
        {
            place.leave.notify_one();
        }
        places.push_back(Entry {
            owner: owner.clone(),
            leave: leave.clone(),
        });
        Guest {
            overflow: self.clone(),
            leave,
        }
    }

    fn places(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn oldest_of_the_heaviest(places: &VecDeque<Entry>) -> Option<usize> {
    let all = places.iter().enumerate().map(|(index, place)| (index, &place.owner, 1));
    heaviest(all).into_iter().min()
}

impl Guest {
    /// Returns when another one needs the place.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.overflow
            .places()
            .retain(|place| !Arc::ptr_eq(&place.leave, &self.leave));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::owner::{NameKey, Source};

    fn is_asked(guest: &Guest) -> bool {
        guest.asked_to_leave().now_or_never().is_some()
    }

    #[test]
    fn who_has_the_most_makes_room() {
        let (overflow, key) = (Arc::new(Overflow::default()), NameKey::random());
        let owner = |text: &str| key.owner(Source::Address(text.parse().unwrap()));
        let honest = [
            overflow.enter(&owner("192.0.2.7")),
            overflow.enter(&owner("198.51.100.2")),
        ];
        let greedy: Vec<_> = (0..2 * MOST).map(|_| overflow.enter(&owner("198.51.100.1"))).collect();
        assert!(
            !honest.iter().any(is_asked),
            "however many come from elsewhere, or from next door"
        );
        assert!(
            is_asked(&greedy[0]) && !is_asked(&greedy[2 * MOST - 1]),
            "the oldest of its own"
        );
        assert_eq!(overflow.places().len(), MOST);
        drop((honest, greedy));
        assert!(overflow.places().is_empty());
    }
}
