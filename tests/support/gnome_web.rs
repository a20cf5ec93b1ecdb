//! GNOME Web: WebKit in a browser that people use, with history, session and pictures of pages on the disk. It lets itself
//! be driven only without all that, so this goes the way of a developer's inspector, over a web socket.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::webdriver::{Browser, ELEMENT, Engine, Scripts, Wire, Wishes};
use super::webkit::{Screen, answers, at_home, free_port};

/// No errands of its own; it opens again what was open.
const SETTINGS: &str = "[org/gnome/epiphany]\nrestore-session-policy='always'\nrestore-session-delaying-loads=false\n\
    ask-for-default=false\ncontent-filters=@as []\n\n[org/gnome/epiphany/web]\nenable-adblock=false\n\
    enable-safe-browsing=false\n";
/// A bus without any service that could be started by it.
const BUS: &str = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>\
    <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
    <allow own=\"*\"/></policy></busconfig>";
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts it with a profile below `home`, or with the one that is there and the pages that were open.
pub fn start(home: &Path, wishes: Wishes) -> Browser {
    let settings = home.join("config/glib-2.0/settings");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("keyfile"), SETTINGS).unwrap();
    fs::write(home.join("bus.conf"), BUS).unwrap();
    let screen = Screen::start();
    let (process, port) = spawn(home, &screen);
    let wire = Inspector {
        port,
        scripts: wishes.scripts,
        page: RefCell::default(),
        socket: RefCell::new(None),
        target: RefCell::default(),
        said: Cell::new(0),
        elements: RefCell::default(),
        _screen: screen,
    };
    let end = Instant::now() + PATIENCE;
    while wire.pages().unwrap_or_default().is_empty() {
        assert!(Instant::now() < end, "GNOME Web shows no page");
        std::thread::sleep(Duration::from_millis(50));
    }
    Browser::over(Engine::GnomeWeb, process, Box::new(Mutex::new(wire)))
}

