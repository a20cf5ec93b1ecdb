//! Every kind of field against everything that can be typed into it, in each language: a sentence that a person
//! understands, in the list and at the field, and nothing lost of what was typed.

mod sentences;

use std::collections::BTreeSet;
use std::fs;

use konvolutt::form::{Kind, Line, Rule, Shape};

use crate::support::{Authority, Form, LANGS, Options, World};
use sentences::*;

/// A field of each kind. Text can have ten characters, and one file can come along.
const KINDS: [(&str, &str); 12] = [
    ("text", "max = 10"),
    ("textarea", "max = 10"),
    ("email", "max = 30"),
    ("phone", "max = 30"),
    ("national_id", "max = 30"),
    ("postal_code", "max = 30"),
    ("reference", "max = 30"),
    ("date", ""),
    ("select", OPTIONS),
    ("radio", OPTIONS),
    ("checkboxes", OPTIONS),
    ("file", "max = 1"),
];

const OPTIONS: &str = "options = [{ value = \"a\", label = { ALL = \"A\" } }]";

/// The real form with other questions, all of which must be answered or none.
fn asks_every_kind(authority: &Authority, required: bool) {
    let path = authority.root.join("forms/krisesenter.toml");
    let form = fs::read_to_string(&path).unwrap();
    let mut form = form.split_once("# The questions.").unwrap().0.to_owned();
    form += &format!("[[section]]\ntitle = {{ {} }}\n", each("Alt"));
    let plain = [("note", "text", "max = 200")];
    let kinds = KINDS.iter().map(|(kind, more)| (*kind, *kind, *more));
    for (name, kind, more) in kinds.chain(plain) {
        let required = required && name != "note";
        let label = LANGS.map(|lang| format!("{lang} = \"{name} {lang}\"")).join(", ");
        let more = more.replace("ALL = \"A\"", &each("A"));
        form += &format!(
            "[[section.field]]\nname = \"{name}\"\nkind = \"{kind}\"\nrequired = {required}\nlabel = {{ {label} }}\n{more}\n"
        );
    }
    fs::write(path, form).unwrap();
}

/// The same in every language.
fn each(text: &str) -> String {
    LANGS.map(|lang| format!("{lang} = \"{text}\"")).join(", ")
}

/// Something typed, and what a page says to it; `None` where a letter is as good with it.
struct Case {
    name: &'static str,
    typed: Vec<(String, String)>,
    files: Vec<(&'static str, Vec<u8>)>,
    /// The element that the list leads to.
    place: String,
    said: Option<Sentence>,
}

fn case(name: &'static str, kind: &str, typed: &str, said: Option<Sentence>) -> Case {
    let typed = match kind {
        "date" => vec![
            ("date_day".into(), typed.to_owned()),
            ("date_month".into(), "2".into()),
            ("date_year".into(), "2026".into()),
        ],
        _ => vec![(kind.to_owned(), typed.to_owned())],
    };
    Case {
        name,
        typed,
        files: Vec::new(),
        place: kind.to_owned(),
        said,
    }
}

fn date(name: &'static str, parts: [&str; 3], place: &str, said: Option<Sentence>) -> Case {
    let names = ["date_day", "date_month", "date_year"];
    let typed = names
        .iter()
        .zip(parts)
        .map(|(name, part)| ((*name).to_owned(), part.to_owned()));
    Case {
        name,
        typed: typed.collect(),
        files: Vec::new(),
        place: place.to_owned(),
        said,
    }
}

fn files(name: &'static str, files: &[(&'static str, &[u8])], said: Option<Sentence>) -> Case {
    let files = files.iter().map(|(name, content)| (*name, content.to_vec()));
    Case {
        name,
        typed: Vec::new(),
        files: files.collect(),
        place: "file".into(),
        said,
    }
}

