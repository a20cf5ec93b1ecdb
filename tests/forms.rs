//! Form files: those that are shipped, and the one in the docs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use konvolutt::form::{Form, Kind, Line, Pick, Rule, Shape, read};

use crate::support::{FORMS, LANGS, Options, World, unwrapped};

fn shipped(name: &str) -> Form {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/forms/{name}.toml"));
    let mut diagnostics = Vec::new();
    let form = read(&path, &LANGS, jiff::civil::date(2026, 11, 22), &mut diagnostics);
    // Nobody has phoned through the numbers of a form that is only an example.
    let whats: Vec<_> = diagnostics.iter().map(|one| one.what.as_str()).collect();
    assert!(
        matches!(whats[..], [one] if one.starts_with("Nobody has said when the telephone numbers")),
        "{diagnostics:#?}"
    );
    form.unwrap()
}

/// A choice and a value for every question, each section asked for.
fn answers(form: &Form) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for field in form.fields() {
        let mut push = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
        let conditions = form.conditions();
        let chosen = conditions.iter().find(|when| when.field == field.name);
        let together = field.options.iter().filter(|choice| !choice.alone);
        match field.kind.shape() {
            Shape::Choice(Pick::Any) => together.for_each(|choice| push(&field.name, &choice.value)),
            Shape::Choice(Pick::One | Pick::Folded) => {
                push(&field.name, chosen.map_or(&field.options[0].value, |when| &when.is[0]));
            }
            Shape::Day => {
                for (part, value) in [("day", "1"), ("month", "2"), ("year", "2026")] {
                    push(&format!("{}_{part}", field.name), value);
                }
            }
            Shape::Line(Line { rule: Rule::Free, .. }) | Shape::Lines => push(&field.name, "Ei setning æøå."),
            Shape::Line(line) => push(&field.name, line.sample),
            Shape::Files | Shape::Nothing => {}
        }
    }
    all
}

#[test]
fn each_shipped_form_works_in_each_language() {
    let world = World::with(Options {
        change: |authority| {
            let all = "files = [\"forms/krisesenter.toml\", \"forms/klage.toml\", \"forms/postmottak.toml\"]";
            authority.edit("konvolutt.toml", "files = [\"forms/krisesenter.toml\"]", all);
        },
        ..Options::default()
    });
    let mut letters = 0;
    for name in FORMS {
        let form = shipped(name);
        assert_eq!(form.languages.len(), LANGS.len(), "config/forms/{name}.toml");
        for lang in LANGS {
            let list = world.get(&format!("/{lang}/")).body;
            assert!(list.contains(&format!("href=\"/{lang}/s/{}\"", form.slug)), "{list}");
            assert!(
                list.contains(form.heading.get(lang)) && list.contains(form.summary.get(lang)),
                "{list}"
            );
            let path = format!("/{lang}/s/{}", form.slug);
            let page = world.get(&path);
            assert!(page.body.contains(form.heading.get(lang)), "{}", page.body);
            let filled = answers(&form)
                .iter()
                .fold(world.form_at(&path), |form, (name, value)| form.text(name, value));
            let sent = filled.send();
            assert!(
                sent.location().contains("/kvittering/"),
                "{name} {lang}: {}",
                world.get(sent.location()).body
            );
            letters += 1;
            let mail = world.sink.wait_for(letters).pop().unwrap().mail;
            // In whatever language somebody writes, the letter is in the form's first one.
            let written = form.languages[0].as_str();
            let letter = unwrapped(&fs::read_to_string(world.open(&mail).join("letter.txt")).unwrap());
            for field in form.fields().filter(|field| !field.is_for_files()) {
                assert!(
                    letter.contains(field.label.get(written)),
                    "{:?} is missing in {letter}",
                    field.label.get(written)
                );
            }
            // Whether contact is safe is the first thing that the clerk reads.
            let safe = form.fields().find(|field| field.safe_contact).unwrap();
            let first = letter.lines().find(|line| !line.is_empty()).unwrap();
            assert!(first.starts_with(safe.label.get(written)), "{first}");
            let notice = world.get(&format!("/{lang}/personvern/{}", form.slug)).body;
            assert!(
                notice.contains(form.privacy.dpo.get(lang).split('.').next().unwrap()),
                "{notice}"
            );
        }
    }
}

