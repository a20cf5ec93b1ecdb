//! What one page may cost, decided before its body is read.
//!
//! Comes in: who sends a page to which form, and how long its body says it is. Goes out: [`Admitted`], with the limits to read
//! under and all that is reserved meanwhile. What always holds: never more is reserved than was announced, so that forty
//! short letters do not hold the disk of forty films; and without disk the text is still read, so that it can be shown
//! again.

use axum::body::Body;
use tokio::sync::SemaphorePermit;

use super::blocking::blocking;
use super::parts::{self, Broken, Received, UploadLimits};
use super::sent_page::SentPage;
use crate::door::{Decision, Pace, Slot};
use crate::form::Form;
use crate::submission::Admission;

/// Bytes of a text that is pasted by mistake, a whole diary: it is read, and given back to be shortened.
const LONG_TEXT: usize = 2 * 1024 * 1024;
/// Such texts in memory at once. The senders of further ones read that theirs was too large.
pub(super) const LONG_TEXTS: usize = 32;
/// Half of the onion listener's connections: further bodies are read as well, but only for [`Pace::hurried`]. So trickled
/// uploads cannot hold every connection.
pub(super) const ONION_BODIES: usize = 512;

/// What a page may do, and what is held for it until it is answered.
pub(super) struct Admitted<'a> {
    /// Disk for the letter. None when there is none: then the page can only be shown again.
    pub(super) admission: Option<Admission>,
    /// Files may come with it.
    pub(super) files: bool,
    limits: UploadLimits,
    pace: Pace,
    reading: Option<Reading<'a>>,
    _upload: Option<Slot>,
    _long_text: Option<SemaphorePermit<'a>>,
}

/// What is held only until the body is read.
struct Reading<'a> {
    _sender: Option<Slot>,
    _onion_body: Option<SemaphorePermit<'a>>,
}

/// Too much comes from this client: its page is not even read.
pub(super) struct NotAdmitted;

impl<'a> SentPage<'a> {
    /// Reserves what reading this body and keeping its letter takes.
    pub(super) async fn admit(&self, announced: u64, decision: Decision) -> Result<Admitted<'a>, NotAdmitted> {
        let intake = self.intake;
        let sender = intake.policy.sender(&self.client, self.headers);
        let (Ok(sender), false) = (sender, decision == Decision::Drop) else {
            return Err(NotAdmitted);
        };
        let usual = usual_text(self.form);
        let large = announced > usual as u64;
        let upload = if large {
            intake.policy.upload(&self.client, self.headers)
        } else {
            Ok(None)
        };
        let admission = self.reserve(if upload.is_ok() { announced } else { 0 }).await;
        let long_text = (large && LONG_TEXT > usual)
            .then(|| intake.long_texts.try_acquire().ok())
            .flatten();
        let files = upload.is_ok() && admission.as_ref().is_some_and(|admission| admission.attachments);
        let keeps_files = files && decision == Decision::Accept;
        let (pace, onion_body) = self.pace();
        Ok(Admitted {
            limits: UploadLimits {
                text_total: if long_text.is_some() { LONG_TEXT } else { usual },
                drafts: intake.drafts.clone(),
                files_total: if keeps_files {
                    intake.pipeline.limits(self.form).files_total
                } else {
                    0
                },
                files_most: files_most(self.form),
            },
            admission,
            files,
            pace,
            reading: Some(Reading {
                _sender: sender,
                _onion_body: onion_body,
            }),
            _upload: upload.ok().flatten(),
            _long_text: long_text,
        })
    }

    /// Holds disk and budget for a letter of so many bytes. Both are asked of the disk, which may be slow.
    async fn reserve(&self, bytes: u64) -> Option<Admission> {
        let (pipeline, slug) = (self.intake.pipeline.clone(), self.form.slug.clone());
        #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
        let work = move || pipeline.admit(pipeline.form(&slug)?, bytes).ok();
        match blocking(work).await {
            Ok(admission) => admission,
            Err(_) => {
                self.intake
                    .pipeline
                    .fault_in_a_letter("a panic while disk was reserved");
                None
            }
        }
    }

    /// How slow this body may be.
    fn pace(&self) -> (Pace, Option<SemaphorePermit<'a>>) {
        let pace = self.client.pace;
        if !self.client.onion {
            return (pace, None);
        }
        match self.intake.onion_bodies.try_acquire() {
            Ok(permit) => (pace, Some(permit)),
            Err(_) => (pace.hurried(), None),
        }
    }
}

impl Admitted<'_> {
    /// Reads the body under these limits. What is held for the reading is free again when it has ended.
    pub(super) async fn read(&mut self, body: Body, boundary: String) -> (Received, Option<Broken>) {
        let read = parts::read(body, boundary, &self.limits, self.pace).await;
        self.reading = None;
        read
    }
}

/// Four bytes a character, twice over for text that is too long by a little, and the names.
fn usual_text(form: &Form) -> usize {
    form.longest_text() as usize * 8 + 64 * 1024
}

/// Files that all fields together take.
fn files_most(form: &Form) -> usize {
    form.fields()
        .filter(|field| field.is_for_files())
        .map(|field| field.max)
        .sum()
}
