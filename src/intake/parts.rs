//! The multipart stream (RFC 7578), read under limits, in constant memory.
//!
//! Comes in: a body and what may be kept of it. Goes out: what was typed and which files came, also when the end is missing.
//! What always holds: text stays in memory, and a file goes to the disk as ciphertext only, while it arrives.

use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::blocking::drop_on_blocking_thread;
use super::body_kind::BodyKind;
use super::charset;
use super::drafts::{Drafts, IncomingFile, NotKept, TakeRoom};
use super::meter::{Meter, Stopped, drain_rest, metered};
use super::multipart::{Multipart, Unreadable};
use super::part_head::PartHead;
use crate::answer::{FileFact, Lock, Typed};
use crate::owner::Held;
use crate::page::{REVIEW, SWITCH, TOKEN, TRAP};
use crate::submission::Upload;

/// Parts: enough for a long form and its files.
const PARTS: usize = 300;

/// Bytes of text that each body may hold, whatever else its owner sends: so nobody loses a letter of ten thousand characters
/// because of a neighbour. What that comes to in all is bounded by the connections.
pub(super) const FREE_TEXT: usize = 32 * 1024;

/// What a page sent.
#[derive(Default)]
pub(super) struct Received {
    pub(super) typed: Typed,
    pub(super) files: Files,
    pub(super) token: Vec<u8>,
    /// Something stood in the field that people do not see.
    pub(super) trapped: bool,
    /// The button was pressed that shows the answers before they are sent.
    pub(super) review: bool,
    /// Language to switch to, when that button was pressed.
    pub(super) switch: Option<String>,
    /// Bytes of text, with the names of its parts.
    pub(super) text: usize,
    /// A part names no field, or two.
    pub(super) has_strange_part: bool,
    /// What texts are encoded in whose part does not say it.
    pub(super) charset: Option<String>,
    /// The encoding of a text was guessed.
    pub(super) is_guess: bool,
    /// More text came than is kept: than the form can hold, or than there is memory for.
    pub(super) too_much_text: Option<TooMuchText>,
    /// Why a file was not kept. The text that comes after it is still read.
    pub(super) not_kept: Option<NotKept>,
}

/// Why text was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooMuchText {
    /// No page may hold so much.
    ForAnyPage,
    /// Its sender has a share of the memory for texts already.
    ForItsSender,
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
    /// The connection ended: no client is there to answer.
    Gone,
    /// It goes on too slowly, or not at all.
    Slow,
    /// Not multipart, or not as RFC 7578 has it.
    Malformed,
    /// More than can be drained.
    TooLarge,
}

impl From<Stopped> for Broken {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Gone => Self::Gone,
            Stopped::Slow => Self::Slow,
            Stopped::TooLarge => Self::TooLarge,
        }
    }
}

impl From<Unreadable> for Broken {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Stopped(stopped) => stopped.into(),
            Unreadable::Malformed => Self::Malformed,
        }
    }
}

/// What may be kept.
pub(super) struct UploadLimits {
    /// Bytes of all text together, with the names of its parts.
    pub(super) text_total: usize,
    /// Bytes of one text.
    pub(super) text_longest: usize,
    /// The memory that it takes beyond [`FREE_TEXT`].
    pub(super) memory: Held,
    /// Where files go.
    pub(super) drafts: Drafts,
    /// Names of the fields for files.
    pub(super) file_fields: Vec<String>,
    /// Takes room for them; None where none are kept.
    pub(super) room: Option<TakeRoom>,
    /// Bytes of all files together.
    pub(super) files_total: u64,
    /// Files; more are counted but not kept.
    pub(super) files_most: usize,
}

/// Reads everything. What came before something went wrong is returned as well, so that it can be shown again.
pub(super) async fn read(
    body: Body,
    kind: &BodyKind,
    limits: &mut UploadLimits,
    meter: Arc<Meter>,
) -> (Received, Option<Broken>) {
    let mut body = body.into_data_stream();
    let mut reading = Reading {
        limits,
        meter: meter.clone(),
        received: Received::default(),
    };
    let read = {
        let stream = metered(&mut body, meter.clone());
        match kind {
            BodyKind::Parts(boundary) => reading.parts(stream, boundary).await,
            other => reading.unparted(stream, other).await,
        }
    };
    if matches!(read, Err(Broken::Malformed | Broken::TooLarge)) {
        drain_rest(&mut body, meter.pace()).await;
    }
    (reading.received, read.err())
}

/// A body that is being read.
struct Reading<'a> {
    limits: &'a mut UploadLimits,
    meter: Arc<Meter>,
    received: Received,
}

