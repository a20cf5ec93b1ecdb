//! Form files: those that are shipped, the one in the docs, and everything that can be wrong with one.

use std::fs;
use std::path::Path;
use std::process::Command;

use konvolutt::form::{Form, Kind, read};

use crate::support::{Authority, FORMS, Options, Way, World};

const LANGS: [&str; 3] = ["nb", "nn", "en"];

fn shipped(name: &str) -> Form {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/forms/{name}.toml"));
    let mut findings = Vec::new();
    let form = read(&path, &LANGS, jiff::civil::date(2026, 11, 22), &mut findings);
    assert!(findings.is_empty(), "{findings:#?}");
    form.unwrap()
}

/// A choice and a value for every question, each section asked for.
fn answers(form: &Form) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for field in form.fields() {
        let mut push = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
        let chosen = form.conditions().find(|(_, _, when)| when.field == field.name);
        match field.kind {
            Kind::Checkboxes => field.options.iter().for_each(|choice| push(&field.name, &choice.value)),
            Kind::Radio | Kind::Select => push(
                &field.name,
                chosen.map_or(&field.options[0].value, |(_, _, when)| &when.is[0]),
            ),
            Kind::Date => {
                for (part, value) in [("day", "1"), ("month", "2"), ("year", "2026")] {
                    push(&format!("{}_{part}", field.name), value);
                }
            }
            Kind::Email => push(&field.name, "kari@eksempel.no"),
            Kind::Phone => push(&field.name, "75 55 58 90"),
            Kind::NationalId => push(&field.name, "010107 50160"),
            Kind::PostalCode => push(&field.name, "0150"),
            Kind::File | Kind::Info => {}
            Kind::Text | Kind::Textarea => push(&field.name, "Ei setning æøå."),
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
    let list = world.get("/").body;
    let mut letters = 0;
    for name in FORMS {
        let form = shipped(name);
        for lang in LANGS {
            assert!(list.contains(&format!("href=\"/{lang}/s/{}\"", form.slug)), "{list}");
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
            let letter = fs::read_to_string(world.open(&mail).join("letter.txt")).unwrap();
            for field in form.fields().filter(|field| field.kind != Kind::File) {
                assert!(
                    letter.contains(field.label.get(lang)),
                    "{:?} is missing in {letter}",
                    field.label.get(lang)
                );
            }
            // Whether contact is safe is the first thing that the clerk reads.
            let safe = form.fields().find(|field| field.safe_contact).unwrap();
            let first = letter.lines().find(|line| !line.is_empty()).unwrap();
            assert!(first.starts_with(safe.label.get(lang)), "{first}");
            let notice = world.get(&format!("/{lang}/personvern/{}", form.slug)).body;
            assert!(
                notice.contains(form.privacy.dpo.get(lang).split('.').next().unwrap()),
                "{notice}"
            );
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
fn every_number_to_ring_is_one_that_was_checked() {
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
    let mut keys: Vec<String> = Kind::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
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

fn findings(authority: &Authority) -> Vec<serde_json::Value> {
    let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let output = check
        .args(["check", "--json", "--config"])
        .arg(authority.config())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What stands in the file, what stands there instead, what is told of it, and at which key.
const MISTAKES: [(&str, &str, &str, &str); 24] = [
    (
        "slug = \"skriv\"",
        "slug = \"Skriv!\"",
        "cannot stand in an address",
        "slug",
    ),
    (
        "mailbox = \"postmottak\"",
        "mialbox = \"postmottak\"",
        "`mialbox` is not a key",
        "mialbox",
    ),
    (
        "languages = [\"nn\", \"nb\", \"en\"]",
        "languages = [\"nn\", \"nb\", \"en\", \"en\"]",
        "\"en\" is named twice",
        "languages",
    ),
    (
        "autocomplete = false",
        "autocomplete = \"no\"",
        "must be `true` or `false`",
        "autocomplete",
    ),
    (
        "exit = \"https://www.yr.no/\"",
        "exit = \"yr.no\"",
        "is not a web address",
        "exit",
    ),
    (
        "title.nn = \"Skriv til oss\"",
        "title.nn = \"\"",
        "`title` is missing in \"nn\"",
        "title",
    ),
    (
        "heading.nn = \"Skriv til oss om krisesenter\"",
        "heading.no = \"Skriv\"",
        "\"no\", which is unknown",
        "heading",
    ),
    (
        "heading.nn = \"Om krisesentera\"",
        "heading.nn = 7",
        "must be a table of texts",
        "help.heading",
    ),
    (
        "checked = \"20",
        "checked = \"i dag\" # \"20",
        "is not a day",
        "help.checked",
    ),
    (
        "number = \"75 02 17 11\"",
        "number = \"kjem seinare\"",
        "is not a telephone number",
        "help.phones.2.number",
    ),
    (
        "dpo.en = ",
        "dpo.en = \"\" # ",
        "`privacy.dpo` is missing in \"en\"",
        "privacy.dpo",
    ),
    (
        "title.nn = \"Kva det gjeld\"",
        "titel.nn = \"Kva det gjeld\"",
        "`section.0.titel` is not a key",
        "section.0.titel",
    ),
    (
        "name = \"tema\"",
        "name = \"1tema\"",
        "cannot be a field's name",
        "section.0.field.0.name",
    ),
    (
        "kind = \"radio\"",
        "kind = \"radoi\"",
        "is not a kind of field",
        "section.0.field.0.kind",
    ),
    (
        "value = \"klage\"",
        "value = \"sporsmal\"",
        "is empty or stands twice",
        "section.0.field.0.options.1.value",
    ),
    (
        "name = \"kommune\"",
        "name = \"kommune\"\noptions = [{ value = \"a\", label = { nn = \"A\", nb = \"A\", en = \"A\" } }]",
        "options that nobody can choose",
        "section.0.field.1.options",
    ),
    (
        "max = 100\n",
        "max = \"hundre\"\n",
        "must be a whole number",
        "section.0.field.1.max",
    ),
    (
        "required = true",
        "required = \"ja\"",
        "must be `true` or `false`",
        "section.1.field.0.required",
    ),
    (
        "max = 10000",
        "max = 0",
        "cannot take that much",
        "section.1.field.0.max",
    ),
    (
        "name = \"namn\"",
        "name = \"melding\"",
        "Two fields are named `melding`",
        "section.3.field.0.name",
    ),
    (
        "field = \"tema\"",
        "field = \"emne\"",
        "is no choice that stands above",
        "section.4.shown_when.field",
    ),
    (
        "is = [\"ring\", \"sms\"]",
        "is = []",
        "could never be asked for",
        "section.6.shown_when.is",
    ),
    (
        "is = [\"epost\"]",
        "is = [\"faks\"]",
        "has no choice \"faks\"",
        "section.7.shown_when.is",
    ),
    (
        "label.nn = \"E-postadresse\"\n",
        "",
        "`section.7.field.0.label` is missing in \"nn\"",
        "section.7.field.0.label",
    ),
];

#[test]
fn every_mistake_of_a_form_file_is_told_in_one_run_with_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&Way::Maildir);
    assert!(
        findings(&authority)
            .iter()
            .all(|finding| finding["severity"] != "problem"),
        "the control"
    );
    let file = "forms/krisesenter.toml";
    for (from, to, ..) in MISTAKES {
        authority.edit(file, from, to);
    }
    let text = fs::read_to_string(dir.path().join(file)).unwrap();
    let found = findings(&authority);
    for (_, to, wanted, key) in MISTAKES {
        let finding = found
            .iter()
            .find(|finding| finding["key"] == key && finding["what"].as_str().unwrap().contains(wanted));
        let finding = finding.unwrap_or_else(|| panic!("{wanted:?} at {key} was not told: {found:#?}"));
        assert_eq!(finding["severity"], "problem", "{finding}");
        assert!(!finding["remedy"].as_str().unwrap().is_empty(), "{finding}");
        let line = finding["line"].as_u64().unwrap() as usize;
        // The line is that of the mistake, or of the key's first line where something is missing.
        let there = text.lines().nth(line - 1).unwrap();
        let last = key.rsplit('.').next().unwrap();
        let own = to.lines().last().unwrap_or_default();
        assert!(there.contains(own) || there.contains(last), "{there:?} for {key}");
    }
    // What is not there at all is told too.
    let missing = found.iter().find(|finding| finding["what"] == "`mailbox` is missing.");
    assert!(missing.is_some(), "{found:#?}");
}

#[test]
fn every_mistake_of_syntax_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&Way::Maildir);
    let file = "forms/krisesenter.toml";
    authority.edit(file, "slug = \"skriv\"", "slug = \"skriv");
    authority.edit(file, "checked = ", "checked == ");
    let text = fs::read_to_string(dir.path().join(file)).unwrap();
    let line = |wanted: &str| text.lines().position(|line| line.starts_with(wanted)).unwrap() as u64 + 1;
    let lines: Vec<_> = findings(&authority)
        .iter()
        .filter_map(|finding| finding["line"].as_u64())
        .collect();
    for wanted in [line("slug = "), line("checked == ")] {
        assert!(lines.contains(&wanted), "{wanted} is not among {lines:?}");
    }
}
