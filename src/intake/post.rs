//! A page that was sent.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::parts::{self, Broken, Received, UploadLimits};
use super::replay::Redisplay;
use super::token::Tokens;
use super::{Shared, meter};
use crate::answer::Problem;
use crate::door::Client;
use crate::door::{Decision, PERIOD};
use crate::form::Form;
use crate::i18n::{Catalog, Lang};
use crate::page::InfoPage;
use crate::submission::{Admission, Evidence, Receipt, Refusal, Submission};
use konvolutt_letter::harden::CleanStack;

/// Nobody reads and fills the page faster than this.
pub const QUICKEST: Duration = Duration::from_secs(3);
/// What somebody pastes into a box by mistake, a whole diary, is read and given back to be shortened: so many bytes, and
/// for so many people at once. Others hear that it was too large.
const LONG_TEXT: usize = 2 * 1024 * 1024;
pub(super) const LONG_TEXTS: usize = 32;
/// Half of the places of the onion door: further bodies are read as well, but only for [`Pace::hurried`]. So trickled
/// uploads cannot hold every place.
pub(super) const ONION_BODIES: usize = 512;

pub(super) async fn send(
    State(intake): State<Shared>,
    Extension(client): Extension<Client>,
    Path((lang, slug)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let mut answer = match intake.form(&lang, &slug) {
        Some((lang, form)) => match may_be_read(&intake, form, &head.headers, lang.catalog()).await {
            Ok(boundary) => {
                let turn = intake.policy.page(&client, &head.headers);
                let from = From {
                    client,
                    headers: &head.headers,
                };
                let mut answer = take(&intake, lang, form, boundary, body, (from, turn)).await;
                if turn != Decision::Accept {
                    let soon = HeaderValue::from(PERIOD.as_secs());
                    answer.headers_mut().insert(header::RETRY_AFTER, soon);
                }
                answer
            }
            Err((status, text)) => {
                meter::discard(body, client.pace).await;
                intake.wrong(status, lang, Some(form), text)
            }
        },
        None => {
            meter::discard(body, client.pace).await;
            let lang = intake.lang_of(&format!("/{lang}/"));
            intake.wrong(404, lang, None, lang.catalog().not_found)
        }
    };
    crate::door::close(&mut answer);
    answer
}

/// Everything that can be said before the body is read. Gives the boundary of its parts.
async fn may_be_read(
    intake: &Shared,
    form: &Form,
    headers: &HeaderMap,
    t: &'static Catalog,
) -> Result<String, (u16, &'static str)> {
    if !is_same_site(headers) {
        return Err((403, t.cross_site));
    }
    let boundary = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    let boundary = boundary.ok_or((415, t.broken_upload))?;
    // A full disk is said later: the text is read all the same, so that it can be shown again.
    intake.readiness.ask().await;
    if intake.readiness.form(form).is_worth_reading() {
        Ok(boundary)
    } else {
        Err((503, t.closed_text))
    }
}

/// Whether our own page sent this. There is no cookie to ride on, but a hostile page could still send letters
/// in a client's name. Browsers say where a POST comes from: in Sec-Fetch-Site, the older ones in Origin. A
/// client that says neither is not a browser.
fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text("host")
}

/// Where a page comes from.
struct From<'a> {
    client: Client,
    headers: &'a HeaderMap,
}

