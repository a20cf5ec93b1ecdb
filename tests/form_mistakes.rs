//! Everything that can be wrong with a form file is told in one run.

use std::fs;
use std::process::Command;

use crate::support::{Authority, Way};

fn diagnostics(authority: &Authority) -> Vec<serde_json::Value> {
    let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let output = check
        .args(["check", "--json", "--config"])
        .arg(authority.config())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What stands in the file, what stands there instead, what is told of it, and at which key.
const MISTAKES: [(&str, &str, &str, &str); 39] = [
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
        "title.nb = \"Skriv til oss\"",
        "title.nb = \"Skriv\\ntil oss\"",
        "must be one line",
        "title",
    ),
    (
        "# Where the exit button leads",
        "review = \"yes\"\n# Where the exit button leads",
        "must be `true` or `false`",
        "review",
    ),
    (
        "# In so many days",
        "autocomplete = \"no\"\n# In so many days",
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
        "deadline_days = 30",
        "deadline_days = 400",
        "must be between 1 and 366",
        "deadline_days",
    ),
    (
        "offentleg_tittel = \"Førespurnad\"",
        "offentleg_tittel = { nb = \"Forespørsel\", en = \"Enquiry\" }",
        "`archive.offentleg_tittel` is missing in \"nn\"",
        "archive.offentleg_tittel",
    ),
    (
        "skjermingsheimel = \"Offl.",
        "skjermingsheimel = \" \" # \"Offl.",
        "is empty",
        "archive.skjermingsheimel",
    ),
    (
        "tilgangskode = \"UO\"",
        "tilgangskode = \"U\\nO\"",
        "must be one line",
        "archive.tilgangskode",
    ),
    (
        "[archive]",
        "[archive]\npublic_title = \"x\"",
        "`archive.public_title` is not a key",
        "archive.public_title",
    ),
    (
        "[archive]",
        "[receipt]\nsigned = \"yes\"\n\n[archive]",
        "must be `true` or `false`",
        "receipt.signed",
    ),
    (
        "signed = \"yes\"",
        "signed = \"yes\"\nmail = true",
        "`receipt.mail` is not a key",
        "receipt.mail",
    ),
    (
        "kind = \"national_id\"",
        "kind = \"national_id\"\nsender = true",
        "can name the sender",
        "section.4.field.0.sender",
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
        "button = { nn = \"I fare? Ring 112\"",
        "button = { nn = \"I fare? Ring politiet\"",
        "does not say the number in \"nn\"",
        "help.phones.0.button",
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
        "`section.1.titel` is not a key",
        "section.1.titel",
    ),
    (
        "name = \"tema\"",
        "name = \"1tema\"",
        "cannot be a field's name",
        "section.1.field.0.name",
    ),
    (
        "kind = \"radio\"",
        "kind = \"radoi\"",
        "is not a kind of field",
        "section.1.field.0.kind",
    ),
    (
        "value = \"klage\"",
        "value = \"sporsmal\"",
        "is empty or stands twice",
        "section.1.field.0.options.1.value",
    ),
    (
        "name = \"kommune\"",
        "name = \"kommune\"\noptions = [{ value = \"a\", label = { nn = \"A\", nb = \"A\", en = \"A\" } }]",
        "options that nobody can choose",
        "section.1.field.1.options",
    ),
    (
        "max = 100\n",
        "max = \"hundre\"\n",
        "must be a whole number",
        "section.1.field.1.max",
    ),
    (
        "required = true",
        "required = \"ja\"",
        "must be `true` or `false`",
        "section.0.field.0.required",
    ),
    (
        "max = 10000",
        "max = 0",
        "cannot take that much",
        "section.0.field.0.max",
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
        "value = \"anna\"",
        "alone = true, value = \"anna\"",
        "Of this field only one can be chosen",
        "section.1.field.0.options.4.alone",
    ),
    (
        "value = \"ikke\"",
        "value = \"ikke\", stop = { nn = \"x\", nb = \"x\", en = \"x\" }",
        "Only a choice of a field of kind `radio`",
        "section.5.field.0.options.3.stop",
    ),
    (
        "is = [\"ring\", \"sms\"]",
        "is = []",
        "The field could never be asked for",
        "section.5.field.1.required_when.is",
    ),
    (
        "is = [\"epost\"]",
        "is = [\"faks\"]",
        "has no choice \"faks\"",
        "section.5.field.2.required_when.is",
    ),
    (
        "label.nn = \"E-postadresse\"\n",
        "",
        "`section.5.field.2.label` is missing in \"nn\"",
        "section.5.field.2.label",
    ),
    // The choice stands in another section: the field could not stand below it.
    (
        "name = \"trygg_tid\"",
        "name = \"trygg_tid\"\nrequired_when = { field = \"tema\", is = [\"klage\"] }",
        "is no choice that stands above in this section",
        "section.5.field.3.required_when.field",
    ),
    (
        "name = \"fodselsnummer\"",
        "name = \"fodselsnummer\"\nrequired_when = { field = \"fodselsnummer\", is = [\"x\"] }",
        "is no choice that stands above in this section",
        "section.4.field.0.required_when.field",
    ),
];

#[test]
fn every_mistake_of_a_form_file_is_told_in_one_run_with_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&Way::Maildir);
    assert!(
        diagnostics(&authority)
            .iter()
            .all(|diagnostic| diagnostic["severity"] != "problem"),
        "the control"
    );
    let file = "forms/krisesenter.toml";
    for (from, to, ..) in MISTAKES {
        authority.edit(file, from, to);
    }
    let text = fs::read_to_string(dir.path().join(file)).unwrap();
    let found = diagnostics(&authority);
    for (_, to, wanted, key) in MISTAKES {
        let diagnostic = found
            .iter()
            .find(|diagnostic| diagnostic["key"] == key && diagnostic["what"].as_str().unwrap().contains(wanted));
        let diagnostic = diagnostic.unwrap_or_else(|| panic!("{wanted:?} at {key} was not told: {found:#?}"));
        assert_eq!(diagnostic["severity"], "problem", "{diagnostic}");
        assert!(!diagnostic["remedy"].as_str().unwrap().is_empty(), "{diagnostic}");
        let line = diagnostic["line"].as_u64().unwrap() as usize;
        // The line is that of the mistake, or of the key's first line where something is missing.
        let there = text.lines().nth(line - 1).unwrap();
        let last = key.rsplit('.').next().unwrap();
        let own = to.lines().last().unwrap_or_default();
        assert!(there.contains(own) || there.contains(last), "{there:?} for {key}");
    }
    // What is not there at all is told too.
    let missing = found
        .iter()
        .find(|diagnostic| diagnostic["what"] == "`mailbox` is missing.");
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
    let lines: Vec<_> = diagnostics(&authority)
        .iter()
        .filter_map(|diagnostic| diagnostic["line"].as_u64())
        .collect();
    for wanted in [line("slug = "), line("checked == ")] {
        assert!(lines.contains(&wanted), "{wanted} is not among {lines:?}");
    }
}
