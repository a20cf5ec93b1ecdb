//! Pages that lead away: receipt and exit.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::render::html;
use super::{Shared, assets};
use crate::i18n::Lang;
use crate::page::{Exit, Receipt, Wrong};
use crate::submission::{Opened, Shown};

/// Empties the browser's cache of this site. `no-store` alone does not keep a page out of the back/forward
/// cache; this header on something loaded *after* the form does.
const FORGET: (&str, &str) = ("clear-site-data", "\"cache\"");
const RECEIPT_STYLE: &str = "/kvittering.css";

/// The receipt's stylesheet: the common one, and what was before it is forgotten.
pub(super) async fn receipt_style(intake: State<Shared>) -> Response {
    let mut answer = assets::style(intake).await;
    forget(&mut answer);
    answer
}

pub(super) async fn receipt(State(intake): State<Shared>, Path((lang, sealed)): Path<(String, String)>) -> Response {
    let opened = intake.receipts.open(&sealed, jiff::Timestamp::now());
    match (Lang::from_code(&lang), opened) {
        (Some(lang), Opened::Shown(shown)) => show(&intake, lang, &shown),
        (Some(lang), Opened::Over) => over(&intake, lang),
        _ => {
            let lang = intake.lang_of("");
            intake.wrong(404, lang, None, lang.catalog().not_found)
        }
    }
}

fn show(intake: &Shared, lang: Lang, shown: &Shown) -> Response {
    // For its telephone numbers.
    let form = shown.form(&intake.pipeline.forms);
    let mut frame = intake.frame(lang, form);
    frame.style = RECEIPT_STYLE;
    let given = shown.given.to_zoned(intake.pipeline.office.time_zone.clone());
    let page = Receipt {
        frame,
        reference: &shown.reference.to_string(),
        given: &given.strftime("%d.%m.%Y %H:%M").to_string(),
        files: shown.files.into(),
        form,
    };
    html(200, &page)
}

/// Of a form nothing is shown: whoever comes so late may be somebody else, with the history of this browser.
fn over(intake: &Shared, lang: Lang) -> Response {
    let mut frame = intake.frame(lang, None);
    frame.style = RECEIPT_STYLE;
    let page = Wrong {
        title: frame.t.receipt_over_title,
        text: frame.t.receipt_over,
        frame,
        form: None,
        back: None,
    };
    html(410, &page)
}

/// First hop out: a page of its own, so that the form is not the page that is left.
pub(super) async fn exit(State(intake): State<Shared>, Path(slug): Path<String>) -> Response {
    let page = Exit {
        t: intake.lang_of("").catalog(),
        next: format!("/ut/{slug}/videre"),
    };
    let Some(_) = intake.pipeline.form(&slug) else {
        let lang = intake.lang_of("");
        return intake.wrong(404, lang, None, lang.catalog().not_found);
    };
    html(200, &page)
}

/// Second hop: empties the cache and goes on to an everyday page.
pub(super) async fn onward(State(intake): State<Shared>, Path(slug): Path<String>) -> Response {
    let Some(form) = intake.pipeline.form(&slug) else {
        let lang = intake.lang_of("");
        return intake.wrong(404, lang, None, lang.catalog().not_found);
    };
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, form.exit.clone())]).into_response();
    forget(&mut answer);
    answer
}

fn forget(answer: &mut Response) {
    let value = axum::http::HeaderValue::from_static(FORGET.1);
    answer.headers_mut().insert(FORGET.0, value);
}
