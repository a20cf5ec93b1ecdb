//! The pages beside the form, and the certificates that they show.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::forms::nothing_there;
use super::render::{html, value_of};
use super::replay::Redisplay;
use crate::form::Form;
use crate::page::{Encryption, InfoPage, PrivacyPage, RecipientView, Safety};
use crate::seal::{CertificateRole, armored, fingerprint_groups};

pub(super) async fn safety(state: State<Shared>, path: Path<(String, String)>, query: RawQuery) -> Response {
    show(&state, &path, &query, InfoPage::Safety).await
}

pub(super) async fn encryption(state: State<Shared>, path: Path<(String, String)>, query: RawQuery) -> Response {
    state.readiness.ask().await;
    show(&state, &path, &query, InfoPage::Encryption).await
}

pub(super) async fn privacy(state: State<Shared>, path: Path<(String, String)>, query: RawQuery) -> Response {
    show(&state, &path, &query, InfoPage::Privacy).await
}

/// With `?k=KEY`, what was typed in the form goes along in the page.
async fn show(
    intake: &Shared,
    Path((lang, slug)): &Path<(String, String)>,
    RawQuery(query): &RawQuery,
    page: InfoPage,
) -> Response {
    let Some((lang, form)) = intake.form(lang, slug) else {
        return nothing_there(intake, lang);
    };
    let key = query.as_deref().and_then(|query| value_of(query, "k"));
    let again = match key {
        Some(key) => intake.replay.take(key).await.unwrap_or_default(),
        None => Redisplay::default(),
    };
    let (frame, carried) = (intake.frame(lang, Some(form)), &again.typed);
    match page {
        InfoPage::Safety => html(200, &Safety { frame, form, carried }),
        InfoPage::Privacy => html(200, &PrivacyPage { frame, form, carried }),
        InfoPage::Encryption => {
            let recipients = recipients(intake, form);
            html(
                200,
                &Encryption {
                    frame,
                    form,
                    carried,
                    recipients,
                },
            )
        }
    }
}

fn recipients(intake: &Shared, form: &Form) -> Vec<RecipientView> {
    let judged = intake.readiness.recipients(form);
    let view = judged.fit.iter().map(|(recipient, role)| {
        let fingerprint = recipient.cert.fingerprint();
        RecipientView {
            name: recipient.name(),
            fingerprint: fingerprint_groups(&fingerprint),
            recovery: *role == CertificateRole::Recovery,
            certificate: armored(&recipient.cert),
            href: format!("/nokkel/{}/{}.asc", form.slug, fingerprint.to_hex()),
        }
    });
    view.collect()
}

/// A certificate as a file: what a letter would be sealed to now, and nothing else.
pub(super) async fn certificate(State(intake): State<Shared>, Path((slug, file)): Path<(String, String)>) -> Response {
    intake.readiness.ask().await;
    let form = intake.pipeline.form(&slug);
    let all = form.map(|form| recipients(&intake, form)).unwrap_or_default();
    let wanted = format!("/nokkel/{slug}/{file}");
    let Some(found) = all.into_iter().find(|recipient| recipient.href == wanted) else {
        return nothing_there(&intake, "");
    };
    let mut answer = found.certificate.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pgp-keys"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    answer
}
