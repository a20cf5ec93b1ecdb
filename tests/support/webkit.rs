//! WebKitGTK's own small browser, by the driver that comes with it. It keeps nothing on the disk while it is driven; what
//! WebKit keeps is looked for in `gnome_web`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::webdriver::{Browser, Engine, Http, Scripts, Wire, Wishes};

const BROWSERS: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
/// Its row of buttons takes no room, so that a window can be as narrow as a telephone.
const NARROW: &str = "* { font-size: 1px; padding: 0; margin: 0; border: 0; min-width: 0; min-height: 0 }\n\
    image { -gtk-icon-transform: scale(0); -gtk-icon-source: none }\n";

pub fn start(home: &Path, wishes: Wishes) -> Browser {
    let theme = home.join("config/gtk-3.0");
    fs::create_dir_all(&theme).unwrap();
    fs::write(theme.join("gtk.css"), NARROW).unwrap();
    let settings = home.join("settings.ini");
    let scripts = wishes.scripts == Scripts::On;
    let text = wishes.text;
    let lines = format!("[websettings]\nenable-javascript={scripts}\ndefault-font-size={text}\n");
    fs::write(&settings, lines).unwrap();
    let args = ["--automation".to_owned(), format!("--config={}", settings.display())];
    let wanted = json!({
        "acceptInsecureCerts": true,
        "webkitgtk:browserOptions": {"binary": BROWSERS, "args": args},
    });
    let screen = Screen::start();
    let (driver, port) = start_driver(home, &screen);
    let wire = Shown {
        wire: Http::open(port, &wanted),
        _screen: screen,
    };
    let browser = Browser::over(Engine::WebKit, driver, Box::new(wire));
    // So high that nothing must be scrolled to, as the others: what stands just below the edge its driver finds not to be there.
    let window = json!({"x": 0, "y": 0, "width": 1200, "height": 5000});
    browser.post("/window/rect", &window);
    browser.post("/timeouts", &json!({"script": 5000}));
    browser
}

/// A driver whose browser needs a screen.
struct Shown {
    wire: Http,
    _screen: Screen,
}

impl Wire for Shown {
    fn ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        // A line break is a key to it. A path begins with a stroke, and several of them are lines.
        let text = body["text"].as_str().filter(|text| !text.starts_with('/'));
        let typed = text.map(|text| json!({"text": text.replace('\n', "\u{E006}")}));
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.wire.ask(method, path, typed.as_ref().unwrap_or(body))?;
            // A page that goes takes a question with it, which is asked again of the next one; a click has been done.
            let is_gone = matches!(answer["error"].as_str(), Some("no such frame" | "script timeout"));
            if !is_gone || path.ends_with("/click") || Instant::now() > end {
                return Ok(answer);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The driver and its port. It takes no port of the system's own choice, and another program may be quicker.
#[allow(clippy::zombie_processes)] // one that started is waited for when its browser is dropped
fn start_driver(home: &Path, screen: &Screen) -> (Child, u16) {
    for _ in 0..20 {
        let port = free_port();
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}"));
        let mut driver = at_home(&mut command, home, screen).spawn().unwrap();
        if answers(&mut driver, port) {
            return (driver, port);
        }
        let _ = driver.kill();
        let _ = driver.wait();
    }
    panic!("WebKitWebDriver did not start");
}

/// A port on which nobody listened a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits until somebody listens there; false when the process has ended before.
pub fn answers(process: &mut Child, port: u16) -> bool {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if !matches!(process.try_wait(), Ok(None)) {
            return false;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            // Perhaps another program's: then this one ends, since it found the port taken.
            std::thread::sleep(Duration::from_millis(200));
            return matches!(process.try_wait(), Ok(None));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Everything that it writes is below `home`, and its processes are a group of their own.
pub fn at_home<'a>(command: &'a mut Command, home: &Path, screen: &Screen) -> &'a mut Command {
    for folder in ["tmp", "config", "cache", "data", "run"] {
        fs::create_dir_all(home.join(folder)).unwrap();
    }
    let log = File::create(home.join("browser.log")).unwrap();
    command
        .env("HOME", home)
        .env("DISPLAY", &screen.name)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("TMPDIR", home.join("tmp"))
        .env("LC_ALL", "C.UTF-8")
        .env("GDK_BACKEND", "x11")
        .env("GSETTINGS_BACKEND", "keyfile")
        .env("NO_AT_BRIDGE", "1")
        // For tests run as root in a container, as with the other browsers.
        .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    command.process_group(0).stdout(log.try_clone().unwrap()).stderr(log)
}

/// A screen that nobody sees.
pub struct Screen {
    server: Child,
    name: String,
}

impl Screen {
    pub fn start() -> Self {
        let mut command = Command::new("Xvfb");
        // It says on its standard output which number was free.
        command.args(["-displayfd", "1", "-screen", "0", "1400x5200x24", "-nolisten", "tcp"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.process_group(0).spawn().unwrap();
        let mut number = String::new();
        let told = server.stdout.take().unwrap();
        BufReader::new(told).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not start");
        Self {
            server,
            name: format!(":{}", number.trim()),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Asked, so that it takes its lock away.
        let pid = rustix::process::Pid::from_child(&self.server);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.server.wait();
    }
}
