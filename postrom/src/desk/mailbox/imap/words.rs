//! How names stand in a command to a server, and how its own words stand before people.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// What a server says of itself may be so long.
const LONGEST_TEXT: usize = 300;

const MODIFIED: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A text in quotes. Whoever calls it has seen to it that there is no end of a line in it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The name of a mailbox, in quotes, in the UTF-7 of IMAP (RFC 3501, 5.1.3).
pub(super) fn folder(name: &str) -> String {
    let mut out = String::new();
    let mut other: Vec<u8> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            end(&mut out, &mut other);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            other.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    end(&mut out, &mut other);
    quoted(&out)
}

fn end(out: &mut String, other: &mut Vec<u8>) {
    if !other.is_empty() {
        out.push('&');
        MODIFIED.encode_string(&*other, out);
        out.push('-');
        other.clear();
    }
}

/// What a server said, without the code before it, as people can bear it.
pub(super) fn spoken(text: &str) -> String {
    let behind = text.strip_prefix('[').and_then(|code| code.split_once(']'));
    let text = behind.map_or(text, |(_, text)| text).trim();
    text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect()
}

/// Whether a refusal is one that will pass (RFC 5530). A mail that is damaged has `SERVERBUG`, which may stay.
pub(super) fn is_of_the_moment(text: &str) -> bool {
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]"]
        .iter()
        .any(|code| begins(text, code))
}

pub(super) fn begins(text: &str, code: &str) -> bool {
    text.get(..code.len()).is_some_and(|own| own.eq_ignore_ascii_case(code))
}

/// UIDs as a set: `1:3,7`.
pub(super) fn set(uids: &[u32]) -> String {
    let mut out = String::new();
    let mut rest = uids;
    while let [first, ..] = rest {
        let run = rest
            .iter()
            .zip(u64::from(*first)..)
            .take_while(|(uid, next)| u64::from(**uid) == *next)
            .count();
        let (these, after) = rest.split_at(run.max(1));
        if !out.is_empty() {
            out.push(',');
        }
        let _ = write!(out, "{first}");
        if let [_, .., last] = these {
            let _ = write!(out, ":{last}");
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_mailboxes_are_in_the_utf_7_of_imap() {
        assert_eq!(folder("INBOX"), "\"INBOX\"");
        assert_eq!(
            folder("Åpna brev/æøå & \"slikt\""),
            r#""&AMU-pna brev/&AOYA+ADl- &- \"slikt\"""#
        );
        // The example of RFC 3501.
        assert_eq!(folder("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
    }

    #[test]
    fn what_a_server_says_is_short_and_without_codes() {
        assert_eq!(spoken("[NOPERM [x] Not\u{7} now. "), "Not now.");
        assert_eq!(spoken("[open"), "[open");
        assert_eq!(spoken(&"å".repeat(9000)).chars().count(), LONGEST_TEXT);
    }

    #[test]
    fn sets_are_short() {
        assert_eq!(set(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(set(&[u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
        assert_eq!(set(&[]), "");
    }
}
