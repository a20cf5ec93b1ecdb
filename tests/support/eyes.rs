//! What a browser can be asked beyond what a person does: another screen, a broken net, a script of the test's own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::webdriver::Browser;

pub const SHIFT: char = '\u{E008}';
pub const TAB: char = '\u{E004}';

impl Browser {
    /// Runs a script of the test in the page and gives what it returns. The page's own policy does not bind it.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
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
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
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
        let mut asked = Vec::new();
        let mut open = BTreeSet::new();
        loop {
            let new = self.net();
            let quiet = new.is_empty();
            for event in new {
                let number = event["params"]["requestId"].as_str().unwrap_or_default().to_owned();
                match event["method"].as_str() {
                    Some("Network.requestWillBeSent") => {
                        let address = event["params"]["request"]["url"].as_str();
                        asked.push(address.unwrap_or_default().to_owned());
                        open.insert(number);
                    }
                    Some("Network.loadingFinished" | "Network.loadingFailed") => drop(open.remove(&number)),
                    _ => {}
                }
            }
            // All that was asked for has been answered, the page is whole, and nothing more came after that.
            if quiet && open.is_empty() && self.run("return document.readyState") == "complete" {
                return asked;
            }
            assert!(Instant::now() < end, "still loading: {open:?}");
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
