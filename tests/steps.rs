//! A long form in steps: the example of `docs/forms.md`, in the engines that people use, with scripts and without.

use std::fs;

use crate::support::citizen::{EXIT, SEND, lead_out_to, letter, opened, reference, write_files};
use crate::support::{Browser, Engine, Options, Scripts, Site, Wishes, World, steps_example};
use crate::wrong_place::WITHOUT_HAS;

const LIST: &str = "#problem-list";

fn world() -> World {
    World::with(Options {
        change: |authority| fs::write(authority.root.join("forms/krisesenter.toml"), steps_example()).unwrap(),
        ..Options::default()
    })
}

fn address(world: &World) -> String {
    format!("http://{}/nb/s/skriv", world.address)
}

fn at_first_step(world: &World, engine: Engine, scripts: Scripts) -> Browser {
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = engine.start(&home, Wishes::with(scripts));
    if engine == Engine::WebKit {
        // So high that nothing must be scrolled: its driver then clicks beside what is meant.
        browser.screen(1200, 2400);
    }
    browser.go(&address(world));
    browser
}

fn next(step: usize) -> String {
    format!(".turn .button[href='#steg-{step}']")
}

fn back(step: usize) -> String {
    format!(".turn .choose[href='#steg-{step}']")
}

/// The steps that are in view.
fn seen(browser: &Browser) -> Vec<usize> {
    (1..=3)
        .filter(|step| browser.is_seen(&format!("#steg-{step}")))
        .collect()
}

/// Until that step alone is in view.
fn at(world: &World, browser: &Browser, step: usize) {
    let engine = browser.engine;
    world.until(&format!("step {step} in {engine:?}"), || seen(browser) == [step]);
}

/// The browser's own buttons; a step that a script shows has no address of its own, which the driver would wait for.
fn turn(browser: &Browser, scripts: Scripts, rows: i32) {
    match (scripts, rows) {
        (Scripts::On, _) => drop(browser.run(&format!("history.go({rows})"))),
        (Scripts::Off, 1..) => browser.forward(),
        (Scripts::Off, _) => browser.back(),
    }
}

/// As far as the last step, with all that must be answered.
fn fill_in(world: &World, browser: &Browser) {
    at(world, browser, 1);
    browser.click("[value=tjeneste]");
    browser.click(&next(2));
    at(world, browser, 2);
    browser.type_into("#melding", &world.marker.text);
    browser.click(&next(3));
    at(world, browser, 3);
}

#[test]
fn the_steps_are_one_form() {
    let world = world();
    let page = world.get("/nb/s/skriv").body;
    assert_eq!(
        (page.matches("<form").count(), page.matches("class=\"step\"").count()),
        (1, 3)
    );
    for wanted in [
        "<h2 id=\"steg-2\" tabindex=\"-1\"><span>Steg 2 av 3</span> Det som har skjedd</h2>",
        "href=\"#steg-3\">Neste</a>",
        "href=\"#steg-1\">Tilbake</a>",
        "<h3>Saken i kommunen</h3>",
        "src=\"/steg.js\"",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    assert_eq!(page.matches("class=\"send\"").count(), 1);
    let last = page.split("id=\"steg-3\"").nth(1).unwrap();
    assert!(last.contains("class=\"send\"") && last.matches("Tilbake</a>").count() == 1);
    // One that is not asked lays no claim to the sender.
    let form = || world.form_at("/nb/s/skriv").text("gjelder", "tjeneste");
    let again = world.get(form().text("saksnummer", "2026/7").send().location()).body;
    assert!(
        again.contains("<a href=\"#melding\">") && again.contains("value=\"2026/7\""),
        "{again}"
    );
    form()
        .text("melding", &world.marker.text)
        .text("saksnummer", "2026/7")
        .send();
    let letter = letter(&world);
    assert!(
        letter.contains("2026/7") && letter.contains(&world.marker.text),
        "{letter}"
    );
}

#[test]
fn a_form_of_one_page_loads_nothing_of_it() {
    let world = World::new();
    let page = world.get("/nn/s/skriv").body;
    assert!(!page.contains("steg") && !page.contains("class=\"step\""), "{page}");
}

/// Next, Back, and the browser's own buttons; text and files stay in the page, which is always the same.
#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn nothing_is_lost_between_the_steps() {
    for engine in Engine::ALL {
        for scripts in [Scripts::Off, Scripts::On] {
            let world = world();
            let device = tempfile::tempdir().unwrap();
            let browser = at_first_step(&world, engine, scripts);
            at(&world, &browser, 1);
            browser.click("[value=tjeneste]");
            browser.click(&next(2));
            at(&world, &browser, 2);
            assert!(browser.has_focus("#steg-2"), "{engine:?}");
            browser.type_into("#melding", &world.marker.text);
            if scripts == Scripts::Off {
                browser.type_into("#vedlegg", &write_files(device.path(), &[("a.txt", b"innhald")]));
            } else {
                // The control is hidden then, and its button opens a window of the system.
                browser.run(
                    "const held = new DataTransfer(); held.items.add(new File(['innhald'], 'a.txt')); \
                     const e = document.querySelector('#vedlegg'); e.files = held.files; e.dispatchEvent(new Event('change'))",
                );
            }
            browser.click(&next(3));
            at(&world, &browser, 3);
            assert!(browser.is_seen("#saksnummer"), "a choice in another step asks for it");
            turn(&browser, scripts, -1);
            at(&world, &browser, 2);
            assert_eq!(browser.value("#melding"), world.marker.text);
            turn(&browser, scripts, -1);
            at(&world, &browser, 1);
            turn(&browser, scripts, 1);
            at(&world, &browser, 2);
            browser.click(&back(1));
            at(&world, &browser, 1);
            assert!(browser.is_chosen("[value=tjeneste]"));
            browser.click(&next(2));
            at(&world, &browser, 2);
            browser.click(&next(3));
            at(&world, &browser, 3);
            browser.follow(SEND);
            reference(&browser);
            let letter = opened(&world);
            assert!(
                fs::read_to_string(letter.join("letter.txt"))
                    .unwrap()
                    .contains(&world.marker.text)
            );
            assert_eq!(
                fs::read(letter.join("attachments/a.txt")).unwrap(),
                b"innhald",
                "{engine:?}"
            );
        }
    }
}

