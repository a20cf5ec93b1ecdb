//! The same places stand in a text in each language: a `{who}` that one of them lacks is a name that the clerk never sees.

use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 10] = [
    ("ack.rs", include_str!("../src/i18n/ack.rs")),
    ("cli/texts.rs", include_str!("../src/i18n/cli/texts.rs")),
    ("inputs/texts.rs", include_str!("../src/i18n/inputs/texts.rs")),
    ("keygen.rs", include_str!("../src/i18n/keygen.rs")),
    ("keys.rs", include_str!("../src/i18n/keys.rs")),
    ("letters/texts.rs", include_str!("../src/i18n/letters/texts.rs")),
    ("open.rs", include_str!("../src/i18n/open.rs")),
    ("settings.rs", include_str!("../src/i18n/settings.rs")),
    ("show.rs", include_str!("../src/i18n/show.rs")),
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

/// The tables of a file, each with its parts that begin with `    nb: X {` and so on.
fn tables(file: &str) -> Vec<[Places; 3]> {
    let tables = file.split(" = Each {").skip(1);
    tables
        .map(|table| languages(&table[..table.find("\n};").unwrap()]))
        .collect()
}

fn languages(table: &str) -> [Places; 3] {
    let begin = |lang: &str| table.find(&format!("\n    {lang}: ")).unwrap();
    let [nb, nn, en] = ["nb", "nn", "en"].map(begin);
    // The first line only names the language.
    let within = |block: &str| places(block.trim_start().split_once('\n').unwrap().1);
    [&table[nb..nn], &table[nn..en], &table[en..]].map(within)
}

#[test]
fn each_text_has_the_same_places_in_all_languages() {
    for (name, file) in FILES {
        let tables = tables(file);
        assert!(!tables.is_empty(), "{name}");
        for [nb, nn, en] in tables {
            assert!(nb.len() > 5, "{name}: {nb:?}");
            assert_eq!(nb, nn, "{name}: bokmål and nynorsk");
            assert_eq!(nb, en, "{name}: bokmål and English");
        }
    }
}

/// The control: a place that is gone in one language is seen, in whatever table.
#[test]
fn a_place_that_is_gone_is_seen() {
    for (name, whole, gone) in [
        ("cli/texts.rs", "Opna før, {when} av {who}.", "Opna før, {when}."),
        ("inputs/texts.rs", "kan ikkje brukast: {cause}.", "kan ikkje brukast."),
    ] {
        let (_, file) = FILES.into_iter().find(|(file, _)| *file == name).unwrap();
        let broken = file.replacen(whole, gone, 1);
        assert!(broken != file);
        assert!(tables(&broken).iter().any(|[nb, nn, _]| nb != nn), "{name}");
    }
}
