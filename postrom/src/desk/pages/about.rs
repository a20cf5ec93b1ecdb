//! The keys of the keyboard, and what the program is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Shared;
use super::answer::page as answer;
use super::frame::Frame;
use crate::desk::archive::pdf::FONT_LICENCE;
use crate::i18n::desk::keys::{KeyTexts, TEXTS};

#[derive(Template)]
#[template(path = "desk/keys.html")]
struct Keys {
    frame: Frame,
    t: &'static KeyTexts,
}

#[derive(Template)]
#[template(path = "desk/about.html")]
struct About {
    frame: Frame,
    t: &'static KeyTexts,
    version: &'static str,
    font_licence: &'static str,
}

impl Keys {
    /// Each key, and what it does.
    fn rows(&self) -> [(Vec<&'static str>, &'static str); 11] {
        let t = self.t;
        [
            (vec!["j", "k", t.down, t.up], t.rows),
            (vec!["Enter"], t.enter),
            (vec!["Esc"], t.back),
            (vec!["n", "p"], t.neighbours),
            (vec!["t"], t.take),
            (vec!["r"], t.register),
            (vec!["s"], t.save),
            (vec!["Ctrl + P"], t.print),
            (vec!["/"], t.search),
            (vec!["l"], t.lock),
            (vec!["?"], t.help),
        ]
    }
}

pub(super) async fn keys(State(desk): Shared) -> Response {
    let frame = Frame::of(&desk, "./", "keys");
    let t = TEXTS.of(frame.lang);
    answer(&Keys { frame, t })
}

pub(super) async fn page(State(desk): Shared) -> Response {
    let frame = Frame::of(&desk, "./", "about");
    let t = TEXTS.of(frame.lang);
    let version = env!("CARGO_PKG_VERSION");
    answer(&About {
        frame,
        t,
        version,
        font_licence: FONT_LICENCE,
    })
}
