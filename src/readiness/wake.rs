//! A bell for one thread that sleeps.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Rung from anywhere, also from the runtime's threads: its lock is held to set a flag, never longer.
#[derive(Default)]
pub struct Wake {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Wake {
    /// Wakes the sleeper, or keeps it from falling asleep once.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_one();
    }

    /// Sleeps until it rings or so much time has passed; true when it rang.
    pub fn wait(&self, time: Duration) -> bool {
        let (end, mut rung) = (
            Instant::now() + time,
            self.rung.lock().unwrap_or_else(PoisonError::into_inner),
        );
        while !*rung {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.bell.wait_timeout(rung, left);
            rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::take(&mut *rung)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_not_lost_and_counts_once() {
        let wake = Wake::default();
        wake.ring();
        wake.ring();
        assert!(wake.wait(Duration::from_secs(60)));
        assert!(!wake.wait(Duration::from_millis(1)));
    }
}
