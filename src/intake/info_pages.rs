//! The pages with what the form page has folded, and the certificates.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sequoia_openpgp::Cert;

use super::Shared;
use super::render::html;
use crate::form::Form;
use crate::page::{Encryption, PrivacyPage, RecipientView, Safety};
use crate::seal::{CertificateRole, armored, fingerprint_groups};

type Address = Path<(String, String)>;

pub(super) async fn safety(State(intake): State<Shared>, Path((lang, slug)): Address) -> Response {
    let Some((lang, form)) = intake.form(&lang, &slug) else {
        return intake.nothing_there(&format!("/{lang}/trygg/{slug}"));
    };
    let frame = intake.frame(lang, Some(form));
    html(200, &Safety { frame, form })
}

pub(super) async fn encryption(State(intake): State<Shared>, Path((lang, slug)): Address) -> Response {
    let Some((lang, form)) = intake.form(&lang, &slug) else {
        return intake.nothing_there(&format!("/{lang}/kryptering/{slug}"));
    };
    intake.readiness.ask().await;
    let page = Encryption {
        frame: intake.frame(lang, Some(form)),
        form,
        recipients: recipients(&intake, form, armored),
        machines: intake.readiness.machines(),
    };
    html(200, &page)
}

pub(super) async fn privacy(State(intake): State<Shared>, Path((lang, slug)): Address) -> Response {
    let Some((lang, form)) = intake.form(&lang, &slug) else {
        return intake.nothing_there(&format!("/{lang}/personvern/{slug}"));
    };
    let frame = intake.frame(lang, Some(form));
    html(200, &PrivacyPage { frame, form })
}

/// Whom a letter would be sealed to now, each certificate with this text of it.
pub(super) fn recipients(intake: &Shared, form: &Form, text: impl Fn(&Cert) -> String) -> Vec<RecipientView> {
    let judged = intake.readiness.recipients(form);
    let view = judged.fit.iter().map(|(recipient, role)| {
        let fingerprint = recipient.cert.fingerprint();
        RecipientView {
            name: recipient.name(),
            fingerprint: fingerprint_groups(&fingerprint),
            recovery: *role == CertificateRole::Recovery,
            certificate: text(&recipient.cert),
            href: format!("/nokkel/{}/{}.asc", form.slug, fingerprint.to_hex()),
        }
    });
    view.collect()
}

/// A certificate as a file: what a letter would be sealed to now, and nothing else.
pub(super) async fn certificate(State(intake): State<Shared>, Path((slug, file)): Address) -> Response {
    intake.readiness.ask().await;
    let wanted = format!("/nokkel/{slug}/{file}");
    let form = intake.pipeline.form(&slug);
    let all = form.map(|form| recipients(&intake, form, armored)).unwrap_or_default();
    let Some(found) = all.into_iter().find(|recipient| recipient.href == wanted) else {
        return intake.nothing_there(&wanted);
    };
    let mut answer = found.certificate.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pgp-keys"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    answer
}