impl Reading<'_> {
    async fn parts(
        &mut self,
        stream: impl Stream<Item = Result<Bytes, Stopped>> + Send,
        boundary: &str,
    ) -> Result<(), Broken> {
        let mut parts = Multipart::new(stream, boundary);
        // Once more than there may be, for the end behind the last.
        for _ in 0..=PARTS {
            let Some(head) = parts.next_part().await? else {
                // The last boundary is not yet the end: a connection that is cut before the last byte sent nothing.
                return Ok(parts.finish().await?);
            };
            match PartHead::read(&head) {
                None => self.received.has_strange_part = true,
                Some(head) if self.is_file(&head) => self.file(&mut parts, head).await?,
                Some(head) => self.text(&mut parts, head).await?,
            }
        }
        Err(Broken::TooLarge)
    }

    /// Whether a part is a file: it has the name of one, or no name but a kind, in a field for files.
    fn is_file(&self, head: &PartHead) -> bool {
        head.file.is_some() || head.has_kind && self.limits.file_fields.contains(&head.name)
    }

    async fn text<S>(&mut self, parts: &mut Multipart<S>, head: PartHead) -> Result<(), Broken>
    where
        S: Stream<Item = Result<Bytes, Stopped>>,
    {
        if !self.keeps(head.name.len()) {
            return Ok(());
        }
        let mut value = Vec::new();
        let read = loop {
            match parts.chunk().await {
                Ok(Some(chunk)) if self.keeps_of(value.len(), chunk.len()) => value.extend_from_slice(&chunk),
                Ok(_) => break Ok(()),
                // What came of it is given back with the rest.
                Err(broken) => {
                    let left = parts.what_is_left();
                    if self.keeps_of(value.len(), left.len()) {
                        value.extend_from_slice(&left);
                    }
                    without_half_a_character(&mut value);
                    break Err(broken.into());
                }
            }
        };
        self.received.put(head.name, value, head.charset.as_deref());
        read
    }

    /// Whether so many more bytes are kept of one text, of which there are so many already. Alone it may not take what the
    /// others need.
    fn keeps_of(&mut self, before: usize, bytes: usize) -> bool {
        if before + bytes > self.limits.text_longest {
            self.is_too_much(TooMuchText::ForAnyPage);
            return false;
        }
        self.keeps(bytes)
    }

    /// Whether so many more bytes of text are kept.
    fn keeps(&mut self, bytes: usize) -> bool {
        if self.received.text + bytes > self.limits.text_total {
            self.is_too_much(TooMuchText::ForAnyPage);
        } else if self.limits.memory.grow(self.counted(bytes)).is_err() {
            self.is_too_much(TooMuchText::ForItsSender);
        } else {
            self.received.text += bytes;
            return true;
        }
        false
    }

    /// How many of so many more bytes count as memory that is shared.
    fn counted(&self, bytes: usize) -> u64 {
        let before = self.received.text;
        ((before + bytes).saturating_sub(FREE_TEXT) - before.saturating_sub(FREE_TEXT)) as u64
    }

    /// What follows is read for what stands behind it.
    fn is_too_much(&mut self, why: TooMuchText) {
        self.received.too_much_text.get_or_insert(why);
        self.meter.has_enough();
    }

    async fn file<S>(&mut self, parts: &mut Multipart<S>, head: PartHead) -> Result<(), Broken>
    where
        S: Stream<Item = Result<Bytes, Stopped>>,
    {
        let name = head.file.unwrap_or_default();
        if !self.keeps(head.name.len() + name.len()) {
            return Ok(());
        }
        let kept: u64 = self.received.files.0.iter().map(|file| file.fact.size).sum();
        let left = self.limits.files_total.saturating_sub(kept);
        let mut incoming = self.begin_file();
        let (mut size, mut lock) = (0, Lock::default());
        while let Some(chunk) = parts.chunk().await? {
            size += chunk.len() as u64;
            lock.push(&chunk);
            if let Some(file) = incoming.take().filter(|_| size <= left) {
                incoming = self.received.unless_refused(file.push(&chunk).await);
            }
            if incoming.is_none() {
                self.meter.has_enough();
            }
        }
        // An empty file control has neither.
        if name.is_empty() && size == 0 {
            return Ok(());
        }
        let draft = match incoming {
            Some(file) => self.received.unless_refused(file.finish().await),
            None => None,
        };
        self.received.files.0.push(Upload {
            fact: FileFact {
                field: head.name,
                name,
                size,
                too_large: size > self.limits.files_total,
                locked: lock.is_locked(),
            },
            draft,
        });
        Ok(())
    }

    fn begin_file(&self) -> Option<IncomingFile> {
        let is_one_of_few = self.received.files.0.len() < self.limits.files_most;
        let room = self.limits.room.as_ref();
        room.filter(|_| is_one_of_few && self.received.not_kept.is_none())
            .map(|room| self.limits.drafts.begin(room.clone()))
    }

    /// A body that is no multipart: kept as far as one text may be, and then told apart.
    async fn unparted(
        &mut self,
        stream: impl Stream<Item = Result<Bytes, Stopped>> + Send,
        kind: &BodyKind,
    ) -> Result<(), Broken> {
        let mut stream = pin!(stream);
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        let (mut is_whole, mut read) = (true, Ok(()));
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) => {
                    is_whole = is_whole && self.keeps_of(bytes.len(), chunk.len());
                    if is_whole {
                        bytes.extend_from_slice(&chunk);
                    }
                }
                Err(stopped) => {
                    read = Err(stopped.into());
                    break;
                }
            }
        }
        for (name, value) in kind.fields(&bytes) {
            self.received.put(name, value, None);
        }
        read
    }
}

/// Drops the beginning of a character of UTF-8 whose end did not come.
fn without_half_a_character(value: &mut Vec<u8>) {
    if let Err(error) = std::str::from_utf8(value)
        && error.error_len().is_none()
    {
        value.truncate(error.valid_up_to());
    }
}

impl Received {
    /// No answer came, not even an empty one, as a browser sends for each box that is left blank.
    pub(super) fn is_empty(&self) -> bool {
        let has_text = self.typed.pairs().next().is_some();
        !has_text && self.files.is_empty() && !self.has_strange_part
    }

    fn put(&mut self, name: String, value: Vec<u8>, charset: Option<&str>) {
        match name.as_str() {
            TOKEN => self.token = value,
            TRAP => self.trapped |= !value.is_empty(),
            REVIEW => self.review = true,
            SWITCH => self.switch = Some(String::from_utf8_lossy(&value).into_owned()),
            charset::FIELD => self.charset = String::from_utf8(value).ok(),
            _ => {
                let read = charset::read(value, charset.or(self.charset.as_deref()));
                self.is_guess |= read.is_guess;
                self.typed.push(name, read.text);
            }
        }
    }
}
