//! Answers.

use askama::Template;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// A page.
pub(super) fn page(template: &impl Template) -> Response {
    with_status(StatusCode::OK, template)
}

/// A page that says that something went wrong.
pub(super) fn with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => bytes(status, "text/html; charset=utf-8", html),
        // Writing into memory: a template fails only when a value in it does, and ours do not.
        Err(_) => bytes(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", ""),
    }
}

/// Anything else.
pub(super) fn bytes(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// After a button: the page to look at. A browser keeps no body that way, and loading again does nothing twice.
pub(super) fn see(place: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Places are made of our own words and numbers.
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("./"));
    response.headers_mut().insert(LOCATION, place);
    response
}
