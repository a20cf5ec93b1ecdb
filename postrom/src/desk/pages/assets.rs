//! Stylesheet, script and icons.

use axum::http::StatusCode;
use axum::response::Response;

use super::answer::bytes;

pub(super) async fn style() -> Response {
    file(
        "text/css; charset=utf-8",
        include_str!("../../../templates/desk/desk.css"),
    )
}

pub(super) async fn script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../../templates/desk/desk.js"),
    )
}

pub(super) async fn icons() -> Response {
    file("image/svg+xml", include_str!("../../../templates/desk/icons.svg"))
}

pub(super) async fn seal() -> Response {
    file("image/svg+xml", include_str!("../../../templates/desk/seal.svg"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    bytes(StatusCode::OK, kind, text)
}
