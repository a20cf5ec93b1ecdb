//! Languages that the program has no texts in, and names in each language.

use std::fs;
use std::path::Path;
use std::process::Command;

use konvolutt::i18n::{Entry, Lang};

use crate::support::{Authority, FORMS, Options, World};

/// FOR TESTS ONLY, and no Sámi: the bokmål texts with letters of Sámi before them, and a form of their own for two.
fn test_catalog() -> String {
    let mut konvolutt = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let texts = String::from_utf8(konvolutt.args(["texts", "nb"]).output().unwrap().stdout).unwrap();
    let mut catalog: toml::Table = texts.parse().unwrap();
    for (name, text) in catalog.iter_mut() {
        match text {
            toml::Value::String(text) if name == "language" => *text = "smj".into(),
            toml::Value::String(text) => *text = format!("áŋ {text}"),
            toml::Value::Table(forms) => {
                for (form, text) in forms.iter_mut() {
                    *text = format!("áŋ {form}: {}", text.as_str().unwrap()).into();
                }
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    catalog.to_string()
}

const FORM: &str = r#"
slug = "skriv"
mailbox = "postmottak"
languages = ["smj", "nb"]
exit = "https://www.yr.no/"
title = { smj = "áŋ Skriv til oss", nb = "Skriv til oss" }
heading = { smj = "áŋ Skriv til oss", nb = "Skriv til oss" }
intro = { smj = "áčđŋšŧž", nb = "Skriv." }
warning = { smj = "áčđŋšŧž", nb = "Bruk skjemaet." }

[help]
checked = "2026-11-22"
heading = { smj = "áčđŋšŧž", nb = "Hjelp" }
about = { smj = "áčđŋšŧž", nb = "Hjelp" }
other_ways = { smj = "áčđŋšŧž", nb = "Brev" }
phones = [{ number = "112", name = { smj = "áčđŋšŧž", nb = "Politiet" } }]

[privacy]
controller = { smj = "ŋ", nb = "Vi" }
dpo = { smj = "ŋ", nb = "Hun" }
purpose = { smj = "ŋ", nb = "Svar" }
legal_basis = { smj = "ŋ", nb = "Lov" }
recipients = { smj = "ŋ", nb = "Vi" }
storage = { smj = "ŋ", nb = "Lenge" }
voluntary = { smj = "ŋ", nb = "Ja" }
rights = { smj = "ŋ", nb = "Innsyn" }
complaint = { smj = "ŋ", nb = "Datatilsynet" }

[[section]]
title = { smj = "áŋ Melding", nb = "Melding" }
field = [
    { name = "melding", kind = "textarea", required = true, max = 2, label = { smj = "áŋ Hva?", nb = "Hva?" } },
    { name = "tal", kind = "postal_code", label = { smj = "áŋ Postnummer", nb = "Postnummer" } },
    { name = "vedlegg", kind = "file", max = 1, label = { smj = "áŋ Filer", nb = "Filer" } },
]
"#;

fn speaks_smj(authority: &Authority) {
    fs::write(authority.root.join("smj.toml"), test_catalog()).unwrap();
    fs::write(authority.root.join("forms/krisesenter.toml"), FORM).unwrap();
    authority.edit(
        "konvolutt.toml",
        "[forms]",
        "[languages]\nfiles = [\"smj.toml\"]\n\n[forms]",
    );
    authority.edit(
        "konvolutt.toml",
        "name = \"Statsforvaltaren i Nordland\"",
        "name = { smj = \"áŋ Statsforvalteren\", nb = \"Statsforvalteren i Nordland\" }",
    );
}

#[test]
fn a_form_can_speak_a_language_whose_texts_are_in_a_file() {
    let world = World::with(Options {
        change: speaks_smj,
        ..Options::default()
    });
    let page = world.get("/smj/s/skriv").body;
    for wanted in [
        "<html lang=\"smj\">",
        "áŋ Statsforvalteren",
        "áŋ Hva?",
        "áŋ two: Du kan skrive inntil 2 tegn.",
        "áŋ one: Du kan legge ved én fil",
        "lang=\"nb\" formnovalidate>Bokmål",
    ] {
        assert!(page.contains(wanted), "{wanted:?} is missing in {page}");
    }
    let other = world.get("/nb/s/skriv").body;
    assert!(
        other.contains("lang=\"smj\" formnovalidate>Julevsámegiella") && other.contains("Statsforvalteren i Nordland")
    );

    // Two problems, counted by the rule of the language.
    let wrong = world
        .form_at("/smj/s/skriv")
        .text("melding", "ŋđŧ")
        .text("tal", "x")
        .send();
    let again = world.get(wrong.location()).body;
    assert!(
        again.contains("<title>áŋ Feil:") && again.contains("áŋ two: Rett opp disse 2 feilene"),
        "{again}"
    );
    assert!(again.contains("áŋ «áŋ Hva?» kan ha høyst 2 tegn"), "{again}");

    let text = "ŋ\u{304}đ";
    let sent = world.form_at("/smj/s/skriv").text("melding", text).send();
    assert!(sent.location().starts_with("/smj/kvittering/"), "{}", sent.location());
    assert!(world.get(sent.location()).body.contains("áŋ Vi har fått meldingen din"));
    let mail = world.sink.wait_for(1).remove(0).mail;
    let letter = fs::read_to_string(world.open(&mail).join("letter.txt")).unwrap();
    for wanted in [text, "áŋ Hva?", "Julevsámegiella"] {
        assert!(letter.contains(wanted), "{wanted:?} is missing in {letter}");
    }
}

#[test]
fn what_a_file_of_texts_lacks_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    speaks_smj(&authority);
    let konvolutt = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        command
            .args(words)
            .arg("--config")
            .arg(authority.config())
            .output()
            .unwrap()
    };
    assert!(konvolutt(&["check"]).status.success(), "the control");

    authority.edit(
        "smj.toml",
        "send = \"áŋ Send meldingen\"\n",
        "sned = \"áŋ Send meldingen\"\n",
    );
    authority.edit("smj.toml", "{label}» må ha 4 siffer", "{lable}» må ha 4 siffer");
    authority.edit("smj.toml", "skip = \"áŋ Gå rett til innholdet\"", "skip = \"\"");
    authority.edit("smj.toml", "two = \"áŋ two: Du kan skrive inntil {n} tegn.\"\n", "");
    let told = String::from_utf8(konvolutt(&["check"]).stdout).unwrap();
    for wanted in [
        "`send` is missing",
        "`sned` is not a key",
        "`bad_postal_code` has other places in braces",
        "`skip` is empty",
        "`max_chars.two` is missing",
    ] {
        let line = told.lines().find(|line| line.contains(wanted));
        let line = line.unwrap_or_else(|| panic!("{wanted:?} was not told in {told}"));
        // A key that is not there has no line.
        assert!(line.contains("smj.toml:"), "{line}");
    }
    assert_eq!(
        konvolutt(&["serve"]).status.code(),
        Some(1),
        "the server does not start"
    );
}

/// Words that only the other of the two Norwegians has.
const BOKMAL: &str = "ikke jeg hva hvem hvor hvordan noe noen fra mer uten også ble være gjøre hvis dem deres selv siden åpne meldingen loven saken en et hun";
const NYNORSK: &str = "ikkje eg kva kven kvar korleis noko nokon frå meir utan òg blei vere gjere dersom sjølv ein eit ho sida opne meldinga lova saka";

fn form_texts(lang: &str) -> Vec<String> {
    fn collect(value: &toml::Value, lang: &str, texts: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| match value.as_str() {
                Some(text) if key == lang => texts.push(text.to_owned()),
                _ => collect(value, lang, texts),
            }),
            toml::Value::Array(list) => list.iter().for_each(|value| collect(value, lang, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    for name in FORMS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/forms/{name}.toml"));
        let form = toml::Value::Table(fs::read_to_string(path).unwrap().parse().unwrap());
        collect(&form, lang, &mut texts);
    }
    texts
}

/// Every text that people read in a language: those of the program and those of the forms.
fn texts(lang: Lang) -> Vec<String> {
    let mut texts = form_texts(lang.code());
    lang.catalog().each(|_, _, entry| match entry {
        Entry::Text(text) => texts.push(text.to_owned()),
        Entry::Plural(text) => texts.extend([text.one, text.other].map(str::to_owned)),
    });
    texts
}

fn strays(lang: Lang, words: &str) -> Vec<String> {
    let words: Vec<&str> = words.split(' ').collect();
    let stray = |text: &String| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphabetic())
            .any(|word| words.contains(&word))
    };
    texts(lang).into_iter().filter(stray).collect()
}

