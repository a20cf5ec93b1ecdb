//! Letters are in the authority's language, whatever the citizen's is; which that was, and what was read in it, is kept.

use std::fs;

use konvolutt_letter::Record;
use rustix::process::Signal;

use crate::support::{Authority, Options, Way, World};

/// English first: without a setting its letters would be in English.
const FORM: &str = r#"
slug = "skriv"
mailbox = "postmottak"
languages = ["en", "nn"]
exit = "https://www.yr.no/"
title = { en = "Write to us", nn = "Skriv til oss" }
heading = { en = "Write to us", nn = "Skriv til oss" }
intro = { en = "Write.", nn = "Skriv." }
warning = { en = "Use the form.", nn = "Bruk skjemaet." }

[help]
checked = "2026-11-22"
heading = { en = "Help", nn = "Hjelp" }
about = { en = "Help", nn = "Hjelp" }
other_ways = { en = "Letter", nn = "Brev" }
phones = [{ number = "112", name = { en = "The police", nn = "Politiet" } }]

[privacy]
controller = { en = "We", nn = "Vi" }
dpo = { en = "She", nn = "Ho" }
purpose = { en = "Answer", nn = "Svar" }
legal_basis = { en = "Law", nn = "Lov" }
recipients = { en = "We", nn = "Vi" }
storage = { en = "Long", nn = "Lenge" }
voluntary = { en = "Yes", nn = "Ja" }
rights = { en = "Insight", nn = "Innsyn" }
complaint = { en = "The authority", nn = "Datatilsynet" }

[archive]
offentleg_tittel = { en = "Enquiry", nn = "Førespurnad" }

[[section]]
title = { en = "Message", nn = "Melding" }
field = [
    { name = "tema", kind = "radio", label = { en = "What is it about?", nn = "Kva gjeld det?" }, options = [
        { value = "klage", label = { en = "A complaint", nn = "Ei klage" } },
        { value = "anna", label = { en = "SMS", nn = "SMS" } },
    ] },
    { name = "melding", kind = "textarea", required = true, label = { en = "Your message", nn = "Meldinga di" } },
    { name = "nummer", kind = "national_id", label = { en = "National identity number", nn = "Fødselsnummer" } },
    { name = "dag", kind = "date", label = { en = "Date", nn = "Dato" } },
]
"#;

const SETTING: &str = "letter_language = \"nn\"\n";

fn in_nynorsk(authority: &Authority) {
    fs::write(authority.root.join("forms/krisesenter.toml"), FORM).unwrap();
    authority.edit("konvolutt.toml", "[authority]\n", &format!("[authority]\n{SETTING}"));
}

/// What `postrom` makes of the letter that came last: its text, and `letter.json`.
fn opened(world: &World, letters: usize) -> (String, serde_json::Value) {
    let mail = world.sink.wait_for(letters).pop().unwrap().mail;
    let folder = world.open(&mail);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    (read("letter.txt"), serde_json::from_str(&read("letter.json")).unwrap())
}

#[test]
fn a_letter_is_in_the_authoritys_language_and_keeps_what_the_citizen_read() {
    let world = World::with(Options {
        change: in_nynorsk,
        ..Options::default()
    });
    let send = |lang: &str| {
        let form = world.form_at(&format!("/{lang}/s/skriv")).text("tema", "klage");
        let form = form.text("melding", &world.marker.text).text("nummer", "010107 50161");
        let day = [("dag_day", "1"), ("dag_month", "2"), ("dag_year", "2026")];
        let sent = day
            .iter()
            .fold(form, |form, (name, value)| form.text(name, value))
            .send();
        assert!(
            sent.location().starts_with(&format!("/{lang}/kvittering/")),
            "{}",
            sent.location()
        );
    };
    send("en");
    let (text, json) = opened(&world, 1);
    let sealed = text.split("\n-----").next().unwrap();
    for wanted in [
        "Motteke: ",
        "Språk i skjemaet: English\nSkjema: Skriv til oss\n",
        "Kva gjeld det?\n│ Ei klage\n",
        "Meldinga di:\n",
        "Fødselsnummer:\n│ 010107 50161 (01010750161)\n! Kontrollsifra stemmer ikkje.",
        "Dato:\n│ 1.2.2026 (2026-02-01)\n",
        "Ingen vedlegg",
    ] {
        assert!(sealed.contains(wanted), "{wanted:?} is missing in {sealed}");
    }
    for other in [
        "Write",
        "What is it about",
        "complaint",
        "Your message",
        "Received",
        "digits",
    ] {
        assert!(!sealed.contains(other), "{other:?} in {sealed}");
    }
    assert_eq!([&json["letter_language"], &json["language"]], ["nn", "en"]);
    assert_eq!([&json["title"], &json["title_read"]], ["Skriv til oss", "Write to us"]);
    assert_eq!(json["archive"]["public_title"], "Førespurnad");
    let theme = &json["answers"][0];
    assert_eq!(
        [&theme["label"], &theme["label_read"]],
        ["Kva gjeld det?", "What is it about?"]
    );
    assert_eq!(
        [&theme["values"][0], &theme["values_read"][0]],
        ["Ei klage", "A complaint"]
    );
    assert_eq!(theme["normalised"][0], "klage");
    // What was typed is the same in any language.
    let message = &json["answers"][1];
    assert_eq!(message["values"][0], world.marker.text);
    assert!(
        message["label_read"] == "Your message" && message.get("values_read").is_none(),
        "{message}"
    );
    let record: Record = serde_json::from_value(json).unwrap();
    assert_eq!(record.letter_language(), "nn");

    // The control: whoever reads nynorsk has read what the letter says, and nothing is written twice.
    send("nn");
    let (text, json) = opened(&world, 2);
    assert!(text.contains("Språk i skjemaet: Nynorsk\n"), "{text}");
    assert_eq!([&json["letter_language"], &json["language"]], ["nn", "nn"]);
    assert!(!json.to_string().contains("_read"), "{json}");
}

