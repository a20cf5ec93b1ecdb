//! The desk's pages: what a clerk sees, and what the buttons do.
//!
//! Comes in: requests that the door let through. Goes out: HTML, and a redirect after each button that does something. What always holds: links
//! are relative, so that no page knows the desk's secret; nothing of a letter stands in an address or a title; everything
//! works without scripts; every text goes through the templates, which escape it.

mod about;
mod acts;
mod answer;
mod answers;
mod assets;
mod confirm;
mod copies;
mod drop;
mod fault;
mod files;
mod form;
mod frame;
mod language;
mod left;
mod letter;
mod line;
mod list;
mod live;
mod lock;
mod officers;
mod print;
mod upload;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) use frame::Frame;

use super::http::{DROP_LIMIT, FORM_LIMIT};
use super::room::{NoOpening, Open, Room};
use crate::i18n::Lang;

/// What the pages work with.
struct Desk {
    room: Arc<Room>,
    /// Why the desk stayed locked, for the page that is shown next.
    refused: Mutex<Option<NoOpening>>,
}

impl Desk {
    fn lang(&self) -> Lang {
        self.room.lang()
    }
}

type Shared = axum::extract::State<Arc<Desk>>;

/// The pages of a desk, below an address that ends with a slash.
pub fn router(room: Arc<Room>) -> Router {
    let desk = Desk {
        room,
        refused: Mutex::default(),
    };
    Router::new()
        .route("/", get(list::page))
        .route("/rows", get(list::rows))
        .route("/live", get(live::live))
        .route("/search", post(list::search))
        .route("/unlock", post(lock::unlock))
        .route("/lock", post(lock::lock))
        .route("/language", post(language::choose))
        .route("/copies", get(copies::page))
        .route("/copies/remove", post(copies::take_away))
        .route("/keys", get(about::keys))
        .route("/left", get(left::page))
        .route("/about", get(about::page))
        .route("/drop", post(drop::drop).layer(DefaultBodyLimit::max(DROP_LIMIT)))
        .route("/desk.css", get(assets::style))
        .route("/desk.js", get(assets::script))
        .route("/icons.svg", get(assets::icons))
        .route("/seal.svg", get(assets::seal))
        .route("/letter/{id}", get(letter::page))
        .route("/letter/{id}/print", get(print::page))
        .route("/letter/{id}/register", get(confirm::register).post(acts::register))
        .route("/letter/{id}/set-aside", get(confirm::set_aside).post(acts::set_aside))
        .route("/letter/{id}/delete", get(confirm::delete).post(acts::delete))
        .route("/letter/{id}/take", post(acts::take))
        .route("/letter/{id}/give-back", post(acts::give_back))
        .route("/letter/{id}/undo", post(acts::undo))
        .route("/letter/{id}/hand-over", get(officers::page).post(officers::hand_over))
        .route("/letter/{id}/files", get(files::page))
        .route("/letter/{id}/file/{n}/preview.png", get(files::preview))
        .route("/letter/{id}/save", post(files::save_all))
        .route("/letter/{id}/save-file/{n}", post(files::save))
        .fallback(fault::not_found)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .with_state(Arc::new(desk))
}

/// Runs what waits for a disk, or for the process that opens, where it may.
async fn apart(desk: Arc<Desk>, work: impl FnOnce(&Desk) -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(move || work(&desk)).await {
        Ok(answer) => answer,
        // The door says that there is a fault in the program. Nobody aborts this.
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}

/// What is open, for a page; the way to the lock screen when nothing is. `root` leads from the page to the list.
#[allow(clippy::result_large_err)] // the response is what is wanted
fn open(desk: &Desk, root: &str) -> Result<Open, Response> {
    desk.room.open().ok_or_else(|| answer::see(root))
}
