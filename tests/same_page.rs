//! Mistakes, another language and the advice, where scripts run: all of it is shown in the page at hand, so nothing that was
//! typed or chosen can be lost by it, no page is loaded that holds a text, and Back leads where it led.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::citizen::{EXIT, SEND, at_form, lead_out_to, letter, reference, write_files};
use crate::support::{Browser, Scripts, Site, World, exchange, pages};

const LIST: &str = "#problem-list";

fn listed(world: &World, browser: &Browser) {
    world.until("the focus on the list", || browser.has_focus(LIST));
}

fn texts(browser: &Browser, css: &str) -> Vec<String> {
    let script = format!("return [...document.querySelectorAll(\"{css}\")].map(e => e.textContent.trim())");
    let found = browser.run(&script);
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// Fills in a text at once, as pasting does.
fn paste(browser: &Browser, css: &str, text: &str) {
    browser.run(&format!(
        "const e = document.querySelector('{css}'); e.value = {}; e.dispatchEvent(new Event('input', {{bubbles: true}}));",
        json!(text)
    ));
}

/// What stands in the list, at the questions, and in the title.
fn told(browser: &Browser) -> (Vec<String>, Vec<String>, String, Vec<String>) {
    let lines = browser
        .run("return [...document.querySelectorAll('.problems li a')].map(a => a.hash + ' ' + a.textContent.trim())");
    let lines = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().to_owned())
        .collect();
    let at_fields = browser.run(
        "return [...document.querySelectorAll('.field.wrong')].map(f => { \
            const p = f.querySelector(':scope > .problem'); \
            const of = (e) => e.getAttribute('aria-describedby'); \
            const told = [f, ...f.querySelectorAll('[aria-describedby]')].filter(e => of(e)?.includes('-feil')).map(e => of(e)); \
            const wrong = [f, ...f.querySelectorAll('[aria-invalid]')].filter(e => e.ariaInvalid === 'true').length; \
            return p.id + ' ' + p.textContent.trim() + ' ' + told + ' ' + wrong + ' ' + p.previousElementSibling.id })",
    );
    let at_fields = at_fields
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect();
    let heading = texts(browser, ".problems h2, .problems > p");
    (lines, at_fields, browser.title(), heading)
}

/// What can be known before anything travels is told before, word for word as the server tells it: each shipped form, in each
/// language, left empty, and with a text that is too long.
#[test]
#[ignore = "needs chromium"]
fn what_is_empty_or_too_long_is_told_before_anything_travels() {
    let world = pages::world();
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Browser::start(&home, Scripts::On);
    let mut seen = BTreeSet::new();
    pages::each(&world, |page| {
        if !page.name.ends_with("-empty") {
            return;
        }
        let address = format!("http://{}{}", world.address, page.path);
        browser.go(&address);
        let long = browser.run(
            "const e = document.querySelector('textarea'); if (!e) return ''; e.value = 'e\\u0301'.repeat(+e.dataset.most + 1); \
             return e.name",
        );
        browser.run("window.same = 1");
        browser.cut_the_net(true);
        browser.click(SEND);
        listed(&world, &browser);
        let script = told(&browser);
        assert_eq!(browser.address(), address);
        assert_eq!(browser.run("return window.same"), 1, "no other page");
        browser.cut_the_net(false);

        // As a browser sends it: every text, empty or not.
        let names = texts_of_names(&browser);
        let form = names.iter().fold(world.form_at(&page.path), |form, name| {
            let most = browser.run(&format!("return +document.querySelector('[name={name}]').dataset.most"));
            let text = if *name == long {
                "e\u{301}".repeat(most.as_u64().unwrap() as usize + 1)
            } else {
                String::new()
            };
            form.text(name, &text)
        });
        browser.go(&format!("http://{}{}", world.address, form.send().location()));
        assert_eq!(told(&browser), script, "{}", page.name);
        seen.extend(script.0.iter().map(|line| line.split(' ').next().unwrap().to_owned()));
    });
    // The control: more than one kind of question was among them.
    assert!(seen.len() > 2, "{seen:?}");
}

