//! Where a page without scripts goes when its desk should have locked itself: nothing of a letter stays on a screen that
//! nobody looks at. Going there is no use of the desk.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Shared;
use super::answer::{page as answer, see};
use super::frame::Frame;

#[derive(Template)]
#[template(path = "desk/left.html")]
struct Left {
    frame: Frame,
}

/// The lock screen, or a page that says why it is empty: another one keeps the desk open.
pub(super) async fn page(State(desk): Shared) -> Response {
    match desk.room.glance() {
        None => see("./"),
        Some(_) => answer(&Left {
            frame: Frame::of(&desk, "./", ""),
        }),
    }
}
