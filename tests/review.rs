//! Answers that are looked over before they can be sent, in the engines that people use, with scripts and without.

use std::fs;

use crate::support::citizen::{letter, reference, write_files};
use crate::support::{Authority, Browser, Engine, Options, Scripts, Wishes, World, steps_example};

const LIST: &str = "#problem-list";
const BUTTON: &str = ".send button.button";

/// The form about crisis centres with a review, or the one in steps.
fn world(in_steps: bool) -> World {
    let change = if in_steps { reviews_steps } else { reviews };
    World::with(Options {
        change,
        ..Options::default()
    })
}

fn reviews(authority: &Authority) {
    authority.edit(
        "forms/krisesenter.toml",
        "slug = \"skriv\"",
        "slug = \"skriv\"\nreview = true",
    );
}

fn reviews_steps(authority: &Authority) {
    fs::write(authority.root.join("forms/krisesenter.toml"), steps_example()).unwrap();
    reviews(authority);
}

fn page_after(world: &World, location: &str) -> String {
    let (address, place) = location.split_once('#').unwrap_or((location, ""));
    assert_eq!(place, "svar", "{location}");
    world.get(address).body
}

#[test]
fn the_answers_are_shown_before_they_can_be_sent() {
    let world = world(false);
    let empty = world.get("/nn/s/skriv").body;
    let send = ">Send meldinga</button>\n<p";
    assert!(
        empty.contains(">Sjå over svara</button>") && !empty.contains(send),
        "{empty}"
    );

    let form = || {
        world
            .form()
            .text("melding", &format!("{}\n<b>", world.marker.text))
            .text("tema", "klage")
            .text("trygg_kontakt", "ring")
            .text("trygg_kontakt", "sms")
            .text("telefon", "75 02 17 11")
    };
    let asked = form().text("_review", "1").file("vedlegg", "a.txt", b"innhald").send();
    let page = page_after(&world, asked.location());
    for wanted in [
        format!("<dd>{}\n&#60;b&#62;</dd>", world.marker.text),
        "<dd>Eg vil klage på tilbodet</dd>".to_owned(),
        "<dd>Det er trygt å ringje meg</dd>\n<dd>Det er trygt å sende meg SMS</dd>".to_owned(),
        "<dd>75 02 17 11</dd>".to_owned(),
        "<a href=\"#telefon\">Endre<span class=\"unseen\"> Telefonnummer</span></a>".to_owned(),
        "<dt>Namn</dt>\n<dd class=\"quiet\">Ikkje svart på</dd>".to_owned(),
        "Vel dei på nytt før du sender".to_owned(),
        send.to_owned(),
    ] {
        assert!(page.contains(&wanted), "{wanted:?} in {page}");
    }
    // What was not asked for is not shown, and the form below it is as it was.
    assert!(!page.contains("<dt>E-postadresse</dt>"), "{page}");
    assert!(page.contains("value=\"75 02 17 11\"") && page.contains("value=\"klage\" checked"));
    assert!(world.spooled().is_empty() && world.sink.count() == 0, "nothing is sent");

    let again = world.get(asked.location().split('#').next().unwrap()).body;
    assert!(!again.contains(&world.marker.text), "shown once");
    form().send();
    assert!(letter(&world).contains("75 02 17 11"));
}

#[test]
fn what_is_wrong_comes_before_the_answers() {
    let world = world(false);
    let wrong = world
        .form()
        .text("namn", &world.marker.text)
        .text("_review", "1")
        .send();
    let page = world.get(wrong.location()).body;
    assert!(
        page.contains("<a href=\"#melding\">") && page.contains(&world.marker.text),
        "{page}"
    );
    assert!(
        !page.contains("id=\"svar\"") && page.contains(">Sjå over svara</button>"),
        "{page}"
    );
    // Another language begins anew, as after any change.
    let other = world
        .form()
        .text("melding", "x")
        .text("_lang", "en")
        .text("_review", "1")
        .send();
    let page = world.get(other.location()).body;
    assert!(page.contains(">Check your answers</button>"), "{page}");
}

fn at_the_form(world: &World, engine: Engine, scripts: Scripts) -> Browser {
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = engine.start(&home, Wishes::with(scripts));
    browser.go(&format!("http://{}/nb/s/skriv", world.address));
    browser
}

