//! Sections and fields that are asked for only when a choice says so, without a script.

use std::fs;
use std::path::Path;

use konvolutt::form::MOST_CONDITIONS;

use crate::support::{Browser, Form, Options, Scripts, World, unwrapped};

const UNASKED: &str = "Send «Telefonnummer» likevel";
const WITHOUT: &str = "Send likevel, utan «Telefonnummer»";

/// `telefon` is asked only of those who tick that it is safe to ring or to send text messages.
fn unasked(world: &World) -> Form {
    world
        .form()
        .text("melding", &world.marker.text)
        .text("telefon", "75 55 58 90")
}

fn letter(world: &World) -> String {
    let mail = world.sink.wait_for(1).remove(0).mail;
    unwrapped(&fs::read_to_string(world.open(&mail).join("letter.txt")).unwrap())
}

#[test]
fn what_was_not_asked_for_is_sent_only_when_confirmed_and_never_dropped() {
    let world = World::new();
    let answer = unasked(&world).send();
    let again = world.get(answer.location()).body;
    for wanted in [
        "href=\"#telefon-confirm\"",
        "«Telefonnummer» er fylt ut, men høyrer berre med når du har valt «Det er trygt å ringje meg» eller «Det er trygt å sende meg SMS»",
        UNASKED,
        "value=\"75 55 58 90\"",
        "class=\"below if2 open\"",
    ] {
        assert!(again.contains(wanted), "{wanted:?} is missing in {again}");
    }
    assert!(world.spooled().is_empty());

    // Confirmed, it goes along, and the clerk is told.
    let sent = unasked(&world).text("_confirm", "telefon").send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    let letter = letter(&world);
    assert!(
        letter.contains("75 55 58 90") && letter.contains("Avsendaren har stadfesta"),
        "{letter}"
    );
    // Of the other field that was not asked for, the clerk reads nothing.
    assert!(!letter.contains("E-postadresse"), "{letter}");
    assert!(
        letter.starts_with("Korleis kan vi trygt ta kontakt med deg? ikkje svart."),
        "{letter}"
    );
}

/// The same of a whole section, which has its box above its questions.
#[test]
fn a_section_that_was_not_asked_for_is_sent_only_when_confirmed() {
    let world = World::new();
    let form = || {
        let form = world.form().text("melding", &world.marker.text);
        form.text("fodselsnummer", "010107 50160")
    };
    let again = world.get(form().send().location()).body;
    for wanted in [
        "href=\"#fodselsnummer-confirm\"",
        "«Saka di» er fylt ut, men høyrer berre med når du har valt «Eg vil klage på tilbodet» eller «Det gjeld meg sjølv»",
        "Send det som står i denne delen, likevel",
        "class=\"if1 open\"",
    ] {
        assert!(again.contains(wanted), "{wanted:?} is missing in {again}");
    }
    form().text("_confirm", "fodselsnummer").send();
    let letter = letter(&world);
    assert!(
        letter.contains("010107 50160 (01010750160)\n! Etter dei andre svara"),
        "{letter}"
    );
}

#[test]
fn a_choice_asks_for_its_field() {
    let world = World::new();
    let sent = unasked(&world).text("trygg_kontakt", "sms").send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    let letter = letter(&world);
    // The number stands with the way that it belongs to, before all else; of the hour nothing is said that was not meant.
    let head = "Korleis kan vi trygt ta kontakt med deg? Det er trygt å sende meg SMS\n\
        Telefonnummer:\n│ 75 55 58 90 (+4775555890)\n\
        Når er det trygt å ta kontakt? Ikkje svart på\n\n";
    assert!(letter.starts_with(head), "{letter}");
    assert!(!letter.contains("stadfesta") && !letter.contains("IKKJE"), "{letter}");
}

