//! The browsers that people use, each by its own driver: what holds in one must hold in all of them.

mod disk;
mod exit;
mod forms;
mod journeys;
mod pictures;

use crate::support::{Browser, Engine, Scripts, Site, Wishes};

/// Each with a thread of its own, and all of them to their end: browsers wait more than they work.
fn side_by_side<T: Send>(all: impl IntoIterator<Item = T>, act: impl Fn(T) + Sync) {
    let act = &act;
    std::thread::scope(|scope| {
        for one in all {
            scope.spawn(move || act(one));
        }
    });
}

#[test]
#[ignore = "needs chromium, firefox, webkit and gnome web"]
fn each_engine_does_what_a_person_does() {
    let site = Site::start("Vêret");
    for engine in Engine::ALL {
        for scripts in [Scripts::On, Scripts::Off] {
            let home = tempfile::tempdir().unwrap();
            let wishes = Wishes {
                text: 32,
                ..Wishes::with(scripts)
            };
            let mut browser = engine.start(home.path(), wishes);
            browser.screen(320, 568);
            write(&browser, &site);
            assert_eq!(browser.run("return getComputedStyle(document.body).fontSize"), "32px");
            browser.press(None, &['x']);
            assert!(
                browser.is_seen("#text") && browser.value("#text").ends_with('x'),
                "{engine:?}"
            );
            runs_scripts(&browser, scripts);
            browser.kill();
        }
    }
    let home = tempfile::tempdir().unwrap();
    let browser = Engine::GnomeWeb.start(home.path(), Wishes::with(Scripts::On));
    write(&browser, &site);
    runs_scripts(&browser, Scripts::On);
}

fn write(browser: &Browser, site: &Site) {
    let engine = browser.engine;
    browser.go(&site.url);
    assert_eq!(browser.title(), "Vêret", "{engine:?}");
    browser.type_into("#line", "Hei æøå ŋđŧ");
    browser.follow("button");
    assert_eq!(browser.address(), format!("{}sent", site.url), "{engine:?}");
    browser.back();
    assert_eq!(browser.address(), site.url, "{engine:?}");
    browser.follow("a");
    browser.back();
    browser.forward();
    browser.reload();
    assert_eq!(browser.address(), format!("{}other", site.url), "{engine:?}");
    browser.go(&site.url);
    browser.click("#tick");
    assert!(browser.is_chosen("#tick"), "{engine:?}");
    let text = "Ei linje.\n\nEi til.";
    browser.type_into("#text", text);
    assert_eq!(browser.value("#text"), text, "{engine:?}");
    assert!(browser.shows("Ei til.") && !browser.shows("Ei tredje."), "{engine:?}");
}

fn runs_scripts(browser: &Browser, scripts: Scripts) {
    let site = Site::start("before</title><script>document.title = 'after'</script><title>");
    browser.go(&site.url);
    let title = match scripts {
        Scripts::On => "after",
        Scripts::Off => "before",
    };
    assert_eq!(browser.title(), title, "{:?}", browser.engine);
}