fn texts_of_names(browser: &Browser) -> Vec<String> {
    let found = browser.run(
        "return [...new Set([...document.getElementById('the-form').elements] \
            .filter(e => e.matches('textarea, select, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])')) \
            .map(e => e.name))].filter(name => !name.startsWith('_'))",
    );
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// Only what is asked must be answered; what is asked follows from the choices.
#[test]
#[ignore = "needs chromium"]
fn what_is_not_asked_need_not_be_answered() {
    let world = World::with(crate::support::Options {
        change: |authority| {
            let id = "name = \"fodselsnummer\"";
            authority.edit("forms/krisesenter.toml", id, &format!("{id}\nrequired = true"));
        },
        ..crate::support::Options::default()
    });
    let (browser, _) = at_form(&world, Scripts::On);
    browser.click(SEND);
    listed(&world, &browser);
    assert_eq!(told(&browser).0.len(), 1, "the message alone");
    browser.click("[value=eiga_sak]");
    browser.click(SEND);
    world.until("two", || told(&browser).0.len() == 2);
    browser.click("[value=anna]");
    browser.type_into("#melding", &world.marker.text);
    browser.follow(SEND);
    reference(&browser);
}

/// What only the server can know comes without a new page, and costs neither files nor what was typed meanwhile.
#[test]
#[ignore = "needs chromium"]
fn the_servers_mistakes_cost_nothing() {
    let world = World::new();
    let before = Site::start("Avisa");
    let (browser, form) = at_form(&world, Scripts::On);
    browser.go(&before.url);
    browser.go(&form);
    let length = browser.run("window.same = 1; return history.length");
    let device = tempfile::tempdir().unwrap();
    let marker = &world.marker.text;
    browser.type_into("#melding", marker);
    browser.type_into(
        "#vedlegg",
        &write_files(device.path(), &[("a.txt", b"innhald"), ("b.txt", b"meir")]),
    );
    browser.click("[name=trygg_kontakt][value=epost]");
    browser.type_into("#epost", "kari");
    browser.click(SEND);
    listed(&world, &browser);
    assert!(browser.title().starts_with("Feil: "));
    assert!(browser.text(".problems").contains("Skriv heile e-postadressa"));
    assert!(!browser.is_there(".again"), "the files are still here");
    assert_eq!(browser.address(), form);
    assert_eq!(browser.run("return [window.same, history.length]"), json!([1, length]));
    assert_eq!(
        (browser.value("#melding"), browser.value("#epost")),
        (marker.clone(), "kari".into())
    );
    assert!(browser.is_chosen("[name=trygg_kontakt][value=epost]"));
    assert_eq!(texts(&browser, ".files .name"), ["a.txt", "b.txt"]);
    assert!(browser.is_there(".dots"), "the exit is dressed again");
    browser.click(".problems a[href='#epost']");
    world.until("the focus on the field", || browser.has_focus("#epost"));
    assert_eq!(browser.address(), form, "a place on the page is no new one");

    paste(&browser, "#epost", "kari@eksempel.no");
    browser.click(".files li:nth-child(2) button:last-of-type");
    browser.follow(SEND);
    reference(&browser);
    let letter = letter(&world);
    assert!(
        letter.contains("kari@eksempel.no") && letter.contains("a.txt") && !letter.contains("b.txt"),
        "{letter}"
    );
    browser.back();
    assert_eq!(browser.address(), before.url);
}

/// A sign that nobody sees is taken away by the server; the page with the script shows the text without it too.
#[test]
#[ignore = "needs chromium"]
fn what_the_server_took_away_is_gone_and_what_was_typed_since_stays() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    paste(&browser, "#melding", "to\u{202E}ord");
    // The answer comes while somebody writes on.
    browser.run(&format!(
        "document.querySelector('{SEND}').click(); document.getElementById('namn').value = 'Kari'; \
         setTimeout(() => document.getElementById('namn').value = 'Kari N', 1)"
    ));
    listed(&world, &browser);
    assert_eq!(browser.value("#melding"), "toord");
    assert_eq!(browser.value("#namn"), "Kari N");
    browser.follow(SEND);
    reference(&browser);
}