/// Without the setting it is the form's first language, which is the authority's own.
#[test]
fn without_a_setting_letters_are_in_the_forms_first_language() {
    let world = World::with(Options {
        change: |authority| {
            in_nynorsk(authority);
            authority.edit("konvolutt.toml", SETTING, "");
        },
        ..Options::default()
    });
    world.form_at("/nn/s/skriv").text("melding", &world.marker.text).send();
    let (text, json) = opened(&world, 1);
    assert!(
        text.contains("Language of the form: Nynorsk\nForm: Write to us\n"),
        "{text}"
    );
    assert_eq!([&json["title_read"], &json["letter_language"]], ["Skriv til oss", "en"]);
}

/// What is typed makes the letter, not the words around it: a page that was sent before is recognised.
#[test]
fn a_page_that_is_sent_twice_is_one_letter_in_whatever_language_letters_are() {
    let world = World::with(Options {
        change: in_nynorsk,
        ..Options::default()
    });
    let page = world.form_at("/en/s/skriv").text("melding", &world.marker.text);
    let first = page.send();
    world.sink.wait_for(1);
    world
        .authority
        .edit("konvolutt.toml", SETTING, "letter_language = \"en\"\n");
    world.authority.edit(
        "konvolutt.toml",
        "Statsforvaltaren i Nordland",
        "Statsforvaltaren i nord",
    );
    world.signal(Signal::HUP);
    world.until("the new name", || {
        world.get("/en/s/skriv").body.contains("Statsforvaltaren i nord")
    });
    let again = page.send();
    assert_eq!(world.reference(&first), world.reference(&again));
    // The control: another page makes another letter, in the other language.
    world.form_at("/en/s/skriv").text("melding", &world.marker.text).send();
    let (text, _) = opened(&world, 2);
    assert!(text.contains("Language of the form: English\n"), "{text}");
    assert_eq!(world.sink.count(), 2);
}

/// A warning, and how to answer it, until somebody has.
#[test]
fn check_tells_of_a_form_that_the_language_law_wants_in_both_norwegians() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&Way::Maildir);
    let told = || {
        let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let output = check
            .args(["check", "--config"])
            .arg(authority.config())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        told
    };
    assert!(!told().contains("språklova"), "the shipped forms speak both");
    fs::write(authority.root.join("forms/krisesenter.toml"), FORM).unwrap();
    let said = told();
    assert!(
        said.contains("! ") && said.contains("The form `skriv` is not in bokmål."),
        "{said}"
    );
    assert!(
        said.contains("språklova § 14") && said.contains("`state_body = false`"),
        "{said}"
    );
    assert!(!said.contains("is not in nynorsk"), "{said}");
    authority.edit("konvolutt.toml", "[authority]\n", "[authority]\nstate_body = false\n");
    assert!(!told().contains("språklova"));
    authority.edit(
        "konvolutt.toml",
        "[authority]\n",
        "[authority]\nletter_language = \"nb\"\n",
    );
    let said = told();
    assert!(
        said.contains("The form `skriv` does not speak `nb`: its letters are in `en`"),
        "{said}"
    );
}
