//! The receipt: its page, its signed text as a file, and the copy of what was sent.
//!
//! What always holds: nothing is shown that is not in the sealed address, but for the copy, which has a key of its own.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::blocking::blocking;
use super::leave::forget;
use super::render::{html, value_of};
use super::{Shared, assets};
use crate::form::Form;
use crate::i18n::Lang;
use crate::page::{Copy, Receipt, SignedText, Wrong};
use crate::submission::{Opened, ReceiptFacts, Shown};

const STYLE: &str = "/kvittering.css";
/// In the query of a receipt's address: the key to a copy of what was sent.
pub(super) const KEY: &str = "k";

/// The receipt's stylesheet: the common one, and what was before it is forgotten.
pub(super) async fn style(intake: State<Shared>) -> Response {
    let mut answer = assets::style(intake).await;
    forget(&mut answer);
    answer
}

/// The language and the sealed part of an address.
type Address = Path<(String, String)>;

pub(super) async fn page(State(intake): State<Shared>, address: Address, RawQuery(query): RawQuery) -> Response {
    match opened(&intake, &address) {
        Ok((lang, shown)) => show(&intake, lang, &address.0.1, &shown, query.as_deref()).await,
        Err(answer) => *answer,
    }
}

/// The signed text as a file.
pub(super) async fn text(State(intake): State<Shared>, address: Address) -> Response {
    let (lang, shown) = match opened(&intake, &address) {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let form = shown.form(&intake.pipeline.forms);
    let Some(signed) = signed(&intake, lang, &shown, form).await else {
        return intake.nothing_there(&format!("/{}/kvittering/", lang.code()));
    };
    let mut answer = signed.into_response();
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    answer
}

/// The copy, once.
pub(super) async fn copy(State(intake): State<Shared>, address: Address, RawQuery(query): RawQuery) -> Response {
    let (lang, shown) = match opened(&intake, &address) {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let Some(form) = shown.form(&intake.pipeline.forms).filter(|form| form.receipt.copy) else {
        return intake.nothing_there(&format!("/{}/kvittering/", lang.code()));
    };
    let key = query.as_deref().and_then(|query| value_of(query, KEY));
    let sent = match key.and_then(|key| intake.node.key(key, &intake.pipeline.alarms)) {
        Some(key) => intake.copies.take(key).await,
        None => None,
    };
    let Some(sent) = sent else {
        return gone(&intake, lang, form);
    };
    let page = Copy {
        frame: frame(&intake, lang, Some(form)),
        form,
        reference: &shown.reference.to_string(),
        received: &received(&intake, &shown),
        answers: &sent.answers,
        files: &sent.files,
        back: format!("/{}/kvittering/{}", lang.code(), address.0.1),
    };
    html(200, &page)
}

/// What an address opens now, or the page that says why it does not.
fn opened(intake: &Shared, Path((lang, sealed)): &Address) -> Result<(Lang, Shown), Box<Response>> {
    let opened = intake.receipts.open(sealed, jiff::Timestamp::now());
    match (Lang::from_code(lang), opened) {
        (Some(lang), Opened::Shown(shown)) => Ok((lang, shown)),
        (Some(lang), Opened::Over) => Err(Box::new(over(intake, lang))),
        _ => Err(Box::new(intake.nothing_there(&format!("/{lang}/kvittering/")))),
    }
}

async fn show(intake: &Shared, lang: Lang, sealed: &str, shown: &Shown, query: Option<&str>) -> Response {
    // For its telephone numbers, and for what comes with its receipts.
    let form = shown.form(&intake.pipeline.forms);
    let here = format!("/{}/kvittering/{sealed}", lang.code());
    let signed = signed(intake, lang, shown, form).await;
    let href = format!("{here}/kvittering.txt");
    // Drawing the code takes its time.
    let signed = match signed {
        Some(text) => blocking(move || SignedText::new(text, href)).await.ok(),
        None => None,
    };
    let key = query.and_then(|query| value_of(query, KEY));
    let own = |key| intake.node.key(key, &intake.pipeline.alarms);
    let key = key.filter(|key| own(key).is_some_and(|own| intake.copies.waits(own)));
    let page = Receipt {
        frame: frame(intake, lang, form),
        reference: &shown.reference.to_string(),
        received: &received(intake, shown),
        files: shown.files.into(),
        bytes: shown.bytes,
        reply: shown.reply,
        form,
        signed,
        copy: key.map(|key| format!("{here}/kopi?{KEY}={key}")),
    };
    html(200, &page)
}

/// The signed text of a letter that has a proof, where the form still gives one.
async fn signed(intake: &Shared, lang: Lang, shown: &Shown, form: Option<&Form>) -> Option<String> {
    form.filter(|form| form.receipt.signed)?;
    let office = &intake.pipeline.office;
    let facts = ReceiptFacts::of(shown, &office.time_zone)?;
    let text = facts.to_text(lang.catalog(), office.authority.get(lang.code()));
    let sealer = intake.pipeline.sealer.clone();
    match blocking(move || sealer.sign_text(&text)).await {
        Ok(Ok(signed)) => Some(signed),
        // The form is closed by then, and an alarm says why. The receipt holds all the same.
        Ok(Err(error)) => {
            tracing::error!(%error, "a receipt could not be signed");
            None
        }
        Err(_) => {
            intake.pipeline.fault("a panic while a receipt was signed");
            None
        }
    }
}

fn received(intake: &Shared, shown: &Shown) -> String {
    let received = shown.received().to_zoned(intake.pipeline.office.time_zone.clone());
    received.strftime("%d.%m.%Y %H:%M").to_string()
}

fn frame(intake: &Shared, lang: Lang, form: Option<&Form>) -> crate::page::Frame {
    let mut frame = intake.frame(lang, form);
    frame.style = STYLE;
    frame
}

/// Of a form nothing is shown: whoever comes so late may be somebody else, with the history of this browser.
fn over(intake: &Shared, lang: Lang) -> Response {
    let mut frame = frame(intake, lang, None);
    // The exit's address would name a form.
    frame.exit = String::new();
    let page = Wrong {
        title: frame.t.receipt_over_title,
        text: frame.t.receipt_over,
        frame,
        form: None,
        phones: Vec::new(),
        back: None,
    };
    html(410, &page)
}

/// A copy that was opened already, or waited for too long.
fn gone(intake: &Shared, lang: Lang, form: &Form) -> Response {
    let frame = frame(intake, lang, Some(form));
    let page = Wrong {
        title: frame.t.copy_gone_title,
        text: frame.t.copy_gone,
        frame,
        form: Some(form),
        phones: form.help.phones.clone(),
        back: None,
    };
    html(410, &page)
}
