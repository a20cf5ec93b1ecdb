//! One face over the browsers that people use.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::webdriver::{Browser, Engine, Wishes};
use super::{gnome_web, marionette, webkit};

impl Engine {
    /// Those that are driven as a person drives them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

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
}
