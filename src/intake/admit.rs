//! What one page may cost.
//!
//! Comes in: who sends a page to which form. Goes out: [`Admitted`], with the limits to read under. What always holds:
//! memory and disk are taken as the body arrives, so that what is only announced costs nobody anything; and a page that can
//! become no letter is still read, so that its text can be given back.

use std::sync::Arc;

use axum::body::Body;
use tokio::sync::SemaphorePermit;

use super::body_kind::BodyKind;
use super::drafts::{NotKept, TakeRoom};
use super::meter::Meter;
use super::parts::{self, Broken, Received, UploadLimits};
use super::sent_page::{NAMES, SentPage, usual_text};
use crate::door::{Pace, Place};
use crate::form::{Field, Form};
use crate::owner::{Held, NoShare, Owner};
use crate::store::StoreError;
use crate::submission::Admission;

/// Half of the onion listener's connections: further bodies are read as well, but only for [`Pace::hurried`]. So trickled
/// uploads cannot hold every connection.
pub(super) const ONION_BODIES: usize = 512;
/// Bodies with files that all owners share.
pub(super) const UPLOADS: u64 = 256;
/// Bytes of text in memory that all owners share, until each is answered; without [`parts::FREE_TEXT`] of each body.
pub(super) const TEXTS: u64 = 64 * 1024 * 1024;

/// Bytes of a text that is pasted by mistake, a whole diary: it is read, and given back to be shortened, as long as its
/// sender has a share of [`TEXTS`] left.
const LONG_TEXT: usize = 2 * 1024 * 1024;

/// What a page may do, and what is held for it until it is answered.
pub(super) struct Admitted<'a> {
    /// Who sends it.
    pub(super) owner: Owner,
    /// Room for the letter, as far as it has come.
    pub(super) admission: Arc<Admission>,
    /// Files may come with it.
    pub(super) files: bool,
    limits: UploadLimits,
    pace: Pace,
    /// Held only until the body is read, like the next.
    sender: Option<Place>,
    onion_body: Option<SemaphorePermit<'a>>,
    _upload: Option<Held>,
}

impl<'a> SentPage<'a> {
    /// What reading this body may take. `keeps_files` is false where no letter will come of it.
    pub(super) fn admit(&self, announced: u64, keeps_files: bool) -> Admitted<'a> {
        let intake = self.intake;
        let owner = intake.policy.owner(&self.client, self.headers);
        let sender = intake.policy.sender(&self.client, self.headers);
        let is_guest = self.client.is_guest || sender.is_beyond();
        let usual = usual_text(self.form);
        let upload = if is_guest {
            Err(NoShare)
        } else if announced > usual as u64 {
            intake.uploads.hold(&owner, 1).map(Some)
        } else {
            Ok(None)
        };
        let files = upload.is_ok();
        let admission = Arc::new(Admission::default());
        let room = (files && keeps_files).then(|| self.room(&owner, &admission));
        let (pace, onion_body) = self.pace();
        Admitted {
            limits: UploadLimits {
                text_total: LONG_TEXT.max(usual) + NAMES,
                text_longest: LONG_TEXT.max(usual),
                memory: intake.texts.begin(&owner),
                drafts: intake.drafts.clone(),
                file_fields: file_fields(self.form).map(|field| field.name.clone()).collect(),
                room,
                files_total: intake.pipeline.limits(self.form).files_total,
                files_most: files_most(self.form),
            },
            owner,
            admission,
            files,
            pace: if is_guest { pace.hurried() } else { pace },
            sender: Some(sender),
            onion_body,
            _upload: upload.ok().flatten(),
        }
    }

    /// Takes room for files as they come.
    #[expect(
        clippy::disallowed_methods,
        reason = "what is returned is called on blocking threads only"
    )]
    fn room(&self, owner: &Owner, admission: &Arc<Admission>) -> TakeRoom {
        let (pipeline, slug) = (self.intake.pipeline.clone(), self.form.slug.clone());
        let (owner, admission) = (owner.clone(), admission.clone());
        Arc::new(move |bytes| {
            let form = pipeline.form(&slug).ok_or(NotKept::NoRoom)?;
            match pipeline.admit_file(form, &owner, &admission, bytes) {
                Ok(()) => Ok(()),
                // Then the letter is refused, with a better reason than its files.
                Err(StoreError::Fenced | StoreError::Unproven(_)) => Ok(()),
                Err(StoreError::Io(error)) => Err(NotKept::Disk(error)),
                Err(_) => Err(NotKept::NoRoom),
            }
        })
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
    pub(super) async fn read(
        &mut self,
        body: Body,
        kind: &BodyKind,
        is_crowded: impl Fn() -> bool + Send + Sync + 'static,
    ) -> (Received, Option<Broken>) {
        let place = self.sender.take().unwrap_or(Place::OfItsOwn { _held: None });
        let meter = Arc::new(Meter::start(self.pace, place, is_crowded));
        let read = parts::read(body, kind, &mut self.limits, meter).await;
        self.onion_body = None;
        read
    }
}

/// Files that all fields together take.
fn files_most(form: &Form) -> usize {
    file_fields(form).map(|field| field.max).sum()
}

fn file_fields(form: &Form) -> impl Iterator<Item = &Field> {
    form.fields().filter(|field| field.is_for_files())
}
