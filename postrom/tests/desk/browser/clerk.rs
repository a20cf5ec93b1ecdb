//! Somebody at a desk's page. Comes in: a desk and a browser of their own. Goes out: what they see.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::places::{CHIPS, FIRST, LINKS, PASSPHRASE, ROWS, UNLOCK};
use super::post_room::Served;
use super::webdriver::{Browser, Scripts};

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

pub struct Clerk {
    pub browser: Browser,
    /// The list's address, secret and all.
    pub root: String,
}

impl Clerk {
    /// Comes in by the address that works once. The browser keeps everything it writes below `home`.
    pub fn at(served: &Served, home: &Path, scripts: Scripts) -> Self {
        Self::with(Browser::start(home, scripts), served)
    }

    pub fn with(browser: Browser, served: &Served) -> Self {
        let invitation = served.invitation();
        browser.go(&invitation);
        let root = browser.address();
        assert!(root != invitation && root.ends_with('/'), "{root}");
        Self { browser, root }
    }

    /// The same, past the lock.
    pub fn unlocked(served: &Served, home: &Path, scripts: Scripts, passphrase: Option<&str>) -> Self {
        let clerk = Self::at(served, home, scripts);
        clerk.unlock(passphrase);
        clerk
    }

    pub fn unlock(&self, passphrase: Option<&str>) {
        if let Some(passphrase) = passphrase {
            self.browser.type_into(PASSPHRASE, passphrase);
        }
        self.press(UNLOCK);
    }

    pub fn go(&self, place: &str) {
        self.browser.go(&format!("{}{place}", self.root));
    }

    /// Where they are, seen from the list.
    pub fn place(&self) -> String {
        let address = self.browser.address();
        address.strip_prefix(&self.root).unwrap_or(&address).to_owned()
    }

    /// Clicks what leads to a page, which may have the address of this one, and waits for it.
    pub fn press(&self, css: &str) {
        self.to_next_page(|| self.browser.click(css));
    }

    /// Presses a key that leads to a page.
    pub fn key(&self, key: char) {
        self.to_next_page(|| self.browser.press(None, &[key]));
    }

    pub fn to_next_page(&self, act: impl FnOnce()) {
        self.browser
            .run("document.documentElement.setAttribute('data-before', '')");
        act();
        self.until("the next page", || {
            self.browser.run(
                "return !document.documentElement.hasAttribute('data-before') && document.readyState === 'complete'",
            ) == true
        });
    }

    pub fn until(&self, what: &str, so: impl Fn() -> bool) {
        self.until_within(LONG, what, so);
    }

    pub fn until_within(&self, time: Duration, what: &str, so: impl Fn() -> bool) {
        let end = Instant::now() + time;
        while !so() {
            assert!(Instant::now() < end, "{what} did not come: {}", self.browser.source());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// References in the list, from the top.
    pub fn listed(&self) -> Vec<String> {
        self.texts(LINKS)
    }

    /// Until so many rows are there, by asking again.
    pub fn until_listed(&self, rows: usize) {
        self.until(&format!("{rows} rows"), || {
            let is_filling = self.browser.is_there("#notes progress");
            if self.texts(ROWS).len() == rows && !is_filling {
                return true;
            }
            self.go("");
            false
        });
    }

    /// Each chip's count, in their order.
    pub fn counts(&self) -> Vec<u64> {
        let counts = self.texts(&format!("{CHIPS} b"));
        counts.iter().map(|count| count.parse().unwrap()).collect()
    }

    /// What a person reads of each of these.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({})].map(e => e.innerText.trim())",
            json!(css)
        );
        let found = self.browser.run(&script);
        let texts = found.as_array().unwrap_or_else(|| panic!("{found}")).iter();
        texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    pub fn open_first(&self) {
        self.press(FIRST);
    }

    /// The link of a letter in the list.
    pub fn link(&self, reference: &str) -> String {
        let script = format!(
            "return [...document.querySelectorAll({})].filter(a => a.innerText === {}).map(a => a.getAttribute('href'))",
            json!(LINKS),
            json!(reference)
        );
        let found = self.browser.run(&script);
        let first = found.get(0).and_then(Value::as_str);
        first
            .unwrap_or_else(|| panic!("no {reference}: {}", self.browser.source()))
            .to_owned()
    }

    /// The same, of the list behind a chip.
    pub fn link_of(&self, reference: &str, sort: &str) -> String {
        self.go(&format!("?sort={sort}"));
        self.link(reference)
    }

    /// What has the focus, by its text.
    pub fn focused(&self) -> String {
        let found = self.browser.run("return document.activeElement.innerText.trim()");
        found.as_str().unwrap_or_default().to_owned()
    }

    /// Another tab, which is the one at hand from now on; the handle of the one before.
    pub fn new_tab(&self) -> String {
        let before = self.tab();
        let new = self.browser.post("/window/new", &json!({"type": "tab"}));
        self.to_tab(new["handle"].as_str().unwrap());
        before
    }

    fn tab(&self) -> String {
        let handle = self.browser.get("/window");
        handle.as_str().unwrap().to_owned()
    }

    pub fn to_tab(&self, handle: &str) {
        self.browser.post("/window", &json!({"handle": handle}));
    }
}
