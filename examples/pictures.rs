//! Draws the pictures of `docs/pictures` anew: `cargo run --example pictures` (needs chromium with its driver).
//!
//! It starts the demo in a temporary directory, walks through it as a citizen does, and takes a picture of each page in
//! each language, in the widths of a narrow phone and of a desk; some also in the dark. With a directory as argument it
//! takes whole pages, as PNG, to look at every line of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::zombie_processes,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

#[path = "../tests/support/webdriver.rs"]
#[allow(dead_code)] // it can do more than pictures need
mod webdriver;

use webdriver::{Browser, Scripts};

/// Width and greatest height of the pictures: the form is many screens long, and a few tell how it looks.
const SIZES: [(u32, f64); 2] = [(320, 1000.0), (1200, 800.0)];
/// Those of whole pages: two telephones, a tablet, a desk.
const WIDTHS: [u32; 4] = [320, 390, 768, 1280];
const SEND: &str = ".send button";

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let konvolutt = build();
    let demo = Demo::start(&konvolutt, &dir.path().join("demo"));
    let whole = std::env::args_os().nth(1).map(PathBuf::from);
    let camera = Camera {
        browser: Browser::start(&dir.path().join("browser"), Scripts::On),
        whole: whole.is_some(),
        album: whole.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")),
    };
    fs::create_dir_all(&camera.album).unwrap();
    camera.each(&demo.address, Camera::walk);
    drop(demo);
    let closed = Demo::start_closed(&konvolutt, &dir.path().join("closed"));
    camera.each(&closed.address, |camera, demo, lang| {
        camera.browser.go(&format!("{demo}{lang}/s/skriv"));
        camera.take(&format!("closed-{lang}"));
    });
}

/// Cargo builds an example without the package's programs.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    assert!(cargo.args(["build", "--bin", "konvolutt"]).status().unwrap().success());
    let example = std::env::current_exe().unwrap();
    example.parent().and_then(Path::parent).unwrap().join("konvolutt")
}

struct Demo {
    server: Child,
    /// As it says itself: `http://ADDR/`.
    address: String,
}

impl Demo {
    fn start(konvolutt: &Path, dir: &Path) -> Self {
        let mut command = Command::new(konvolutt);
        command.args(["demo", "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
        let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned));
        // What it says later finds no reader, and that may end it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            server,
            address: ready.unwrap(),
        }
    }

    /// A demo whose daily certificate is not there any more.
    fn start_closed(konvolutt: &Path, dir: &Path) -> Self {
        drop(Self::start(konvolutt, dir));
        fs::remove_file(dir.join("keys/daily.cert.asc")).unwrap();
        Self::start(konvolutt, dir)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

struct Camera {
    browser: Browser,
    album: PathBuf,
    /// Whole pages instead of their beginning.
    whole: bool,
}

impl Camera {
    fn each(&self, demo: &str, walk: impl Fn(&Self, &str, &str)) {
        for lang in ["nb", "nn", "en"] {
            walk(self, demo, lang);
        }
    }

    /// The way of a citizen, with a mistake in it.
    fn walk(&self, demo: &str, lang: &str) {
        self.browser.go(&format!("{demo}{lang}/s/skriv"));
        self.take(&format!("form-{lang}"));
        if lang == "nn" {
            self.scheme("dark");
            self.take("form-dark");
            self.scheme("light");
        }
        self.browser.click("[name=tema][value=sporsmal]");
        self.browser.click("[value=sms]");
        self.browser.type_into("#telefon", "75");
        self.browser.click(SEND);
        // In the page at hand, so the address does not tell.
        while !self.browser.is_there("#problem-list") {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.take(&format!("problems-{lang}"));
        self.take_from(".field.wrong", &format!("problem-at-field-{lang}"));
        self.browser.type_into("#melding", "Kva tilbod må kommunen ha?");
        self.browser.type_into("#telefon", " 55 58 90");
        self.files(lang);
        self.browser.follow(SEND);
        self.take(&format!("receipt-{lang}"));
        for (page, name) in [
            ("trygg", "safety"),
            ("kryptering", "encryption"),
            ("personvern", "privacy"),
        ] {
            self.browser.go(&format!("{demo}{lang}/{page}/skriv"));
            self.take(&format!("{name}-{lang}"));
        }
        self.browser.go(demo);
        self.take("list");
    }

    /// Files as rows, one of them empty.
    fn files(&self, lang: &str) {
        let device = tempfile::tempdir().unwrap();
        let choose = |name: &str, content: &[u8]| {
            let path = device.path().join(name);
            fs::write(&path, content).unwrap();
            self.browser.type_into("#vedlegg", path.to_str().unwrap());
        };
        choose("Brev frå kommunen.pdf", &[b'x'; 1_400_000]);
        choose("Bilete.jpg", b"");
        self.take_from(".field:has([type=file])", &format!("files-{lang}"));
        self.browser.click(".files li:nth-child(2) button");
        // Read only when they are sent.
        self.browser.click(".files li:nth-child(1) button");
    }

    fn scheme(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
    }

    /// Takes the page from its top.
    fn take(&self, name: &str) {
        self.take_from("html", name);
    }

    /// Takes the page from an element on, in every width.
    fn take_from(&self, css: &str, name: &str) {
        let whole = WIDTHS.map(|width| (width, f64::INFINITY));
        let sizes = if self.whole { &whole[..] } else { &SIZES };
        for (width, most) in sizes.iter().copied() {
            // No higher than the shortest page, which would else end in emptiness.
            let screen = json!({"width": width, "height": 500, "deviceScaleFactor": 1, "mobile": width < 600});
            self.devtools("Emulation.setDeviceMetricsOverride", &screen);
            let page = self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"]["height"].take();
            let top = self.top(css);
            let left = page.as_f64().unwrap() - top;
            let height = left.min(most);
            let clip = json!({"x": 0, "y": top, "width": width, "height": height, "scale": 1});
            let kind = if self.whole { "png" } else { "webp" };
            let mut picture = json!({"clip": clip, "captureBeyondViewport": true, "format": kind});
            if !self.whole {
                picture["quality"] = json!(25);
            }
            let picture = self.devtools("Page.captureScreenshot", &picture)["data"].take();
            let picture = BASE64.decode(picture.as_str().unwrap()).unwrap();
            let file = self.album.join(format!("{name}-{width}.{kind}"));
            println!("{:4} kB  {}", picture.len() / 1000, file.display());
            fs::write(file, picture).unwrap();
        }
    }

    /// How far down the page an element begins.
    fn top(&self, css: &str) -> f64 {
        let script = format!("return document.querySelector({css:?}).getBoundingClientRect().top + scrollY");
        let top = self
            .browser
            .post("/execute/sync", &json!({"script": script, "args": []}));
        top.as_f64().unwrap()
    }

    fn devtools(&self, command: &str, parameters: &serde_json::Value) -> serde_json::Value {
        let act = json!({"cmd": command, "params": parameters});
        self.browser.post("/goog/cdp/execute", &act)
    }
}
