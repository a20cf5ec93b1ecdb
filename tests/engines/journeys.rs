//! The whole way of a letter in each engine, with scripts and without: what is typed and chosen stays until it is sent, and
//! nobody finds it afterwards.

use std::fs;

use konvolutt::i18n::Lang;
use konvolutt_letter::Reference;
use serde_json::{Value, json};

use super::forms::{FORMS, Form};
use super::side_by_side;
use crate::support::citizen::{EXIT, SEND, lead_out_to, write_files};
use crate::support::{Browser, Engine, Marker, Scripts, Site, Wishes, World, pages};

/// Whether what was typed is there again after an act that no form has in its hands. Where it is not, the page said so before.
struct Kept {
    engine: Engine,
    /// Back from another language, and from the list of mistakes, where scripts do not run.
    back: [bool; 2],
    /// The page loaded again, with scripts and without.
    reload: bool,
}

const KEPT: [Kept; 3] = [
    Kept {
        engine: Engine::Chromium,
        back: [true, true],
        reload: false,
    },
    Kept {
        engine: Engine::Firefox,
        back: [false, false],
        reload: false,
    },
    Kept {
        engine: Engine::WebKit,
        back: [false, false],
        reload: false,
    },
];

#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn nothing_is_lost_on_the_way_and_nothing_is_found_after_it() {
    walk_all(Scripts::On);
}

#[test]
#[ignore = "needs chromium, firefox and webkit"]
fn without_scripts_the_page_says_what_is_lost_and_nothing_is_found_after_it() {
    walk_all(Scripts::Off);
}

fn walk_all(scripts: Scripts) {
    side_by_side(Engine::ALL, |engine| {
        let mut world = pages::world();
        let (paper, away) = (Site::start("Avisa"), Site::secure("Vêret"));
        lead_out_to(&mut world, &away);
        let home = tempfile::tempdir_in(world.root()).unwrap().keep();
        let browser = engine.start(&home, Wishes::with(scripts));
        let before = if loses_its_page(engine) {
            format!("http://{}/nn/", world.address)
        } else {
            paper.url.clone()
        };
        for form in &FORMS {
            let way = Way {
                world: &world,
                browser: &browser,
                form,
                scripts,
                number: Marker::number().text,
                before: &before,
            };
            browser.go(&before);
            way.walk();
            way.leave(&away);
            eprintln!("{engine:?}, {}: nothing is lost or found", form.slug);
        }
    });
}

/// WebKit's driver gives no answer any more after Back from a page with `Cross-Origin-Opener-Policy`, as all of ours have it,
/// to another site: also with a page of one line. So Back leads to a page of ours there.
fn loses_its_page(engine: Engine) -> bool {
    engine == Engine::WebKit
}

struct Way<'a> {
    world: &'a World,
    browser: &'a Browser,
    form: &'a Form,
    scripts: Scripts,
    number: String,
    /// The page before the form.
    before: &'a str,
}

