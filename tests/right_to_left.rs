//! A language whose lines run from right to left: the form, what stands in it that runs the other way, and the letter.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::support::{Authority, Browser, Options, Scripts, World};

/// FOR TESTS ONLY, and no Arabic: what is given, in letters of Arabic script one by one. Places in braces stay.
fn turned(text: &str) -> String {
    const LETTERS: [(&str, char); 12] = [
        ("aæåä", 'ا'),
        ("bp", 'ب'),
        ("tđŧ", 'ت'),
        ("cckq", 'ك'),
        ("dð", 'د'),
        ("eiyj", 'ي'),
        ("fv", 'ف'),
        ("gh", 'ه'),
        ("oøuw", 'و'),
        ("lr", 'ل'),
        ("mnŋ", 'م'),
        ("szx", 'س'),
    ];
    let mut in_a_place = false;
    let turn = |c: char| {
        in_a_place = c == '{' || in_a_place && c != '}';
        let small = c.to_lowercase().next().unwrap_or(c);
        let letter = LETTERS.iter().find(|(latin, _)| latin.contains(small));
        match (c, letter) {
            (_, Some((_, arabic))) if !in_a_place => *arabic,
            (',', _) => '،',
            ('?', _) => '؟',
            _ => c,
        }
    };
    text.chars().map(turn).collect()
}

/// The program's texts in it, with the rules for counting that Arabic has (CLDR).
fn catalog() -> String {
    let mut konvolutt = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let texts = String::from_utf8(konvolutt.args(["texts", "nb"]).output().unwrap().stdout).unwrap();
    let texts: toml::Table = texts.parse().unwrap();
    let mut file: toml::Table = r#"
        language = "ar"
        [head]
        name = "العربية"
        direction = "rtl"
        called = { nb = "arabisk", nn = "arabisk", en = "Arabic" }
        [head.plural]
        zero = "n = 0"
        one = "n = 1"
        two = "n = 2"
        few = "n % 100 = 3..10"
        many = "n % 100 = 11..99"
    "#
    .parse()
    .unwrap();
    for (name, text) in texts.into_iter().filter(|(name, _)| name != "language") {
        let text = match text {
            toml::Value::Table(forms) => {
                let other = turned(forms["other"].as_str().unwrap());
                let forms =
                    ["zero", "one", "two", "few", "many", "other"].map(|form| (form.to_owned(), other.clone().into()));
                toml::Table::from_iter(forms).into()
            }
            text => turned(text.as_str().unwrap()).into(),
        };
        file.insert(name, text);
    }
    file.to_string()
}
/// A text in both.
fn both(text: &str) -> String {
    format!("{{ nn = \"{text}\", ar = \"{}\" }}", turned(text))
}

fn form() -> String {
    let [write, read, help, we, what] = [
        "Skriv til oss",
        "Les dette først. Ring 116 006.",
        "Hjelp",
        "Vi",
        "Kva gjeld det?",
    ]
    .map(both);
    let [message, phone, mail, code, day, files] = [
        "Meldinga di",
        "Telefonnummer",
        "E-postadresse",
        "Postnummer",
        "Når skjedde det?",
        "Filer",
    ]
    .map(both);
    let [safe, call, text, complaint, other] = [
        "Korleis kan vi ta kontakt?",
        "Ring meg",
        "Send SMS",
        "Ei klage",
        "Noko anna",
    ]
    .map(both);
    let [police, line] = ["Politiet", "Hjelpelinja"].map(both);
    format!(
        r#"
slug = "skriv"
mailbox = "postmottak"
languages = ["nn", "ar"]
exit = "https://www.yr.no/"
title = {write}
heading = {write}
intro = {read}
warning = {read}

[help]
checked = "2026-11-22"
heading = {help}
about = {read}
other_ways = {we}
phones = [{{ number = "112", name = {police} }}, {{ number = "75 02 17 11", name = {line} }}]

[privacy]
controller = {we}
dpo = {we}
purpose = {we}
legal_basis = {we}
recipients = {we}
storage = {we}
voluntary = {we}
rights = {we}
complaint = {we}

[[section]]
title = {message}
field = [
    {{ name = "melding", kind = "textarea", required = true, label = {message} }},
    {{ name = "tema", kind = "radio", label = {what}, options = [
        {{ value = "klage", label = {complaint} }},
        {{ value = "anna", label = {other} }},
    ] }},
    {{ name = "dag", kind = "date", label = {day} }},
    {{ name = "vedlegg", kind = "file", max = 3, label = {files} }},
]
[[section]]
title = {safe}
field = [
    {{ name = "trygg_kontakt", kind = "checkboxes", safe_contact = true, label = {safe}, options = [
        {{ value = "ring", label = {call} }},
        {{ value = "sms", label = {text} }},
    ] }},
    {{ name = "telefon", kind = "phone", label = {phone},
        required_when = {{ field = "trygg_kontakt", is = ["ring", "sms"] }} }},
    {{ name = "epost", kind = "email", label = {mail} }},
    {{ name = "postnummer", kind = "postal_code", label = {code} }},
]
"#
    )
}

