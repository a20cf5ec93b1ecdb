//! The multipart stream (RFC 7578), read under limits, in constant memory.
//!
//! Comes in: a body and what may be kept of it. Goes out: what was typed and which files came, also when the end is missing.
//! What always holds: text stays in memory, and a file goes to the disk as ciphertext only, while it arrives.

use std::pin::{Pin, pin};
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use multer::{Field, Multipart};

use super::blocking::drop_on_blocking_thread;
use super::disposition::Disposition;
use super::drafts::{Drafts, NotKept};
use super::meter::{Meter, Stopped, drain_rest, metered};
use crate::answer::{FileFact, Lock, Typed};
use crate::door::Pace;
use crate::page::{INFO_PAGE, InfoPage, SWITCH, TOKEN, TRAP};
use crate::submission::Upload;

/// Parts: enough for a long form and its files.
const PARTS: usize = 300;

/// What a page sent.
#[derive(Default)]
pub(super) struct Received {
    pub(super) typed: Typed,
    pub(super) files: Files,
    pub(super) token: Vec<u8>,
    /// Something stood in the field that people do not see.
    pub(super) trapped: bool,
    /// Language to switch to, when that button was pressed.
    pub(super) switch: Option<String>,
    /// Page to show meanwhile, when its button was pressed.
    pub(super) info_page: Option<InfoPage>,
    /// Why a file was not kept. The text that comes after it is still read.
    pub(super) not_kept: Option<NotKept>,
}

impl Received {
    /// What came of a file's way to the disk. After an error that file and those behind it are read, but not kept.
    fn unless_refused<T>(&mut self, written: Result<T, NotKept>) -> Option<T> {
        written.map_err(|why| self.not_kept = Some(why)).ok()
    }
}

/// The files of a page.
#[derive(Default)]
pub(super) struct Files(Vec<Upload>);

impl Files {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self) -> Vec<Upload> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if !self.is_empty() {
            drop_on_blocking_thread(self.take());
        }
    }
}

/// Why the parts could not be read to their end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended or stalled: no client is there to answer.
    Gone,
    /// Not multipart, or not as RFC 7578 has it.
    Malformed,
    /// More than can be drained.
    TooLarge,
}

impl From<&Stopped> for Broken {
    fn from(stopped: &Stopped) -> Self {
        match stopped {
            Stopped::Gone => Self::Gone,
            Stopped::TooLarge => Self::TooLarge,
            Stopped::LongHead => Self::Malformed,
        }
    }
}

/// What may be kept.
pub(super) struct UploadLimits {
    /// Bytes of all text together, with the names of its parts.
    pub(super) text_total: usize,
    /// Where files go.
    pub(super) drafts: Drafts,
    /// Bytes of all files together; 0 keeps none.
    pub(super) files_total: u64,
    /// Files; more are counted but not kept.
    pub(super) files_most: usize,
}

/// Reads everything. What came before something went wrong is returned as well, so that it can be shown again.
pub(super) async fn read(
    body: Body,
    boundary: String,
    limits: &UploadLimits,
    pace: Pace,
) -> (Received, Option<Broken>) {
    let mut body = body.into_data_stream();
    let mut received = Received::default();
    let read = {
        let meter = Arc::new(Meter::start(pace));
        let mut stream = pin!(metered(&mut body, meter.clone()).fuse());
        match read_parts(stream.as_mut(), &meter, boundary, limits, &mut received).await {
            Ok(()) => to_the_end(stream).await,
            broken => broken,
        }
    };
    if matches!(read, Err(Broken::Malformed | Broken::TooLarge)) {
        drain_rest(&mut body, pace).await;
    }
    (received, read.err())
}

/// The last boundary is not yet the end: a connection that is cut before the last byte sent nothing.
async fn to_the_end(mut stream: Pin<&mut (impl Stream<Item = Result<Bytes, Stopped>> + Send)>) -> Result<(), Broken> {
    while let Some(chunk) = stream.next().await {
        chunk.map_err(|stopped| Broken::from(&stopped))?;
    }
    Ok(())
}

async fn read_parts(
    stream: Pin<&mut (impl Stream<Item = Result<Bytes, Stopped>> + Send)>,
    meter: &Meter,
    boundary: String,
    limits: &UploadLimits,
    received: &mut Received,
) -> Result<(), Broken> {
    let mut parts = Multipart::new(stream, boundary);
    let mut text = limits.text_total;
    for _ in 0..PARTS {
        meter.head_begins();
        let Some(field) = parts.next_field().await.map_err(broken)? else {
            return Ok(());
        };
        meter.head_ended();
        let Disposition { name, file } = Disposition::of(field.headers()).ok_or(Broken::Malformed)?;
        text = text.checked_sub(name.len()).ok_or(Broken::TooLarge)?;
        match file {
            // An empty file control.
            Some(file) if file.is_empty() => drain(field).await?,
            Some(file) => {
                text = text.checked_sub(file.len()).ok_or(Broken::TooLarge)?;
                receive_file(field, name, file, limits, received).await?;
            }
            None => receive_text(field, name, &mut text, received).await?,
        }
    }
    Err(Broken::TooLarge)
}

async fn receive_text(
    mut field: Field<'_>,
    name: String,
    text: &mut usize,
    received: &mut Received,
) -> Result<(), Broken> {
    let mut value = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        *text = text.checked_sub(chunk.len()).ok_or(Broken::TooLarge)?;
        value.extend_from_slice(&chunk);
    }
    match name.as_str() {
        TOKEN => received.token = value,
        TRAP => received.trapped |= !value.is_empty(),
        INFO_PAGE => received.info_page = std::str::from_utf8(&value).ok().and_then(InfoPage::from_path),
        SWITCH => received.switch = Some(String::from_utf8_lossy(&value).into_owned()),
        _ => {
            let value = String::from_utf8(value).map_err(|_| Broken::Malformed)?;
            received.typed.push(name, value);
        }
    }
    Ok(())
}

async fn receive_file(
    mut field: Field<'_>,
    name: String,
    file: String,
    limits: &UploadLimits,
    received: &mut Received,
) -> Result<(), Broken> {
    let kept: u64 = received.files.0.iter().map(|file| file.fact.size).sum();
    let left = limits.files_total.saturating_sub(kept);
    let wanted = received.files.0.len() < limits.files_most && limits.files_total > 0 && received.not_kept.is_none();
    let mut incoming = wanted.then(|| limits.drafts.begin());
    let (mut size, mut lock) = (0, Lock::default());
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        size += chunk.len() as u64;
        lock.push(&chunk);
        if let Some(file) = incoming.take().filter(|_| size <= left) {
            incoming = received.unless_refused(file.push(&chunk).await);
        }
    }
    let draft = match incoming {
        Some(file) => received.unless_refused(file.finish().await),
        None => None,
    };
    received.files.0.push(Upload {
        fact: FileFact {
            field: name,
            name: file,
            size,
            too_large: size > limits.files_total,
            locked: lock.is_locked(),
        },
        draft,
    });
    Ok(())
}

async fn drain(mut field: Field<'_>) -> Result<(), Broken> {
    while field.chunk().await.map_err(broken)?.is_some() {}
    Ok(())
}

fn broken(error: multer::Error) -> Broken {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast_ref::<Stopped>() {
            Some(stopped) => stopped.into(),
            None => Broken::Gone,
        },
        _ => Broken::Malformed,
    }
}
