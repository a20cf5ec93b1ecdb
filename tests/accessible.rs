//! Every page in every language and state, looked at by axe-core, by the validator of the W3C, by the keyboard, and on
//! the narrowest screen. Each has a control in which it finds something.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::citizen::{SEND, at_form, write_files};
use crate::support::{Browser, Engine, Options, SHIFT, Scripts, TAB, Wishes, World, pages, steps_example};

/// What `.ci/run` installs from `tests/tools`.
fn tool(path: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/tools/node_modules")
        .join(path);
    assert!(
        tool.exists(),
        "{} is missing: npm ci in target/tools, as .ci/run does",
        tool.display()
    );
    tool
}

/// A browser in which every page has axe-core at hand.
fn with_axe(world: &World) -> Browser {
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Browser::start(&home, Scripts::On);
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": axe()}));
    browser
}

fn axe() -> String {
    fs::read_to_string(tool("axe-core/axe.min.js")).unwrap()
}

/// Rules and places of what axe-core finds; what it cannot decide counts too, but for contrast over pictures.
const LOOK: &str = "scrollTo(0, 0); \
    axe.run({rules: {'target-size': {enabled: true}}, resultTypes: ['violations', 'incomplete']}).then(found => \
        done([...found.violations, ...found.incomplete].flatMap(rule => \
            rule.nodes.map(node => rule.id + ' ' + node.target + ' ' + node.failureSummary))), \
        error => done(['axe: ' + error]));";

fn findings(browser: &Browser) -> Vec<String> {
    texts(&browser.run_until_done(LOOK))
}