/// What is wrong for a kind whatever it means: the sentence of the kind.
fn everywhere(kind: &'static str, own: Sentence, unseen: Sentence, long: Sentence) -> Vec<Case> {
    vec![
        case("emoji", kind, "😀", Some(own)),
        case("combining marks", kind, "e\u{301}\u{302}\u{303}", Some(own)),
        case("nothing but a turned order", kind, "\u{202E}abc", Some(own)),
        case("NUL", kind, "1\u{0}1", Some(unseen)),
        case("a megabyte", kind, &"1".repeat(1_000_000), Some(long)),
        case("markup", kind, "<script>alert(1)</script>", Some(own)),
        case("template", kind, "{{ token }} {% if %}", Some(own)),
    ]
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["text", "textarea"] {
        cases.extend([
            case("emoji and marks, to the limit", kind, "👩🏽‍🚒🇳🇴e\u{301}šđŋ1234", None),
            case("one over the limit", kind, "👩🏽‍🚒🇳🇴e\u{301}šđŋ12345", Some(TOO_LONG)),
            case("a turned order", kind, "a\u{202E}b", Some(UNSEEN)),
            case("NUL", kind, "a\u{0}b", Some(UNSEEN)),
            case("a megabyte", kind, &"å".repeat(1_000_000), Some(MUCH_TOO_LONG)),
            case("markup", kind, "<b>&amp;\"'", None),
            case("template", kind, "{{ t }}{%", None),
        ]);
    }
    cases.extend(everywhere("email", EMAIL, UNSEEN, MUCH_TOO_LONG));
    cases.extend(everywhere("phone", PHONE, UNSEEN, MUCH_TOO_LONG));
    cases.extend(everywhere("national_id", ID, UNSEEN, MUCH_TOO_LONG));
    cases.extend(everywhere("postal_code", CODE, UNSEEN, MUCH_TOO_LONG));
    cases.extend(everywhere("reference", REFERENCE, UNSEEN, MUCH_TOO_LONG));
    cases.extend(everywhere("date", DAY, UNSEEN, DAY));
    for kind in ["select", "radio", "checkboxes"] {
        cases.extend(everywhere(kind, CHOICE, CHOICE, CHOICE));
        cases.push(case("a choice that is not there", kind, "b", Some(CHOICE)));
        cases.push(case("a choice", kind, "a", None));
    }
    for kind in ["select", "radio"] {
        let mut twice = case("two choices where there is one", kind, "a", Some(TWICE));
        twice.typed.push((kind.into(), "a".into()));
        cases.push(twice);
    }
    for kind in ["email", "phone", "national_id", "postal_code", "reference"] {
        cases.push(case("one over the limit", kind, &"1".repeat(31), Some(TOO_LONG_30)));
    }
    cases.extend([
        case("letters of many alphabets", "email", "bjørn.ŋđŧ@sørøst.no", None),
        case("a letter in two signs", "email", "a\u{30A}se@example.no", None),
        case("an Indic script", "email", "सम्पर्क@उदाहरण.भारत", None),
        case("no ending", "email", "kari@gmail", Some(ENDING)),
        case("the country code without its plus", "phone", "47 41 23 45 67", None),
        case("a word before the number", "phone", "tlf 75555890", None),
        case("small letters and blanks", "reference", "k7f 3k9q 2mj", None),
        case("a slip", "reference", "K7F-3K9Q-2MX", Some(REFERENCE)),
        case("letters", "phone", "ring meg", Some(PHONE)),
        case("a digit too few", "phone", "75 02 17 1", Some(PHONE)),
        case("marks of a telephone", "phone", "\u{202D}75 02 17 11\u{202C}", None),
        case("foreign", "phone", "+46 (0)70-123 45 67", None),
        case("ten digits", "national_id", "0101075016", Some(ID)),
        case("a slip in the check digits", "national_id", "010107-50161", None),
        case("three digits", "postal_code", "150", Some(CODE)),
        case("leading zeros", "postal_code", "01 50", None),
        date("31 February", ["31", "02", "2026"], "date", Some(NO_DAY)),
        date("29 February in a common year", ["28", "2", "2026"], "date", None),
        date("month 13", ["1", "13", "2026"], "date-month", Some(MONTH)),
        date("month in letters", ["1", "mai", "2026"], "date-month", Some(MONTH)),
        date("no month", ["1", "", "2026"], "date-month", Some(NO_MONTH)),
        date("year of two digits", ["1", "5", "26"], "date-year", Some(YEAR)),
        files("two files", &[("a.txt", b"a"), ("b.txt", b"b")], Some(FILES)),
        files("an empty file", &[("a.txt", b"")], Some(EMPTY_FILE)),
        files("a name that turns around", &[("a\u{202E}fdp.exe", b"a")], None),
        files("a name of emoji", &[("😀.txt", b"a")], None),
        files("a name of markup", &[("<b>.txt", b"a")], None),
    ]);
    cases
}