/// Where scripts run, each step is one row however often somebody goes back and forth, and the exit takes all of them away.
#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn the_exit_leads_out_of_every_step() {
    for engine in Engine::ALL {
        let mut world = world();
        let away = Site::secure("Vêret");
        let before = Site::start("Avisa");
        lead_out_to(&mut world, &away);
        let browser = at_first_step(&world, engine, Scripts::On);
        browser.go(&before.url);
        browser.go(&address(&world));
        let rows = || browser.run("return history.length").as_u64().unwrap();
        let first = rows();
        fill_in(&world, &browser);
        browser.click(&back(2));
        at(&world, &browser, 2);
        browser.click(&next(3));
        at(&world, &browser, 3);
        assert_eq!(rows(), first + 2, "{engine:?}");
        assert_eq!(browser.address(), address(&world), "the address stays as it was");
        browser.click(EXIT);
        world.until("the page outside", || browser.address() == away.url);
        browser.back();
        assert_eq!(browser.address(), before.url, "{engine:?}");
    }
}

#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn a_mistake_leads_to_its_step() {
    for engine in Engine::ALL {
        for scripts in [Scripts::Off, Scripts::On] {
            let world = world();
            let browser = at_first_step(&world, engine, scripts);
            fill_in(&world, &browser);
            browser.click("[value=ring]");
            browser.type_into("#telefon", "75");
            browser.click(&back(2));
            at(&world, &browser, 2);
            browser.type_into("#dato", "31");
            browser.click(&next(3));
            at(&world, &browser, 3);
            browser.click(SEND);
            world.until("the list of mistakes", || {
                browser.is_there(LIST) && browser.has_focus(LIST)
            });
            // The scripts keep the step; without them it is another page, which begins at its beginning.
            at(&world, &browser, if scripts == Scripts::On { 3 } else { 1 });
            for (field, step) in [("dato-month", 2), ("telefon", 3), ("dato-month", 2)] {
                browser.click(&format!("{LIST} a[href='#{field}']"));
                at(&world, &browser, step);
                let on = if scripts == Scripts::On { "on" } else { "off" };
                let focus = format!("the focus on {field} in {engine:?} with scripts {on}");
                world.until(&focus, || browser.has_focus(&format!("#{field}")));
            }
            assert_eq!(browser.value("#melding"), world.marker.text);
        }
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_next_step_comes_after_what_must_be_answered() {
    let world = world();
    let browser = at_first_step(&world, Engine::Chromium, Scripts::On);
    assert!(
        browser.title().starts_with("Steg 1 av 3 – Skriv til oss"),
        "{}",
        browser.title()
    );
    browser.click(&next(2));
    world.until("the list", || browser.has_focus(LIST));
    assert_eq!(seen(&browser), [1]);
    assert!(
        browser.text("#gjelder-feil").contains("må ha et svar"),
        "{}",
        browser.source()
    );
    assert!(
        browser.title().starts_with("Feil: Steg 1 av 3 – "),
        "{}",
        browser.title()
    );
    browser.click("[value=tjeneste]");
    browser.click(&next(2));
    at(&world, &browser, 2);
    assert!(browser.has_focus("#steg-2") && !browser.is_there(LIST));
    assert!(browser.title().starts_with("Steg 2 av 3 – "), "{}", browser.title());
    // Back asks nothing.
    browser.click(&back(1));
    at(&world, &browser, 1);
    assert!(browser.has_focus("#steg-1"));
}

/// Another language keeps step, text and files, and the advice is closed by Back in the same step.
#[test]
#[ignore = "needs chromium"]
fn the_step_stays_where_scripts_run() {
    let world = world();
    let browser = at_first_step(&world, Engine::Chromium, Scripts::On);
    fill_in(&world, &browser);
    browser.click(".languages [lang=en]");
    let heading = || {
        browser
            .run("return document.querySelector('#steg-3').textContent")
            .to_string()
    };
    world.until("the other language", || heading().contains("Step 3 of 3"));
    at(&world, &browser, 3);
    assert!(browser.title().starts_with("Step 3 of 3 – "), "{}", browser.title());
    browser.click("#trygg summary");
    world.until("the advice", || browser.is_seen("#trygg p"));
    turn(&browser, Scripts::On, -1);
    world.until("the advice is closed", || !browser.is_seen("#trygg p"));
    at(&world, &browser, 3);
    turn(&browser, Scripts::On, -1);
    world.until("the first language", || heading().contains("Steg 3 av 3"));
    at(&world, &browser, 3);
    turn(&browser, Scripts::On, -1);
    at(&world, &browser, 2);
    assert_eq!(browser.value("#melding"), world.marker.text);
}

/// Whoever pressed Next before the script had come.
#[test]
#[ignore = "needs chromium"]
fn a_step_that_the_address_names_is_the_one_in_view() {
    let world = world();
    let browser = at_first_step(&world, Engine::Chromium, Scripts::On);
    browser.go("about:blank");
    browser.go(&format!("{}#steg-2", address(&world)));
    at(&world, &browser, 2);
    browser.click(&next(3));
    world.until("the list", || browser.has_focus(LIST));
    browser.type_into("#melding", &world.marker.text);
    browser.click(&next(3));
    at(&world, &browser, 3);
    assert_eq!(browser.address(), address(&world));
}

#[test]
#[ignore = "needs chromium"]
fn the_end_of_a_form_is_never_out_of_view() {
    let world = world();
    let browser = at_first_step(&world, Engine::Chromium, Scripts::Off);
    fill_in(&world, &browser);
    browser.click(&back(2));
    browser.click(&back(1));
    at(&world, &browser, 1);
    browser.click("[value=sykehus]");
    assert!(browser.is_seen(".stop a[href='tel:112']") && !browser.is_seen(&next(2)));
    // The browser's own buttons lead further, and what is there is the end all the same.
    browser.back();
    world.until("the row of step 2", || browser.address().ends_with("#steg-2"));
    assert_eq!(seen(&browser), [1]);
    assert!(browser.is_seen(".stop") && !browser.is_seen("#melding") && !browser.is_seen(SEND));
    browser.click("[value=tjeneste]");
    at(&world, &browser, 2);
    assert_eq!(browser.value("#melding"), world.marker.text);
}

#[test]
#[ignore = "needs chromium"]
fn paper_and_an_old_browser_have_all_steps() {
    let world = world();
    let browser = at_first_step(&world, Engine::Chromium, Scripts::On);
    at(&world, &browser, 1);
    let media = |media: &str| browser.devtools("Emulation.setEmulatedMedia", &serde_json::json!({"media": media}));
    media("print");
    assert_eq!(seen(&browser), [1, 2, 3]);
    assert!(!browser.is_seen(".turn a"));
    media("");
    at(&world, &browser, 1);
    browser.run(WITHOUT_HAS);
    assert_eq!(seen(&browser), [1, 2, 3]);
    assert!(browser.is_seen("#melding") && browser.is_seen(SEND));
}