fn texts(found: &Value) -> Vec<String> {
    let all = found.as_array().unwrap_or_else(|| panic!("{found}"));
    all.iter()
        .map(|text| text.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Elements that are wider than the screen, on a page that then has to be moved sideways.
fn too_wide(browser: &Browser) -> Vec<String> {
    let found = browser.run(
        "const most = document.documentElement.clientWidth; \
         if (document.documentElement.scrollWidth <= most) return []; \
         return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > most) \
            .map(e => e.outerHTML.slice(0, 120))",
    );
    texts(&found)
}

/// Room between letters, words and lines as WCAG 1.4.12 asks for, and text of twice the size (1.4.4).
const AIRY: &str = "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; \
    letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }'); \
    document.adoptedStyleSheets = [sheet];";

#[test]
#[ignore = "needs chromium and axe-core"]
fn every_page_is_accessible() {
    let world = pages::world();
    let browser = with_axe(&world);
    let (mut found, mut titles) = (Vec::new(), BTreeSet::new());
    let mut looked = 0;
    pages::each(&world, |page| {
        browser.screen(320, 640);
        browser.scheme("light");
        browser.go(&format!("http://{}{}", world.address, page.path));
        titles.insert(browser.title());
        if page.name.ends_with("-filled") {
            browser.run("for (const folded of document.querySelectorAll('details')) folded.open = true");
        }
        for (scheme, width) in [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)] {
            browser.screen(width, 800);
            browser.scheme(scheme);
            let told = |text| format!("{} {scheme} {width}: {text}", page.name);
            found.extend(findings(&browser).into_iter().map(told));
            found.extend(too_wide(&browser).into_iter().map(told));
            looked += 1;
        }
        browser.screen(320, 256);
        browser.run(AIRY);
        found.extend(
            too_wide(&browser)
                .into_iter()
                .map(|text| format!("{} airy: {text}", page.name)),
        );
        let wrong = page.name.ends_with("-errors");
        let says = ["Feil: ", "Error: "]
            .iter()
            .any(|prefix| browser.title().starts_with(prefix));
        assert_eq!(wrong, says, "{}: {}", page.name, browser.title());
    });
    found.extend(trouble(&browser, &world));
    assert_eq!(looked, 384, "docs/promises.md and docs/accessibility.md say how many");
    eprintln!("{looked} looks at {} pages with titles of their own", titles.len());
    assert!(found.is_empty(), "{}", found.join("\n"));

    browser.scheme("light");
    browser.screen(320, 640);
    browser.go(CARELESS);
    sees_carelessness(&findings(&browser));
    assert!(!too_wide(&browser).is_empty());
}

/// The control: a page without our care.
const CARELESS: &str = "data:text/html,<title>x</title><p style='color:%23aaa'>grey<input><div><button \
    style='width:9px;height:9px'></button><button style='width:9px;height:9px'></button></div><div style='width:400px'>wide</div>";

fn sees_carelessness(found: &[String]) {
    let found = found.join("\n");
    for rule in ["html-has-lang", "color-contrast", "label", "target-size"] {
        assert!(found.contains(rule), "{rule} in {found}");
    }
}

/// What an engine paints and measures decides what axe-core sees.
#[test]
#[ignore = "needs firefox and axe-core"]
fn every_page_is_accessible_in_firefox() {
    let world = pages::world();
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Engine::Firefox.start(&home, Wishes::with(Scripts::On));
    let look = format!("{};{LOOK}", axe());
    let findings = || texts(&browser.run_until_done(&look));
    let (mut found, mut looked) = (Vec::new(), 0);
    pages::each(&world, |page| {
        browser.go(&format!("http://{}{}", world.address, page.path));
        if page.name.ends_with("-filled") {
            browser.run("for (const folded of document.querySelectorAll('details')) folded.open = true");
        }
        for width in [320, 1280] {
            browser.screen(width, 800);
            let told = |text| format!("{} {width}: {text}", page.name);
            found.extend(findings().into_iter().chain(too_wide(&browser)).map(told));
            looked += 1;
        }
    });
    assert_eq!(looked, 192, "docs/promises.md and docs/accessibility.md say how many");
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.go(CARELESS);
    sees_carelessness(&findings());
}

/// Each step of a long form, and the end that a choice makes.
#[test]
#[ignore = "needs chromium and axe-core"]
fn every_step_is_accessible() {
    let world = World::with(Options {
        change: |authority| {
            let form = steps_example().replacen("slug =", "review = true\nslug =", 1);
            fs::write(authority.root.join("forms/krisesenter.toml"), form).unwrap();
        },
        ..Options::default()
    });
    let browser = with_axe(&world);
    let (mut found, mut looked) = (Vec::new(), 0);
    let mut look = |step: &str| {
        for (scheme, width) in [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)] {
            browser.screen(width, 800);
            browser.scheme(scheme);
            let all = findings(&browser).into_iter().chain(too_wide(&browser));
            found.extend(all.map(|text| format!("{step} {scheme} {width}: {text}")));
            looked += 1;
        }
    };
    browser.go(&format!("http://{}/nb/s/skriv", world.address));
    look("first");
    browser.click("[value=sykehus]");
    assert!(browser.is_seen(".stop"));
    look("end");
    browser.click("[value=tjeneste]");
    browser.click(".turn [href='#steg-2']");
    world.until("step 2", || browser.has_focus("#steg-2"));
    look("second");
    browser.click(".turn [href='#steg-3']");
    world.until("the mistakes", || browser.has_focus("#problem-list"));
    look("mistakes");
    browser.type_into("#melding", "x");
    browser.click(".turn [href='#steg-3']");
    world.until("step 3", || browser.has_focus("#steg-3"));
    look("third");
    browser.click(SEND);
    world.until("the answers", || browser.is_there("#svar"));
    look("answers");
    assert_eq!(looked, 24, "docs/promises.md says how many");
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.go(CARELESS);
    sees_carelessness(&findings(&browser));
}

/// What only the script shows: files one by one, and why nothing was sent.
fn trouble(browser: &Browser, world: &World) -> Vec<String> {
    browser.go(&format!("http://{}/nn/s/skriv", world.address));
    let device = tempfile::tempdir().unwrap();
    browser.type_into(
        "#vedlegg",
        &write_files(device.path(), &[("a.txt", b"x"), ("tom.txt", b"")]),
    );
    browser.click(SEND);
    world.until("the trouble", || {
        browser.is_there("#problem-list") && browser.is_there(".files .problem")
    });
    let mut found = Vec::new();
    for (scheme, width) in [("light", 320), ("dark", 1280)] {
        browser.screen(width, 800);
        browser.scheme(scheme);
        found.extend(findings(browser));
        found.extend(too_wide(browser));
    }
    found
}