/// Who ticks that it is safe to ring and gives no number is asked: nobody could ring.
#[test]
fn a_choice_without_its_answer_is_sent_only_when_confirmed() {
    let world = World::new();
    let ticked = || {
        let form = world.form().text("melding", &world.marker.text);
        form.text("trygg_kontakt", "ring").text("telefon", " ")
    };
    let again = world.get(ticked().send().location()).body;
    for wanted in [
        "href=\"#telefon\"",
        "Du har valt «Det er trygt å ringje meg», men «Telefonnummer» er ikkje fylt ut.",
        WITHOUT,
        "class=\"below if2\"",
    ] {
        assert!(again.contains(wanted), "{wanted:?} is missing in {again}");
    }
    assert!(!again.contains(UNASKED) && world.spooled().is_empty());
    let other = world.get(
        ticked()
            .text("_lang", "nb")
            .text("_confirm", "telefon")
            .send()
            .location(),
    );
    let box_is_ticked = "value=\"telefon\" checked";
    assert!(other.body.contains(box_is_ticked) && other.body.contains("Send likevel, uten"));

    let sent = ticked().text("_confirm", "telefon").send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    let letter = letter(&world);
    let head = "Korleis kan vi trygt ta kontakt med deg? Det er trygt å ringje meg\n\
        Telefonnummer: Ikkje svart på\n! Svaret høyrer til noko avsendaren valde.";
    assert!(letter.starts_with(head), "{letter}");
}

/// What must be answered, once it is asked for, has no way around it.
#[test]
fn a_field_that_is_required_cannot_be_left_out() {
    let world = World::with(Options {
        change: |authority| {
            let field = "name = \"telefon\"\n";
            authority.edit("forms/krisesenter.toml", field, &format!("{field}required = true\n"));
        },
        ..Options::default()
    });
    let form = || world.form().text("melding", "x").text("_confirm", "telefon");
    let again = world.get(form().text("trygg_kontakt", "ring").send().location()).body;
    assert!(
        again.contains("«Telefonnummer» må fyllast ut") && !again.contains(WITHOUT),
        "{again}"
    );
    assert!(form().send().location().contains("/kvittering/"), "not asked for");
}

/// It stands inside the group of the boxes, below the last that asks for it.
#[test]
fn a_field_stands_right_below_the_choice_that_asks_for_it() {
    let world = World::new();
    let page = world.get("/nn/s/skriv").body;
    let group = page.split("name=\"trygg_kontakt\" value=\"ring\"").nth(1).unwrap();
    let group = group.split("</fieldset>").next().unwrap();
    let place = |words: &str| group.find(words).unwrap_or_else(|| panic!("{words} is not in {group}"));
    let order = [
        "value=\"sms\"",
        "class=\"below if2\"",
        "id=\"telefon\"",
        "value=\"epost\"",
        "class=\"below if3\"",
        "id=\"epost\"",
        "value=\"ikke\"",
    ];
    assert!(order.map(place).is_sorted(), "{group}");
    assert_eq!(page.matches("name=\"telefon\"").count(), 1);
}

/// Of a drop-down and of radio buttons too.
#[test]
fn any_list_can_ask_for_a_field() {
    for kind in ["select", "radio"] {
        let world = World::with(Options {
            change: match kind {
                "select" => |authority| asks_below(authority, "select"),
                _ => |authority| asks_below(authority, "radio"),
            },
            ..Options::default()
        });
        let form = || world.form_at("/nb/s/skriv").text("melding", "x");
        let again = world.get(form().text("valg", "b").send().location()).body;
        assert!(
            again.contains("Du har valgt «B», men «Mer» er ikke fylt ut."),
            "{kind}: {again}"
        );
        let place = |words: &str| again.find(words).unwrap_or_else(|| panic!("{kind}: {words}"));
        assert!(place("value=\"b\"") < place("id=\"mer\"") && place("id=\"mer\"") < place("id=\"etter\""));
        assert!(
            form()
                .text("valg", "b")
                .text("mer", "y")
                .send()
                .location()
                .contains("/kvittering/")
        );
        assert!(form().text("valg", "a").send().location().contains("/kvittering/"));
    }
}