fn speaks_it(authority: &Authority) {
    fs::write(authority.root.join("ar.toml"), catalog()).unwrap();
    fs::write(authority.root.join("forms/krisesenter.toml"), form()).unwrap();
    authority.edit(
        "konvolutt.toml",
        "[forms]",
        "[languages]\nfiles = [\"ar.toml\"]\n\n[forms]",
    );
}

fn world() -> World {
    World::with(Options {
        change: speaks_it,
        ..Options::default()
    })
}

#[test]
fn pages_run_from_right_to_left_and_what_must_not_does_not() {
    let world = world();
    let page = world.get("/ar/s/skriv").body;
    for wanted in [
        "<html lang=\"ar\" dir=\"rtl\">".to_owned(),
        "lang=\"nn\" dir=\"ltr\" formnovalidate>Nynorsk".to_owned(),
        "<b dir=\"ltr\">75 02 17 11</b>".to_owned(),
        // What the program fills in is kept apart from the text around it.
        turned("Du kan skrive inntil {n} tegn.").replace("{n}", "\u{2068}10\u{a0}000\u{2069}"),
    ] {
        assert!(page.contains(&wanted), "{wanted:?} is missing in {page}");
    }
    let other = world.get("/nn/s/skriv").body;
    assert!(other.contains("<html lang=\"nn\" dir=\"ltr\">"), "{other}");
    assert!(
        other.contains("lang=\"ar\" dir=\"rtl\" formnovalidate>العربية"),
        "{other}"
    );
    assert!(
        !other.contains('\u{2068}'),
        "the control: what runs from the left needs no marks"
    );
    for path in [
        "/ar/trygg/skriv",
        "/ar/kryptering/skriv",
        "/ar/personvern/skriv",
        "/ar/x",
        "/ut/skriv",
    ] {
        let page = world.get(path).body;
        let right = if path.starts_with("/ar") {
            "lang=\"ar\" dir=\"rtl\""
        } else {
            "lang=\"nn\" dir=\"ltr\""
        };
        assert!(page.contains(&format!("<html {right}>")), "{path}: {page}");
    }
    let seal = world.get("/ar/kryptering/skriv").body;
    assert!(seal.contains("<code dir=\"ltr\">"), "{seal}");

    let wrong = world.form_at("/ar/s/skriv").text("postnummer", "x").send();
    let again = world.get(wrong.location()).body;
    let told = format!("\u{2068}{}\u{2069}", turned("Postnummer"));
    assert!(again.contains(&told), "{told:?} is missing in {again}");
}

