//! Every page in every state, looked at by axe-core, on the narrowest screen, in the dark, in the system's own colours,
//! and with text of twice the size. Each has a control in which it finds something.

use std::fs;
use std::path::{Path, PathBuf};

use sequoia_openpgp::serialize::SerializeInto;
use serde_json::{Value, json};

use super::clerk::Clerk;
use super::letters::{KINDS, every_kind};
use super::places::*;
use super::post_room::{PASSPHRASE as RIGHT, Served, with_passphrase};
use super::webdriver::{Browser, Scripts};
use crate::desk::office::until;
use crate::program::desk::Desk;
use crate::support::room;

/// What `.ci/run` installs from `tests/tools`.
fn tool(path: &str) -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/node_modules");
    let tool = tools.join(path);
    assert!(
        tool.exists(),
        "{} is missing: npm ci in target/tools, as .ci/run does",
        tool.display()
    );
    tool
}

/// A browser in which every page has axe-core at hand.
fn with_axe(home: &Path) -> Browser {
    let browser = Browser::start(home, Scripts::On);
    let axe = fs::read_to_string(tool("axe-core/axe.min.js")).unwrap();
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": axe}));
    browser
}

/// What axe-core finds; what it cannot decide counts too.
const AXE: &str = "scrollTo(0, 0); axe.run({rules: {'target-size': {enabled: true}}, resultTypes: ['violations', 'incomplete']}) \
    .then(found => done([...found.violations, ...found.incomplete].flatMap(rule => \
        rule.nodes.map(node => rule.id + ' ' + node.target + ' ' + node.failureSummary))), error => done(['axe: ' + error]));";

/// Elements that are wider than the screen, on a page that then has to be moved sideways.
const TOO_WIDE: &str = "const most = document.documentElement.clientWidth; \
    if (document.documentElement.scrollWidth <= most) return []; \
    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > most) \
        .map(e => 'too wide: ' + e.outerHTML.slice(0, 120))";

/// What a finger has to hit, and is smaller than a finger needs; links in running text are excepted.
const TOO_SMALL: &str = "return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')] \
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches('.jump, p:not(.screen) > a, li > a, td a, th a')) \
    .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; }) \
    .map(e => { const r = e.getBoundingClientRect(); return `small ${r.width}x${r.height}: ` + e.outerHTML.slice(0, 120); })";

/// Room between letters, words and lines as WCAG 1.4.12 asks for.
const AIRY: &str = "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; \
    letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }'); \
    document.adoptedStyleSheets = [sheet];";
/// Text of twice the size (WCAG 1.4.4).
const LARGE: &str = "const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 212.5% !important }'); \
    document.adoptedStyleSheets = [sheet];";

fn texts(found: &Value) -> Vec<String> {
    let all = found.as_array().unwrap_or_else(|| panic!("{found}"));
    all.iter()
        .map(|text| text.as_str().unwrap_or_default().to_owned())
        .collect()
}

#[derive(Default)]
struct Looked {
    looks: usize,
    found: Vec<String>,
}

impl Looked {
    fn tell(&mut self, name: &str, how: &str, found: &Value) {
        self.found
            .extend(texts(found).into_iter().map(|text| format!("{name} {how}: {text}")));
    }

    /// Looks at the page at hand in every way.
    fn at(&mut self, browser: &Browser, name: &str) {
        // What the script asks for later is looked at too.
        until("the files", || !browser.is_there("#look"));
        let media = |name: &str, value: &str| json!({"features": [{"name": name, "value": value}]});
        for (width, emulated) in [
            (320, media("prefers-color-scheme", "light")),
            (1280, media("prefers-color-scheme", "light")),
            (320, media("prefers-color-scheme", "dark")),
            (1280, media("prefers-color-scheme", "dark")),
            (1280, media("forced-colors", "active")),
        ] {
            browser.screen(width, 800);
            browser.devtools("Emulation.setEmulatedMedia", &emulated);
            let how = format!("{} {width}", emulated["features"][0]["value"]);
            self.tell(name, &how, &browser.run_until_done(AXE));
            self.tell(name, &how, &browser.run(TOO_WIDE));
            self.tell(name, &how, &browser.run(TOO_SMALL));
            self.looks += 1;
        }
        browser.devtools("Emulation.setEmulatedMedia", &media("prefers-color-scheme", "light"));
        browser.screen(320, 256);
        browser.run(AIRY);
        self.tell(name, "airy", &browser.run(TOO_WIDE));
        browser.screen(640, 512);
        browser.run(LARGE);
        self.tell(name, "large", &browser.run(TOO_WIDE));
        browser.run("document.adoptedStyleSheets = []");
    }
}