/// There and back again, with everything, and to the question where the reader was.
#[test]
#[ignore = "needs chromium"]
fn another_language_is_one_step_that_back_undoes() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    browser.run("window.same = 1");
    browser.screen(390, 844);
    let device = tempfile::tempdir().unwrap();
    browser.type_into("#vedlegg", &write_files(device.path(), &[("a.txt", b"innhald")]));
    browser.type_into("#melding", "Hei.");
    browser.click("[name=svarsprak][value=en]");
    browser.type_into("#namn", &world.marker.text);
    browser.follow(".languages [lang=en]");
    assert!(browser.address().ends_with("/en/s/skriv"), "{}", browser.address());
    assert!(browser.is_there("html[lang=en]") && browser.is_there("form[action^='/en/']"));
    assert!(browser.has_focus("#namn"), "the same question");
    assert_eq!(browser.value("#melding"), "Hei.");
    assert!(browser.is_chosen("[name=svarsprak][value=en]"));
    assert_eq!(texts(&browser, ".files .name"), ["a.txt"]);
    browser.type_into("#melding", " Meir.");
    browser.back();
    world.until("the form in nynorsk", || browser.is_there("html[lang=nn]"));
    assert_eq!(browser.address(), form);
    assert_eq!(
        (browser.value("#melding"), browser.value("#namn")),
        ("Hei. Meir.".into(), world.marker.text.clone())
    );
    assert_eq!(texts(&browser, ".files .name"), ["a.txt"]);
    assert_eq!(browser.run("return window.same"), 1, "it was one page all the time");
    browser.follow(SEND);
    reference(&browser);
    assert!(letter(&world).contains("Hei. Meir."));
}

#[test]
#[ignore = "needs chromium"]
fn a_language_that_cannot_be_fetched_costs_nothing() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    browser.type_into("#melding", &world.marker.text);
    browser.cut_the_net(true);
    browser.click(".languages [lang=en]");
    world.until("the sentence", || {
        browser.text(".send .problems").contains("på det andre språket")
    });
    assert_eq!(
        (browser.address(), browser.value("#melding")),
        (form, world.marker.text.clone())
    );
    browser.cut_the_net(false);
    browser.follow(".languages [lang=en]");
    assert_eq!(browser.value("#melding"), world.marker.text);
}

/// What is opened to be read is closed by Back; closed by hand, it leaves nothing on the way back.
#[test]
#[ignore = "needs chromium"]
fn back_closes_what_was_opened_to_be_read() {
    let world = World::new();
    let before = Site::start("Avisa");
    let (browser, form) = at_form(&world, Scripts::On);
    browser.go(&before.url);
    browser.go(&form);
    browser.type_into("#melding", &world.marker.text);
    let open = || browser.run("return [...document.querySelectorAll('details[id][open]')].map(d => d.id)");
    for id in ["forst", "trygg", "kryptering", "personvern"] {
        browser.click(&format!("#{id} > summary"));
        world.until("it is open", || open() == json!([id]));
        browser.post("/back", &json!({}));
        world.until("it is closed", || open() == json!([]));
    }
    // Two at once are one step, and closed by hand none.
    browser.click("#trygg > summary");
    browser.click("#personvern > summary");
    world.until("both", || open() == json!(["trygg", "personvern"]));
    browser.post("/back", &json!({}));
    world.until("none", || open() == json!([]));
    browser.click("#trygg > summary");
    browser.click("#trygg > summary");
    world.until("stepped back", || browser.run("return history.state?.open ?? 0") == 0);
    assert_eq!(
        (browser.address(), browser.value("#melding")),
        (form, world.marker.text.clone())
    );
    browser.back();
    assert_eq!(browser.address(), before.url);
}

/// Neither the advice nor a language that was open leads back to the form once it is left.
#[test]
#[ignore = "needs chromium"]
fn the_way_out_leaves_no_step_behind() {
    let mut world = World::new();
    let before = Site::start("Avisa");
    let away = Site::secure("Vêret");
    lead_out_to(&mut world, &away);
    let (browser, form) = at_form(&world, Scripts::On);
    for leave in [EXIT, SEND] {
        browser.go(&before.url);
        browser.go(&form);
        browser.click("#trygg > summary");
        browser.follow(".languages [lang=nb]");
        browser.type_into("#melding", &world.marker.text);
        browser.follow(leave);
        if leave == EXIT {
            world.until("the page outside", || browser.address() == away.url);
        } else {
            world.until("the receipt", || browser.address().contains("/kvittering/"));
        }
        browser.back();
        assert_eq!(browser.address(), before.url, "{leave}");
        // What lies ahead is the form as it is for everybody.
        browser.forward();
        browser.forward();
        assert!(!browser.shows(&world.marker.text));
    }
}