/// What telephones and offices make is taken, under any name of its kind; what a machine runs or shows as a page is not.
#[test]
fn each_shipped_form_names_the_kinds_that_it_takes() {
    for form in FORMS.map(shipped) {
        for field in form.fields().filter(|field| field.is_for_files()) {
            let taken =
                "a.pdf a.JPG a.jpeg a.png a.heic a.heif a.docx a.odt a.xlsx a.txt a.mp3 a.m4a a.mp4 a.mov a.3gp";
            for name in taken.split(' ') {
                assert!(field.takes(name), "{}: {name}", form.slug);
                assert_eq!(konvolutt_letter::neutral(name), name, "opens as it came");
            }
            for name in "a.exe a.lnk a.html a.svg a.iso a.url desktop.ini a.docm a.zip a a.pdf.exe".split(' ') {
                assert!(!field.takes(name), "{}: {name}", form.slug);
            }
        }
    }
}

/// What stays in a browser's history or stands in its tab does not tell what somebody wrote about.
#[test]
fn addresses_and_titles_are_neutral() {
    let telling = [
        "kris",
        "vald",
        "vold",
        "viol",
        "shelter",
        "klag",
        "complain",
        "overgrep",
        "abuse",
        "barnevern",
    ];
    let forms = FORMS.map(shipped);
    for form in &forms {
        let shown = LANGS.map(|lang| form.title.get(lang).to_lowercase()).join(" ") + &form.slug;
        assert!(telling.iter().all(|word| !shown.contains(word)), "{shown}");
    }
    // The control: headings do tell.
    let heading = forms[0].heading.get("nb").to_lowercase();
    assert!(telling.iter().any(|word| heading.contains(word)), "{heading}");
}

/// Nobody shall ring a number that was made up.
#[test]
fn every_number_to_ring_is_one_that_the_authority_named() {
    let checked = [
        "112",
        "116 006",
        "75 02 17 11",
        "75 17 36 99",
        "75 14 49 44",
        "75 55 58 90",
        "76 95 73 39",
        "76 12 23 30",
    ];
    for form in FORMS.map(shipped) {
        for phone in &form.help.phones {
            assert!(checked.contains(&phone.number.as_str()), "{}", phone.number);
        }
    }
}

fn docs() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/forms.md")).unwrap()
}

fn example() -> String {
    let docs = docs();
    let block = docs.split("<!-- example -->\n```toml\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn the_example_in_the_docs_works() {
    let world = World::with(Options {
        change: |authority| fs::write(authority.root.join("forms/krisesenter.toml"), example()).unwrap(),
        ..Options::default()
    });
    let sent = world.form_at("/nb/s/skriv").text("melding", &world.marker.text).send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    world.sink.wait_for(1);
}

/// Every key and kind that a shipped form uses, and every kind that there is, has its line in the docs.
#[test]
fn the_docs_name_every_key_and_kind() {
    let docs = docs();
    let mut keys: Vec<String> = Kind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    for name in FORMS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/forms/{name}.toml"));
        let form: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        collect_keys(&form, &mut keys);
    }
    keys.retain(|key| !LANGS.contains(&key.as_str()));
    assert!(keys.contains(&"legal_basis".to_owned()) && keys.contains(&"shown_when".to_owned()));
    for key in keys {
        assert!(
            docs.contains(&format!("`{key}`"))
                || docs.contains(&format!("[{key}]"))
                || docs.contains(&format!("{key} = ")),
            "{key}"
        );
    }
}

