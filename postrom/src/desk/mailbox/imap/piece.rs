//! What can be told of one piece of an answer.
//!
//! Comes in: a response as it came. Goes out: its words, and what it means when that can be told. What always holds: nothing
//! that a server says ends this program, or makes it call itself without an end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use imap_proto::{Response, Status};

use super::line::Raw;

/// A reader of such answers calls itself for each bracket. No mail that people send has a tenth of these.
const DEEPEST: usize = 100;
/// Each fault of that reader is told on standard error. After so many it reads nothing more for this connection.
const MOST_FAULTS: u32 = 20;
/// Words stand at the beginning of a line.
const FIRST_WORDS: usize = 300;

/// What tells that mails came or went.
pub(super) const COUNTS: [&str; 3] = ["EXISTS", "EXPUNGE", "VANISHED"];
/// That, and marks.
pub(super) const CHANGES: [&str; 4] = ["EXISTS", "EXPUNGE", "VANISHED", "FETCH"];

pub(super) fn is_change(raw: &Raw, telling: &[&str]) -> bool {
    let words = [word(&raw.bytes, 1), word(&raw.bytes, 2)];
    words.iter().any(|word| telling.contains(&word.as_str()))
}

/// How many mails there are, after this.
pub(super) fn counted(raw: &Raw, before: Option<u32>) -> Option<u32> {
    if word(&raw.bytes, 0) != "*" {
        return before;
    }
    let number = || word(&raw.bytes, 1).parse().ok();
    match word(&raw.bytes, 2).as_str() {
        "EXISTS" => number().or(before),
        "EXPUNGE" => before.map(|count| count.saturating_sub(1)),
        _ => before,
    }
}

/// Gives a piece to `take`; whether it could be understood.
pub(super) fn understood(raw: &Raw, take: &mut dyn FnMut(&Response<'_>), faults: &mut u32) -> bool {
    if raw.deepest > DEEPEST || *faults >= MOST_FAULTS {
        return false;
    }
    // imap-proto 0.17 panics on some answers that no honest server gives (found: `INTERNALDATE NIL`).
    match catch_unwind(AssertUnwindSafe(|| Response::parse(&raw.bytes))) {
        Ok(Ok((_, response))) => {
            take(&response);
            true
        }
        Ok(Err(_)) => false,
        Err(_) => {
            *faults += 1;
            false
        }
    }
}

/// The word of this number, in capitals.
pub(super) fn word(line: &[u8], number: usize) -> String {
    let line = &line[..line.len().min(FIRST_WORDS)];
    let mut words = line.split(u8::is_ascii_whitespace);
    let word = words.nth(number).unwrap_or_default();
    String::from_utf8_lossy(word).to_ascii_uppercase()
}

/// What stands behind so many words, for people.
pub(super) fn rest(line: &[u8], words: usize) -> String {
    let line = String::from_utf8_lossy(&line[..line.len().min(4096)]);
    let rest = line.trim_end().splitn(words + 1, ' ').nth(words).unwrap_or_default();
    rest.chars().filter(|c| !c.is_control()).collect()
}

/// Whether a piece says that something is so: `* OK [UIDVALIDITY 7]`.
pub(super) fn code<'a>(response: &'a Response<'a>) -> Option<&'a imap_proto::ResponseCode<'a>> {
    match response {
        Response::Data {
            status: Status::Ok,
            outcome,
        } => outcome.code.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(said: &str) -> Raw {
        Raw {
            bytes: said.as_bytes().to_vec(),
            deepest: 0,
            lines: said.len(),
        }
    }

    #[test]
    fn what_breaks_the_reader_is_passed_over_and_not_too_often() {
        let (mut taken, mut faults) = (0, 0);
        let mut ask = |said: &str, faults: &mut u32| understood(&raw(said), &mut |_| taken += 1, faults);
        assert!(!ask("* 1 FETCH (UID 1 INTERNALDATE NIL)\r\n", &mut faults));
        assert_eq!(faults, 1);
        assert!(!ask("* SEARCH one\r\n", &mut faults));
        assert!(ask("* SEARCH 1\r\n", &mut faults));
        for _ in 0..1000 {
            assert!(!ask("* 1 FETCH (UID 1 INTERNALDATE NIL)\r\n", &mut faults));
        }
        assert_eq!((taken, faults), (1, MOST_FAULTS));
    }

    /// A fault of whoever takes it is not one of the reader.
    #[test]
    fn a_fault_of_this_program_is_not_hidden() {
        let mut faults = 0;
        let mut take = |_: &Response<'_>| std::panic::resume_unwind(Box::new(()));
        let ended = catch_unwind(AssertUnwindSafe(|| {
            understood(&raw("* SEARCH 1\r\n"), &mut take, &mut faults)
        }));
        assert!(ended.is_err());
    }

    #[test]
    fn mails_are_counted_as_a_server_tells_of_them() {
        let mut count = None;
        for (said, after) in [
            ("* 1 EXPUNGE\r\n", None),
            ("* 2 EXISTS\r\n", Some(2)),
            ("* 99999999999 EXISTS\r\n", Some(2)),
            ("* 1 expunge\r\n", Some(1)),
            ("* 1 FETCH (FLAGS ())\r\n", Some(1)),
            ("K1 NO EXPUNGE is not done.\r\n", Some(1)),
            ("* 1 EXPUNGE\r\n", Some(0)),
            ("* 1 EXPUNGE\r\n", Some(0)),
        ] {
            count = counted(&raw(said), count);
            assert_eq!(count, after, "{said}");
        }
    }
}
