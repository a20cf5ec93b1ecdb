//! A page that was sent, and the ways back to the browser that each step may need.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::contents::named;
use super::replay::Redisplay;
use crate::door::{Client, PERIOD};
use crate::form::Form;
use crate::i18n::{Catalog, Lang};

/// In the query of a form's address: a fault of ours cost the page that was sent.
pub(super) const NOT_RECEIVED: &str = "feil";
/// Bytes for the names of all parts, and for the short texts beside one that is too long.
pub(super) const NAMES: usize = 64 * 1024;

/// A page that was sent: by whom, and to which form in which language.
pub(super) struct SentPage<'a> {
    pub(super) intake: &'a Shared,
    pub(super) lang: Lang,
    pub(super) form: &'a Form,
    pub(super) client: Client,
    pub(super) headers: &'a HeaderMap,
}

impl SentPage<'_> {
    /// The form's address with no key: there it says that what was typed is gone.
    pub(super) fn form_without_text(&self) -> String {
        let content = named(self.intake.number, &self.intake.node, '&');
        format!("/{}/s/{}?k={content}", self.lang.code(), self.form.slug)
    }

    /// To the form, once what was typed waits there.
    pub(super) async fn to_form(&self, lang: Lang, again: Redisplay) -> Response {
        let address = format!("/{}/s/{}", lang.code(), self.form.slug);
        let owner = self.intake.policy.owner(&self.client, self.headers);
        let too_much = again.status == 429;
        let place = if again.review.is_empty() { "" } else { "#svar" };
        let Some(key) = self.intake.replay.keep(again, &owner, usual_text(self.form)).await else {
            let fault = "what was typed could not be sealed to be shown again";
            self.intake.pipeline.fault(fault);
            return not_received(&address);
        };
        let key = self.intake.node.marked(&key);
        let content = named(self.intake.number, &self.intake.node, '&');
        let mut answer = see_other(format!("{address}?k={key}{content}{place}"));
        if too_much {
            let soon = HeaderValue::from(PERIOD.as_secs());
            answer.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        answer
    }

    pub(super) fn t(&self) -> &'static Catalog {
        self.lang.catalog()
    }
}

/// What a form can hold, in bytes: four a character, twice over for text that is too long by a little, and the names.
pub(super) fn usual_text(form: &Form) -> usize {
    form.longest_text() as usize * 8 + NAMES
}

/// To the form, which says that nothing was received; what was typed could not be kept either.
pub(super) fn not_received(address: &str) -> Response {
    see_other(format!("{address}?{NOT_RECEIVED}"))
}

/// The answer to every page that was read.
pub(super) fn see_other(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
