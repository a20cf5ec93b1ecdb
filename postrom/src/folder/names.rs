//! Names of files within a letter, and of letters' folders.
//!
//! Comes in: what a letter or a seal says. Goes out: names that no system takes for something else and that do not collide.
//! What always holds: only what may be genuine has the bare reference.

use crate::judged::Verdict;
use crate::status::{Kind, Status};

/// A letter without a reference.
const UNNUMBERED: &str = "brev";
/// Stands before the reference of a forgery.
const FORGED: &str = "not-genuine ";

/// What a letter's folder is called, without a number: the part that all verdicts share.
pub(crate) fn plain(status: &Status) -> String {
    match status.kind {
        Kind::Mail => format!("mail-{}", status.sha256.get(..8).unwrap_or_default()),
        Kind::Letter => status.reference.clone().unwrap_or_else(|| UNNUMBERED.into()),
    }
}

/// The same with what the verdict puts before it: a forger who has seen a reference cannot take the place of its letter.
pub(crate) fn base(status: &Status, verdict: Verdict) -> String {
    match status.kind {
        Kind::Letter if verdict.is_forgery() => forged(&plain(status)),
        _ => plain(status),
    }
}

pub(crate) fn forged(plain: &str) -> String {
    format!("{FORGED}{plain}")
}

/// `REF`, `REF (2)`, `REF (3)` …
pub(crate) fn numbered(base: &str, number: usize) -> String {
    if number < 2 {
        base.to_owned()
    } else {
        format!("{base} ({number})")
    }
}

/// The number in a name of this base; 1 without one. `None` for what a person named.
pub(crate) fn number(base: &str, name: &str) -> Option<usize> {
    let rest = name.strip_prefix(base)?;
    if rest.is_empty() {
        return Some(1);
    }
    let number: usize = rest.strip_prefix(" (")?.strip_suffix(')')?.parse().ok()?;
    (numbered(base, number) == name).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_named_has_no_number() {
        assert_eq!(number("REF", "REF"), Some(1));
        assert_eq!(number("REF", "REF (12)"), Some(12));
        for name in [
            "REF (1)",
            "REF (02)",
            "REF (2) Ola",
            "REF Ola",
            "not-genuine REF",
            "RE",
            "REF ()",
        ] {
            assert_eq!(number("REF", name), None, "{name}");
        }
    }
}