#[allow(clippy::zombie_processes)] // one that started is waited for when its browser is dropped
fn spawn(home: &Path, screen: &Screen) -> (Child, u16) {
    for _ in 0..20 {
        let port = free_port();
        let mut command = Command::new("dbus-run-session");
        command.arg("--config-file").arg(home.join("bus.conf"));
        command.args(["--", "epiphany", "about:blank"]);
        command.env("WEBKIT_INSPECTOR_HTTP_SERVER", format!("127.0.0.1:{port}"));
        let mut process = at_home(&mut command, home, screen).spawn().unwrap();
        if answers(&mut process, port) {
            return (process, port);
        }
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("GNOME Web did not start");
}

struct Inspector {
    port: u16,
    scripts: Scripts,
    /// The page that is looked at, and the way to it.
    page: RefCell<String>,
    socket: RefCell<Option<TcpStream>>,
    /// What the inspector calls it; a page of another site is another one.
    target: RefCell<String>,
    said: Cell<u64>,
    /// Where the elements that were found are: a selector, and which one of those that it finds.
    elements: RefCell<Vec<(String, usize)>>,
    _screen: Screen,
}

impl Inspector {
    /// Paths of the sockets, one for each page that is open.
    fn pages(&self) -> Result<Vec<String>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut page = String::new();
        stream.read_to_string(&mut page)?;
        let rest = page.split("window.location.host + '").skip(1);
        Ok(rest
            .filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned()))
            .collect())
    }

    fn look_at(&self, page: &str) -> Result<()> {
        if self.socket.borrow().is_some() && *self.page.borrow() == page {
            return Ok(());
        }
        // One page has one inspector: the one before goes first, and is given the time to be gone.
        if self.socket.take().is_some() {
            std::thread::sleep(Duration::from_millis(100));
        }
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let head = format!(
            "GET {page} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            self.port
        );
        stream.write_all(head.as_bytes())?;
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        *self.socket.borrow_mut() = Some(stream);
        self.target.borrow_mut().clear();
        // Until it has said who it is, it is not the one that is looked at.
        self.page.borrow_mut().clear();
        while self.target.borrow().is_empty() {
            self.hear()?;
        }
        page.clone_into(&mut self.page.borrow_mut());
        Ok(())
    }

    /// Sends a command to the page and waits for its answer.
    fn command(&self, method: &str, parameters: &Value) -> Result<Value> {
        if self.socket.borrow().is_none() {
            let pages = self.pages()?;
            self.look_at(pages.last().ok_or_else(|| Error::other("no page is open"))?)?;
        }
        let inner = self.next();
        let message = json!({"id": inner, "method": method, "params": parameters}).to_string();
        let target = self.target.borrow().clone();
        let outer = self.next();
        self.say(&json!({"id": outer, "method": "Target.sendMessageToTarget",
            "params": {"targetId": target, "message": message}}))?;
        loop {
            let heard = self.hear()?;
            if heard["id"] == outer && heard.get("error").is_some() {
                return Err(Error::other(heard["error"].to_string()));
            }
            let Some(text) = heard["params"]["message"].as_str() else {
                continue;
            };
            let answer: Value = serde_json::from_str(text)?;
            if answer["id"] == inner {
                return Ok(answer);
            }
        }
    }

    fn next(&self) -> u64 {
        self.said.set(self.said.get() + 1);
        self.said.get()
    }

    /// One text frame, masked with zeros: it goes to this machine.
    fn say(&self, message: &Value) -> Result<()> {
        let text = message.to_string();
        let length = text.len();
        let mut frame = vec![0x81];
        match u16::try_from(length) {
            Ok(short) if short < 126 => frame.push(0x80 | short as u8),
            Ok(short) => {
                frame.push(0x80 | 126);
                frame.extend(short.to_be_bytes());
            }
            Err(_) => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.socket.borrow_mut().as_mut().unwrap().write_all(&frame)
    }

    /// The next message, of which it is noted when another page has come in this one's place.
    fn hear(&self) -> Result<Value> {
        let message = {
            let mut socket = self.socket.borrow_mut();
            let socket = socket.as_mut().unwrap();
            let mut head = [0; 2];
            socket.read_exact(&mut head)?;
            let length = match head[1] & 127 {
                126 => {
                    let mut long = [0; 2];
                    socket.read_exact(&mut long)?;
                    usize::from(u16::from_be_bytes(long))
                }
                127 => {
                    let mut long = [0; 8];
                    socket.read_exact(&mut long)?;
                    u64::from_be_bytes(long) as usize
                }
                short => usize::from(short),
            };
            let mut bytes = vec![0; length];
            socket.read_exact(&mut bytes)?;
            serde_json::from_slice::<Value>(&bytes)?
        };
        let told = &message["params"];
        let new = match message["method"].as_str() {
            Some("Target.targetCreated") if told["targetInfo"]["isProvisional"] != true => {
                &told["targetInfo"]["targetId"]
            }
            Some("Target.didCommitProvisionalTarget") => &told["newTargetId"],
            _ => &Value::Null,
        };
        if let Some(new) = new.as_str() {
            new.clone_into(&mut self.target.borrow_mut());
        }
        Ok(message)
    }

    /// What an expression gives in the page. While one page gives way to another there is nobody to ask.
    fn evaluate(&self, expression: &str) -> Result<Value> {
        let parameters = json!({"expression": expression, "returnByValue": true, "emulateUserGesture": true});
        let end = Instant::now() + PATIENCE;
        let answer = loop {
            match self.command("Runtime.evaluate", &parameters) {
                Ok(answer) if answer.get("error").is_none() => break answer,
                Ok(answer) if Instant::now() > end => return Err(Error::other(answer.to_string())),
                Err(error) if Instant::now() > end => return Err(error),
                _ => {
                    *self.socket.borrow_mut() = None;
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        };
        let told = &answer["result"];
        if told["wasThrown"] == true {
            let error = &told["result"]["description"];
            return Ok(json!({"error": "javascript error", "message": error}));
        }
        Ok(told["result"]["value"].clone())
    }

    /// Does what leads to another document, and waits until that is whole.
    fn leave(&self, act: &str) -> Result<Value> {
        let mark = self.next();
        self.evaluate(&format!("window.left = {mark}; {act}; 1"))?;
        let (end, mut again) = (Instant::now() + PATIENCE, Instant::now() + Duration::from_secs(3));
        // Before its own document comes, a page has an empty one.
        let is_whole =
            format!("window.left !== {mark} && document.readyState === 'complete' && location.href !== 'about:blank'");
        while self.evaluate(&is_whole)? != true {
            if Instant::now() > end {
                return Err(Error::other(format!("{act}: no page came")));
            }
            // The first page of all may come late, and in the place of what was asked for.
            if Instant::now() > again && self.evaluate("location.href")? == "about:blank" {
                // Or be another one than the inspector was told of.
                *self.socket.borrow_mut() = None;
                self.evaluate(&format!("{act}; 1"))?;
                again = Instant::now() + Duration::from_secs(3);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Value::Null)
    }

    fn found(&self, css: &Value, nth: usize) -> Value {
        let mut elements = self.elements.borrow_mut();
        elements.push((css.as_str().unwrap_or_default().to_owned(), nth));
        json!({ELEMENT: (elements.len() - 1).to_string()})
    }

    /// An expression for one that was found.
    fn element(&self, id: &str) -> String {
        let at: usize = id.parse().unwrap();
        let (css, nth) = &self.elements.borrow()[at];
        format!("document.querySelectorAll({})[{nth}]", json!(css))
    }
}

/// Files as if they had been chosen: a page cannot be given a path.
fn choose(element: &str, paths: &str) -> Result<String> {
    let mut files = Vec::new();
    for path in paths.lines() {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        files.push(json!([BASE64.encode(fs::read(path)?), name]));
    }
    Ok(format!(
        "const held = new DataTransfer(); for (const [content, name] of {}) \
         held.items.add(new File([Uint8Array.from(atob(content), one => one.charCodeAt())], name)); \
         {element}.files = held.files; {element}.dispatchEvent(new Event('change', {{bubbles: true}}));",
        Value::from(files)
    ))
}

impl Wire for Mutex<Inspector> {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.lock().unwrap().ask(method, path, body)
    }
}

impl Inspector {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let run = |script: String| self.evaluate(&format!("(() => {{ {script} }})()"));
        match (method, parts.as_slice()) {
            ("POST", ["url"]) => {
                self.leave(&format!("location.href = {}", body["url"]))?;
                if self.scripts == Scripts::On {
                    return Ok(Value::Null);
                }
                // It has no setting for that; the inspector's holds until a page of another site comes.
                let off = json!({"setting": "ScriptEnabled", "value": false});
                self.command("Page.overrideSetting", &off)?;
                self.leave("location.reload()")
            }
            ("POST", ["back"]) => self.leave("history.back()"),
            ("POST", ["forward"]) => self.leave("history.forward()"),
            ("POST", ["refresh"]) => self.leave("location.reload()"),
            ("GET", ["url"]) => self.evaluate("location.href"),
            ("GET", ["title"]) => self.evaluate("document.title"),
            ("GET", ["source"]) => self.evaluate("document.documentElement.outerHTML"),
            ("POST", ["execute", "sync"]) => run(body["script"].as_str().unwrap_or_default().to_owned()),
            ("GET", ["window", "handles"]) => Ok(json!(self.pages()?)),
            ("POST", ["window"]) => {
                let page = body["handle"].as_str().unwrap_or_default();
                let end = Instant::now() + PATIENCE;
                // One that is just coming back may not be there to be asked, and another may have gone since it was named.
                while let Err(error) = self.look_at(page) {
                    let pages = self.pages();
                    let is_gone = |pages: &Vec<String>| pages.iter().all(|one| one != page);
                    if pages.as_ref().is_ok_and(is_gone) {
                        return Ok(json!({"error": "no such window", "message": page}));
                    }
                    if Instant::now() > end {
                        return Err(Error::other(format!("{page} of {pages:?} says nothing: {error}")));
                    }
                }
                Ok(Value::Null)
            }
            ("POST", ["element" | "elements"]) => {
                let css = &body["value"];
                let count = self.evaluate(&format!("document.querySelectorAll({css}).length"))?;
                let count = count.as_u64().unwrap_or_default() as usize;
                match (parts[0], count) {
                    ("elements", _) => Ok((0..count).map(|nth| self.found(css, nth)).collect()),
                    (_, 0) => Ok(json!({"error": "no such element", "message": css})),
                    _ => Ok(self.found(css, 0)),
                }
            }
            (_, ["element", id, act @ ..]) => {
                let element = self.element(id);
                match (method, act) {
                    ("POST", ["click"]) => run(format!("{element}.focus(); {element}.click();")),
                    ("POST", ["value"]) => {
                        let typed = &body["text"];
                        if self.evaluate(&format!("{element}.type"))? == "file" {
                            return run(choose(&element, typed.as_str().unwrap_or_default())?);
                        }
                        run(format!(
                            "{element}.focus(); document.execCommand('insertText', false, {typed});"
                        ))
                    }
                    ("GET", ["text"]) => self.evaluate(&format!("{element}.innerText")),
                    ("GET", ["selected"]) => self.evaluate(&format!("{element}.checked")),
                    ("GET", ["property", name]) => self.evaluate(&format!("{element}.{name}")),
                    _ => Err(Error::other(format!("{method} {path} has no way here"))),
                }
            }
            _ => Err(Error::other(format!("{method} {path} has no way here"))),
        }
    }
}
