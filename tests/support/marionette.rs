//! Firefox, by the protocol that is built into it: the same acts as WebDriver's under other names, each a length, a
//! colon and JSON.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::webdriver::{Browser, Engine, Scripts, Wire, Wishes};

/// As an everyday browser that opens again what was open; nothing goes out but to this machine.
const PREFERENCES: &[(&str, &str)] = &[
    ("marionette.port", "0"),
    ("browser.startup.page", "3"),
    // Written down more often than by itself, which can only leave more: nobody has to wait for it.
    ("browser.sessionstore.interval", "1000"),
    ("browser.sessionstore.max_resumed_crashes", "9"),
    ("toolkit.startup.max_resumed_crashes", "20"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("app.update.enabled", "false"),
    // Those that Marionette sets by itself change what is kept.
    ("remote.prefs.recommended", "false"),
    // Files are chosen by paths, also where the process of the page may not read them.
    ("dom.file.createInChild", "true"),
    ("network.proxy.type", "1"),
    ("network.proxy.http", "\"127.0.0.1\""),
    ("network.proxy.http_port", "9"),
    ("network.proxy.ssl", "\"127.0.0.1\""),
    ("network.proxy.ssl_port", "9"),
];

/// Starts it with a profile below `home`, or with the one that is there.
pub fn start(home: &Path, wishes: Wishes) -> Browser {
    let profile = home.join("profile");
    fs::create_dir_all(&profile).unwrap();
    fs::create_dir_all(home.join("tmp")).unwrap();
    let size = wishes.text.to_string();
    let scripts = (wishes.scripts == Scripts::On).to_string();
    let own = [
        ("javascript.enabled", scripts.as_str()),
        ("font.size.variable.x-western", &size),
        ("font.size.variable.x-unicode", &size),
        ("font.size.variable.ar", &size),
    ];
    let all = PREFERENCES.iter().chain(&own);
    let lines: String = all
        .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
        .collect();
    fs::write(profile.join("user.js"), lines).unwrap();
    let told = profile.join("MarionetteActivePort");
    // One of the run before would lead nowhere.
    let _ = fs::remove_file(&told);
    let process = spawn(home, &profile);
    let stream = connect(&told, &home.join("firefox.log"));
    let wire = Mutex::new(Marionette {
        stream,
        asked: Cell::new(0),
    });
    let browser = Browser::over(Engine::Firefox, process, Box::new(wire));
    browser.post("/session", &json!({"acceptInsecureCerts": true}));
    browser
}

#[allow(clippy::zombie_processes)] // it is waited for when its browser is dropped
fn spawn(home: &Path, profile: &Path) -> Child {
    let log = File::create(home.join("firefox.log")).unwrap();
    let mut command = Command::new("firefox-esr");
    command.args(["--marionette", "-remote-allow-system-access", "--headless"]);
    command
        .args(["--no-remote", "--new-instance", "--profile"])
        .arg(profile);
    command
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_CACHE_HOME", home)
        .env("TMPDIR", home.join("tmp"))
        .env("MOZ_CRASHREPORTER_DISABLE", "1");
    command.process_group(0).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

struct Marionette {
    stream: TcpStream,
    asked: Cell<u64>,
}

fn connect(told: &Path, log: &Path) -> TcpStream {
    let end = Instant::now() + Duration::from_secs(60);
    let stream = loop {
        let port = fs::read_to_string(told).ok().and_then(|port| port.trim().parse().ok());
        if let Some(stream) = port.and_then(|port: u16| TcpStream::connect(("127.0.0.1", port)).ok()) {
            break stream;
        }
        let said = || fs::read_to_string(log).unwrap_or_default();
        assert!(Instant::now() < end, "Firefox did not start: {}", said());
        std::thread::sleep(Duration::from_millis(20));
    };
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    stream
}

impl Marionette {
    fn say(&self, command: &str, parameters: &Value) -> Result<Value> {
        if self.asked.get() == 0 {
            // It says first who it is.
            self.hear()?;
        }
        self.asked.set(self.asked.get() + 1);
        let message = json!([0, self.asked.get(), command, parameters]).to_string();
        (&self.stream).write_all(format!("{}:{message}", message.len()).as_bytes())?;
        let answer = self.hear()?;
        if answer[1] != self.asked.get() {
            return Err(Error::other(format!("{command} was answered out of turn: {answer}")));
        }
        if !answer[2].is_null() {
            return Ok(answer[2].clone());
        }
        // Some answers are the value itself, others hold it.
        let value = answer[3].get("value").unwrap_or(&answer[3]);
        Ok(value.clone())
    }

    fn hear(&self) -> Result<Value> {
        let mut stream = &self.stream;
        let (mut length, mut byte) = (0, [0]);
        loop {
            stream.read_exact(&mut byte)?;
            match byte[0] {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

impl Wire for Mutex<Marionette> {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let (command, mut parameters) =
            named(method, path).ok_or_else(|| Error::other(format!("{method} {path} has no name here")))?;
        for (key, value) in body.as_object().into_iter().flatten() {
            parameters[key] = value.clone();
        }
        self.lock().unwrap().say(command, &parameters)
    }
}

/// The name of an act, and what its path holds.
fn named(method: &str, path: &str) -> Option<(&'static str, Value)> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let of = |id: &str| json!({"id": id});
    let nothing = || json!({});
    Some(match (method, parts.as_slice()) {
        ("POST", ["session"]) => ("WebDriver:NewSession", nothing()),
        ("POST", ["url"]) => ("WebDriver:Navigate", nothing()),
        ("GET", ["url"]) => ("WebDriver:GetCurrentURL", nothing()),
        ("GET", ["title"]) => ("WebDriver:GetTitle", nothing()),
        ("GET", ["source"]) => ("WebDriver:GetPageSource", nothing()),
        ("POST", ["back"]) => ("WebDriver:Back", nothing()),
        ("POST", ["forward"]) => ("WebDriver:Forward", nothing()),
        ("POST", ["refresh"]) => ("WebDriver:Refresh", nothing()),
        ("POST", ["element"]) => ("WebDriver:FindElement", nothing()),
        ("POST", ["elements"]) => ("WebDriver:FindElements", nothing()),
        ("GET", ["element", "active"]) => ("WebDriver:GetActiveElement", nothing()),
        ("POST", ["element", id, "click"]) => ("WebDriver:ElementClick", of(id)),
        ("POST", ["element", id, "value"]) => ("WebDriver:ElementSendKeys", of(id)),
        ("GET", ["element", id, "text"]) => ("WebDriver:GetElementText", of(id)),
        ("GET", ["element", id, "selected"]) => ("WebDriver:IsElementSelected", of(id)),
        ("GET", ["element", id, "displayed"]) => ("WebDriver:IsElementDisplayed", of(id)),
        ("GET", ["element", id, "property", name]) => ("WebDriver:GetElementProperty", json!({"id": id, "name": name})),
        ("POST", ["execute", "sync"]) => ("WebDriver:ExecuteScript", nothing()),
        ("POST", ["execute", "async"]) => ("WebDriver:ExecuteAsyncScript", nothing()),
        ("POST", ["actions"]) => ("WebDriver:PerformActions", nothing()),
        ("GET", ["window"]) => ("WebDriver:GetWindowHandle", nothing()),
        ("GET", ["window", "handles"]) => ("WebDriver:GetWindowHandles", nothing()),
        ("POST", ["window", "new"]) => ("WebDriver:NewWindow", nothing()),
        ("POST", ["window"]) => ("WebDriver:SwitchToWindow", nothing()),
        ("POST", ["window", "rect"]) => ("WebDriver:SetWindowRect", nothing()),
        ("GET", ["screenshot"]) => ("WebDriver:TakeScreenshot", json!({"full": false})),
        // As geckodriver calls it.
        ("POST", ["moz", "context"]) => ("Marionette:SetContext", nothing()),
        ("DELETE", [] | [""]) => ("Marionette:Quit", json!({"flags": ["eAttemptQuit"]})),
        _ => return None,
    })
}