fn shape(kind: &str) -> &'static Shape {
    Kind::named(kind).unwrap_or_else(|| panic!("{kind} is no kind")).shape()
}

/// Typed into a box of its own.
fn is_typed(kind: &str) -> bool {
    matches!(shape(kind), Shape::Line(_) | Shape::Lines)
}

/// A kind that is not tried here may take whatever is typed, without a word.
#[test]
fn every_kind_is_tried() {
    let asked = Kind::ALL.iter().filter(|kind| !matches!(kind.shape(), Shape::Nothing));
    let asked: Vec<_> = asked.map(|kind| kind.name()).collect();
    assert_eq!(
        KINDS.map(|(kind, _)| kind),
        *asked,
        "KINDS in tests/bad_values.rs, and src/form/kinds.rs"
    );
    let cases = cases();
    for kind in asked {
        let own = || cases.iter().filter(|case| case.place.split('-').next() == Some(kind));
        let said: BTreeSet<_> = own().filter_map(|case| case.said).collect();
        assert!(
            !said.is_empty() && own().any(|case| case.said.is_none()),
            "cases of `{kind}` in tests/bad_values.rs"
        );
        if let Shape::Line(Line {
            rule: Rule::Formed(_), ..
        }) = shape(kind)
        {
            let others = cases.iter().filter(|case| case.place.split('-').next() != Some(kind));
            let others: BTreeSet<_> = others.filter_map(|case| case.said).collect();
            assert!(
                said.difference(&others).next().is_some(),
                "`{kind}` has no sentence of its own"
            );
        }
    }
}

fn filled(world: &World, lang: &str, case: &Case) -> Form {
    let form = world
        .form_at(&format!("/{lang}/s/skriv"))
        .text("note", &world.marker.text);
    let form = case
        .typed
        .iter()
        .fold(form, |form, (name, value)| form.text(name, value));
    case.files
        .iter()
        .fold(form, |form, (name, content)| form.file("file", name, content))
}

