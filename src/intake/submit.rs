//! A page whose letter is sealed and kept, and what its sender sees of that.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;

use super::admit::Admitted;
use super::blocking::blocking;
use super::copies::Sent;
use super::parts::Received;
use super::receipts::KEY;
use super::replay::Redisplay;
use super::sent_page::{SentPage, see_other};
use super::verdict::Reason;
use crate::door::Allowance;
use crate::submission::{Pipeline, Receipt, Refusal, Submission};

/// People do not read and fill in the page faster than this.
pub const QUICKEST: Duration = Duration::from_secs(3);

impl<'a> SentPage<'a> {
    /// Seals and keeps the letter, and answers with the receipt or with the form again.
    pub(super) async fn submit(
        &self,
        mut received: Received,
        admitted: Admitted<'a>,
        allowance: Option<Allowance>,
    ) -> Response {
        // Closed on a blocking thread wherever this request ends.
        let mut files = std::mem::take(&mut received.files);
        let had_files = !files.is_empty();
        let received = Arc::new(received);
        let (pipeline, slug, lang, own) = (
            self.intake.pipeline.clone(),
            self.form.slug.clone(),
            self.lang,
            received.clone(),
        );
        let automatic = self.looks_automatic(&received);
        // The semaphore lives as long as the intake and is never closed: without a permit it is only busier.
        let permit = self.intake.sealers.clone().acquire_owned().await;
        let (admission, owner) = (admitted.admission.clone(), admitted.owner.clone());
        #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
        let work = move || {
            // Held by the work and not by the request: a client who leaves ends the request, but not the work.
            let _held = permit;
            let form = pipeline.form(&slug).ok_or(Refusal::Closed)?;
            let submission = Submission {
                form,
                lang,
                token: &own.token,
                typed: &own.typed,
                files: files.take(),
                test: false,
                automatic,
                guessed_encoding: own.is_guess,
            };
            let identity = pipeline.identity(&submission);
            // Whoever clicked twice has the letter here, and must not hear otherwise.
            if let Some(receipt) = pipeline.repeated(&submission, &identity)? {
                return Ok((receipt, sent(&pipeline, &submission)));
            }
            let allowance = allowance.ok_or(Refusal::OwnersShare)?;
            pipeline.admit_letter(form, &owner, &admission, own.text as u64)?;
            let receipt = pipeline.submit_as(&submission, &identity)?;
            // A copy that came at the same moment was sealed and written as well, so it counts as well.
            allowance.spend();
            if !receipt.repeat {
                admission.became_a_letter();
            }
            Ok((receipt, sent(&pipeline, &submission)))
        };
        match blocking(work).await {
            Ok(Ok((receipt, sent))) => self.to_receipt(&receipt, sent).await,
            Ok(Err(refusal)) => self.refused(refusal, &received, had_files).await,
            Err(_) => {
                let refusal = self
                    .intake
                    .pipeline
                    .fault_in_a_letter("a panic while a letter was sealed");
                self.refused(refusal, &received, had_files).await
            }
        }
    }

    /// Soft signals: they mark the letter for the post room, and never keep it from going there.
    fn looks_automatic(&self, received: &Received) -> bool {
        let age = self.intake.tokens.age(&received.token);
        received.trapped || age.is_some_and(|age| age < QUICKEST)
    }

    async fn refused(&self, refusal: Refusal, received: &Received, had_files: bool) -> Response {
        // The disk may have failed after the letter had its name, or this be a second copy of it: then sending it again must
        // not make another one.
        let token = match refusal {
            Refusal::NotReceived(_) | Refusal::OwnersShare => String::from_utf8_lossy(&received.token).into_owned(),
            _ => String::new(),
        };
        let reason = match refusal {
            Refusal::Problems(problems) => Reason::problems(problems),
            Refusal::Closed => Reason::closed(self.t()),
            Refusal::OwnersShare => Reason::notice(429, self.t().limited),
            Refusal::NotReceived(_) => Reason::not_received(self.t()),
        };
        let again = Redisplay {
            typed: received.typed.clone().seen(),
            problems: reason.problems,
            notice: reason.notice,
            had_files,
            token,
            status: reason.status,
            review: Vec::new(),
        };
        self.to_form(self.lang, again).await
    }

    async fn to_receipt(&self, receipt: &Receipt, sent: Option<Sent>) -> Response {
        let (lang, slug) = (self.lang.code(), &self.form.slug);
        let sealed = self.intake.receipts.seal(slug, receipt, jiff::Timestamp::now());
        let address = format!("/{lang}/kvittering/{sealed}");
        // Without chance from the system there is no copy, and the receipt holds all the same.
        let key = match sent {
            Some(sent) => {
                let owner = self.intake.policy.owner(&self.client, self.headers);
                self.intake.copies.keep(sent, owner).await
            }
            None => None,
        };
        see_other(match key {
            Some(key) => format!("{address}?{KEY}={}", self.intake.node.marked(&key)),
            None => address,
        })
    }
}

/// What can be shown once more, where the form says so. Of files only what they are called and how large they are.
fn sent(pipeline: &Pipeline, submission: &Submission<'_>) -> Option<Sent> {
    let answers = submission.form.receipt.copy.then(|| pipeline.answers(submission))??;
    let files = submission.files.iter().map(|file| file.fact.clone());
    Some(Sent::of(answers, files.collect()))
}