async fn take(
    intake: &Shared,
    lang: Lang,
    form: &Form,
    boundary: String,
    body: Body,
    (from, turn): (From<'_>, Decision),
) -> Response {
    let t = lang.catalog();
    let place = intake.policy.sender(&from.client, from.headers);
    if turn == Decision::Drop || place.is_err() {
        meter::discard(body, from.client.pace).await;
        return intake.wrong(429, lang, Some(form), t.limited);
    }
    let limits = intake.pipeline.limits(form);
    // Never more than was announced: forty short letters do not hold the room of forty films. With no room the text is
    // still read, so that it can be shown again.
    let announced = hyper::body::Body::size_hint(&body).upper().unwrap_or(u64::MAX);
    let files_most: usize = form.fields().filter(|f| f.is_for_files()).map(|f| f.max).sum();
    // Four bytes a character, twice over for text that is too long by a little, and the names.
    let usual = form.longest_text() as usize * 8 + 64 * 1024;
    let large = announced > usual as u64;
    let upload = if large {
        intake.policy.upload(&from.client, from.headers).map(Some)
    } else {
        Ok(None)
    };
    let admitted = admit(intake, form, if upload.is_ok() { announced } else { 0 }).await;
    let attachments = upload.is_ok() && admitted.as_ref().is_ok_and(|admitted| admitted.attachments);
    let longer = large && LONG_TEXT > usual;
    let long = longer.then(|| intake.long_texts.try_acquire().ok()).flatten();
    let limits = UploadLimits {
        text_total: if long.is_some() { LONG_TEXT } else { usual },
        drafts: &intake.pipeline.drafts,
        files_total: if attachments && turn == Decision::Accept {
            limits.files_total
        } else {
            0
        },
        files_most,
    };
    let unhurried = from.client.onion.then(|| intake.onion_bodies.try_acquire());
    let pace = match &unhurried {
        Some(Err(_)) => from.client.pace.hurried(),
        _ => from.client.pace,
    };
    let (received, broken) = parts::read(body, boundary, &limits, pace).await;
    drop((unhurried, place));
    let again = |received, problems, notice, status| show_again(intake, lang, form, received, problems, notice, status);
    match broken {
        None => {}
        Some(Broken::TooLarge) => return again(received, Vec::new(), t.too_large, 413),
        Some(Broken::Malformed) => return again(received, Vec::new(), t.broken_upload, 400),
        // Nobody is there to read this.
        Some(Broken::Gone) => return intake.wrong(400, lang, Some(form), t.broken_upload),
        Some(Broken::Disk(error)) => {
            intake
                .readiness
                .hear(&Evidence::WriteFailed(format!("a file while it arrived: {error}")));
            return again(received, Vec::new(), &not_received(t), 503);
        }
    }
    if let Some(page) = received.aside {
        return to_aside(intake, lang, form, received, page);
    }
    if let Some(other) = &received.switch {
        let other = Lang::from_code(other).filter(|lang| form.speaks(lang.code()));
        return show_again(intake, other.unwrap_or(lang), form, received, Vec::new(), "", 200);
    }
    if turn == Decision::GiveBack {
        return again(received, Vec::new(), t.limited, 429);
    }
    let Ok(admitted) = admitted else {
        return again(received, Vec::new(), &not_received(t), 503);
    };
    if !attachments && !received.files.is_empty() {
        return again(received, Vec::new(), t.no_attachments, 503);
    }
    if !Tokens::is_one(&received.token) {
        let strange = Problem {
            field: None,
            part: None,
            text: t.unknown_field.to_owned(),
        };
        return again(received, vec![strange], "", 200);
    }
    submit(intake, lang, form, received, admitted).await
}

/// Holds room back for the letter. The disk may be slow; the runtime must not wait for it.
async fn admit(intake: &Shared, form: &Form, announced: u64) -> Result<Admission, Refusal> {
    let (pipeline, slug) = (intake.pipeline.clone(), form.slug.clone());
    let admitted = tokio::task::spawn_blocking(move || {
        let form = pipeline.form(&slug).ok_or(Refusal::Closed)?;
        pipeline.admit(form, announced)
    });
    match admitted.await {
        Ok(admitted) => admitted,
        Err(_) => Err(intake.pipeline.fault_in_a_letter("a panic while room was held back")),
    }
}

async fn submit(intake: &Shared, lang: Lang, form: &Form, mut received: Received, admission: Admission) -> Response {
    let files = std::mem::take(&mut received.files);
    let had_files = !files.is_empty();
    let (pipeline, slug) = (intake.pipeline.clone(), form.slug.clone());
    // Soft signals: they mark the letter for the post room, and never keep it from going there.
    let quick = intake.tokens.age(&received.token).is_some_and(|age| age < QUICKEST);
    let automatic = quick || received.trapped;
    let received = Arc::new(received);
    let own = received.clone();
    // The semaphore lives as long as the intake and is never closed: without a permit it is only busier.
    let permit = intake.sealers.clone().acquire_owned().await;
    let work = move || {
        // Held by the work and not by the request: a client who leaves ends the request, but not the work.
        let _held = (permit, admission);
        let _clean = CleanStack;
        let form = pipeline.form(&slug).ok_or(Refusal::Closed)?;
        pipeline.submit(&Submission {
            form,
            lang,
            token: &own.token,
            typed: &own.typed,
            files,
            test: false,
            automatic,
        })
    };
    let refusal = match tokio::task::spawn_blocking(work).await {
        Ok(Ok(receipt)) => return to_receipt(&receipt, lang, form),
        Ok(Err(refusal)) => refusal,
        Err(_) => intake.pipeline.fault_in_a_letter("a panic while a letter was sealed"),
    };
    let t = lang.catalog();
    // The disk may have failed after the letter had its name: then sending it again must not make another one.
    let token = match refusal {
        Refusal::NotReceived(_) => String::from_utf8_lossy(&received.token).into_owned(),
        _ => String::new(),
    };
    let (problems, notice, status) = match refusal {
        Refusal::Problems(problems) => (problems, String::new(), 200),
        Refusal::Closed => return intake.wrong(503, lang, Some(form), t.closed_text),
        Refusal::NotReceived(_) => (Vec::new(), not_received(t), 503),
    };
    let again = Redisplay {
        typed: received.typed.clone().seen(),
        problems,
        notice,
        had_files,
        token,
        status,
    };
    to_form(intake, lang, form, &again)
}

fn show_again(
    intake: &Shared,
    lang: Lang,
    form: &Form,
    received: Received,
    problems: Vec<Problem>,
    notice: &str,
    status: u16,
) -> Response {
    let again = Redisplay {
        had_files: !received.files.is_empty(),
        typed: received.typed.seen(),
        problems,
        notice: notice.to_owned(),
        token: String::new(),
        status,
    };
    to_form(intake, lang, form, &again)
}

/// No receipt, but nothing that was written is lost.
fn not_received(t: &Catalog) -> String {
    format!("{}\n\n{}", t.not_received, t.text_is_here)
}

fn to_form(intake: &Shared, lang: Lang, form: &Form, again: &Redisplay) -> Response {
    match intake.kept.keep(again) {
        Some(key) => see_other(format!("/{}/s/{}?k={key}", lang.code(), form.slug)),
        None => intake.wrong(500, lang, Some(form), lang.catalog().not_received),
    }
}

/// A page beside the form: what was typed goes along, files cannot.
fn to_aside(intake: &Shared, lang: Lang, form: &Form, received: Received, page: InfoPage) -> Response {
    let place = format!("/{}/{}/{}", lang.code(), page.path(), form.slug);
    if received.typed.is_empty() {
        return see_other(place);
    }
    let again = Redisplay {
        typed: received.typed.seen(),
        ..Redisplay::default()
    };
    match intake.kept.keep(&again) {
        Some(key) => see_other(format!("{place}?k={key}")),
        None => intake.wrong(500, lang, Some(form), lang.catalog().not_received),
    }
}

fn to_receipt(receipt: &Receipt, lang: Lang, form: &Form) -> Response {
    see_other(format!(
        "/{}/kvittering/{}?s={}",
        lang.code(),
        receipt.reference,
        form.slug
    ))
}

fn see_other(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
