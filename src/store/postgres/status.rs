//! What was tried with a letter, as it stands in its row. When the next attempt is due is written by the database's clock, so
//! that nodes whose clocks differ mean the same moment.

use std::io;

use crate::store::Status;

/// As text, with the database's clock so many seconds ahead.
pub(super) fn text(status: &Status, ahead: i64) -> io::Result<String> {
    let due = moved(status.due, ahead);
    serde_json::to_string(&Status { due, ..status.clone() }).map_err(io::Error::other)
}

/// Out of such a text. One that cannot be read keeps the letter from being sent: it may say where the letter goes.
pub(super) fn of(text: Option<&str>, ahead: i64) -> io::Result<Status> {
    let Some(text) = text else {
        return Ok(Status::default());
    };
    let status: Status = serde_json::from_str(text).map_err(|error| {
        let text = format!("what was tried with the letter cannot be read, and so it waits: {error}");
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    let due = moved(status.due, ahead.saturating_neg());
    Ok(Status { due, ..status })
}

/// At once is at once by every clock.
fn moved(due: u64, by: i64) -> u64 {
    if due == 0 {
        0
    } else {
        due.saturating_add_signed(by).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_by_either_clock() {
        let tried = Status {
            due: 1_800_000_000,
            attempts: 2,
            ..Status::default()
        };
        for (writes, reads, expected) in [
            (0, 0, 1_800_000_000),
            (30, 30, 1_800_000_000),
            // Another node, whose clock shows the database's time.
            (30, 0, 1_800_000_030),
            (-3600, -3600, 1_800_000_000),
        ] {
            let written = text(&tried, writes).unwrap();
            assert_eq!(of(Some(&written), reads).unwrap().due, expected);
        }
        let at_once = text(&Status::default(), 30).unwrap();
        assert_eq!(of(Some(&at_once), 30).unwrap(), Status::default());
        assert_eq!(of(None, 30).unwrap(), Status::default());
        assert!(of(Some("{"), 0).is_err());
    }
}
