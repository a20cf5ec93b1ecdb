//! How many connections there may be, and who leaves for a new one.
//!
//! What always holds: never more than the limit; when it is reached, the oldest that waits for nothing of ours makes place, so
//! that whoever opens many and says nothing keeps nobody out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

pub(super) struct Crowd {
    most: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    next: u64,
    guests: BTreeMap<u64, Guest>,
}

struct Guest {
    busy: Arc<AtomicBool>,
    leave: oneshot::Sender<()>,
}

/// A connection's place.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    busy: Arc<AtomicBool>,
    asked: Option<oneshot::Receiver<()>>,
}

impl Crowd {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            inside: Mutex::default(),
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place; none when all who have one are at work.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut inside = self.inside();
        if inside.guests.len() >= self.most {
            let idle = |(number, guest): (&u64, &Guest)| (!guest.busy.load(Ordering::Relaxed)).then_some(*number);
            let number = inside.guests.iter().find_map(idle)?;
            if let Some(guest) = inside.guests.remove(&number) {
                let _ = guest.leave.send(());
            }
        }
        inside.next += 1;
        let number = inside.next;
        let (leave, asked) = oneshot::channel();
        let busy = Arc::new(AtomicBool::new(false));
        let guest = Guest {
            busy: Arc::clone(&busy),
            leave,
        };
        inside.guests.insert(number, guest);
        Some(Place {
            crowd: Arc::clone(self),
            number,
            busy,
            asked: Some(asked),
        })
    }
}

impl Place {
    /// Says whether it is at work.
    pub(super) fn busy(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.busy)
    }

    /// Comes when the place is needed.
    pub(super) fn asked_to_leave(&mut self) -> impl Future<Output = ()> + use<> {
        let asked = self.asked.take();
        async move {
            if let Some(asked) = asked {
                let _ = asked.await;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.inside().guests.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_that_is_idle_makes_place() {
        let crowd = Crowd::new(2);
        let (first, mut second) = (crowd.enter().unwrap(), crowd.enter().unwrap());
        first.busy().store(true, Ordering::Relaxed);
        let third = crowd.enter().unwrap();
        second.asked_to_leave().await;
        third.busy().store(true, Ordering::Relaxed);
        assert!(crowd.enter().is_none());
        drop(first);
        assert!(crowd.enter().is_some());
        drop((second, third));
        assert!(crowd.inside().guests.is_empty());
    }
}