/// Everything behind the lock, in this language.
fn each_page(clerk: &Clerk, lang: &str, looked: &mut Looked) {
    clerk.go("letter/1");
    clerk.until("the picture", || clerk.browser.is_there("img.preview"));
    let mut look = |place: &str, name: &str| {
        clerk.go(place);
        assert!(clerk.browser.is_there(&format!("html[lang={lang}]")), "{place}");
        looked.at(&clerk.browser, &format!("{lang} {name}"));
    };
    for sort in ["to-do", "mine", "not-from-the-form", "could-not-be-opened", "tests"] {
        look(&format!("?sort={sort}"), sort);
    }
    for id in 1..=KINDS {
        look(&format!("letter/{id}"), &format!("letter {id}"));
    }
    for place in ["print", "register", "set-aside", "delete", "hand-over"] {
        look(&format!("letter/1/{place}"), place);
    }
    for place in ["copies", "keys", "about", "left", "nothing-here", "letter/99"] {
        look(place, place);
    }
}

fn locked_pages(clerk: &Clerk, looked: &mut Looked) {
    looked.at(&clerk.browser, "locked");
    // What a page says for a moment is there as long as the looks take.
    clerk
        .browser
        .run("document.getElementById('say').textContent = 'Told.'");
    looked.at(&clerk.browser, "told");
    for name in ["wrong", "wrong twice", "waits"] {
        clerk.unlock(Some("feil"));
        looked.at(&clerk.browser, name);
    }
    clerk.until("the end of the wait", || {
        clerk.go("");
        !clerk.browser.is_there(WAIT)
    });
}

#[test]
#[ignore = "needs chromium and axe-core"]
fn every_page_is_accessible() {
    let desk = with_passphrase(Desk::new());
    every_kind(&desk);
    let officer = room("Saksbehandler").0.strip_secret_key_material();
    desk.put("officer.asc", officer.armored().to_vec().unwrap());
    let served = Served::start(&desk, "kari", "officers = [\"officer.asc\"]\narkivmelding = \"efm\"");
    let clerk = Clerk::with(with_axe(&desk.path("browser")), &served);
    let mut looked = Looked::default();
    locked_pages(&clerk, &mut looked);
    clerk.unlock(Some(RIGHT));
    looked.at(&clerk.browser, "just unlocked");
    clerk.until_listed(KINDS - 1);
    clerk.browser.screen(1280, 5000);
    clerk.open_first();
    // What comes later moves what is below it on a narrow screen.
    clerk.until("the files", || !clerk.browser.is_there("#look"));
    clerk.press(TAKE);
    clerk.press(SAVE);
    each_page(&clerk, "en", &mut looked);
    clerk.go("");
    clerk.browser.type_into(WORDS, "ingen har skrevet dette");
    clerk.press(SEARCH);
    looked.at(&clerk.browser, "nothing found");
    clerk.press("button[form=all-again]");
    for lang in ["nb", "nn"] {
        clerk.press(&format!(".languages [value={lang}]"));
        for (place, name) in [
            ("", "list"),
            ("letter/1", "letter"),
            ("letter/1/delete", "delete"),
            ("copies", "copies"),
        ] {
            clerk.go(place);
            looked.at(&clerk.browser, &format!("{lang} {name}"));
            let verdict = clerk.texts(VERDICT).concat();
            assert!(!verdict.contains("This letter"), "{lang}: {verdict}");
        }
    }
    eprintln!("{} looks", looked.looks);
    assert!(
        looked.found.is_empty(),
        "{} findings\n{}",
        looked.found.len(),
        looked.found.join("\n")
    );
    control(&clerk.browser);
}

/// The same eyes on a page without our care.
fn control(browser: &Browser) {
    let mut looked = Looked::default();
    browser.go(
        "data:text/html,<title>x</title><p style='color:%23aaa'>grey<input><div><button style='width:9px;height:9px'></button>\
         <button style='width:9px;height:9px'></button></div><div style='width:400px'>wide</div>",
    );
    looked.at(browser, "control");
    let found = looked.found.join("\n");
    for rule in [
        "html-has-lang",
        "color-contrast",
        "label",
        "target-size",
        "too wide",
        "small 16x9",
    ] {
        assert!(found.contains(rule), "{rule} in {found}");
    }
}

#[test]
#[ignore = "needs chromium and axe-core"]
fn an_empty_desk_and_one_that_nobody_set_up_are_accessible() {
    let desk = Desk::new();
    let mut looked = Looked::default();
    let served = Served::start(&desk, "kari", "");
    let clerk = Clerk::with(with_axe(&desk.path("browser")), &served);
    clerk.unlock(None);
    clerk.until("that it looked", || {
        clerk.go("");
        clerk.browser.text("#foot").contains("looked through")
    });
    looked.at(&clerk.browser, "empty");
    drop(clerk);
    desk.put("bare.toml", "language = \"en\"\n");
    let bare = Served::with(&desk, "kari", &["--config", "bare.toml"]);
    let clerk = Clerk::with(with_axe(&desk.path("browser-bare")), &bare);
    looked.at(&clerk.browser, "setup");
    clerk.press("[name=check]");
    assert!(clerk.browser.is_there(PROBLEMS));
    looked.at(&clerk.browser, "setup with problems");
    for (lang, name) in [("nb", "setup nb"), ("nn", "setup nn")] {
        clerk.press(&format!(".languages [value={lang}]"));
        looked.at(&clerk.browser, name);
    }
    assert!(
        looked.found.is_empty(),
        "{} findings\n{}",
        looked.found.len(),
        looked.found.join("\n")
    );
}
