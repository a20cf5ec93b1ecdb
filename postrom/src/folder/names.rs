//! Names of files within a letter, and of letters' folders.
//!
//! Comes in: what a letter or a seal says. Goes out: names that no system takes for something else and that do not collide.
//! What always holds: only what may be genuine has the bare reference.

use std::collections::{HashMap, HashSet};

use konvolutt_letter::neutral;

use crate::judged::Verdict;
use crate::status::{Kind, Status};

/// A letter without a reference.
const UNNUMBERED: &str = "brev";
/// Stands before the reference of a forgery.
const FORGED: &str = "not-genuine ";

/// A name for each file, in their order: harmless, and its own also where a system does not tell capitals. The first of
/// several keeps its name; the rest are numbered.
pub(crate) fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    // The last number tried of each name: a thousand equal ones must not try a thousand numbers each.
    let mut last: HashMap<String, usize> = HashMap::new();
    let one = |name: &str| {
        let name = neutral(name);
        let mut tried = name.clone();
        while !taken.insert(folded(&tried)) {
            let number = last.entry(folded(&name)).or_insert(1);
            *number += 1;
            tried = numbered_file(&name, *number);
        }
        tried
    };
    names.map(one).collect()
}

/// The same for two names that some system takes for one. By way of capitals, so that `ı` and `ſ` are caught as well.
fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

fn numbered_file(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem} ({number}).{ending}"),
        None => format!("{name} ({number})"),
    }
}

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
    use std::time::Instant;

    use super::*;

    fn names(given: &[&str]) -> Vec<String> {
        unique(given.iter().copied())
    }

    #[test]
    fn each_file_has_a_name_of_its_own() {
        let given = [
            "image.jpg",
            "image.jpg",
            "IMAGE.JPG",
            "image (2).jpg",
            "a",
            "a",
            "ıS.pdf",
            "iſ.pdf",
        ];
        let kept = [
            "image.jpg",
            "image (2).jpg",
            "IMAGE (3).JPG",
            "image (2) (2).jpg",
            "a",
            "a (2)",
            "ıS.pdf",
            "iſ (2).pdf",
        ];
        assert_eq!(names(&given), kept);
        assert_eq!(names(&["../x.pdf", "CON"]), ["_x.pdf", "_CON"].map(neutral));
    }

    #[test]
    fn a_thousand_equal_names_take_no_time() {
        let start = Instant::now();
        let names = names(&["a.jpg"; 998]);
        assert_eq!(names[997], "a (998).jpg");
        assert!(start.elapsed().as_millis() < 500);
    }

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
