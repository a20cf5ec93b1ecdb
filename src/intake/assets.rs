//! What pages load, all of it from here: the stylesheet, the scripts, the authority's logo.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::forms::nothing_there;
use crate::page::WHERE;

const EXIT: &str = include_str!("../../templates/exit.js");
const FORM: &str = include_str!("../../templates/form.js");
const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) async fn style(State(intake): State<Shared>) -> Response {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        intake.branding.style.clone(),
    )
        .into_response()
}

pub(super) async fn exit_script() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], EXIT).into_response()
}

pub(super) async fn form_script() -> Response {
    ([(CONTENT_TYPE, SCRIPT)], FORM).into_response()
}

pub(super) async fn logo(State(intake): State<Shared>) -> Response {
    match &intake.branding.logo {
        Some(logo) => ([(CONTENT_TYPE, logo.kind)], logo.bytes.clone()).into_response(),
        None => nothing_there(&intake, ""),
    }
}

/// The form's script follows the 303 as every browser does, but only to know where it leads: the page there holds what was
/// typed, is shown once, and is for the reader. So the script asks for an address, and gets an empty answer from it.
pub(super) async fn only_where(request: Request, next: Next) -> Response {
    let asked = request.headers().get(ACCEPT);
    if request.method() == Method::GET && asked.is_some_and(|kind| kind == WHERE) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    }
}
