//! When to try again.
//!
//! At 0, 1, 5, 15, 30 and 60 minutes after the receipt, then every two hours, for ever: RFC 5321 §4.5.4.1 lets a
//! sender give up after some days, but a receipt was given. Two hours ±20 %, so that letters which began to
//! wait together do not all come together.

pub(super) const MINUTE: u64 = 60;
const FIRST: [u64; 6] = [0, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE];
const THEN: u64 = 120 * MINUTE;

/// When the next attempt is due, in seconds since 1970, after `attempts` that failed.
pub(super) fn next(accepted: u64, now: u64, attempts: u32) -> u64 {
    let by_table = FIRST.get(attempts as usize).map(|offset| accepted + offset);
    match by_table {
        // After a stop of some hours the table lies in the past: a minute's pause, never a busy loop. To a whole minute: it
        // is written down, and would else tell when the attempt before was, which may be when the letter came.
        Some(due) => due.max((now + MINUTE / 2).next_multiple_of(MINUTE)),
        None => (now + THEN - THEN / 5 + chance(THEN * 2 / 5)) / MINUTE * MINUTE,
    }
}

fn chance(below: u64) -> u64 {
    let mut bytes = [0u8; 8];
    // Without chance letters come together: a burden, not a fault.
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_followed_and_goes_on() {
        let accepted = 1_000_020;
        for (attempts, minutes) in [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60)] {
            let now = accepted + 10;
            let due = next(accepted, now, attempts);
            assert_eq!(due, accepted + minutes * MINUTE);
        }
        for attempts in [6, 100, 10_000] {
            let now = accepted + 7 * 86_400;
            let wait = next(accepted, now, attempts) - now;
            assert!((95 * MINUTE..=144 * MINUTE).contains(&wait));
        }
    }

    #[test]
    fn a_time_that_has_passed_is_a_minutes_pause() {
        let (accepted, now) = (1_000_000, 1_000_000 + 9_000);
        for attempts in 0..6 {
            let due = next(accepted, now, attempts);
            assert!(
                due.is_multiple_of(MINUTE) && (now + 30..=now + 90).contains(&due),
                "{due}"
            );
        }
    }

    #[test]
    fn letters_that_began_together_do_not_come_together() {
        let waits: std::collections::BTreeSet<u64> = (0..50).map(|_| next(0, 86_400, 6)).collect();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
