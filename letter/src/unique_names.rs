//! Names of a letter's files, told apart: two photos of one telephone are both `image.jpg`.
//!
//! Comes in: names that are harmless already. Goes out: the same, the second `image.jpg` as `image (2).jpg`. The text, the
//! record, the attachments of the mail and the files on the clerk's disk all follow this one rule, so that all four say
//! the same name; what was told apart before stays as it is.

use std::collections::{HashMap, HashSet};

use crate::file_name::{cut, split};

/// Gives out names, none of them twice. `A.jpg` and `a.jpg` are one name on Windows and macOS.
#[derive(Default)]
struct UniqueNames {
    taken: HashSet<String>,
    /// Where counting goes on for a name that came before. Without it, 998 equal names would be compared with each other.
    next: HashMap<String, u64>,
}

impl UniqueNames {
    /// The name, or with a number when it was given out before.
    fn unique(&mut self, name: &str) -> String {
        let folded = fold(name);
        if self.taken.insert(folded.clone()) {
            return name.to_owned();
        }
        let next = self.next.entry(folded).or_insert(2);
        loop {
            let candidate = numbered(name, *next);
            *next += 1;
            if self.taken.insert(fold(&candidate)) {
                return candidate;
            }
        }
    }
}

/// All the names of a letter, in their order.
pub fn unique_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut given = UniqueNames::default();
    names.into_iter().map(|name| given.unique(name)).collect()
}

/// The number stands before the ending, by which programs go, and what is too long with it gives way before it.
fn numbered(name: &str, n: u64) -> String {
    let (stem, ending) = split(name);
    let tail = format!(" ({n}){ending}");
    format!("{}{tail}", cut(stem, &tail))
}

/// Case is folded further than any file system does: one number too many does no harm. An accent that stands by itself
/// (U+030A) and one within its letter (U+00E5) stay two names, which only macOS holds for one.
fn fold(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::neutral;

    #[test]
    fn the_second_of_a_name_gets_a_number() {
        for (names, unique) in [
            (&["a.jpg", "b.jpg"][..], &["a.jpg", "b.jpg"][..]),
            (
                &["image.jpg", "image.jpg", "image.jpg"],
                &["image.jpg", "image (2).jpg", "image (3).jpg"],
            ),
            (&["Brev.PDF", "brev.pdf"], &["Brev.PDF", "brev (2).pdf"]),
            (&["ÅS.txt", "ås.txt"], &["ÅS.txt", "ås (2).txt"]),
            (&["a.jpg", "a (2).jpg", "a.jpg"], &["a.jpg", "a (2).jpg", "a (3).jpg"]),
            (
                &["a.jpg", "a.jpg", "a (2).jpg"],
                &["a.jpg", "a (2).jpg", "a (2) (2).jpg"],
            ),
            (&["x.exe.bin", "x.exe.bin"], &["x.exe.bin", "x.exe (2).bin"]),
            (&["README", "readme"], &["README", "readme (2)"]),
        ] {
            assert_eq!(unique_names(names.iter().copied()), unique);
        }
    }

    /// Whoever wants to keep the post room busy sends as many equal names as a form takes, or those that the numbers make.
    #[test]
    fn many_equal_names_are_counted_once() {
        let begun = std::time::Instant::now();
        let equal = vec!["image.jpg"; 100_000];
        assert_eq!(unique_names(equal).last().unwrap(), "image (100000).jpg");
        let ahead: Vec<_> = (2..50_000).map(|n| format!("image ({n}).jpg")).collect();
        let names = ahead.iter().map(String::as_str).chain(vec!["image.jpg"; 50_000]);
        assert_eq!(unique_names(names).last().unwrap(), "image (99998).jpg");
        // Compared with each other these are 10 thousand million comparisons: minutes.
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    proptest! {
        /// What the server wrote, the post room makes harmless and unique once more: nothing may change.
        #[test]
        fn what_is_told_apart_stays(names in proptest::collection::vec(prop_oneof![
            "[aA]{1,2}( \\([23]\\))?(\\.(jpg|exe))?",
            "[xå字]{110,130}(\\.[a-zå]{1,12})?",
            "[._0-9 å]{1,130}",
            any::<String>(),
        ], 0..12)) {
            let harmless: Vec<String> = names.iter().map(|name| neutral(name)).collect();
            // The same twice, so that there is always something to tell apart.
            let unique = unique_names(harmless.iter().chain(&harmless).map(String::as_str));
            let folded: HashSet<_> = unique.iter().map(|name| fold(name)).collect();
            prop_assert_eq!(folded.len(), unique.len());
            for name in &unique {
                prop_assert_eq!(&neutral(name), name);
            }
            prop_assert_eq!(unique_names(unique.iter().map(String::as_str)), unique);
        }
    }
}
