//! Draws the pictures of `docs/pictures` anew: `cargo run --example pictures` (needs chromium with its driver).
//!
//! It starts the demo in a temporary directory, walks through it as a citizen does, and takes a picture of each
//! page in the widths of a phone and of a desk.

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

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

#[path = "../tests/support/webdriver.rs"]
#[allow(dead_code)] // it can do more than pictures need
mod webdriver;

use webdriver::{Browser, Scripts};

/// Width and greatest height of the pictures: the form is many screens long, and a few tell how it looks.
const SIZES: [(u32, f64); 2] = [(390, 1600.0), (1200, 1400.0)];
const SEND: &str = ".send button";

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let konvolutt = build();
    let demo = Demo::start(&konvolutt, &dir.path().join("demo"));
    let camera = Camera {
        browser: Browser::start(&dir.path().join("browser"), Scripts::Off),
        album: Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures"),
    };
    fs::create_dir_all(&camera.album).unwrap();
    camera.walk(&demo.address);
    drop(demo);
    camera.closed(&Demo::start_closed(&konvolutt, &dir.path().join("closed")).address);
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
}

impl Camera {
    /// The way of a citizen, with a mistake in it.
    fn walk(&self, demo: &str) {
        self.browser.go(demo);
        self.take("list");
        for lang in ["nb", "nn"] {
            self.browser.go(&format!("{demo}{lang}/s/skriv"));
            self.take(&format!("form-{lang}"));
        }
        self.browser.click("[name=tema][value=sporsmal]");
        self.browser.click("[name=trygg_kontakt][value=ring]");
        self.browser.type_into("#telefon", "75");
        self.browser.follow(SEND);
        self.take("problems");
        self.take_from("section:has(.wrong)", "problem-at-field");
        self.browser.type_into("#melding", "Kva tilbod må kommunen ha?");
        self.browser.type_into("#telefon", " 55 58 90");
        self.browser.follow(SEND);
        self.take("receipt");
        for (page, name) in [("trygg", "safety"), ("kryptering", "encryption")] {
            self.browser.go(&format!("{demo}nn/{page}/skriv"));
            self.take(name);
        }
    }

    fn closed(&self, demo: &str) {
        self.browser.go(&format!("{demo}nn/s/skriv"));
        self.take("closed");
    }

    /// Takes the page from its top.
    fn take(&self, name: &str) {
        self.take_from("html", name);
    }

    /// Takes the page from an element on, in every width.
    fn take_from(&self, css: &str, name: &str) {
        for (width, most) in SIZES {
            // No higher than the shortest page, which would else end in emptiness.
            let screen = json!({"width": width, "height": 500, "deviceScaleFactor": 1, "mobile": width < 600});
            self.devtools("Emulation.setDeviceMetricsOverride", &screen);
            let page = self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"]["height"].take();
            let top = self.top(css);
            let height = (page.as_f64().unwrap() - top).min(most);
            let clip = json!({"x": 0, "y": top, "width": width, "height": height, "scale": 1});
            let picture = json!({"clip": clip, "captureBeyondViewport": true});
            let picture = self.devtools("Page.captureScreenshot", &picture)["data"].take();
            let png = BASE64.decode(picture.as_str().unwrap()).unwrap();
            let file = self.album.join(format!("{name}-{width}.png"));
            println!("{:4} kB  {}", png.len() / 1000, file.display());
            fs::write(file, png).unwrap();
        }
    }

    /// How far down the page an element begins. The driver's own script runs also where pages may run none.
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
