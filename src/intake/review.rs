//! A page whose answers are looked over before they can be sent.
//!
//! Comes in: what a page sent. Goes out: a redirect to the form with all answers above the button that sends, or with what is to
//! be corrected. What always holds: nothing is sealed or kept but what waits to be shown again.

use std::sync::Arc;

use axum::response::Response;

use super::blocking::blocking;
use super::parts::Received;
use super::replay::Redisplay;
use super::sent_page::SentPage;
use super::verdict::Reason;
use crate::answer::judge_without_files;
use crate::page::Reviewed;

impl SentPage<'_> {
    pub(super) async fn review(&self, received: Received) -> Response {
        let (pipeline, slug, t) = (self.intake.pipeline.clone(), self.form.slug.clone(), self.t());
        let received = Arc::new(received);
        let own = received.clone();
        // Files are judged when they are sent: without a script they have to be chosen again.
        let judged = move || {
            let form = pipeline.form(&slug)?;
            Some(judge_without_files(form, &own.typed, t))
        };
        let (reason, review) = match blocking(judged).await {
            Ok(Some(Ok(answers))) => (Reason::problems(Vec::new()), answers),
            Ok(Some(Err(problems))) => (Reason::problems(problems), Vec::new()),
            Ok(None) => (Reason::closed(t), Vec::new()),
            Err(_) => {
                self.intake.pipeline.fault("a panic while answers were looked over");
                (Reason::not_received(t), Vec::new())
            }
        };
        let again = Redisplay {
            typed: received.typed.clone().seen(),
            problems: reason.problems,
            notice: reason.notice,
            had_files: !received.files.is_empty(),
            token: String::new(),
            status: reason.status,
            review: review.into_iter().map(Reviewed::from).collect(),
        };
        self.to_form(self.lang, again).await
    }
}
