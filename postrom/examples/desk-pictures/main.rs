//! Draws the desk's pictures in `docs/pictures` anew: `cargo run -p postrom --example desk-pictures` (needs chromium with its
//! driver).
//!
//! It fills a mailbox with invented letters, works at the desk as a clerk does, and takes a picture of each page in each
//! language. With a directory as argument it takes whole pages, as PNG, to look at every line of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::zombie_processes,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod camera;
mod letters;
mod office;
#[path = "../../tests/support/mod.rs"]
#[allow(dead_code)] // they can do more than pictures need
mod support;
#[path = "../../../tests/support/webdriver.rs"]
#[allow(dead_code)]
mod webdriver;

use std::path::{Path, PathBuf};
use std::time::Duration;

use camera::Camera;
use letters::{PASSPHRASE, PostRoom};
use office::Served;
use webdriver::{Browser, Scripts};

const LANGUAGES: [&str; 3] = ["nb", "nn", "en"];
const UNLOCK: &str = "form.unlock button";
const TAKE: &str = "[data-key=t]";
const REGISTER: &str = "[data-key=r]";
const SAVE: &str = "[data-key=s]";

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let genuine = PostRoom::new(dir.path()).fill();
    office::build();
    let whole = std::env::args_os().nth(1).map(PathBuf::from);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
    let browser = Browser::start(&dir.path().join("browser"), Scripts::On);
    let camera = Camera::new(browser, whole.is_some(), whole.unwrap_or(docs));
    colleague(&camera, dir.path(), &genuine);
    let own = Served::start(dir.path(), "Kari Lie", "nb", 10);
    camera.enter(&own);
    each(&camera, |camera, lang| camera.take(&format!("desk-start-{lang}")));
    unlock(&camera, 10);
    work(&camera, &genuine);
    pages(&camera, &genuine);
    drop(own);
    by_itself(&camera, dir.path());
    let bare = Served::bare(dir.path());
    camera.enter(&bare);
    each(&camera, |camera, lang| camera.take(&format!("desk-setup-{lang}")));
}

fn each(camera: &Camera, see: impl Fn(&Camera, &str)) {
    for lang in LANGUAGES {
        camera.speak(lang);
        see(camera, lang);
    }
}

fn unlock(camera: &Camera, letters: usize) {
    camera.browser.type_into("#passphrase", PASSPHRASE);
    camera.press(UNLOCK);
    camera.until("all letters", || {
        camera.go("");
        camera.count("#letters tbody tr") == letters && !camera.browser.is_there("#notes progress")
    });
}

/// Somebody else who was here before: one letter is theirs, and one is done.
fn colleague(camera: &Camera, root: &Path, genuine: &[String]) {
    let served = Served::start(root, "Ola Berg", "nb", 10);
    camera.enter(&served);
    unlock(camera, 11);
    camera.open(&genuine[1]);
    camera.press(TAKE);
    camera.open(&genuine[6]);
    camera.press(REGISTER);
    camera.browser.type_into("#case", "2026/4821-1");
    camera.press(".buttons button");
}

/// One letter is taken and saved.
fn work(camera: &Camera, genuine: &[String]) {
    camera.open(&genuine[0]);
    camera.press(TAKE);
    camera.press(SAVE);
}

fn pages(camera: &Camera, genuine: &[String]) {
    camera.open(&genuine[0]);
    let letter = camera.place();
    let id = letter.split('?').next().unwrap().to_owned();
    camera.open(&letters::damaged());
    let damaged = camera.place();
    each(camera, |camera, lang| {
        for (place, name) in [
            ("", "list"),
            (letter.as_str(), "letter"),
            (&format!("{id}/print"), "print"),
            (&damaged, "faults"),
            ("copies", "copies"),
        ] {
            camera.go(place);
            camera.settle();
            camera.take(&format!("desk-{name}-{lang}"));
        }
    });
    camera.speak("nn");
    camera.go("");
    camera.scheme("dark");
    camera.take("desk-list-dark");
    camera.scheme("light");
    camera.take_narrow("desk-list");
    camera.go(&letter);
    camera.settle();
    camera.take_narrow("desk-letter");
}

/// Nobody was there for a minute.
fn by_itself(camera: &Camera, root: &Path) {
    let served = Served::start(root, "Kari Lie", "nb", 1);
    camera.enter(&served);
    unlock(camera, 10);
    std::thread::sleep(Duration::from_secs(61));
    camera.until("the lock", || camera.browser.is_there(UNLOCK));
    each(camera, |camera, lang| camera.take(&format!("desk-locked-{lang}")));
}
