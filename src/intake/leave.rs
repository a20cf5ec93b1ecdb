//! Pages that lead away: receipt and exit.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::render::{html, value_of};
use super::{Shared, assets};
use crate::i18n::Lang;
use crate::page::{Exit, Receipt};
use konvolutt_letter::Reference;

/// Empties the browser's cache of this site. `no-store` alone does not keep a page out of the back/forward
/// cache; this header on something loaded *after* the form does.
const FORGET: (&str, &str) = ("clear-site-data", "\"cache\"");

/// The receipt's stylesheet: the common one, and what was before it is forgotten.
pub(super) async fn receipt_style(intake: State<Shared>) -> Response {
    let mut answer = assets::style(intake).await;
    forget(&mut answer);
    answer
}

pub(super) async fn receipt(
    State(intake): State<Shared>,
    Path((lang, reference)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let known = Lang::from_code(&lang).zip(Reference::parse(&reference));
    let Some((lang, reference)) = known else {
        let lang = intake.lang_of("");
        return intake.wrong(404, lang, None, lang.catalog().not_found);
    };
    // The form it came from, for its telephone numbers.
    let slug = query.as_deref().and_then(|query| value_of(query, "s"));
    let form = slug.and_then(|slug| intake.pipeline.form(slug));
    let mut frame = intake.frame(lang, form);
    frame.style = "/kvittering.css";
    let page = Receipt {
        frame,
        reference: &reference.to_string(),
        form,
    };
    html(200, &page)
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
