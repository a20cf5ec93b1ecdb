//! Whether ages may count: what is deleted for its age needs a clock that two observations agree on.
//!
//! A machine whose clock was set ahead by a month would throw away, within seconds, every copy that is kept for an accident in
//! the mailbox. The time since the machine started cannot be set. So each look holds the advance of the wall clock against it,
//! also over a restart of this program, by a note in the spool. Over a restart of the machine nothing can tell a clock that is
//! wrong from a machine that was off: then a great step forward is believed once it has held for two days.

use serde::{Deserialize, Serialize};

use crate::store::Notes;

/// Deleted a day too early is no harm: copies are kept for many.
const DAY: i64 = 86_400;
/// Clocks that are set by the network differ by less.
const TOLERANCE: i64 = 5 * 60;
/// A new time is believed after so long: somebody will have noticed a wrong one by then.
const BELIEVED_AFTER: u64 = 48 * 3600;
/// What was seen is written down this often; the disk of an idle service may sleep.
const WRITTEN_EACH: u64 = 600;
/// Its name in the spool: each machine has a clock of its own.
const NOTE: &str = "clock.json";

/// What was seen of the clocks at a look. In seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Observed {
    /// The wall clock, since 1970.
    pub(super) wall: u64,
    /// Since the machine started, with the time in which it slept.
    pub(super) up: u64,
    /// By how much the wall clock is ahead of what the looks before made of it, or behind; 0 when they agree.
    pub(super) ahead: i64,
    /// For how long it has been so.
    pub(super) held: u64,
}

impl Observed {
    /// Of clocks that nothing is known of before.
    pub(super) fn first(wall: u64) -> Self {
        Self {
            wall,
            up: 0,
            ahead: 0,
            held: 0,
        }
    }

    /// The next look.
    pub(super) fn next(&self, wall: u64, up: u64) -> Self {
        // A shorter time than before is that of another start of the machine. A longer one may be too; then less is taken to
        // have passed than has, which at worst keeps something for two days more.
        let passed = up.checked_sub(self.up).unwrap_or(up);
        let shift = signed(wall) - signed(self.wall.saturating_add(passed));
        // Small differences would add up, and be told anew each time.
        let ahead = if shift.abs() <= TOLERANCE {
            self.ahead
        } else {
            self.ahead.saturating_add(shift)
        };
        let held = if shift.abs() > DAY { 0 } else { self.held + passed };
        let agrees = ahead.abs() <= DAY || held >= BELIEVED_AFTER;
        let (ahead, held) = if agrees { (0, 0) } else { (ahead, held) };
        Self { wall, up, ahead, held }
    }

    /// By how many seconds the clock is ahead, when ages must not count for it.
    pub(super) fn doubt(&self) -> Option<u64> {
        u64::try_from(self.ahead).ok().filter(|ahead| *ahead > 0)
    }
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// What was seen last, in memory and in the spool.
#[derive(Default)]
pub(super) struct Trust {
    last: Option<Observed>,
    written: Option<Observed>,
}

impl Trust {
    /// One look. `newest` is when the spool changed last: an observation too, for the first look of all.
    pub(super) fn look(&mut self, notes: &dyn Notes, (wall, up): (u64, u64), newest: u64) -> Option<u64> {
        let before = self.last.take().unwrap_or_else(|| {
            self.written = read(notes);
            self.written.clone().unwrap_or_else(|| Observed::first(newest))
        });
        let now = before.next(wall, up);
        let is_old = |written: &Observed| written.ahead != now.ahead || up.abs_diff(written.up) >= WRITTEN_EACH;
        if self.written.as_ref().is_none_or(is_old) {
            // A full disk keeps nothing from being deleted: that is what makes room.
            match write(notes, &now) {
                Ok(()) => self.written = Some(now.clone()),
                Err(error) => tracing::warn!(%error, "what was seen of the clock could not be written down"),
            }
        }
        self.last.insert(now).doubt()
    }
}

/// One that cannot be read is as good as none.
fn read(notes: &dyn Notes) -> Option<Observed> {
    serde_json::from_slice(&notes.note(&notes.own_name(NOTE)).ok()??).ok()
}

fn write(notes: &dyn Notes, now: &Observed) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(now).map_err(std::io::Error::other)?;
    notes.set_note(&notes.own_name(NOTE), &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: u64 = 86_400;
    const NOW: u64 = 1_800_000_000;

    /// What each look makes of the clocks: seconds since the beginning by the wall clock, and since the machine started.
    fn looks(looks: &[(i64, u64)]) -> Vec<Option<u64>> {
        let mut seen = Observed::first(NOW);
        let look = |(wall, up): &(i64, u64)| {
            seen = seen.next(NOW.checked_add_signed(*wall).unwrap(), *up);
            seen.doubt().map(|ahead| ahead / DAYS)
        };
        looks.iter().map(look).collect()
    }

    #[test]
    fn a_clock_that_goes_as_time_does_is_believed() {
        let (d, days) = (DAYS as i64, DAYS);
        assert_eq!(
            looks(&[(0, 10), (30, 40), (9 * d, 9 * days), (9 * d + 200, 9 * days + 30)]),
            [None; 4]
        );
        // Set right by some minutes or hours: told elsewhere, and no reason to keep anything.
        assert_eq!(looks(&[(0, 10), (7200, 40), (7230, 70)]), [None; 3]);
    }

    #[test]
    fn a_clock_that_was_set_ahead_is_doubted_until_it_is_set_back() {
        let d = DAYS as i64;
        for days in [30, 370] {
            let ahead = days * d;
            let found = looks(&[(0, 10), (ahead + 30, 40), (ahead + 90_000, 90_010), (90_100, 90_110)]);
            let days = u64::try_from(days).unwrap();
            assert_eq!(found, [None, Some(days), Some(days), None]);
        }
        // Over a restart of the machine, and back over another.
        assert_eq!(looks(&[(0, 9_000), (30 * d, 60), (600, 60)]), [None, Some(29), None]);
    }

    #[test]
    fn a_machine_that_was_off_for_a_month_is_believed_after_two_days() {
        let d = DAYS as i64;
        let found = looks(&[
            (0, 9_000),
            (30 * d, 60),
            (31 * d, 60 + DAYS),
            (32 * d - 60, DAYS * 2),
            (32 * d + 60, DAYS * 2 + 120),
        ]);
        assert_eq!(found, [None, Some(29), Some(29), Some(29), None]);
        // A step more begins anew.
        let found = looks(&[(0, 9_000), (30 * d, 60), (61 * d, 60 + DAYS), (62 * d, 60 + 2 * DAYS)]);
        assert_eq!(found, [None, Some(29), Some(59), Some(59)]);
    }

    /// Machines without a clock of their own start in 1970, and are right a minute later.
    #[test]
    fn a_clock_that_was_behind_and_is_set_right_is_believed() {
        let behind = -i64::try_from(NOW).unwrap();
        assert_eq!(looks(&[(0, 9_000), (behind + 60, 10), (700, 40), (730, 70)]), [None; 4]);
    }
}
