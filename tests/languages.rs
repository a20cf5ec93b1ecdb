//! Languages that the program has no texts in, and names in each language.

use std::fs;
use std::path::Path;
use std::process::Command;

use konvolutt::i18n::{Entry, Lang};

use crate::support::{Authority, FORMS, LANGS, Options, World};

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
        "<html lang=\"smj\" dir=\"ltr\">",
        "áŋ Statsforvalteren",
        "áŋ Hva?",
        "áŋ two: Du kan skrive inntil 2 tegn.",
        "áŋ one: Du kan legge ved én fil",
        "lang=\"nb\" dir=\"ltr\" formnovalidate>Bokmål",
    ] {
        assert!(page.contains(wanted), "{wanted:?} is missing in {page}");
    }
    let other = world.get("/nb/s/skriv").body;
    assert!(
        other.contains("lang=\"smj\" dir=\"ltr\" formnovalidate>Julevsámegiella")
            && other.contains("Statsforvalteren i Nordland")
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

/// Texts are constant while the process lives, so that a request sees one text: what a reload can bring is another language.
#[test]
fn a_reload_brings_a_language_and_leaves_the_texts_of_those_that_are_spoken() {
    let world = World::new();
    let (root, own) = (world.root(), &world.authority);
    let write = |texts: String| fs::write(root.join("forms/smj-texts.toml"), texts).unwrap();
    write(test_catalog());
    fs::write(root.join("forms/krisesenter.toml"), FORM).unwrap();
    own.edit(
        "konvolutt.toml",
        "[forms]",
        "[languages]\nfiles = [\"forms/smj-texts.toml\"]\n\n[forms]",
    );
    let page = || world.get("/smj/s/skriv").body;
    let said = || world.log().contains("what changed in [languages] needs a restart");
    world.signal(rustix::process::Signal::HUP);
    world.until("the language", || {
        page().contains("áŋ two: Du kan skrive inntil 2 tegn.")
    });
    assert!(!said());
    write(test_catalog().replace("áŋ two", "ŋá two"));
    world.signal(rustix::process::Signal::HUP);
    world.until("the word", said);
    assert!(page().contains("áŋ two: Du kan skrive inntil 2 tegn."));
    // A form in a language that is no longer named, which the next start would not know.
    own.edit("konvolutt.toml", "files = [\"forms/smj-texts.toml\"]", "files = []");
    world.signal(rustix::process::Signal::HUP);
    world.until("the refusal", || {
        world.log().contains("the configuration was not taken up")
    });
}

#[test]
fn what_is_wrong_with_a_file_of_texts_stops_the_start() {
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
    authority.edit(
        "smj.toml",
        "{label}»: Skriv postnummeret",
        "{lable}»: Skriv postnummeret",
    );
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

fn docs(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The head that the docs give for Polish, with marks that no built-in language has; its texts are those of bokmål.
fn polish() -> String {
    let docs = docs("docs/languages.md");
    let head = docs
        .split("<!-- head -->\n```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let mut file: toml::Table = head.parse().unwrap();
    assert_eq!(file["language"].as_str(), Some("pl"));
    let marks = file["head"].as_table_mut().unwrap();
    for (mark, own) in [("decimal", "·"), ("group", "_"), ("date", "{year}/{month}/{day}")] {
        assert!(
            marks.insert(mark.into(), own.into()).is_some(),
            "{mark} is not in the docs"
        );
    }
    let mut konvolutt = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let texts = String::from_utf8(konvolutt.args(["texts", "nb"]).output().unwrap().stdout).unwrap();
    let texts: toml::Table = texts.parse().unwrap();
    for (name, text) in texts.into_iter().filter(|(name, _)| name != "language") {
        let text = match text {
            toml::Value::Table(forms) => {
                let forms = ["one", "few", "many", "other"].map(|form| {
                    let text = forms["other"].as_str().unwrap();
                    (form.to_owned(), toml::Value::from(format!("ż {form}: {text}")))
                });
                toml::Table::from_iter(forms).into()
            }
            text => text,
        };
        file.insert(name, text);
    }
    file.to_string()
}

fn speaks_polish(authority: &Authority) {
    fs::write(authority.root.join("pl.toml"), polish()).unwrap();
    let form = FORM.replace("\"smj\"", "\"pl\"").replace("smj =", "pl =");
    let form = form
        .replace("max = 2,", "max = 12345,")
        .replace("max = 1,", "max = 22,");
    fs::write(authority.root.join("forms/krisesenter.toml"), form).unwrap();
    authority.edit(
        "konvolutt.toml",
        "[forms]",
        "[languages]\nfiles = [\"pl.toml\"]\n\n[forms]",
    );
}

/// Not one line of the program knows Polish.
#[test]
fn a_language_needs_nothing_but_its_file() {
    let world = World::with(Options {
        change: speaks_polish,
        ..Options::default()
    });
    let page = world.get("/pl/s/skriv").body;
    for wanted in [
        "<html lang=\"pl\" dir=\"ltr\">",
        "ż many: Du kan skrive inntil 12_345 tegn.",
        "ż few: Du kan legge ved",
        "data-decimal=\"·\"",
        "kontrollert 2026/11/22.",
    ] {
        assert!(page.contains(wanted), "{wanted:?} is missing in {page}");
    }
    let other = world.get("/nb/s/skriv").body;
    assert!(
        other.contains("lang=\"pl\" dir=\"ltr\" formnovalidate>Polski"),
        "{other}"
    );
    let wrong = world.form_at("/pl/s/skriv").text("tal", "x").send();
    let again = world.get(wrong.location()).body;
    // The blank at the end of a text is the program's, not the translator's.
    assert!(
        again.contains("<title>Feil: áŋ Skriv") && again.contains("ż few: Rett opp disse 2 feilene"),
        "{again}"
    );
    let sent = world.form_at("/pl/s/skriv").text("melding", &world.marker.text).send();
    assert!(sent.location().starts_with("/pl/kvittering/"), "{}", sent.location());
    let mail = world.sink.wait_for(1).remove(0).mail;
    assert!(
        fs::read_to_string(world.open(&mail).join("letter.txt"))
            .unwrap()
            .contains("Polski")
    );
}

/// A file from before an upgrade: what it lacks is in bokmål, somebody is told, and nothing stands still.
#[test]
fn a_text_that_a_file_lacks_stops_nobody() {
    let world = World::with(Options {
        change: |authority| {
            speaks_smj(authority);
            let without = |name: &str| {
                let file = authority.root.join("smj.toml");
                let texts = fs::read_to_string(&file).unwrap();
                let mut texts: toml::Table = texts.parse().unwrap();
                assert!(texts.remove(name).is_some());
                fs::write(file, texts.to_string()).unwrap();
            };
            without("send");
            without("max_chars");
        },
        ..Options::default()
    });
    let page = world.get("/smj/s/skriv").body;
    assert!(
        page.contains(">Send meldingen</button>") && page.contains("áŋ Hva?"),
        "{page}"
    );
    // Counted as bokmål counts, whose text it is.
    assert!(page.contains(">Du kan skrive inntil 2 tegn."), "{page}");
    let sent = world.form_at("/smj/s/skriv").text("melding", "ŋđ").send();
    assert!(sent.location().starts_with("/smj/kvittering/"), "{}", sent.location());
    world.sink.wait_for(1);

    let check = world.konvolutt(&["check"]);
    let told = String::from_utf8(check.stdout).unwrap();
    assert!(check.status.success(), "{told}");
    for name in ["send", "max_chars"] {
        let wanted = format!("smj.toml: `{name}` is missing");
        let line = told
            .lines()
            .find(|line| line.contains(&wanted))
            .unwrap_or_else(|| panic!("{wanted:?}: {told}"));
        assert!(line.starts_with("! "), "{line}");
    }
    let alarms = String::from_utf8(world.konvolutt(&["alarms", "list"]).stdout).unwrap();
    let alarm = alarms
        .lines()
        .find(|line| line.contains("texts"))
        .unwrap_or_else(|| panic!("no alarm: {alarms}"));
    assert!(
        alarm.contains("`smj`") && alarm.contains("send") && alarm.contains("max_chars"),
        "{alarm}"
    );
}

/// What is printed has forms for one and for two; a language that changes no word after a number needs neither, and a
/// translator who leaves them in has made no mistake.
#[test]
fn a_language_that_does_not_count_may_keep_every_printed_form() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    let mut konvolutt = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let printed = String::from_utf8(konvolutt.args(["texts", "nb"]).output().unwrap().stdout).unwrap();
    assert!(printed.contains("{ one = "), "{printed}");
    let head = "language = \"vi\"\nhead.name = \"Tiếng Việt\"\nhead.plural = {}";
    let texts = printed.replacen("language = \"nb\"", head, 1);
    fs::write(authority.root.join("vi.toml"), texts).unwrap();
    let languages = "[languages]\nfiles = [\"vi.toml\"]\n\n[forms]";
    authority.edit("konvolutt.toml", "[forms]", languages);
    let check = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let output = check
            .args(["check", "--config"])
            .arg(authority.config())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (good, told) = check();
    assert!(good && told.contains("texts in `vi`"), "{told}");

    // A form that no language has is still a mistake.
    authority.edit("vi.toml", "max_chars = { one = ", "max_chars = { oen = ");
    let (good, told) = check();
    assert!(!good && told.contains("`max_chars.oen` is not a key"), "{told}");
}

/// One line of the head at a time, the control being the file as it is.
#[test]
fn what_is_wrong_with_a_head_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    speaks_polish(&authority);
    let whole = polish();
    let told = |file: &str| {
        fs::write(authority.root.join("pl.toml"), file).unwrap();
        let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let output = check
            .arg("check")
            .arg("--config")
            .arg(authority.config())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(told(&whole).0, Some(0), "the control");
    for (from, to, wanted) in [
        ("language = \"pl\"", "language = \"PL\"", "no code of a language"),
        ("language = \"pl\"", "language = \"en\"", "built in"),
        ("name = \"Polski\"", "name = \" \"", "`head.name` cannot be"),
        ("name = \"Polski\"", "nmae = \"Polski\"", "`head.name` is missing"),
        ("[head.plural]", "[head.plurals]", "`head.plural` is missing"),
        ("i = 1 and v = 0", "i is 1", "no rule for counting"),
        ("decimal = \"·\"", "decimal = \"1\"", "`head.decimal` cannot be"),
        ("group = \"_\"", "group = \"__\"", "`head.group` cannot be"),
        ("{year}/{month}/{day}", "{year}/{month}", "`head.date` cannot be"),
        (
            "name = \"Polski\"",
            "name = \"Polski\"\ndirection = \"left\"",
            "`head.direction` cannot be",
        ),
        (
            "name = \"Polski\"",
            "name = \"Polski\"\ncalled = { nn = \" \" }",
            "`head.called` is no name",
        ),
        ("ż few: Du kan skrive inntil {n} tegn.", "", "`max_chars.few` is empty"),
        (
            "ż few: Du kan skrive inntil {n} tegn.",
            "{antal} tegn",
            "does not know `{antal}`",
        ),
        (
            "«{label}»: Skriv postnummeret",
            "«label»: Skriv postnummeret",
            "lacks `{label}`",
        ),
        (
            "«{label}»: Skriv postnummeret",
            "«{label»: Skriv postnummeret",
            "a brace that stands alone",
        ),
    ] {
        let broken = whole.replacen(from, to, 1);
        assert_ne!(broken, whole, "{from}");
        let (code, told) = told(&broken);
        let line = told.lines().find(|line| line.contains(wanted));
        let line = line.unwrap_or_else(|| panic!("{wanted:?} was not told: {told}"));
        assert!(line.starts_with("✗") && line.contains("pl.toml:"), "{line}");
        assert_eq!(code, Some(1), "{wanted}");
    }
}

#[test]
fn no_language_has_two_files() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    speaks_polish(&authority);
    fs::write(authority.root.join("other.toml"), polish()).unwrap();
    authority.edit("konvolutt.toml", "[\"pl.toml\"]", "[\"pl.toml\", \"other.toml\"]");
    let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let output = check
        .arg("check")
        .arg("--config")
        .arg(authority.config())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("Two files hold the texts in `pl`") && !output.status.success(),
        "{told}"
    );
}

/// Where people read which languages there are, each that is built in is named, in the order in which they are offered.
#[test]
fn the_docs_name_every_language() {
    let codes: Vec<_> = Lang::built_in().map(|lang| format!("`{}`", lang.code())).collect();
    let (last, first) = codes.split_last().unwrap();
    let row = docs("docs/forms.md")
        .lines()
        .find(|line| line.starts_with("| `languages` |"))
        .unwrap()
        .to_owned();
    assert!(row.contains(&codes.join(", ")), "{codes:?} in docs/forms.md: {row}");
    let built_in = format!("The program speaks {} and {last} by itself", first.join(", "));
    assert!(
        docs("docs/languages.md").contains(&built_in),
        "{built_in:?} in docs/languages.md"
    );
    let plain = built_in
        .replace('`', "")
        .replace("The program speaks", "texts in")
        .replace(" by itself", ".");
    assert!(
        docs("config/konvolutt.toml").contains(&plain),
        "{plain:?} in config/konvolutt.toml"
    );
}

/// What `konvolutt texts` says of the language itself is what the program knows of it: a file that keeps it is read so.
#[test]
fn the_head_that_is_printed_is_a_head() {
    for lang in LANGS {
        let mut konvolutt = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let printed = String::from_utf8(konvolutt.args(["texts", lang]).output().unwrap().stdout).unwrap();
        let head: toml::Table = printed.replace("# head.", "head.").parse().unwrap();
        let language = Lang::from_code(lang).unwrap().language();
        assert_eq!(head["head"]["name"].as_str(), Some(language.own_name));
        assert_eq!(head["head"]["decimal"].as_str(), Some(language.decimal));
        assert_eq!(head["head"]["group"].as_str(), Some(language.group));
        assert_eq!(head["head"]["date"].as_str(), Some(language.date));
        assert_eq!(head["head"]["direction"].as_str(), Some(language.direction.name()));
        assert!(head["head"]["called"].as_table().unwrap().is_empty());
        let rules: Vec<_> = language
            .plural
            .iter()
            .map(|(form, when)| (*form, Some(*when)))
            .collect();
        let told = head["head"]["plural"].as_table().unwrap().iter();
        assert_eq!(
            told.map(|(form, when)| (form.as_str(), when.as_str()))
                .collect::<Vec<_>>(),
            rules
        );
    }
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
        Entry::Plural(text) => texts.extend([text.form("one"), text.other].map(str::to_owned)),
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
    assert_eq!(strays(Lang::NN, BOKMAL), Vec::<String>::new());
    assert_eq!(strays(Lang::NB, NYNORSK), Vec::<String>::new());
    // The control: the lists do find.
    assert!(strays(Lang::NB, BOKMAL).len() > 50 && strays(Lang::NN, NYNORSK).len() > 50);
}

#[test]
fn each_language_has_its_own_marks() {
    for lang in Lang::built_in() {
        let foreign = match lang.code() {
            "nb" | "nn" => ["“", "”"],
            "en" => ["«", "»"],
            other => panic!("which quotation marks are foreign to {other}?"),
        };
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
