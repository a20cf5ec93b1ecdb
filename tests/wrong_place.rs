//! A choice with which the form ends: it says where to go instead, and nothing after it is asked.

use std::fs;

use crate::support::citizen::{SEND, at_form, reference};
use crate::support::{Authority, Options, Scripts, World};

const PLACE: &str = "Kommunen må sjå på det først. Ring";

/// The first question of the form asks what it is about. One answer ends it.
fn world() -> World {
    World::with(Options {
        change: |authority| asks_first(authority, "radio"),
        ..Options::default()
    })
}

fn asks_first(authority: &Authority, kind: &str) {
    let text = |text: &str| format!("{{ nn = {text:?}, nb = {text:?}, en = {text:?} }}");
    let place = format!("{PLACE} 112 i ein fare.\n\nSkriv til kommunen.");
    let question = format!(
        "[[section]]\ntitle = {}\n\n[[section.field]]\nname = \"gjeld\"\nkind = \"{kind}\"\nlabel = {}\noptions = [\n    \
            {{ value = \"skule\", label = {}, stop = {} }},\n    {{ value = \"anna\", label = {} }},\n]\n\n",
        text("Staden"),
        text("Kva gjeld det?"),
        text("Skulen"),
        text(&place),
        text("Noko anna"),
    );
    let first = "[[section]]\ntitle.nn";
    authority.edit("forms/krisesenter.toml", first, &(question + first));
}

/// Whatever else is wrong with it does not matter then, and nothing of it is lost.
#[test]
fn a_letter_that_comes_all_the_same_is_given_back_with_the_place_to_go_to() {
    let world = world();
    let sent = |choice: &str| {
        let form = world.form().text("gjeld", choice).text("namn", &world.marker.text);
        form.text("telefon", "x").send()
    };
    let page = world.get(sent("skule").location()).body;
    let told =
        format!("<a href=\"#gjeld\">Meldinga er ikkje send, for du har valt «Skulen». {PLACE} 112 i ein fare. Skriv");
    assert!(page.contains(&told), "{page}");
    assert_eq!(
        page.matches("<li><a href=\"#").count(),
        1,
        "nothing else is to be corrected"
    );
    assert!(page.contains(&format!("value=\"{}\"", world.marker.text)) && page.contains("value=\"skule\" checked"));
    let other = world.get(sent("anna").location()).body;
    assert!(
        !other.contains("er ikkje send") && other.contains("href=\"#melding\""),
        "{other}"
    );
    assert!(world.spooled().is_empty());
}

#[test]
fn a_test_letter_chooses_what_can_be_sent() {
    let world = World::with(Options {
        change: |authority| {
            asks_first(authority, "radio");
            let name = "name = \"gjeld\"\n";
            authority.edit("forms/krisesenter.toml", name, &format!("{name}required = true\n"));
        },
        ..Options::default()
    });
    let sent = world.konvolutt(&["send-test"]);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let letter = world.open(&world.sink.wait_for(1)[0].mail);
    assert!(
        fs::read_to_string(letter.join("letter.txt"))
            .unwrap()
            .contains("Noko anna")
    );
}

#[test]
#[ignore = "needs chromium"]
fn the_stylesheet_alone_ends_the_form_and_keeps_what_was_typed() {
    for scripts in [Scripts::Off, Scripts::On] {
        let world = world();
        let (browser, _) = at_form(&world, scripts);
        let seen = |css: &str| browser.is_seen(css);
        assert!(!seen(".stop") && seen("#melding") && seen(SEND));
        browser.type_into("#melding", &world.marker.text);
        browser.click("[value=skule]");
        assert!(seen(".stop") && browser.text(".stop").contains(PLACE));
        assert!(seen(".stop a[href='tel:112']"), "its numbers can be rung");
        for rest in ["#melding", "#vedlegg", SEND] {
            assert!(!seen(rest), "{rest}");
        }
        // The answers above it, the other numbers and the exit stay.
        assert!(seen("[value=anna]") && seen(".urgent") && seen("nav.exit a"));
        browser.click("[value=anna]");
        assert!(!seen(".stop") && browser.value("#melding") == world.marker.text);
        browser.follow(SEND);
        reference(&browser);
    }
}

/// A browser that does not know `:has()` drops each rule that uses it.
#[test]
#[ignore = "needs chromium"]
fn a_browser_that_cannot_hide_shows_all_of_it() {
    let world = world();
    let (browser, _) = at_form(&world, Scripts::On);
    browser.click("[value=skule]");
    assert!(!browser.is_seen("#melding"), "the control");
    browser.run(WITHOUT_HAS);
    assert!(browser.is_seen(".stop") && browser.is_seen("#melding") && browser.is_seen(SEND));
    browser.type_into("#melding", &world.marker.text);
    browser.click(SEND);
    world.until("the place to go to", || browser.is_there("#gjeld-feil"));
    assert!(browser.text("#gjeld-feil").contains(PLACE));
    assert_eq!(browser.value("#melding"), world.marker.text);
}

/// Takes away what an older browser does not understand.
pub const WITHOUT_HAS: &str = "const drop = (rules) => { for (let i = rules.cssRules.length; i--;) { \
        const rule = rules.cssRules[i]; \
        if (rule.selectorText?.includes(':has(')) rules.deleteRule(i); else if (rule.cssRules?.length) drop(rule); } }; \
    drop(document.styleSheets[0]);";