fn asks_below(authority: &crate::support::Authority, kind: &str) {
    let file = authority.root.join("forms/krisesenter.toml");
    let text = |text: &str| format!("{{ nn = \"{text}\", nb = \"{text}\", en = \"{text}\" }}");
    let questions = format!(
        "[[section]]\ntitle = {title}\nfield = [\n\
            {{ name = \"valg\", kind = \"{kind}\", label = {choice}, options = [\
                {{ value = \"a\", label = {a} }}, {{ value = \"b\", label = {b} }}] }},\n\
            {{ name = \"etter\", kind = \"text\", label = {after} }},\n\
            {{ name = \"mer\", kind = \"text\", required_when = {{ field = \"valg\", is = [\"b\"] }}, label = {more} }},\n\
        ]\n",
        title = text("Alt"),
        choice = text("Valg"),
        a = text("A"),
        b = text("B"),
        after = text("Etter"),
        more = text("Mer"),
    );
    let form = fs::read_to_string(&file).unwrap();
    fs::write(file, form + &questions).unwrap();
}

#[test]
fn what_excludes_all_else_is_told_with_what_stands_beside_it() {
    let world = World::new();
    let form = |ways: &[&str]| {
        let form = world.form().text("melding", &world.marker.text);
        ways.iter().fold(form, |form, way| form.text("trygg_kontakt", way))
    };
    let page = world
        .get(form(&["epost", "ikke"]).text("epost", "a@b.no").send().location())
        .body;
    let wanted = "Du har valt «Ikkje ta kontakt med meg», men òg «Det er trygt å sende meg e-post».";
    assert!(
        page.contains(wanted) && page.contains("href=\"#trygg_kontakt\""),
        "{page}"
    );
    form(&["ikke"]).send();
    let letter = letter(&world);
    let head = "Korleis kan vi trygt ta kontakt med deg? Ikkje ta kontakt med meg\n";
    assert!(letter.starts_with(head) && !letter.contains("IKKJE"), "{letter}");
}

/// The warning stands once, for the group, and only where no way was chosen.
#[test]
fn silence_about_contact_is_told_once() {
    let world = World::new();
    world.form().text("melding", &world.marker.text).send();
    let letter = letter(&world);
    let head = "Korleis kan vi trygt ta kontakt med deg? ikkje svart. Gå ut frå at det IKKJE er trygt å ta kontakt\n\
        Når er det trygt å ta kontakt? Ikkje svart på\n\n";
    assert!(
        letter.starts_with(head) && letter.matches("IKKJE").count() == 1,
        "{letter}"
    );
}

/// Forms that were written before fields had conditions of their own go on working as they did.
#[test]
fn a_section_can_still_ask_for_an_address() {
    let world = World::with(Options {
        change: |authority| {
            let section = "[[section]]\nshown_when = { field = \"trygg_kontakt\", is = [\"ring\", \"sms\"] }\n\
                title = { nn = \"Telefon\", nb = \"Telefon\", en = \"Telephone\" }\n\n[[section.field]]\nname = \"nummer\"\n\
                kind = \"phone\"\nlabel = { nn = \"Nummer\", nb = \"Nummer\", en = \"Number\" }\n";
            let file = authority.root.join("forms/krisesenter.toml");
            let form = fs::read_to_string(&file).unwrap();
            let condition = "required_when = { field = \"trygg_kontakt\", is = [\"ring\", \"sms\"] }\n";
            fs::write(file, form.replace(condition, "") + section).unwrap();
        },
        ..Options::default()
    });
    let form = || world.form().text("melding", "x").text("nummer", "75 55 58 90");
    let again = world.get(form().send().location()).body;
    let wanted = [
        "«Telefon» er fylt ut, men høyrer berre med når",
        "id=\"nummer-confirm\"",
        "class=\"if3 open\"",
    ];
    assert!(wanted.iter().all(|wanted| again.contains(wanted)), "{again}");
    form().text("trygg_kontakt", "ring").send();
    let letter = letter(&world);
    assert!(
        letter.contains("Det er trygt å ringje meg\nNår er det trygt å ta kontakt? Ikkje svart på\nNummer:\n│ 75 55"),
        "{letter}"
    );
}

