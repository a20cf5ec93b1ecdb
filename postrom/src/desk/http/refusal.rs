//! Pages that say no: short, plain, and with nothing in them of what was asked.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};

use super::events::Refused;
use crate::i18n::desk::start;
use crate::i18n::{Lang, letters};

fn status(why: Refused) -> StatusCode {
    match why {
        Refused::Stranger | Refused::OtherSite => StatusCode::FORBIDDEN,
        Refused::OtherName => StatusCode::MISDIRECTED_REQUEST,
        Refused::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refused::NotHere => StatusCode::NOT_FOUND,
        Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The page that says why.
pub(super) fn refused(why: Refused, lang: Lang) -> Response<Body> {
    let mut page = page(status(why), start::refused(why, lang), "", lang);
    if why == Refused::Method {
        page.headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    page
}

/// The page for somebody who followed a one-time address from a page elsewhere: what a page of ours leads to counts as our own,
/// where a redirect would not.
pub(super) fn come_in(secret: &str, lang: Lang) -> Response<Body> {
    let link = format!("<a href=\"/{secret}/\">{}</a>", start::TEXTS.of(lang).come_in);
    let head = format!("<meta http-equiv=\"refresh\" content=\"0;url=/{secret}/\">");
    page(StatusCode::OK, &link, &head, lang)
}

fn page(status: StatusCode, words: &str, head: &str, lang: Lang) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{head}<title>Konvolutt</title></head>\
         <body><main><p>{words}</p></main></body></html>\n",
        lang = letters::code(lang),
    );
    let mut page = Response::new(Body::from(html));
    *page.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    page.headers_mut().insert(CONTENT_TYPE, html);
    page
}
