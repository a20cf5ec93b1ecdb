//! Sections that are asked for only when a choice says so, without a script.

use std::fs;
use std::path::Path;

use konvolutt::form::MOST_CONDITIONS;

use crate::support::{Browser, Form, Options, Scripts, World, unwrapped};

const UNASKED: &str = "Send det som står i denne delen, likevel";

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
        "«Telefon» er fylt ut, men høyrer berre med når du har valt «Det er trygt å ringje meg» eller «Det er trygt å sende meg SMS»",
        UNASKED,
        "value=\"75 55 58 90\"",
        "class=\"if2 open\"",
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
    // Of the other section that was not asked for, the clerk reads nothing.
    assert!(!letter.contains("E-postadresse"), "{letter}");
    assert!(
        letter.starts_with("Korleis kan vi trygt ta kontakt med deg? ikkje svart."),
        "{letter}"
    );
}

#[test]
fn a_choice_asks_for_its_section() {
    let world = World::new();
    let sent = unasked(&world).text("trygg_kontakt", "sms").send();
    assert!(sent.location().contains("/kvittering/"), "{}", sent.location());
    let letter = letter(&world);
    assert!(
        letter.contains("75 55 58 90") && !letter.contains("stadfesta"),
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
        again.contains(ticked) && again.contains("class=\"if2 open\""),
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
    assert!(!asked.contains(UNASKED) && asked.contains("class=\"if2\""), "{asked}");
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
    assert!(again.contains("«Telefonnummer» må vere eit telefonnummer"), "{again}");
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
    // What stands there now was not asked for: it is shown again, with a box to confirm it.
    browser.follow(".send button");
    assert!(seen("#telefon") && seen("#telefon-confirm") && browser.value("#telefon") == "75 55 58 90");
    browser.click(".problems a[href='#telefon-confirm']");
    world.until("the focus on the box", || browser.has_focus("#telefon-confirm"));
    browser.click("#telefon-confirm");
    browser.follow(".send button");
    assert!(browser.address().contains("/kvittering/"), "{}", browser.source());
}