#[test]
fn each_norwegian_keeps_to_its_own_words() {
    assert_eq!(strays(Lang::Nn, BOKMAL), Vec::<String>::new());
    assert_eq!(strays(Lang::Nb, NYNORSK), Vec::<String>::new());
    // The control: the lists do find.
    assert!(strays(Lang::Nb, BOKMAL).len() > 50 && strays(Lang::Nn, NYNORSK).len() > 50);
}

#[test]
fn each_language_has_its_own_marks() {
    for (lang, foreign) in [(Lang::Nb, ["“", "”"]), (Lang::Nn, ["“", "”"]), (Lang::En, ["«", "»"])] {
        for text in texts(lang) {
            let typewriter = text.contains('"') || text.contains(" - ") || text.contains("...") || text.contains("  ");
            let percent = text
                .as_bytes()
                .windows(2)
                .any(|pair| pair[0].is_ascii_digit() && pair[1] == b'%');
            assert!(
                !typewriter && !percent && !foreign.iter().any(|mark| text.contains(mark)),
                "{lang:?}: {text}"
            );
        }
    }
}

#[test]
fn the_authority_has_a_name_in_each_language() {
    let world = World::with(Options {
        change: |authority| {
            let one = "name = \"Statsforvaltaren i Nordland\"";
            let each = "name = { nn = \"Statsforvaltaren\", nb = \"Statsforvalteren\", en = \"The Governor\" }";
            authority.edit("konvolutt.toml", one, each);
        },
        ..Options::default()
    });
    for (lang, name) in [
        ("nn", "Statsforvaltaren"),
        ("nb", "Statsforvalteren"),
        ("en", "The Governor"),
    ] {
        let page = world.get(&format!("/{lang}/s/skriv")).body;
        assert!(page.contains(&format!("– {name}</title>")), "{page}");
    }
    world.authority.edit("konvolutt.toml", ", en = \"The Governor\"", "");
    let told = String::from_utf8(world.konvolutt(&["check"]).stdout).unwrap();
    assert!(told.contains("The authority has no name in \"en\""), "{told}");
}