/// A browser may take a picture of each page that it loads, and keep it. Where the script runs, none of them holds a text.
#[test]
#[ignore = "needs chromium"]
fn no_page_that_is_loaded_holds_a_text() {
    let world = World::new();
    let marker = &world.marker.text;
    for scripted in [true, false] {
        let (browser, form) = at_form(&world, Scripts::On);
        // A window keeps its name from page to page: a sign for each page that was loaded, by what it held.
        let look = format!(
            "addEventListener('load', () => {{ const all = [...document.querySelectorAll('input, textarea')].map(f => f.value); \
             window.name += document.body.textContent.includes('{marker}') || all.join().includes('{marker}') ? 'T' : '-'; }})"
        );
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": look}));
        if !scripted {
            browser.devtools("Network.enable", &json!({}));
            browser.devtools("Network.setBlockedURLs", &json!({"urls": ["*/skjema.js"]}));
        }
        browser.go(&form);
        browser.type_into("#namn", marker);
        browser.follow(".languages [lang=nb]");
        browser.click(SEND);
        listed(&world, &browser);
        browser.type_into("#melding", marker);
        browser.click("[name=trygg_kontakt][value=epost]");
        browser.type_into("#epost", "kari");
        browser.click(SEND);
        world.until("the other mistake", || browser.is_there("#epost-feil"));
        browser.run("document.getElementById('epost').value = 'kari@eksempel.no'");
        browser.follow(SEND);
        reference(&browser);
        let loaded = browser.run("return window.name");
        let loaded = loaded.as_str().unwrap();
        if scripted {
            assert_eq!(loaded, "--", "the form and the receipt");
        } else {
            assert!(loaded.contains('T'), "the control: {loaded}");
        }
    }
}

/// Speaks when little room is left, to the ear after a pause, and counts as the server does.
#[test]
#[ignore = "needs chromium"]
fn room_is_told_where_little_is_left() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let said = || texts(&browser, "#melding ~ p:not([id])");
    paste(&browser, "#melding", &"x".repeat(8999));
    assert_eq!(said(), ["", ""]);
    paste(&browser, "#melding", &"👩🏽‍🚒".repeat(9500));
    assert_eq!(said()[0], "Teikn igjen: 500");
    world.until("it is said", || said()[1] == "Teikn igjen: 500");
    paste(&browser, "#melding", &"å".repeat(20_016));
    assert_eq!(said()[0], "Teikn for mykje: 10\u{a0}016");
    browser.click(SEND);
    listed(&world, &browser);
    assert!(texts(&browser, ".problems li")[0].contains("og no er det 20\u{a0}016"));
}

/// On paper nothing can be scrolled: a box of text is as high as its text.
#[test]
#[ignore = "needs chromium"]
fn what_is_printed_is_the_whole_text() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    paste(&browser, "#melding", &"Ei linje.\n".repeat(60));
    let hidden = "const text = document.getElementById('melding'); return text.scrollHeight > text.clientHeight";
    assert_eq!(browser.run(hidden), true, "the control");
    browser.run("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.run(hidden), false);
}

/// The script gets the form without a word on files that have to be chosen again, and of a receipt only where it is.
#[test]
fn the_script_is_told_what_it_needs() {
    let world = World::new();
    let ask = |path: &str, accept: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n",
            world.address
        );
        exchange(world.address, request.as_bytes())
    };
    const LIVE: &str = "text/uri-list, text/html;q=0.9";
    let wrong = || {
        world
            .form()
            .text("namn", "Kari")
            .file("vedlegg", "a.txt", b"x")
            .send()
            .location()
            .to_owned()
    };
    let again = "Vel dei på nytt før du sender";
    assert!(ask(&wrong(), "text/html").body.contains(again), "the control");
    let live = ask(&wrong(), LIVE);
    assert!(live.body.contains("value=\"Kari\"") && live.body.contains("problem-list"));
    assert!(!live.body.contains(again));

    // A key that opens nothing: the text is still in the page at hand, and nobody must hear that it is gone.
    let key = "/nn/s/skriv?k=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(ask(key, "text/html").body.contains("er borte"), "the control");
    let live = ask(key, LIVE).body;
    assert!(
        live.contains("problem-list") && !live.contains("Det du skreiv, er borte"),
        "{live}"
    );

    let sent = world.form().text("melding", &world.marker.text).send();
    let told = ask(sent.location(), LIVE);
    assert_eq!((told.status, told.body.as_str()), (204, ""));
    assert_eq!(ask(sent.location(), "text/html").status, 200, "it opens for the reader");
}
