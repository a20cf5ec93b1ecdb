//! A browser that goes through the desk and takes pictures. Goes out: files in an album.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::office::Served;
use super::webdriver::Browser;

const WIDTH: u32 = 1200;
const NARROW: u32 = 320;
/// What tells how a page looks; a letter is many screens long.
const MOST: f64 = 1000.0;
const LINKS: &str = "#letters tbody a";

pub struct Camera {
    pub browser: Browser,
    /// Whole pages instead of their beginning.
    whole: bool,
    album: PathBuf,
    root: RefCell<String>,
}

impl Camera {
    pub fn new(browser: Browser, whole: bool, album: PathBuf) -> Self {
        fs::create_dir_all(&album).unwrap();
        Self {
            browser,
            whole,
            album,
            root: RefCell::default(),
        }
    }

    pub fn enter(&self, served: &Served) {
        self.browser.go(&served.invitation);
        *self.root.borrow_mut() = self.browser.address();
    }

    pub fn go(&self, place: &str) {
        self.browser.go(&format!("{}{place}", self.root.borrow()));
    }

    /// Where it is, seen from the list.
    pub fn place(&self) -> String {
        let root = self.root.borrow();
        self.browser.address().strip_prefix(root.as_str()).unwrap().to_owned()
    }

    /// Clicks what leads to a page, which may have the address of this one, and waits for it.
    pub fn press(&self, css: &str) {
        self.run("document.documentElement.setAttribute('data-before', '')");
        self.browser.click(css);
        self.until("the next page", || {
            self.run(
                "return !document.documentElement.hasAttribute('data-before') && document.readyState === 'complete'",
            ) == true
        });
    }

    /// Pages in this language from now on.
    pub fn speak(&self, lang: &str) {
        if !self.browser.is_there(&format!("html[lang={lang}]")) {
            self.press(&format!(".languages [value={lang}]"));
        }
    }

    /// The letter of this number.
    pub fn open(&self, reference: &str) {
        self.go("");
        let script = format!(
            "return [...document.querySelectorAll('{LINKS}')].find(a => a.innerText === '{reference}').getAttribute('href')"
        );
        let link = self.run(&script).as_str().unwrap().to_owned();
        self.go(&link);
    }

    pub fn count(&self, css: &str) -> usize {
        let count = self.run(&format!("return document.querySelectorAll('{css}').length"));
        usize::try_from(count.as_u64().unwrap()).unwrap()
    }

    /// Until what the script fetches later is there.
    pub fn settle(&self) {
        self.until("the files", || !self.browser.is_there("#look"));
        self.until("the previews", || {
            self.run("return [...document.images].every(image => image.complete)") == true
        });
    }

    pub fn until(&self, what: &str, so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !so() {
            assert!(Instant::now() < end, "{what} did not come: {}", self.browser.source());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn scheme(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
    }

    pub fn take(&self, name: &str) {
        self.take_at(WIDTH, name);
    }

    pub fn take_narrow(&self, name: &str) {
        self.take_at(NARROW, &format!("{name}-{NARROW}"));
        self.screen(WIDTH);
    }

    fn screen(&self, width: u32) {
        let screen = json!({"width": width, "height": 600, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// Takes the page from its top.
    fn take_at(&self, width: u32, name: &str) {
        self.screen(width);
        let page = self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"]["height"].take();
        let left = page.as_f64().unwrap();
        let height = if self.whole { left } else { left.min(MOST) };
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let kind = if self.whole { "png" } else { "webp" };
        let mut picture = json!({"clip": clip, "captureBeyondViewport": true, "format": kind});
        if !self.whole {
            picture["quality"] = json!(25);
        }
        let picture = self.devtools("Page.captureScreenshot", &picture)["data"].take();
        let picture = BASE64.decode(picture.as_str().unwrap()).unwrap();
        let file = self.album.join(format!("{name}.{kind}"));
        println!("{:4} kB  {}", picture.len() / 1000, file.display());
        fs::write(file, picture).unwrap();
    }

    fn run(&self, script: &str) -> serde_json::Value {
        self.browser
            .post("/execute/sync", &json!({"script": script, "args": []}))
    }

    fn devtools(&self, command: &str, parameters: &serde_json::Value) -> serde_json::Value {
        let act = json!({"cmd": command, "params": parameters});
        self.browser.post("/goog/cdp/execute", &act)
    }
}
