//! A real browser, driven over WebDriver (W3C): one JSON exchange per act, so no library is needed. What speaks another
//! language than that is translated by its [`Wire`], so that all that a person does is written once.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const CHROMIUM: &str = "/usr/bin/chromium";
/// Key under which WebDriver names an element.
pub const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Without a sandbox, for tests run as root in a container; without errands of the browser's own.
/// So high a window that nothing must be scrolled to: the driver scrolls things under the exit bar.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,5000",
];

pub const ENTER: char = '\u{E007}';

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// Which browser it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)] // the tests of the desk know one, and share this file
pub enum Engine {
    Chromium,
    Firefox,
    /// WebKitGTK's own small browser, which keeps nothing while it is driven.
    WebKit,
    /// WebKitGTK in a browser that people use, with all that it keeps.
    GnomeWeb,
}

/// What a browser is started with.
#[derive(Clone, Copy)]
pub struct Wishes {
    pub scripts: Scripts,
    /// The size of text that its user has chosen, in pixels; 16 everywhere.
    pub text: u32,
    /// It can tell afterwards what it asked for.
    pub tells: bool,
}

impl Wishes {
    pub fn with(scripts: Scripts) -> Self {
        Self {
            scripts,
            text: 16,
            tells: false,
        }
    }
}

/// A way to a browser. It takes an act of WebDriver, and gives what stands in its answer's `value`.
pub trait Wire: Send + Sync {
    fn ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value>;
}

/// A browser with a profile of its own.
pub struct Browser {
    pub engine: Engine,
    /// The first process of a group in which all of its processes are.
    process: Option<Child>,
    wire: Box<dyn Wire>,
}

impl Browser {
    /// Starts a browser that keeps everything it writes below `home`.
    pub fn start(home: &Path, scripts: Scripts) -> Self {
        Self::start_with(home, Wishes::with(scripts))
    }

    /// A browser whose reader has text of this size, in hundredths of the usual.
    #[allow(dead_code)] // pictures and the tests of the desk do not, which share this file
    pub fn start_with_text(home: &Path, percent: u32) -> Self {
        let text = 16 * percent / 100;
        let wishes = Wishes::with(Scripts::On);
        Self::start_with(home, Wishes { text, ..wishes })
    }

    /// A browser that can tell afterwards what it asked for.
    pub fn start_telling(home: &Path) -> Self {
        let wishes = Wishes::with(Scripts::On);
        Self::start_with(home, Wishes { tells: true, ..wishes })
    }

    /// Chromium, as wished.
    pub fn start_with(home: &Path, wishes: Wishes) -> Self {
        fs::create_dir_all(home.join("tmp")).unwrap();
        wants_back(&home.join("profile"));
        // Another program may take the port that it was to have.
        let (driver, port) = (0..20).find_map(|_| start_driver(home)).unwrap();
        let wire = Http::open(port, &capabilities(home, wishes));
        Self::over(Engine::Chromium, driver, Box::new(wire))
    }

    /// A browser whose processes are in the group of this one.
    pub fn over(engine: Engine, process: Child, wire: Box<dyn Wire>) -> Self {
        Self {
            engine,
            process: Some(process),
            wire,
        }
    }

    /// As a battery that is pulled out does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let group = rustix::process::Pid::from_child(&process);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            let _ = process.wait();
        }
    }

    /// As a person who closes it: it writes down what it keeps.
    #[allow(dead_code)] // the tests of the desk do, which share this file
    pub fn quit(&mut self) {
        self.wire.ask("DELETE", "", &Value::Null).unwrap();
        self.kill();
    }

    pub fn go(&self, address: &str) {
        self.post("/url", &json!({"url": address}));
    }

    pub fn back(&self) {
        self.to_another_page(|| self.post("/back", &json!({})));
    }

    pub fn forward(&self) {
        self.to_another_page(|| self.post("/forward", &json!({})));
    }

    pub fn address(&self) -> String {
        text(&self.get("/url"))
    }

    pub fn title(&self) -> String {
        text(&self.get("/title"))
    }

    pub fn source(&self) -> String {
        text(&self.get("/source"))
    }

    pub fn click(&self, css: &str) {
        self.post(&format!("{}/click", self.find(css)), &json!({}));
    }

    /// Clicks what leads to another page, and waits for that.
    pub fn follow(&self, css: &str) {
        self.to_another_page(|| self.click(css));
    }

    /// Types into a field, or chooses files: one path a line.
    pub fn type_into(&self, css: &str, keys: &str) {
        self.post(&format!("{}/value", self.find(css)), &json!({"text": keys}));
    }

    pub fn text(&self, css: &str) -> String {
        text(&self.get(&format!("{}/text", self.find(css))))
    }

    /// What a field holds now.
    pub fn value(&self, css: &str) -> String {
        text(&self.get(&format!("{}/property/value", self.find(css))))
    }

    pub fn is_chosen(&self, css: &str) -> bool {
        self.get(&format!("{}/selected", self.find(css))) == true
    }

    pub fn is_there(&self, css: &str) -> bool {
        !self.all(css).is_empty()
    }

    /// Whether a person would see it.
    pub fn is_seen(&self, css: &str) -> bool {
        self.get(&format!("{}/displayed", self.find(css))) == true
    }

    /// What is not there yet does not have it.
    pub fn has_focus(&self, css: &str) -> bool {
        self.all(css).contains(&element(&self.get("/element/active")))
    }

    /// An act returns before the page that it asks for is there; every page of ours has its own address.
    fn to_another_page<T>(&self, act: impl FnOnce() -> T) {
        let (before, end) = (self.address(), Instant::now() + Duration::from_secs(60));
        act();
        while self.address() == before {
            assert!(Instant::now() < end, "{before} is still there");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn find(&self, css: &str) -> String {
        element(&self.post("/element", &by(css)))
    }

    fn all(&self, css: &str) -> Vec<String> {
        let found = self.post("/elements", &by(css));
        found.as_array().unwrap().iter().map(element).collect()
    }

    pub fn get(&self, path: &str) -> Value {
        self.asked("GET", path, &Value::Null)
    }

    /// An act of the protocol that has no method of its own here.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.asked("POST", path, body)
    }

    fn asked(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.answer(method, path, body);
        if let Some(error) = answer.get("error") {
            panic!("{method} {path} {body}: {error}: {}", answer["message"]);
        }
        answer
    }

    fn answer(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.wire.ask(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path} {body}: {error}"))
    }

    /// Goes to a window, if it is there.
    #[allow(dead_code)] // the tests of the desk do not, which share this file
    pub fn finds_window(&self, window: &str) -> bool {
        let answer = self.answer("POST", "/window", &json!({"handle": window}));
        let error = answer.get("error");
        assert!(
            error.is_none_or(|error| error == "no such window"),
            "{window}: {answer}"
        );
        error.is_none()
    }
}