/// The first column of the table that begins so.
fn column<'a>(docs: &'a str, head: &str) -> Vec<&'a str> {
    let table = docs.split(head).nth(1).unwrap_or_else(|| panic!("no table {head:?}"));
    let rows = table
        .trim_start()
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').nth(1).unwrap().trim().trim_matches('`'))
        .collect()
}

/// The row of a key, in whatever table it stands.
fn row<'a>(docs: &'a str, key: &str) -> &'a str {
    let begin = format!("| `{key}` |");
    docs.lines()
        .find(|line| line.starts_with(&begin))
        .unwrap_or_else(|| panic!("no row {key:?}"))
}

/// "select, radio and checkboxes".
fn listed(kinds: &[&str]) -> String {
    let (last, first) = kinds.split_last().unwrap();
    format!("{} and {last}", first.join(", "))
}

#[test]
fn the_docs_say_of_each_kind_what_its_row_says() {
    let docs = docs();
    let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(
        column(&docs, "| kind | takes |"),
        names,
        "the kinds in docs/forms.md, and src/form/kinds.rs"
    );

    // What is asked where the form says nothing: the usual, and each kind that has another.
    let max = row(&docs, "max").replace("10 000", "10000");
    let usual = Kind::Text.row().max;
    assert!(max.contains(&format!("Without it {usual}")), "{max}");
    for kind in Kind::ALL.iter().filter(|kind| kind.row().max != usual) {
        let own = format!("`{}` {}", kind.name(), kind.row().max);
        assert!(max.contains(&own), "{own:?} is missing in docs/forms.md: {max}");
    }

    let lists: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| kind.has_options())
        .map(|kind| kind.name())
        .collect();
    let lists = listed(&lists);
    assert!(row(&docs, "options").contains(&lists), "{lists} in docs/forms.md");
    let condition = docs.split("`shown_when` names a field of kind ").nth(1).unwrap();
    assert!(
        condition.starts_with(&lists.replace(" and ", " or ")),
        "{lists} in docs/forms.md"
    );
}

/// The letter package knows no forms; what its schema says of kinds is held here.
#[test]
fn the_schema_of_the_letter_names_each_kind_of_answer() {
    let schema: serde_json::Value = serde_json::from_str(konvolutt_letter::JSON_SCHEMA).unwrap();
    let told = &schema["properties"]["answers"]["items"]["properties"]["kind"]["description"];
    let told = told.as_str().unwrap().split(": ").nth(1).unwrap().trim_end_matches('.');
    let answered = |kind: &&Kind| !matches!(kind.shape(), Shape::Files | Shape::Nothing);
    let names: Vec<_> = Kind::ALL.iter().filter(answered).map(|kind| kind.name()).collect();
    assert_eq!(
        told.split(", ").collect::<Vec<_>>(),
        names,
        "letter/src/schema.json, and src/form/kinds.rs"
    );
}

/// What no shipped form asks is on no page that is looked at.
#[test]
fn the_shipped_forms_ask_every_kind() {
    let forms = FORMS.map(shipped);
    let asked: BTreeSet<_> = forms
        .iter()
        .flat_map(Form::fields)
        .map(|field| field.kind.name())
        .collect();
    let questions = Kind::ALL.iter().filter(|kind| !matches!(kind.shape(), Shape::Nothing));
    let all: BTreeSet<_> = questions.map(|kind| kind.name()).collect();
    let missing: Vec<_> = all.difference(&asked).collect();
    assert!(
        all.len() > 9 && missing.is_empty(),
        "no form in config/forms asks {missing:?}"
    );
}

fn collect_keys(table: &toml::Table, keys: &mut Vec<String>) {
    for (key, value) in table {
        keys.push(key.clone());
        match value {
            toml::Value::Table(inner) => collect_keys(inner, keys),
            toml::Value::Array(list) => list
                .iter()
                .filter_map(toml::Value::as_table)
                .for_each(|inner| collect_keys(inner, keys)),
            _ => {}
        }
    }
}

/// What the archive is told comes from the form's file; of the citizen it has the name, marked as the sender's.
#[test]
fn a_letter_tells_what_its_form_says_of_the_archive() {
    let world = World::new();
    let letter = |world: &World, count: usize| -> serde_json::Value {
        let sent = world.form().text("melding", "MERKE").text("namn", "Ola MERKE").send();
        assert!(sent.location().contains("/kvittering/"));
        let mail = world.sink.wait_for(count).pop().unwrap().mail;
        serde_json::from_slice(&fs::read(world.open(&mail).join("letter.json")).unwrap()).unwrap()
    };
    let record = letter(&world, 1);
    let archive = serde_json::json!({
        "public_title": "Førespurnad",
        "legal_basis": "Offl. § 13 jf. fvl. § 13 første ledd nr. 1",
        "access_code": "UO",
    });
    assert_eq!((&record["archive"], &record["deadline_days"]), (&archive, &30.into()));
    let senders = |record: &serde_json::Value| -> Vec<String> {
        let answers = record["answers"].as_array().unwrap().iter();
        let senders = answers.filter(|answer| answer["sender"] == true);
        senders
            .map(|answer| answer["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(senders(&record), ["namn"]);
    let silent = World::with(Options {
        change: |authority| {
            let file = "forms/krisesenter.toml";
            authority.edit(file, "deadline_days = 30\n", "");
            authority.edit(file, "sender = true\n", "");
            authority.edit(
                file,
                "offentleg_tittel = \"Førespurnad\"",
                "offentleg_tittel = { nn = \"A\", nb = \"B\", en = \"C\" }",
            );
            authority.edit(file, "skjermingsheimel = ", "# ");
            authority.edit(file, "tilgangskode = ", "# ");
        },
        ..Options::default()
    });
    let record = letter(&silent, 1);
    assert_eq!(record["archive"]["public_title"], "A");
    assert_eq!(record["archive"]["legal_basis"], archive["legal_basis"]);
    assert_eq!(record["archive"]["access_code"], archive["access_code"]);
    assert!(record["deadline_days"].is_null() && senders(&record).is_empty());
}