impl Way<'_> {
    fn walk(&self) {
        self.fill();
        self.says_what_is_lost();
        self.read_the_advice();
        match self.scripts {
            Scripts::On => self.go_astray(),
            Scripts::Off => self.go_astray_by_new_pages(),
        }
        self.load_again();
        self.send();
        self.nothing_behind();
    }

    fn fill(&self) {
        self.form.open(self.browser, self.world.address);
        self.form.write(self.browser, self.text(), &self.number);
        self.is_kept("typing");
    }

    fn text(&self) -> &str {
        &self.world.marker.text
    }

    fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        self.world.until(&self.told(what), is_so);
    }

    /// What a browser brings back is there when the page is whole.
    fn settled(&self) {
        self.until("a page", || {
            self.browser.run("return document.readyState") == "complete"
        });
    }

    fn told(&self, what: &str) -> String {
        format!("{:?}, {}: {what}", self.browser.engine, self.form.slug)
    }

    /// What was typed and chosen is there, all of it.
    fn is_kept(&self, after: &str) {
        let lost = self.lost();
        assert!(lost.is_empty(), "{}: {lost:?}", self.told(after));
    }

    fn lost(&self) -> Vec<String> {
        let written = self.form.written(self.text(), &self.number).into_iter();
        let text = written.filter(|(name, value)| self.browser.value(&format!("#{name}")) != *value);
        let choice = self.form.chosen().filter(|css| !self.browser.is_chosen(css));
        text.map(|(name, _)| name.to_owned())
            .chain(choice.map(str::to_owned))
            .collect()
    }

    fn says_what_is_lost(&self) {
        let page = self.browser.text("main");
        let said = Lang::from_code("nn").unwrap().catalog().lost_by_leaving;
        assert!(page.contains(said), "{page}");
    }

    /// It is in the page. Back closes it where scripts run.
    fn read_the_advice(&self) {
        let (browser, address) = (self.browser, self.browser.address());
        for id in ["trygg", "kryptering", "personvern"] {
            let summary = format!("#{id} > summary");
            let is_open = |open: bool| browser.is_there(&format!("#{id}[open]")) == open;
            browser.click(&summary);
            self.until("the advice", || is_open(true));
            self.is_kept("reading");
            match self.scripts {
                Scripts::On => browser.step_back(),
                Scripts::Off => browser.click(&summary),
            }
            self.until("the advice closed", || is_open(false));
            assert_eq!(browser.address(), address);
            self.is_kept(id);
        }
    }

    fn lang_is(&self, lang: &str) {
        self.until(lang, || self.browser.is_there(&format!("html[lang={lang}]")));
    }

    fn turn(&self, lang: &str) {
        self.browser.click(&format!(".languages [lang={lang}]"));
        self.lang_is(lang);
    }

    /// Another language and a mistake, where scripts show both in the page: files stay too.
    fn go_astray(&self) {
        let (browser, address) = (self.browser, self.browser.address());
        self.choose_a_file();
        let files_are_kept = || assert_eq!(browser.run(FILES), json!(["a.txt"]), "{}", self.told("files"));
        files_are_kept();
        self.turn("nb");
        self.is_kept("another language");
        files_are_kept();
        browser.step_back();
        self.lang_is("nn");
        self.until("the address before", || browser.address() == address);
        self.is_kept("the language before");
        files_are_kept();

        let steps = browser.run("return history.length");
        browser.click(SEND);
        self.until("the list of mistakes", || browser.is_there("#problem-list"));
        assert!(browser.title().starts_with("Feil: "), "{}", browser.title());
        self.is_kept("a mistake");
        files_are_kept();
        assert_eq!(browser.address(), address);
        assert_eq!(browser.run("return history.length"), steps, "Back leads where it led");
    }

    /// The same where each of them is a new page.
    fn go_astray_by_new_pages(&self) {
        let browser = self.browser;
        let seen = [
            self.kept_by_back(|| self.turn("nb")),
            self.kept_by_back(|| {
                browser.click(SEND);
                self.until("the list of mistakes", || browser.is_there("#problem-list"));
            }),
        ];
        let told = self.told("Back from another language and from mistakes");
        assert_eq!(seen, self.kept().back, "{told}");
    }

    fn kept(&self) -> &'static Kept {
        let engine = self.browser.engine;
        KEPT.iter().find(|kept| kept.engine == engine).unwrap()
    }

    /// Loads the page again, which takes what was typed with it where the engine keeps nothing.
    fn load_again(&self) {
        self.fill();
        self.browser.reload();
        self.settled();
        let told = self.told("the page loaded again");
        assert_eq!(self.lost().is_empty(), self.kept().reload, "{told}");
        self.fill();
        self.choose_a_file();
    }

    /// Whether the form is as it was, after an act that leads to another page with all that was typed, and Back.
    fn kept_by_back(&self, act: impl Fn()) -> bool {
        self.fill();
        act();
        self.is_kept("a new page");
        self.browser.back();
        self.lang_is("nn");
        self.settled();
        self.lost().is_empty()
    }

    fn choose_a_file(&self) {
        let file = write_files(self.world.root(), &[("a.txt", b"innhald")]);
        self.browser.type_into("#vedlegg", &file);
    }

    fn send(&self) {
        let (world, browser) = (self.world, self.browser);
        let before = world.sink.mails().len();
        browser.type_into(&format!("#{}", self.form.message), self.text());
        browser.click(SEND);
        self.until("the receipt", || browser.is_there(".reference"));
        let reference = browser.text(".reference [aria-hidden]");
        let reference = Reference::parse(&reference).unwrap_or_else(|| panic!("{}", self.told(&reference)));
        let mails = world.sink.wait_for(before + 1);
        let folder = world.open(&mails[before].mail);
        assert!(folder.ends_with(reference.to_string()), "{folder:?}");
        let letter = fs::read_to_string(folder.join("letter.json")).unwrap();
        let letter: Value = serde_json::from_str(&letter).unwrap();
        let letter = letter.to_string();
        for (name, value) in self.form.written(self.text(), &self.number) {
            assert!(letter.contains(&value), "{name}: {value} in {letter}");
        }
        assert_eq!(fs::read(folder.join("attachments/a.txt")).unwrap(), b"innhald");
    }

    /// Back, as far as it goes.
    fn nothing_behind(&self) {
        let browser = self.browser;
        for _ in 0..6 {
            let from = browser.address();
            browser.step_back();
            self.until("Back", || browser.address() != from);
            self.settled();
            let at = browser.address();
            assert!(!self.is_seen(), "{} {at}", self.told("Back shows what was sent"));
            if at == self.before {
                return;
            }
        }
        panic!("{}", self.told("Back never left"));
    }

    fn leave(&self, away: &Site) {
        let browser = self.browser;
        self.fill();
        browser.click(EXIT);
        self.until("the page outside", || browser.address() == away.url);
        if loses_its_page(browser.engine) {
            return;
        }
        browser.step_back();
        self.until("Back", || browser.address() != away.url);
        self.settled();
        assert!(!self.is_seen(), "{}", self.told("Back shows what was left"));
    }

    /// Whether anything that was typed or chosen is on the page.
    fn is_seen(&self) -> bool {
        let chosen = |css| self.browser.is_there(css) && self.browser.is_chosen(css);
        self.browser.shows(self.text()) || self.form.chosen().any(chosen)
    }
}

/// Names of the files that the form holds.
const FILES: &str = "return [...document.querySelector('#vedlegg').files].map(file => file.name)";
