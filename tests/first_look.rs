//! What somebody in a hurry sees first, the way out at any size of text, and a copy on paper.

use serde_json::{Value, json};

use crate::support::citizen::{EXIT, SEND, reference};
use crate::support::{Browser, LANGS, Scripts, World, pages};

const FORMS: [&str; 3] = ["skriv", "si-fra", "post"];

fn browser(world: &World) -> Browser {
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    Browser::start(&home, Scripts::On)
}

/// How far below the top of the page something begins, in screens.
fn screens_down(browser: &Browser, css: &str) -> f64 {
    let script = format!("return document.querySelector({css:?}).getBoundingClientRect().top / innerHeight");
    browser.run(&script).as_f64().unwrap()
}

/// On a telephone, in each language and form: somebody to ring on the first screen, the place to write on the second.
#[test]
#[ignore = "needs chromium"]
fn a_number_stands_on_the_first_screen_and_the_message_on_the_second() {
    let world = pages::world();
    let browser = browser(&world);
    browser.screen(390, 844);
    let mut lowest: (f64, f64) = (0.0, 0.0);
    for form in FORMS {
        for lang in LANGS {
            browser.go(&format!("http://{}/{lang}/s/{form}", world.address));
            let number = screens_down(&browser, "a[href^=\"tel:\"]");
            let message = screens_down(&browser, "textarea");
            assert!(number < 0.9 && message < 2.0, "{lang} {form}: {number:.2} {message:.2}");
            lowest = (lowest.0.max(number), lowest.1.max(message));
            let rung =
                browser.run("return [...document.querySelectorAll('.call')].map(link => link.getAttribute('href'))");
            assert_eq!(rung[0], "tel:112", "{lang} {form}");
        }
    }
    eprintln!("first number {:.2} screens down, message {:.2}", lowest.0, lowest.1);
    // The control: what stood there before, the list of numbers, lies far below.
    assert!(screens_down(&browser, "#phone-list") > 2.0);
}

/// Lines in which the words of an element stand, of words that are broken, and its height in parts of the screen.
const LINES: &str = "const link = arguments[0], text = [...link.childNodes].find(node => node.nodeType === 3), broken = []; \
    for (const word of text.data.matchAll(/\\S+/g)) { \
        const range = document.createRange(); range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length); \
        const rows = new Set([...range.getClientRects()].map(box => Math.round(box.top))); \
        if (rows.size > 1) broken.push(word[0]); } \
    const bar = document.querySelector('nav.exit'); \
    return [broken, (bar || link).getBoundingClientRect().height / innerHeight, link.getBoundingClientRect().height]";

fn lines(browser: &Browser, css: &str) -> (Vec<Value>, f64, f64) {
    let script = LINES.replace("arguments[0]", &format!("document.querySelector({css:?})"));
    let told = browser.run(&script);
    (
        told[0].as_array().unwrap().clone(),
        told[1].as_f64().unwrap(),
        told[2].as_f64().unwrap(),
    )
}

/// The reader's own size of text, not a zoom: what the settings of a telephone do.
#[test]
#[ignore = "needs chromium"]
fn the_exit_stays_small_and_whole_when_the_text_is_twice_as_large() {
    let world = pages::world();
    for (percent, most) in [(100, 0.12), (200, 0.25)] {
        let home = tempfile::tempdir_in(world.root()).unwrap().keep();
        let browser = Browser::start_with_text(&home, percent);
        browser.screen(320, 568);
        for lang in LANGS {
            for path in ["s/skriv", "trygg/skriv", "nothing", ""] {
                browser.go(&format!("http://{}/{lang}/{path}", world.address));
                let (broken, part, height) = lines(&browser, EXIT);
                assert!(broken.is_empty(), "{lang} {path} {percent} %: {broken:?}");
                assert!(
                    part <= most && height >= 44.0,
                    "{lang} {path} {percent} %: {part:.2}, {height} px"
                );
                let sideways = browser.run("return document.documentElement.scrollWidth > innerWidth");
                assert_eq!(sideways, false, "{lang} {path} {percent} %");
            }
        }
        // The control: as it once was.
        browser.run(
            "const sheet = new CSSStyleSheet(); sheet.replaceSync('.exit { width: 3rem } .exit a { overflow-wrap: anywhere \
             !important; padding: 1rem !important }'); document.adoptedStyleSheets = [sheet];",
        );
        let (broken, part, _) = lines(&browser, EXIT);
        assert!(!broken.is_empty() && part > most, "{broken:?} {part:.2}");
    }
}

/// A copy on paper has the whole text that was written, and nothing of how to write it; the receipt is one sheet.
#[test]
#[ignore = "needs chromium"]
fn a_copy_on_paper_has_all_that_was_written() {
    let world = World::new();
    let browser = browser(&world);
    browser.screen(794, 1123);
    browser.go(&format!("http://{}/nn/s/skriv", world.address));
    let text: String = (1..=60)
        .map(|line| format!("Linje {line} {}\n", world.marker.text))
        .collect();
    browser.type_into("#melding", &text);
    let height = "const box = document.querySelector('#melding'); return [box.clientHeight, box.scrollHeight]";
    let on_screen = browser.run(height);
    assert!(
        on_screen[0].as_f64() < on_screen[1].as_f64(),
        "the control: on the screen it scrolls"
    );
    browser.devtools("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    let on_paper = browser.run(height);
    assert_eq!(on_paper[0], on_paper[1], "nothing is left to scroll");
    for left_out in [
        EXIT,
        "#trygg",
        "#kryptering",
        "#personvern",
        ".call",
        ".note",
        ".languages",
        SEND,
        ".help",
    ] {
        assert!(!browser.is_seen(left_out), "{left_out}");
    }
    for kept in ["h1", ".authority", "#melding", "label[for=kommune]"] {
        assert!(browser.is_seen(kept), "{kept}");
    }
    browser.devtools("Emulation.setEmulatedMedia", &json!({"media": ""}));
    assert!(browser.is_seen(EXIT) && browser.is_seen("#trygg"), "the control");
    assert!(sheets(&browser) > 1, "the control: many lines take more than one sheet");

    browser.follow(SEND);
    reference(&browser);
    assert_eq!(sheets(&browser), 1);
}

/// Sheets of A4 that the page takes in print.
fn sheets(browser: &Browser) -> usize {
    use base64::Engine;
    let printed = browser.devtools("Page.printToPDF", &json!({"paperWidth": 8.27, "paperHeight": 11.69}));
    let pdf = base64::engine::general_purpose::STANDARD
        .decode(printed["data"].as_str().unwrap())
        .unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    pdf.matches("/Type /Page").count() - pdf.matches("/Type /Pages").count()
}
