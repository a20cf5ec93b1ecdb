//! What pages load, all of it from here: the stylesheet, the scripts, the authority's logo.

use std::sync::LazyLock;

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::render::is_live;
use crate::page::WHERE;

static EXIT: LazyLock<String> = LazyLock::new(|| light(include_str!("../../templates/exit.js")));
static FORM: LazyLock<String> = LazyLock::new(|| light(include_str!("../../templates/form.js")));
static PICTURES: LazyLock<String> = LazyLock::new(|| light(include_str!("../../templates/bilete.js")));
static STEPS: LazyLock<String> = LazyLock::new(|| light(include_str!("../../templates/steg.js")));
static RECEIPT: LazyLock<String> = LazyLock::new(|| light(include_str!("../../templates/receipt.js")));
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A script as it travels: without its comments, each of which has lines of its own, and without what sets lines in. Nothing
/// is compressed on the wire, so a slow net would carry them too. No text of a script goes over several lines.
fn light(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    code.flat_map(|line| [line, "\n"]).collect()
}

pub(super) async fn style(State(intake): State<Shared>) -> Response {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        intake.branding.style.clone(),
    )
        .into_response()
}

pub(super) async fn exit_script() -> Response {
    script(&EXIT)
}

pub(super) async fn form_script() -> Response {
    script(&FORM)
}

pub(super) async fn picture_script() -> Response {
    script(&PICTURES)
}

pub(super) async fn step_script() -> Response {
    script(&STEPS)
}

fn script(text: &'static str) -> Response {
    ([(CONTENT_TYPE, SCRIPT)], text).into_response()
}

pub(super) async fn receipt_script() -> Response {
    script(&RECEIPT)
}

pub(super) async fn logo(State(intake): State<Shared>) -> Response {
    match &intake.branding.logo {
        Some(logo) => ([(CONTENT_TYPE, logo.kind)], logo.bytes.clone()).into_response(),
        None => intake.nothing_there("/merke"),
    }
}

/// The form's script follows the 303 as every browser does. A form that comes back it shows in the page at hand; of a receipt
/// it is to know only where it is, because that page empties the browser's cache and is the reader's. A page that was there
/// before an update asks for nothing but addresses.
pub(super) async fn only_where(request: Request, next: Next) -> Response {
    let asked = request.headers().get(ACCEPT);
    let is_receipt = request.uri().path().contains("/kvittering/");
    let only = asked.is_some_and(|kind| kind == WHERE) || is_receipt && is_live(request.headers());
    if request.method() == Method::GET && only {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_travels_without_its_comments() {
        let written = "// Why.\n\"use strict\";\n(() => {\n  // It is so.\n\n  go(\"//x\"); // stays\n})();\n";
        assert_eq!(
            light(written),
            "\"use strict\";\n(() => {\ngo(\"//x\"); // stays\n})();\n"
        );
    }

    /// A text over several lines would lose its own blanks, and a long comment would not be known as one.
    #[test]
    fn no_script_has_what_would_be_lost_on_the_way() {
        for script in [
            include_str!("../../templates/exit.js"),
            include_str!("../../templates/form.js"),
            include_str!("../../templates/bilete.js"),
            include_str!("../../templates/steg.js"),
            include_str!("../../templates/receipt.js"),
        ] {
            assert!(!script.contains("/*"));
            let odd = script.lines().find(|line| line.matches('`').count() % 2 == 1);
            assert_eq!(odd, None);
        }
    }
}
