//! The way out for somebody who has made the text large, on the smallest telephone: it takes little of the screen and its
//! words are whole.

use std::fmt::Write;

use serde_json::Value;

use crate::support::{Browser, Engine, LANGS, Scripts, Wishes, World, pages};

/// Share of the screen's height that the way out takes, and the words of it that are broken, here and at the page's middle.
const LOOK: &str = "const looks = [0, document.documentElement.scrollHeight / 2].map(top => {
    scrollTo(0, top);
    const links = [...document.querySelectorAll('nav.exit a')];
    const boxes = [document.querySelector('nav.exit'), ...links].map(one => one.getBoundingClientRect());
    const height = Math.max(...boxes.map(box => box.bottom)) - Math.min(...boxes.map(box => box.top));
    const broken = [];
    for (const link of document.querySelectorAll('nav.exit a, main a[href^=\"/ut/\"]')) {
        const texts = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.parentElement.closest('.unseen')) continue;
            for (const word of text.data.matchAll(/\\S+/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
                if (lines.size !== 1) broken.push(word[0]);
            }
        }
    }
    return [height / innerHeight, broken];
});
scrollTo(0, 0);
return looks;";

struct Look {
    share: f64,
    broken: Vec<Value>,
}

fn look(browser: &Browser) -> Look {
    let looks = browser.run(LOOK);
    let looks = looks.as_array().unwrap();
    assert_eq!(looks.len(), 2, "{looks:?}");
    Look {
        share: looks.iter().map(|look| look[0].as_f64().unwrap()).fold(0.0, f64::max),
        broken: looks
            .iter()
            .flat_map(|look| look[1].as_array().unwrap().clone())
            .collect(),
    }
}

#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn the_way_out_is_small_and_whole_at_twice_the_text() {
    let world = pages::world();
    let (mut found, mut told) = (String::new(), String::new());
    for engine in Engine::ALL {
        for scripts in [Scripts::On, Scripts::Off] {
            let home = tempfile::tempdir_in(world.root()).unwrap().keep();
            let wishes = Wishes {
                text: 32,
                ..Wishes::with(scripts)
            };
            let browser = engine.start(&home, wishes);
            browser.screen(320, 568);
            let mut most: f64 = 0.0;
            for path in paths(&world) {
                browser.go(&format!("http://{}{path}", world.address));
                let is_large =
                    browser.run("return parseFloat(getComputedStyle(document.documentElement).fontSize) >= 32");
                assert_eq!(is_large, true, "{engine:?}: the text is not of twice the size");
                let Look { share, broken } = look(&browser);
                most = most.max(share);
                if share > 0.25 || !broken.is_empty() {
                    writeln!(
                        found,
                        "{engine:?} {path}: {:.0} % of the screen, broken {broken:?}",
                        share * 100.0
                    )
                    .unwrap();
                }
            }
            writeln!(told, "{engine:?}: at most {:.0} % of the screen", most * 100.0).unwrap();
            control(&browser);
        }
    }
    eprint!("{told}");
    assert!(found.is_empty(), "{found}");
}

/// The form, the receipt and a page that there is not, in each language.
fn paths(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for lang in LANGS {
        for slug in ["skriv", "si-fra", "post"] {
            all.push(format!("/{lang}/s/{slug}"));
        }
        all.push(format!("/{lang}/x"));
        let letter = world
            .form_at(&format!("/{lang}/s/skriv"))
            .text("melding", "Hei.")
            .send();
        all.push(letter.location().to_owned());
    }
    all
}

/// The same eyes on a way out that may be broken anywhere.
fn control(browser: &Browser) {
    browser.run(
        "for (const link of document.querySelectorAll('nav.exit a')) Object.assign(link.style, \
         {display: 'block', width: '1em', whiteSpace: 'normal', overflowWrap: 'anywhere', fontSize: '2rem'})",
    );
    let Look { share, broken } = look(browser);
    assert!(share > 0.25 && !broken.is_empty(), "{share} {broken:?}");
}
