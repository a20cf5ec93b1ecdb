//! The same places stand in a text in each language: a `{who}` that one of them lacks is a name that the clerk never sees.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every file of the catalog, by its name below `src/i18n`.
fn files() -> Vec<(String, String)> {
    fn within(folder: &Path, root: &Path, files: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                within(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.push((name.replace('\\', "/"), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n");
    let mut files = Vec::new();
    within(&root, &root, &mut files);
    files.sort();
    files
}

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
    let mut checked = 0;
    for (name, file) in files() {
        for [nb, nn, en] in tables(&file) {
            assert!(!nb.is_empty(), "{name}: {nb:?}");
            checked += nb.len();
            assert_eq!(nb, nn, "{name}: bokmål and nynorsk");
            assert_eq!(nb, en, "{name}: bokmål and English");
        }
    }
    assert!(checked > 400, "{checked}");
}

/// The control: a place that is gone in one language is seen, in whatever table.
#[test]
fn a_place_that_is_gone_is_seen() {
    for (name, whole, gone) in [
        ("cli/texts.rs", "Opna før, {when} av {who}.", "Opna før, {when}."),
        ("inputs/texts.rs", "kan ikkje brukast: {cause}.", "kan ikkje brukast."),
    ] {
        let (_, file) = files().into_iter().find(|(file, _)| file == name).unwrap();
        let broken = file.replacen(whole, gone, 1);
        assert!(broken != file);
        assert!(tables(&broken).iter().any(|[nb, nn, _]| nb != nn), "{name}");
    }
}