/// As askama escapes it.
fn escaped(text: &str) -> String {
    let replaced = [
        ("&", "&#38;"),
        ("<", "&#60;"),
        (">", "&#62;"),
        ("\"", "&#34;"),
        ("'", "&#39;"),
    ];
    replaced
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The same words in the list, which leads to the place, and at the field; the field knows that they are about it.
fn is_said(page: &str, field: &str, place: &str, said: &str, prefix: &str) {
    assert!(page.contains(&format!("<title>{prefix}")), "{page}");
    let item = page.split(&format!("<a href=\"#{place}\">")).nth(1);
    let listed = item
        .unwrap_or_else(|| panic!("nothing leads to {place}"))
        .split("</a>")
        .next()
        .unwrap();
    assert!(listed.contains(said), "{said:?} is not said, but {listed:?}");
    let own = page
        .split(&format!("id=\"{field}-feil\">"))
        .nth(1)
        .unwrap()
        .split("</p>")
        .next()
        .unwrap();
    assert!(own.ends_with(listed), "{own:?} at the field, {listed:?} in the list");
    assert!(page.contains(&format!("aria-describedby=\"{field}-feil")), "{field}");
    assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
    assert!(page.contains("aria-invalid=\"true\"") || field == "file", "{field}");
}

#[test]
fn each_kind_answers_whatever_is_typed_with_a_sentence() {
    let world = World::with(Options {
        change: |authority| asks_every_kind(authority, false),
        ..Options::default()
    });
    let (mut refused, mut taken) = (0, 0);
    for case in cases() {
        for (i, (lang, prefix)) in LANGS.iter().zip(ERROR).enumerate() {
            eprintln!("{lang} {}: {}", case.place, case.name);
            let sent = filled(&world, lang, &case).send();
            let Some(said) = case.said else {
                assert!(
                    sent.location().contains("/kvittering/"),
                    "{}",
                    world.get(sent.location()).body
                );
                taken += 1;
                break;
            };
            let page = world.get(sent.location()).body;
            let field = case.place.split('-').next().unwrap();
            is_said(&page, field, &case.place, said[i], prefix);
            assert!(page.contains(&world.marker.text), "what was typed elsewhere is gone");
            let choice = matches!(shape(field), Shape::Choice(_));
            for (_, value) in case.typed.iter().filter(|_| !choice) {
                let seen = value.replace('\u{0}', " ").replace('\u{202E}', "");
                assert!(page.contains(&escaped(&seen)), "{seen:.40?} is gone");
            }
            assert!(!page.contains("<script>alert") && !page.contains('\u{0}') && !page.contains('\u{202E}'));
            refused += 1;
        }
    }
    assert!(refused > 150 && taken > 15, "{refused} {taken}");
    // What was taken came, and nothing else.
    world.sink.wait_for(taken);
    assert_eq!(world.sink.count(), taken);
}

#[test]
fn what_must_be_answered_is_asked_for_in_the_words_of_its_kind() {
    let world = World::with(Options {
        change: |authority| asks_every_kind(authority, true),
        ..Options::default()
    });
    for (i, (lang, prefix)) in LANGS.iter().zip(ERROR).enumerate() {
        for blank in ["", "   ", "\t\u{a0}\r\n"] {
            let form = world.form_at(&format!("/{lang}/s/skriv"));
            let typed = KINDS.iter().filter(|(kind, _)| is_typed(kind));
            let form = typed.fold(form, |form, (kind, _)| form.text(kind, blank));
            let form = ["date_day", "date_month", "date_year"]
                .iter()
                .fold(form, |form, name| form.text(name, blank));
            let page = world.get(form.send().location()).body;
            for (kind, _) in KINDS {
                let said = match shape(kind) {
                    Shape::Day => FILL_IN_DATE,
                    Shape::Choice(_) => CHOOSE,
                    Shape::Files => CHOOSE_FILE,
                    Shape::Line(_) | Shape::Lines => FILL_IN,
                    Shape::Nothing => continue,
                };
                eprintln!("{lang} {kind} {blank:?}");
                is_said(&page, kind, kind, said[i], prefix);
                assert!(page.contains(&format!("{kind} {lang}")));
            }
        }
    }
    assert!(world.spooled().is_empty());
}

/// What was typed and what it comes to both reach the post room.
#[test]
fn the_letter_has_what_was_typed_and_what_it_comes_to() {
    let world = World::with(Options {
        change: |authority| asks_every_kind(authority, false),
        ..Options::default()
    });
    let typed = [
        ("text", "æøå"),
        ("email", "Bjørn@SØRØST.no"),
        ("phone", "75 02-17 11"),
        ("national_id", "010107 50161"),
        ("postal_code", "01 50"),
        ("reference", "k7f 3k9q-2mj"),
        ("date_day", "1"),
        ("date_month", "2"),
        ("date_year", "2026"),
        ("radio", "a"),
    ];
    for kind in Kind::ALL {
        let formed = matches!(
            kind.shape(),
            Shape::Line(Line {
                rule: Rule::Formed(_),
                ..
            })
        );
        let own = typed.iter().any(|(name, _)| *name == kind.name());
        assert!(!formed || own, "`{}` is not looked for in the letter", kind.name());
    }
    let form = world.form();
    typed
        .iter()
        .fold(form, |form, (name, value)| form.text(name, value))
        .send();
    let mail = world.sink.wait_for(1).remove(0).mail;
    let folder = world.open(&mail);
    let letter = fs::read_to_string(folder.join("letter.txt")).unwrap();
    for wanted in [
        "text nn:\n│ æøå\n",
        "email nn:\n│ Bjørn@SØRØST.no (Bjørn@sørøst.no)\n",
        "phone nn:\n│ 75 02-17 11 (+4775021711)\n",
        "national_id nn:\n│ 010107 50161 (01010750161)\n! Kontrollsifra stemmer ikkje.",
        "postal_code nn:\n│ 01 50 (0150)\n",
        "reference nn:\n│ k7f 3k9q-2mj (K7F-3K9Q-2MJ)\n",
        "date nn:\n│ 1.2.2026 (2026-02-01)\n",
        "radio nn:\n│ A\n",
    ] {
        assert!(letter.contains(wanted), "{wanted:?} is missing in {letter}");
    }
    let record: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("letter.json")).unwrap()).unwrap();
    let phone = record["answers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|answer| answer["name"] == "phone")
        .unwrap();
    assert_eq!(phone["values"][0], "75 02-17 11");
    assert_eq!(phone["normalised"][0], "+4775021711");
    assert_eq!(phone["kind"], "phone");
    let chosen: Vec<_> = record["answers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|answer| answer["chosen"] == true)
        .collect();
    assert_eq!(
        chosen.iter().map(|answer| &answer["kind"]).collect::<Vec<_>>(),
        ["select", "radio", "checkboxes"]
    );
}
