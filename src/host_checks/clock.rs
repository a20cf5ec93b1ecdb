//! Whether the clock can be right.
//!
//! Certificates are judged by it. A clock that runs ahead makes good ones look expired: the form closes, and nobody is
//! harmed but by the closed form. A clock that lies behind makes expired ones look good, here and at the mail server;
//! revocations hold all the same, since they are never undone by time. So there is an alarm, and the form stays open: closing
//! it would take the way from people for what is most often a server that has just started. Retry times survive a
//! wrong clock by themselves, and nothing is deleted for its age by a clock that is doubted ([`super::trust`]).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::trust::Trust;
use crate::store::Notes;
use crate::unix_time::seconds;

/// No release of this program is older: 1 November 2026.
const RELEASED: u64 = 1_793_491_200;
/// Clocks that are set by the network differ by less.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);
/// The alarm of a jump stands for so long: the jump is over at once, its effects may not be.
const TOLD_FOR: Duration = Duration::from_secs(3600);

/// What was seen of the clocks.
#[derive(Default)]
pub(super) struct Clock {
    /// The wall clock and the time since the machine started, at the last look.
    last: Option<(SystemTime, Duration)>,
    /// The last jump, by the time since the machine started.
    jump: Option<(Duration, String)>,
    trust: Trust,
}

/// The clocks at a look: the wall clock, and the time since the machine started.
pub(super) type Clocks = (SystemTime, Duration);

/// Time since the machine started, with the time in which it slept. It cannot be set.
pub(super) fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

impl Clock {
    /// What is wrong, as a sentence; what is deleted for its age must wait then. `newest` is when the spool changed last.
    pub(super) fn look(&mut self, notes: &dyn Notes, clocks: Clocks, newest: SystemTime) -> Option<String> {
        let (wall, up) = (seconds(clocks.0), clocks.1.as_secs());
        let doubt = self.trust.look(notes, (wall, up), seconds(newest));
        self.wrong(clocks, newest).or_else(|| doubt.map(doubted))
    }

    fn wrong(&mut self, (now, boot): Clocks, newest: SystemTime) -> Option<String> {
        if let Some((then, boot_then)) = self.last.replace((now, boot))
            && let Some(text) = jumped(then + boot.saturating_sub(boot_then), now)
        {
            self.jump = Some((boot, text));
        }
        self.jump.take_if(|(at, _)| boot.saturating_sub(*at) > TOLD_FOR);
        let wrong = if now < UNIX_EPOCH + Duration::from_secs(RELEASED) {
            "it is earlier than this program".to_owned()
        } else if newest > now + TOLERANCE {
            // No number: what is left of it grows less each minute, and another text is told anew.
            "the spool was last changed at a time that is still to come, so it is wrong, or was".to_owned()
        } else {
            self.jump.as_ref()?.1.clone()
        };
        Some(format!(
            "the clock cannot be right: {wrong}; expired certificates may be used, or good ones refused"
        ))
    }
}

fn doubted(ahead: u64) -> String {
    format!(
        "the clock may be wrong: it went forward by {} at once, or the machine was off for so long. Nothing is deleted for \
         its age until it has been so for 48 hours. To do: set it right; nothing, if it is",
        hours(Duration::from_secs(ahead))
    )
}

fn jumped(expected: SystemTime, now: SystemTime) -> Option<String> {
    let ahead = now.duration_since(expected).ok().filter(|ahead| *ahead > TOLERANCE);
    let behind = expected.duration_since(now).ok().filter(|behind| *behind > TOLERANCE);
    let ahead = ahead.map(|by| format!("it was set forward by {}", hours(by)));
    ahead.or_else(|| behind.map(|by| format!("it was set back by {}", hours(by))))
}

fn hours(length: Duration) -> String {
    match length.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_clock_that_is_set_is_told_for_an_hour() {
        let mut clock = Clock::default();
        let start = SystemTime::now();
        let mut look = |wall: i64, boot: u32| {
            let wall = match wall {
                behind @ ..0 => start - MINUTE * u32::try_from(-behind).unwrap(),
                ahead => start + MINUTE * u32::try_from(ahead).unwrap(),
            };
            clock.wrong((wall, MINUTE * boot), UNIX_EPOCH)
        };
        assert_eq!(look(0, 10), None);
        assert_eq!(look(1, 11), None);
        // Two minutes are within what the network corrects, and sleep counts on both.
        assert_eq!(look(4, 12), None);
        assert_eq!(look(604, 612), None);
        assert!(look(1000, 613).unwrap().contains("set forward by 6 hours"));
        assert!(look(1001, 614).unwrap().contains("set forward"));
        assert!(look(500, 615).unwrap().contains("set back by 8 hours"));
        assert!(look(559, 674).is_some());
        assert_eq!(look(562, 677), None);
    }

    #[test]
    fn a_time_that_cannot_be_is_told() {
        let mut clock = Clock::default();
        let now = SystemTime::now();
        let early = UNIX_EPOCH + Duration::from_secs(RELEASED - 60);
        assert!(
            clock
                .wrong((early, MINUTE), UNIX_EPOCH)
                .unwrap()
                .contains("earlier than this program")
        );
        let mut clock = Clock::default();
        let newest = now + MINUTE * 600;
        let mut look = |minutes| clock.wrong((now + MINUTE * minutes, MINUTE * minutes), newest);
        let first = look(0).unwrap();
        assert!(
            first.contains("last changed at a time that is still to come"),
            "{first}"
        );
        // The operator is told once, not each minute.
        for minutes in [1, 2, 60, 590] {
            assert_eq!(look(minutes).unwrap(), first, "{minutes}");
        }
        assert_eq!(look(599), None);
    }
}
