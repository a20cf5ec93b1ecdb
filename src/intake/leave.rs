//! The two hops of the exit.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::render::html;
use crate::page::Exit;

/// Empties the browser's cache of this site. `no-store` alone does not keep a page out of the back/forward
/// cache; this header on something loaded *after* the form does.
const FORGET: (&str, &str) = ("clear-site-data", "\"cache\"");

/// First hop out: a page of its own, so that the form is not the page that is left.
pub(super) async fn exit(State(intake): State<Shared>, Path(slug): Path<String>) -> Response {
    let page = Exit {
        t: intake.lang_of("").catalog(),
        next: format!("/ut/{slug}/videre"),
    };
    let Some(_) = intake.pipeline.form(&slug) else {
        return intake.nothing_there("/ut/");
    };
    html(200, &page)
}

/// Second hop: empties the cache and goes on to an everyday page.
pub(super) async fn onward(State(intake): State<Shared>, Path(slug): Path<String>) -> Response {
    let Some(form) = intake.pipeline.form(&slug) else {
        return intake.nothing_there("/ut/");
    };
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, form.exit.clone())]).into_response();
    forget(&mut answer);
    answer
}

pub(super) fn forget(answer: &mut Response) {
    let value = axum::http::HeaderValue::from_static(FORGET.1);
    answer.headers_mut().insert(FORGET.0, value);
}
