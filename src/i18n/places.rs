//! The places in texts, `{n}`: what the program fills in, and what it does not know.

use std::collections::BTreeSet;

/// The names in braces; `None` when a brace stands alone, which would be shown to people.
pub(super) fn places(text: &str) -> Option<BTreeSet<&str>> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if before.contains('}') || name.contains('{') {
            return None;
        }
        found.insert(name);
        rest = after;
    }
    (!rest.contains('}')).then_some(found)
}

/// What is wrong with a text that should have the places of another; a form of it for one count may say its number in
/// words, «én fil».
pub(super) fn wrong_places(text: &str, model: &str, is_a_form: bool) -> Option<String> {
    let Some(own) = places(text) else {
        return Some("has a brace that stands alone".into());
    };
    let wanted = places(model).unwrap_or_default();
    if let Some(unknown) = own.difference(&wanted).next() {
        return Some(format!(
            "has other places in braces than the program fills: it does not know `{{{unknown}}}`"
        ));
    }
    let missing = wanted.difference(&own).next().filter(|_| !is_a_form)?;
    Some(format!(
        "has other places in braces than the program fills: it lacks `{{{missing}}}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_place_is_named() {
        assert_eq!(wrong_places("{n} of {max}", "{max}, {n}", false), None);
        assert_eq!(wrong_places("one", "{n} files", true), None);
        for (text, told) in [
            ("{antal} filer", "`{antal}`"),
            ("filer", "lacks `{n}`"),
            ("{ n } filer", "`{ n }`"),
            ("{n filer", "alone"),
            ("{n} filer}", "alone"),
            ("} {n}", "alone"),
            ("{{n}} filer", "alone"),
            ("{n} {}", "`{}`"),
        ] {
            let found = wrong_places(text, "{n} files", false).unwrap_or_default();
            assert!(found.contains(told), "{text:?}: {found:?}");
        }
    }
}
