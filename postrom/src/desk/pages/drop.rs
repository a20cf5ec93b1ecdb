//! Takes what a clerk drops on the page, or chooses there.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::answer::{bytes, see};
use super::frame::Frame;
use super::upload::{decoded, files};
use super::{Desk, Shared, apart, fault, open};
use crate::desk::room::Open;

/// Name of a file whose bytes are the body, percent-encoded.
const NAME: &str = "x-name";

pub(super) async fn drop(State(desk): Shared, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    apart(desk, move |desk| {
        let open = match open(desk, "./") {
            Ok(open) => open,
            Err(locked) => return locked,
        };
        let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(name) = said(NAME) {
            return match open.session.drop_in(&decoded(name), body.to_vec()) {
                Ok(()) => bytes(StatusCode::NO_CONTENT, "text/plain", ""),
                Err(_) => bytes(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", ""),
            };
        }
        match files(said(CONTENT_TYPE.as_str()).unwrap_or_default(), &body) {
            Some(files) => all(desk, &open, files),
            None => fault::bad_request(desk, &uri),
        }
    })
    .await
}

fn all(desk: &Desk, open: &Open, files: Vec<(String, &[u8])>) -> Response {
    for (name, bytes) in files {
        if open.session.drop_in(&name, bytes.to_vec()).is_err() {
            return fault::too_much(Frame::of(desk, "./", ""));
        }
    }
    see("./")
}