/// A session with a driver that speaks WebDriver itself.
pub struct Http {
    address: SocketAddr,
    session: String,
}

impl Http {
    pub fn open(port: u16, capabilities: &Value) -> Self {
        let mut wire = Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
        };
        let wanted = json!({"capabilities": {"alwaysMatch": capabilities}});
        let new = wire.ask("POST", "/session", &wanted).unwrap();
        let session = new["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {new}"));
        wire.session = format!("/session/{session}");
        wire
    }
}

impl Wire for Http {
    /// Drivers keep connections open whatever they are asked, so the answer ends by its length.
    fn ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let head = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            self.session,
            self.address,
            body.len()
        );
        stream.write_all((head + &body).as_bytes())?;
        let mut answer = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        while answer.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
            line.clear();
        }
        let mut bytes = vec![0; length];
        answer.read_exact(&mut bytes)?;
        let mut answer: Value = serde_json::from_slice(&bytes)?;
        Ok(answer["value"].take())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.kill();
    }
}

fn capabilities(home: &Path, wishes: Wishes) -> Value {
    let mut args: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    let profile = home.join("profile");
    args.push(format!("--user-data-dir={}", profile.display()));
    let again = profile.exists();
    if again {
        // What was open when it ended opens again.
        args.push("--restore-last-session".into());
    }
    let mut prefs = json!({"webkit.webprefs.default_font_size": wishes.text});
    if wishes.scripts == Scripts::Off {
        prefs["profile.default_content_setting_values.javascript"] = json!(2);
    }
    let mut wanted = json!({"acceptInsecureCerts": true});
    wanted["goog:chromeOptions"] = json!({"binary": CHROMIUM, "args": args});
    // They are in a profile that is there already, and the driver would begin it anew with them.
    if !again {
        wanted["goog:chromeOptions"]["prefs"] = prefs;
    }
    if wishes.tells {
        wanted["goog:loggingPrefs"] = json!({"performance": "ALL"});
    }
    wanted
}

/// As somebody who is asked after a dead battery whether the pages shall come back, and wants them.
fn wants_back(profile: &Path) {
    let preferences = profile.join("Default/Preferences");
    if let Ok(text) = fs::read_to_string(&preferences) {
        let text = text.replace("\"exit_type\":\"Crashed\"", "\"exit_type\":\"Normal\"");
        fs::write(preferences, text).unwrap();
    }
}

/// The driver and the port that it chose. None when it lost that port: it asks the system for a free one on IPv6 and
/// then wants the same one on IPv4, where another program may hold it.
#[allow(clippy::zombie_processes)] // one that started is waited for when its browser is dropped
fn start_driver(home: &Path) -> Option<(Child, u16)> {
    let log = home.join("driver.log");
    let out = File::create(&log).unwrap();
    let mut command = Command::new("chromedriver");
    command
        .arg("--port=0")
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_CACHE_HOME", home)
        .env("TMPDIR", home.join("tmp"));
    // A group of its own, in which the browser's processes end too.
    command.process_group(0).stdout(out.try_clone().unwrap()).stderr(out);
    let mut driver = command.spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let port = loop {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let rest = said.split("started successfully on port ").nth(1);
        if let Some((port, _)) = rest.and_then(|rest| rest.split_once('.')) {
            break port.parse().ok();
        }
        if said.contains("Address already in use") || Instant::now() > end {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if port.is_none() {
        // It may have ended by itself.
        let _ = driver.kill();
        let _ = driver.wait();
    }
    Some((driver, port?))
}

fn by(css: &str) -> Value {
    json!({"using": "css selector", "value": css})
}

fn element(found: &Value) -> String {
    format!("/element/{}", found[ELEMENT].as_str().unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