/// Nothing is lost by it: with scripts neither files nor the page, without them the page says that files must be chosen again.
#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn looking_over_loses_nothing() {
    for engine in Engine::ALL {
        for scripts in [Scripts::On, Scripts::Off] {
            let world = world(false);
            let browser = at_the_form(&world, engine, scripts);
            let told = format!("{engine:?}, scripts {}", scripts == Scripts::On);
            let device = tempfile::tempdir().unwrap();
            let file = write_files(device.path(), &[("a.txt", b"innhald")]);
            browser.type_into("#vedlegg", &file);
            browser.click(BUTTON);
            world.until(&format!("{told}: the list"), || browser.is_there(LIST));
            browser.type_into("#melding", &world.marker.text);
            if scripts == Scripts::Off {
                browser.type_into("#vedlegg", &file);
                // The engine reads the file before it has it, and the button would not wait for that.
                world.until(&format!("{told}: the file"), || {
                    browser.value("#vedlegg").contains("a.txt")
                });
            }
            browser.click(BUTTON);
            world.until(&format!("{told}: the answers"), || browser.is_there("#svar"));
            let shown = browser.text("#svar");
            assert!(shown.contains(&world.marker.text), "{told}: {shown}");
            if scripts == Scripts::On {
                world.until(&format!("{told}: the focus"), || browser.has_focus("#svar"));
                assert!(shown.contains("a.txt"), "{told}: {shown}");
            } else {
                assert!(shown.contains("Velg dem på nytt"), "{told}: {shown}");
                browser.type_into("#vedlegg", &file);
            }
            assert_eq!(browser.value("#melding"), world.marker.text);
            assert_eq!(world.sink.count(), 0, "{told}");
            browser.click("#svar a[href='#melding']");
            world.until(&format!("{told}: the question"), || browser.has_focus("#melding"));
            browser.type_into("#melding", " Meir.");
            browser.follow(BUTTON);
            reference(&browser);
            let mail = world.sink.wait_for(1).remove(0).mail;
            let folder = world.open(&mail);
            let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
            // Where a text goes on is the engine's own choice without scripts.
            assert!(
                text.contains(&world.marker.text) && text.contains("Meir."),
                "{told}: {text}"
            );
            assert_eq!(
                fs::read(folder.join("attachments/a.txt")).unwrap(),
                b"innhald",
                "{told}"
            );
        }
    }
}

/// In steps the answers stand at the end, and a link leads to the step of its question.
#[test]
#[ignore = "needs chromium"]
fn answers_of_a_form_in_steps_stand_at_its_end() {
    for scripts in [Scripts::On, Scripts::Off] {
        let world = world(true);
        let browser = at_the_form(&world, Engine::Chromium, scripts);
        browser.click("[value=tjeneste]");
        browser.click(".turn [href='#steg-2']");
        world.until("step 2", || browser.is_seen("#steg-2"));
        browser.type_into("#melding", &world.marker.text);
        browser.click(".turn .button[href='#steg-3']");
        world.until("step 3", || browser.is_seen("#steg-3"));
        browser.click(BUTTON);
        world.until("the answers", || browser.is_there("#svar") && browser.is_seen("#svar"));
        assert!(browser.is_seen("#steg-3") && !browser.is_seen("#steg-1"));
        browser.click("#svar a[href='#melding']");
        world.until("its step", || browser.is_seen("#steg-2") && !browser.is_seen("#steg-3"));
        assert_eq!(browser.value("#melding"), world.marker.text);
    }
}

/// A net that is gone costs nothing, and says so.
#[test]
#[ignore = "needs chromium"]
fn answers_that_cannot_be_fetched_cost_nothing() {
    let world = world(false);
    let browser = at_the_form(&world, Engine::Chromium, Scripts::On);
    browser.type_into("#melding", &world.marker.text);
    browser.cut_the_net(true);
    browser.click(BUTTON);
    let told =
        || browser.is_there(".send .problems") && browser.text(".send .problems").contains("Svarene kan ikke vises nå");
    world.until("why", told);
    assert_eq!(browser.value("#melding"), world.marker.text);
    browser.cut_the_net(false);
    browser.click(BUTTON);
    world.until("the answers", || browser.is_there("#svar"));
}