/// The whole way: in Arabic script by a citizen, in nynorsk to a clerk.
#[test]
fn a_letter_from_an_arabic_page_can_be_read_by_whoever_reads_nynorsk() {
    let world = world();
    let typed = format!("سطر أول {}\nسطر ثان 112", world.marker.text);
    let sent = world
        .form_at("/ar/s/skriv")
        .text("melding", &typed)
        .text("tema", "klage")
        .text("trygg_kontakt", "sms")
        .text("telefon", "٧٥ ٠٢ ١٧ ١١")
        .send();
    assert!(sent.location().starts_with("/ar/kvittering/"), "{}", sent.location());
    let receipt = world.get(sent.location()).body;
    assert!(receipt.contains("class=\"reference\" dir=\"ltr\""), "{receipt}");

    let mail = world.sink.wait_for(1).remove(0).mail;
    let folder = world.open(&mail);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    let [first, second] = typed.split('\n').collect::<Vec<_>>()[..] else {
        panic!()
    };
    for wanted in [
        "Korleis kan vi ta kontakt? Send SMS\n".to_owned(),
        "Språk i skjemaet: arabisk (العربية)\n".to_owned(),
        "Skjema: Skriv til oss\n".to_owned(),
        "Kva gjeld det?\n│ Ei klage\n".to_owned(),
        // As it was typed, line by line, with the mark in the first column.
        format!("Meldinga di:\n│ {first}\n│ {second}\n"),
        "Telefonnummer:\n│ ٧٥ ٠٢ ١٧ ١١ (+4775021711)\n".to_owned(),
    ] {
        assert!(text.contains(&wanted), "{wanted:?} is missing in {text}");
    }
    assert!(
        !text.contains(&turned("Meldinga")) && !text.contains(['\u{2068}', '\u{2069}']),
        "{text}"
    );
    let json: Value = serde_json::from_slice(&fs::read(folder.join("letter.json")).unwrap()).unwrap();
    assert_eq!([&json["language"], &json["letter_language"]], ["ar", "nn"]);
    assert_eq!(json["language_name"], "arabisk (العربية)");
    let theme = json["answers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|answer| answer["name"] == "tema")
        .unwrap();
    assert_eq!(theme["values"], json!(["Ei klage"]));
    assert_eq!(theme["values_read"], json!([turned("Ei klage")]));
    assert_eq!(theme["label_read"], turned("Kva gjeld det?"));
}

/// Where the first and the last sign of a text stand: true when the first is to the left.
const FIRST_IS_LEFT: &str = "const place = css => { const e = document.querySelector(css), node = [...(function* walk(n) { \
        if (n.nodeType === 3 && n.data.trim()) yield n; for (const c of n.childNodes) yield* walk(c) })(e)][0], \
        at = i => { const r = document.createRange(); r.setStart(node, i); r.setEnd(node, i + 1); return r.getBoundingClientRect().left }; \
        return at(0) < at(node.data.length - 1) };";

fn first_is_left(browser: &Browser, css: &str) -> bool {
    let answer = browser.run(&format!("{FIRST_IS_LEFT} return place({})", json!(css)));
    answer.as_bool().unwrap_or_else(|| panic!("{css}: {answer}"))
}

/// A picture of all that is on the page, to look at: `target/pictures`.
fn picture(browser: &Browser, name: &str) {
    let height = browser
        .run("return document.documentElement.scrollHeight")
        .as_u64()
        .unwrap();
    browser.screen(390, u32::try_from(height).unwrap());
    let album = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    fs::create_dir_all(&album).unwrap();
    let png = BASE64.decode(browser.get("/screenshot").as_str().unwrap()).unwrap();
    fs::write(album.join(format!("{name}.png")), png).unwrap();
    browser.screen(390, 844);
}

fn is_too_wide(browser: &Browser) -> bool {
    browser.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth") == true
}

#[test]
#[ignore = "needs chromium"]
fn a_browser_shows_each_line_from_its_own_side() {
    let world = world();
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Browser::start(&home, Scripts::On);
    browser.screen(390, 844);
    browser.go(&format!("http://{}/ar/s/skriv", world.address));
    assert!(!first_is_left(&browser, "h1"), "the heading is in Arabic script");
    let number = ".phones li:last-child b";
    assert!(first_is_left(&browser, number), "75 comes before 11");
    // The control: without its own direction the groups of digits stand the other way round.
    browser.run(&format!(
        "document.querySelector({}).removeAttribute('dir')",
        json!(number)
    ));
    assert!(!first_is_left(&browser, number));
    browser.run(&format!("document.querySelector({}).dir = 'ltr'", json!(number)));

    // In the fields: digits from the left, each line of a message from its own side.
    let start = |css: &str| {
        let side = format!(
            "return getComputedStyle(document.querySelector({})).direction",
            json!(css)
        );
        browser.run(&side).as_str().unwrap_or_default().to_owned()
    };
    for number in ["#telefon", "#epost", "#postnummer", "#dag"] {
        assert_eq!(start(number), "ltr", "{number}");
    }
    assert_eq!(start("#melding"), "rtl");
    assert_eq!(
        browser.run("return getComputedStyle(document.querySelector('#melding')).unicodeBidi"),
        "plaintext"
    );
    for (width, height) in [(320, 568), (390, 844), (1280, 800)] {
        browser.screen(width, height);
        assert!(!is_too_wide(&browser), "{width}");
    }
    browser.screen(390, 844);
    browser.type_into("#melding", "سطر أول\nOg ei linje på norsk.");
    browser.click("[name=trygg_kontakt][value=ring]");
    let line = |side: &str| {
        browser.run(&format!(
            "return getComputedStyle(document.querySelector('.below')).border{side}Width"
        ))
    };
    assert_eq!(
        [line("Right"), line("Left")],
        [json!("3px"), json!("0px")],
        "below the choice, on its side"
    );
    browser.type_into("#telefon", "75 02 17 11");
    picture(&browser, "right-to-left-form-390");
    browser.run("document.querySelector('#melding').value = ''");
    browser.click(".send button");
    world.until("the problems", || browser.is_there(".problems"));
    picture(&browser, "right-to-left-problems-390");
    browser.type_into("#melding", "سطر");
    browser.follow(".send button");
    assert!(first_is_left(&browser, ".reference [aria-hidden]"), "K7F comes first");
    assert!(!is_too_wide(&browser));
    picture(&browser, "right-to-left-receipt-390");
    browser.go(&format!("http://{}/ar/kryptering/skriv", world.address));
    assert!(first_is_left(&browser, ".recipients code"));
    assert!(!is_too_wide(&browser));
    picture(&browser, "right-to-left-encryption-390");
    world.sink.wait_for(1);
}
