//! What a browser can be asked beyond what a person does: another screen, a broken net, a script of the test's own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::webdriver::{Browser, Engine};

pub const SHIFT: char = '\u{E008}';
pub const TAB: char = '\u{E004}';

/// Requests of the page at hand that are not answered yet. The browser never tells the end of a request whose page it
/// has left, and whether it tells it for the page itself is a race with the next one: that is asked of the page.
#[derive(Default)]
struct Open {
    page: String,
    parts: BTreeSet<String>,
}

impl Open {
    /// The address that was asked for, if the event tells of a new request.
    fn hear(&mut self, event: &Value) -> Option<String> {
        let told = |name: &str| event["params"][name].as_str().unwrap_or_default().to_owned();
        let (request, page) = (told("requestId"), told("loaderId"));
        match event["method"].as_str()? {
            "Network.requestWillBeSent" => {
                if request == page {
                    self.page = page;
                    self.parts.clear();
                } else if page == self.page {
                    self.parts.insert(request);
                }
                event["params"]["request"]["url"].as_str().map(str::to_owned)
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                self.parts.remove(&request);
                None
            }
            _ => None,
        }
    }
}

impl Browser {
    /// Runs a script of the test in the page and gives what it returns. The page's own policy does not bind it.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Whether a text is anywhere on the page or in its fields. Asked at once: a page that goes takes its fields with it.
    pub fn shows(&self, wanted: &str) -> bool {
        let all = self.run(
            "const fields = [...document.querySelectorAll('input, textarea')]; \
                 return [document.documentElement.outerHTML, ...fields.map(field => field.value)].join('\\n')",
        );
        all.as_str().unwrap_or_else(|| panic!("{all}")).contains(wanted)
    }

    /// A script that gives its answer to the function `done`.
    pub fn run_until_done(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; {script}");
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// A command of the browser's developer tools.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// A screen of that many CSS pixels: 320 by 256 is also what 1280 by 1024 is at 400 %.
    pub fn screen(&self, width: u32, height: u32) {
        match self.engine {
            Engine::Chromium => {
                let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
                self.devtools("Emulation.setDeviceMetricsOverride", &screen);
            }
            Engine::Firefox => self.page_of_firefox(width, height),
            Engine::WebKit | Engine::GnomeWeb => self.window(width, height),
        }
        let inner = || self.run("return [innerWidth, innerHeight]");
        let end = Instant::now() + Duration::from_secs(60);
        while inner() != json!([width, height]) {
            assert!(
                Instant::now() < end,
                "the page is {} and not {width}, {height}",
                inner()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its windows are never as narrow as a telephone, but the page in them can be.
    fn page_of_firefox(&self, width: u32, height: u32) {
        self.post("/moz/context", &json!({"value": "chrome"}));
        self.run(&format!(
            "const style = gBrowser.selectedBrowser.style; \
             style.minWidth = style.maxWidth = '{width}px'; style.minHeight = style.maxHeight = '{height}px';"
        ));
        self.post("/moz/context", &json!({"value": "content"}));
    }

    /// A window around a page of that size.
    fn window(&self, width: u32, height: u32) {
        let around = self
            .run("return outerHeight - innerHeight")
            .as_u64()
            .unwrap_or_default();
        let window = json!({"x": 0, "y": 0, "width": width, "height": u64::from(height) + around});
        self.post("/window/rect", &window);
    }

    pub fn scheme(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
    }

    pub fn cut_the_net(&self, cut: bool) {
        self.devtools("Network.enable", &json!({}));
        let net = json!({"offline": cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.emulateNetworkConditions", &net);
    }

    /// So many bytes a second at most leave the browser; -1 for as many as can.
    pub fn slow_the_net(&self, bytes: i32) {
        self.devtools("Network.enable", &json!({}));
        let net = json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes});
        self.devtools("Network.emulateNetworkConditions", &net);
    }

    /// Presses keys one after the other, wherever the focus is; with `held`, while that one is down.
    pub fn press(&self, held: Option<char>, keys: &[char]) {
        let act = |kind: &str, key: &char| json!({"type": kind, "value": key.to_string()});
        let mut acts: Vec<Value> = held.iter().map(|key| act("keyDown", key)).collect();
        acts.extend(keys.iter().flat_map(|key| [act("keyDown", key), act("keyUp", key)]));
        acts.extend(held.iter().map(|key| act("keyUp", key)));
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": acts});
        self.post("/actions", &json!({"actions": [keyboard]}));
    }

    /// Addresses of everything that the browser asked for since the last call. Only where it was started to tell.
    pub fn requests(&self) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(60);
        let (mut asked, mut open) = (Vec::new(), Open::default());
        loop {
            let new = self.net();
            let quiet = new.is_empty();
            for event in &new {
                asked.extend(open.hear(event));
            }
            // All that the page asked for has been answered, it is whole, and nothing more came after that.
            if quiet && open.parts.is_empty() && self.run("return document.readyState") == "complete" {
                return asked;
            }
            assert!(Instant::now() < end, "still loading: {:?}", open.parts);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// What the browser tells of the net since it was last asked.
    fn net(&self) -> Vec<Value> {
        let log = self.post("/se/log", &json!({"type": "performance"}));
        let told = log.as_array().unwrap().iter();
        let events = told.filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let events = events.map(|mut event| event["message"].take());
        let of_net = |event: &Value| {
            event["method"]
                .as_str()
                .is_some_and(|name| name.starts_with("Network."))
        };
        events.filter(of_net).collect()
    }
}