#[test]
#[ignore = "needs java and vnu-jar"]
fn every_page_is_valid_html() {
    let world = pages::world();
    let dir = tempfile::tempdir().unwrap();
    let validate = || {
        let jar = tool("vnu-jar/build/dist/vnu.jar");
        let mut java = Command::new("java");
        java.arg("-jar")
            .arg(jar)
            .args(["--format", "gnu", "--skip-non-html"])
            .arg(dir.path());
        String::from_utf8(java.output().unwrap().stderr).unwrap()
    };
    pages::each(&world, |page| {
        let file = dir.path().join(format!("{}.html", page.name));
        fs::write(file, world.get(&page.path).body).unwrap();
    });
    // The closed door, and the way out.
    fs::write(dir.path().join("out.html"), world.get("/ut/skriv").body).unwrap();
    let refused = world.form().header("Sec-Fetch-Site", "cross-site").send();
    let refused = world.get(refused.location());
    assert_eq!(refused.status, 403);
    fs::write(dir.path().join("refused.html"), refused.body).unwrap();
    assert_eq!(validate(), "");

    let careless = "<!doctype html><html lang=nn><title>x</title><p><button><div>x</div></button>";
    fs::write(dir.path().join("careless.html"), careless).unwrap();
    assert!(validate().contains("careless.html"), "the control");
}

/// What of the page has the focus, and what is wrong with how that is seen.
const FOCUS: &str = "const e = document.activeElement, r = e.getBoundingClientRect(), \
    bar = document.querySelector('nav.exit').getBoundingClientRect(), style = getComputedStyle(e), wrong = []; \
    if (e === document.body) return ['body']; \
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push('no ring'); \
    if (!e.closest('nav.exit, .jump') && r.top < bar.bottom && r.bottom > bar.top && r.right > bar.left && r.left < bar.right) \
    wrong.push('under the exit'); \
    if (r.bottom < 1 || r.top > innerHeight - 1 || r.right < 1 || r.left > innerWidth - 1) wrong.push('out of sight'); \
    return [(e.id || e.name || e.textContent.trim()).slice(0, 40), ...wrong]";

/// Goes through the page forwards and back again; gives the stops and what was wrong at them.
fn walk(browser: &Browser) -> (Vec<String>, Vec<String>) {
    let (mut stops, mut wrong) = (Vec::new(), Vec::new());
    for (held, way) in [(None, "forwards"), (Some(SHIFT), "back")] {
        for _ in 0..200 {
            browser.press(held, &[TAB]);
            let stop = texts(&browser.run(FOCUS));
            if stop[0] == "body" {
                break;
            }
            wrong.extend(stop[1..].iter().map(|what| format!("{} ({way}): {what}", stop[0])));
            stops.push(stop[0].clone());
        }
    }
    (stops, wrong)
}

#[test]
#[ignore = "needs chromium"]
fn the_keyboard_reaches_everything_and_always_shows_where_it_is() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    for (width, height) in [(320, 640), (1280, 800)] {
        browser.screen(width, height);
        browser.go(&form);
        let (stops, wrong) = walk(&browser);
        for wanted in ["melding", "vedlegg-vel", "Kan nokon sjå kva du gjer her?"] {
            assert!(stops.iter().any(|stop| stop == wanted), "{wanted} in {stops:?}");
        }
        assert_eq!(wrong, Vec::<String>::new(), "{width}");
    }
    // The control: without the room that the page keeps free below the exit.
    browser.run(
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('* { scroll-padding: 0 !important; \
         scroll-margin: 0 !important; outline: none !important }'); document.adoptedStyleSheets = [sheet];",
    );
    browser.screen(320, 640);
    let wrong = walk(&browser).1.join("\n");
    assert!(wrong.contains("under the exit") && wrong.contains("no ring"), "{wrong}");
}
