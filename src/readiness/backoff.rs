//! When to try again what failed.

use std::time::{Duration, Instant};

/// Long enough that the other half of the service has seen the alarm: it looks each second.
pub(super) const FIRST: Duration = Duration::from_secs(2);
/// A form is not closed for longer than this by something that is over.
const LONGEST: Duration = Duration::from_secs(60);

/// Doubles the pause between trials. It begins anew only once a letter went through, not when a trial succeeded: a disk
/// that takes every trial and no letter is tried ever more rarely.
pub(super) struct Backoff {
    pause: Duration,
    due: Option<Instant>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            pause: FIRST,
            due: None,
        }
    }
}

impl Backoff {
    /// When the next trial is due, if something failed.
    pub(super) fn due(&mut self, failed: bool, now: Instant) -> Option<Instant> {
        if failed {
            Some(*self.due.get_or_insert(now + self.pause))
        } else {
            self.due = None;
            None
        }
    }

    /// It was tried just now.
    pub(super) fn tried(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST);
        self.due = None;
    }

    /// A letter went through. What is due sooner stays due: letters to one mailbox put no trial of another one off.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.pause = FIRST;
        self.due = self.due.map(|due| due.min(now + FIRST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew_after_a_letter() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let due = backoff.due(true, now).unwrap();
            assert_eq!(
                backoff.due(true, now + FIRST / 2),
                Some(due),
                "it does not move while it waits"
            );
            pauses.push((due - now).as_secs());
            backoff.tried();
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.due(false, now), None);
        assert_eq!(
            backoff.due(true, now),
            Some(now + LONGEST),
            "a trial that succeeded is no letter"
        );
        backoff.begin_anew(now);
        assert_eq!(backoff.due(true, now), Some(now + FIRST));
        backoff.begin_anew(now + FIRST / 2);
        assert_eq!(backoff.due(true, now), Some(now + FIRST), "it is not put off");
    }
}
