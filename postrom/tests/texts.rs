//! The same places stand in a text in each language: a `{who}` that one of them lacks is a name that the clerk never sees.

use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 3] = [
    ("cli/texts.rs", include_str!("../src/i18n/cli/texts.rs")),
    ("settings.rs", include_str!("../src/i18n/settings.rs")),
    ("usage.rs", include_str!("../src/i18n/usage.rs")),
];

type Places = BTreeMap<String, BTreeSet<String>>;

/// The places of each text in one language: `name: "…"`, or `one:` and `other:` below `name: Count {`.
fn places(block: &str) -> Places {
    let mut found = Places::new();
    let mut name = String::new();
    for line in block.lines().map(str::trim) {
        if let Some((field, _)) = line.split_once(": ").filter(|(field, _)| is_name(field)) {
            match field {
                "one" | "other" => name = format!("{}.{field}", name.split('.').next().unwrap_or_default()),
                _ => name = field.to_owned(),
            }
            found.entry(name.clone()).or_default();
        }
        let within = line.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
        let within = within.filter(|place| is_name(place)).map(str::to_owned);
        found.entry(name.clone()).or_default().extend(within);
    }
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// The parts of a file that begin with `    nb: X {` and so on.
fn languages(file: &str) -> Vec<Places> {
    let begin = |lang: &str| file.find(&format!("\n    {lang}: ")).unwrap();
    let [nb, nn, en] = ["nb", "nn", "en"].map(begin);
    let end = en + file[en..].find("\n};").unwrap();
    let blocks = [&file[nb..nn], &file[nn..en], &file[en..end]];
    // The first line only names the language.
    let within = blocks.map(|block| block.trim_start().split_once('\n').unwrap().1);
    within.map(places).to_vec()
}

#[test]
fn each_text_has_the_same_places_in_all_languages() {
    for (name, file) in FILES {
        let [nb, nn, en] = &languages(file)[..] else { panic!() };
        assert!(nb.len() > 10, "{name}: {nb:?}");
        assert_eq!(nb, nn, "{name}: bokmål and nynorsk");
        assert_eq!(nb, en, "{name}: bokmål and English");
    }
}

/// The control: a place that is gone in one language is seen.
#[test]
fn a_place_that_is_gone_is_seen() {
    let (_, file) = FILES[0];
    let broken = file.replacen("Opna før, {when} av {who}.", "Opna før, {when}.", 1);
    assert!(broken != file);
    let [nb, nn, _] = &languages(&broken)[..] else { panic!() };
    assert_ne!(nb, nn);
}