#[test]
fn a_confirmation_survives_other_problems_and_a_change_of_language() {
    let world = World::new();
    let confirmed = world.form().text("telefon", "75 55 58 90").text("_confirm", "telefon");
    let ticked = "value=\"telefon\" checked";
    let missing = confirmed.clone().send();
    let again = world.get(missing.location()).body;
    assert!(
        again.contains(ticked) && again.contains("class=\"below if2 open\""),
        "{again}"
    );
    assert!(!again.contains("er fylt ut, men høyrer"), "{again}");
    let other = confirmed.text("_lang", "en").send();
    let other = world.get(other.location()).body;
    assert!(other.contains(ticked) && other.contains("75 55 58 90"), "{other}");
    // Once it is asked for, there is nothing to confirm.
    let asked = world
        .form()
        .text("telefon", "75")
        .text("_confirm", "telefon")
        .text("trygg_kontakt", "ring")
        .send();
    let asked = world.get(asked.location()).body;
    assert!(
        !asked.contains(UNASKED) && !asked.contains(WITHOUT) && asked.contains("class=\"below if2\""),
        "{asked}"
    );
}

#[test]
fn what_was_confirmed_is_still_held_against_the_rules() {
    let world = World::new();
    let answer = world
        .form()
        .text("melding", "x")
        .text("telefon", "ring meg")
        .text("_confirm", "telefon")
        .send();
    let again = world.get(answer.location()).body;
    assert!(
        again.contains("«Telefonnummer»: Skriv telefonnummeret med 8 siffer"),
        "{again}"
    );
}

/// A test letter answers what its own choices ask for, and nothing else.
#[test]
fn a_test_letter_fits_a_form_with_conditions() {
    let world = World::with(Options {
        change: |authority| {
            let file = "forms/krisesenter.toml";
            authority.edit(
                file,
                "name = \"trygg_kontakt\"\n",
                "name = \"trygg_kontakt\"\nrequired = true\n",
            );
            for asked in ["telefon", "epost", "fodselsnummer"] {
                let name = format!("name = \"{asked}\"\n");
                authority.edit(file, &name, &format!("{name}required = true\n"));
            }
        },
        ..Options::default()
    });
    let sent = world.konvolutt(&["send-test"]);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let letter = letter(&world);
    assert!(
        letter.contains("22 22 22 22") && !letter.contains("E-postadresse"),
        "{letter}"
    );
}

/// The stylesheet knows as many conditions as a form may have.
#[test]
fn no_condition_is_without_its_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/style.css");
    let style = fs::read_to_string(path).unwrap();
    let rule = |number: usize| style.contains(&format!("form:not(:has(.on{number}:checked)) .if{number}:not(.open)"));
    assert!((1..=MOST_CONDITIONS).all(rule));
    assert!(!rule(MOST_CONDITIONS + 1), "the control");
}

#[test]
#[ignore = "needs chromium"]
fn the_stylesheet_alone_shows_what_is_asked() {
    let world = World::new();
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Browser::start(&home, Scripts::Off);
    browser.go(&format!("http://{}/nn/s/skriv", world.address));
    let seen = |css: &str| browser.is_seen(css);
    assert!(!seen("#telefon") && !seen("#epost") && seen("#melding"));
    browser.click("[value=sms]");
    assert!(seen("#telefon") && !seen("#epost"));
    browser.click("[value=epost]");
    assert!(seen("#telefon") && seen("#epost"));
    browser.type_into("#telefon", "75 55 58 90");
    browser.type_into("#melding", &world.marker.text);
    browser.click("[value=sms]");
    assert!(!seen("#telefon"), "a tick that is taken back hides it again");
    // What stands there now was not asked for: it is shown again, with a box to confirm it. The address that was asked for
    // is not there, and has a box of its own.
    browser.follow(".send button");
    assert!(seen("#telefon") && seen("#telefon-confirm") && browser.value("#telefon") == "75 55 58 90");
    browser.click(".problems a[href='#telefon-confirm']");
    world.until("the focus on the box", || browser.has_focus("#telefon-confirm"));
    browser.click("#telefon-confirm");
    browser.click("#epost-confirm");
    browser.follow(".send button");
    assert!(browser.address().contains("/kvittering/"), "{}", browser.source());
}
