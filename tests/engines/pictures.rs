//! The pictures that a browser takes of each page that it has loaded, which GNOME Web keeps on the disk. No search for a
//! text finds one there, so what is written here are blocks that can be seen in a small picture.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::forms::FORMS;
use crate::support::citizen::SEND;
use crate::support::picture::Picture;
use crate::support::{Browser, Engine, Scripts, Site, Wishes, World, pages};

/// In which field they are written: a text of one line, seen from its beginning.
const FIELD: &str = "#kommune";

#[test]
#[ignore = "needs gnome web"]
fn no_picture_shows_what_was_typed_when_scripts_run() {
    let camera = Camera::start();
    // The control, before and after: pictures are taken in turn, and blocks are seen in them.
    let began = Instant::now();
    camera.careless_page(1);
    let took = began.elapsed();
    camera.write();
    camera.another_language();
    std::thread::sleep(took);
    camera.a_mistake();
    std::thread::sleep(took);
    assert_eq!(camera.shown(), 1, "a picture of the form shows what was typed");
    camera.careless_page(2);
}

/// Somebody in front of a browser that keeps pictures.
struct Camera {
    browser: Browser,
    home: PathBuf,
    blocks: String,
    world: World,
}

impl Camera {
    fn start() -> Self {
        let world = pages::world();
        let home = tempfile::tempdir_in(world.root()).unwrap().keep();
        Self {
            browser: Engine::GnomeWeb.start(&home, Wishes::with(Scripts::On)),
            home,
            blocks: "█".repeat(40),
            world,
        }
    }

    /// A page that is loaded with blocks in it, after which so many pictures show some.
    fn careless_page(&self, shown: usize) {
        let blocks = &self.blocks;
        let site = Site::start(&format!("Avisa</title><textarea cols=50>{blocks}</textarea>"));
        self.browser.go(&site.url);
        self.world.until("a picture", || self.shown() >= shown);
        assert_eq!(self.shown(), shown, "pictures of the form show what was typed");
    }

    /// Nobody does before the page is there and photographed.
    fn write(&self) {
        let before = all(&self.home).len();
        self.browser.go(&FORMS[0].address(self.world.address));
        self.world
            .until("a picture of the form", || all(&self.home).len() > before);
        self.browser.type_into(FIELD, &self.blocks);
    }

    fn another_language(&self) {
        self.browser.click(".languages [lang=nb]");
        self.comes("html[lang=nb]");
    }

    fn a_mistake(&self) {
        self.browser.click(SEND);
        self.comes("#problem-list");
    }

    fn comes(&self, css: &str) {
        self.world.until(css, || self.browser.is_there(css));
        assert_eq!(self.browser.value(FIELD), self.blocks);
    }

    /// How many pictures show what was typed.
    fn shown(&self) -> usize {
        all(&self.home)
            .iter()
            .filter(|picture| picture.has_dark_block(60, 8))
            .count()
    }
}

fn all(home: &Path) -> Vec<Picture> {
    let pictures = fs::read_dir(home.join("cache/epiphany/thumbnails"));
    let pictures = pictures.into_iter().flatten().flatten();
    pictures
        .filter_map(|entry| Picture::read(&fs::read(entry.path()).ok()?))
        .collect()
}
