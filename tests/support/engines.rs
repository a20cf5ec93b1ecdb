//! One face over the browsers that people use.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::webdriver::{Browser, Engine, Wishes};
use super::{gnome_web, marionette, webkit};

impl Engine {
    /// Those that are driven as a person drives them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];
    /// Those that keep on the disk what they keep when nobody drives them.
    pub const KEEPING: [Self; 3] = [Self::Chromium, Self::Firefox, Self::GnomeWeb];

    /// Starts it with a profile below `home`. One that is there already is used, with what it kept.
    pub fn start(self, home: &Path, wishes: Wishes) -> Browser {
        match self {
            Self::Chromium => Browser::start_with(home, wishes),
            Self::Firefox => marionette::start(home, wishes),
            Self::WebKit => webkit::start(home, wishes),
            Self::GnomeWeb => gnome_web::start(home, wishes),
        }
    }
}

impl Browser {
    pub fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// Back, which may lead to another state of the same page.
    pub fn step_back(&self) {
        self.post("/back", &json!({}));
        // A page that WebKit is about to leave never answers, and nothing tells when it is gone.
        if self.engine == Engine::WebKit {
            std::thread::sleep(Duration::from_millis(1500));
        }
    }

    /// Opens a further window and goes on there; gives the one before. Of tabs that are opened so, Chromium opens none again.
    pub fn in_a_new_window(&self) -> String {
        let before = self.get("/window").as_str().unwrap().to_owned();
        let new = self.post("/window/new", &json!({"type": "window"}));
        self.to_window(new["handle"].as_str().unwrap());
        before
    }

    pub fn to_window(&self, window: &str) {
        assert!(self.finds_window(window), "{window} is gone");
    }

    /// Looks at each page that is open in turn. One that goes meanwhile is none any more.
    pub fn in_each_window(&self, mut look: impl FnMut()) {
        let windows = self.get("/window/handles");
        for window in windows.as_array().unwrap() {
            if self.finds_window(window.as_str().unwrap()) {
                look();
            }
        }
    }
}
