//! A page that was sent: read, decided on, answered, each a step of its own.
//!
//! Comes in: a POST. Goes out: a redirect to the receipt, or to the form with all that was typed. What always
//! holds: the connection ends with the answer; and a page is never the direct answer to a text, because the browser
//! would write the text to the device's disk with it.

use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::admit::Admitted;
use super::body_kind::BodyKind;
use super::drafts::NotKept;
use super::parts::Received;
use super::replay::Redisplay;
use super::sent_page::{SentPage, see_other};
use super::token::Tokens;
use super::verdict::{Reason, Terms, Verdict, decide};
use super::{Shared, meter};
use crate::alarms::Event;
use crate::door::Client;
use crate::i18n::Lang;
use crate::submission::Evidence;

pub(super) async fn send(
    State(intake): State<Shared>,
    Extension(client): Extension<Client>,
    Path((lang, slug)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let mut answer = match intake.form(&lang, &slug) {
        Some((lang, form)) => {
            let page = SentPage {
                intake: &intake,
                lang,
                form,
                client,
                headers: &head.headers,
            };
            page.handle(body).await
        }
        None => {
            meter::discard(body, client.pace).await;
            // There the browser reads that nothing is there.
            see_other(head.uri.path().to_owned())
        }
    };
    crate::door::close(&mut answer);
    answer
}

impl<'a> SentPage<'a> {
    /// Reads, decides, answers.
    async fn handle(&self, body: Body) -> Response {
        let kind = BodyKind::of(self.headers, self.form);
        let no_letter = self.why_no_letter(&kind).await;
        let announced = hyper::body::Body::size_hint(&body).upper().unwrap_or(u64::MAX);
        let mut admitted = self.admit(announced, no_letter.is_none());
        let intake = self.intake.clone();
        let (received, broken) = admitted.read(body, &kind, move || intake.is_crowded()).await;
        match &received.not_kept {
            None | Some(NotKept::NoRoom) => {}
            Some(NotKept::Disk(error)) => self.intake.readiness.hear(&Evidence::DraftFailed(error.to_string())),
            Some(NotKept::Fault) => self.intake.pipeline.fault("a panic while a file arrived"),
        }
        let terms = Terms {
            no_letter,
            files: admitted.files,
        };
        let verdict = decide(&received, broken.as_ref(), terms, self.t());
        self.answer(verdict, received, admitted).await
    }

    /// Why no letter can come of it, whatever it holds. It is read all the same.
    async fn why_no_letter(&self, kind: &BodyKind) -> Option<Reason> {
        let t = self.t();
        if !is_same_site(self.headers) {
            return Some(Reason::notice(403, t.cross_site));
        }
        if !kind.is_parts() {
            return Some(Reason::notice(415, t.broken_upload));
        }
        // A full disk is said later.
        self.intake.readiness.ask().await;
        let is_open = self.intake.readiness.form(self.form).is_worth_trying();
        (!is_open).then(|| Reason::closed(t))
    }

    async fn answer(&self, verdict: Verdict, received: Received, admitted: Admitted<'a>) -> Response {
        match verdict {
            Verdict::Submit => {
                let allowance = self.intake.policy.letter(&self.client, self.headers);
                self.submit(received, admitted, allowance).await
            }
            Verdict::Review => self.review(received).await,
            Verdict::Again(reason) => self.show_again(self.lang, received, reason).await,
            Verdict::NotReceived => {
                self.intake.pipeline.alarms.count(Event::Refused);
                let reason = Reason::not_received(self.t());
                self.show_again(self.lang, received, reason).await
            }
            Verdict::Switch => {
                let other = received.switch.as_deref().and_then(Lang::from_code);
                let other = other.filter(|lang| self.form.speaks(lang.code()));
                let reason = Reason::problems(Vec::new());
                self.show_again(other.unwrap_or(self.lang), received, reason).await
            }
            Verdict::Gone => see_other(self.form_without_text()),
        }
    }

    async fn show_again(&self, lang: Lang, received: Received, reason: Reason) -> Response {
        // Refused, and not to be corrected: it may be a second copy of a page whose first became a letter. Then sending it
        // once more makes no second one.
        let is_same_page = matches!(reason.status, 429 | 503) && Tokens::is_one(&received.token);
        let again = Redisplay {
            had_files: !received.files.is_empty(),
            token: if is_same_page {
                String::from_utf8_lossy(&received.token).into_owned()
            } else {
                String::new()
            },
            typed: received.typed.seen(),
            problems: reason.problems,
            notice: reason.notice,
            status: reason.status,
            review: Vec::new(),
        };
        self.to_form(lang, again).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_sends_a_form() {
        let same_site = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_same_site(&headers)
        };
        assert!(same_site(&[]), "no browser");
        assert!(same_site(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(same_site(&[("sec-fetch-site", "none")]));
        assert!(same_site(&[
            ("origin", "https://a.example:8443"),
            ("host", "a.example:8443")
        ]));
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("host", "null")],
            &[("origin", "https://b.example"), ("host", "a.example")],
            &[("origin", "https://a.example"), ("host", "a.example:8443")],
            &[("origin", "https://a.example")],
        ] {
            assert!(!same_site(foreign), "{foreign:?}");
        }
    }
}
