//! Files on their way from the network to the disk.
//!
//! Comes in: chunks, as a connection brings them. Goes out: a [`Draft`]. What always holds: only blocking threads touch the
//! disk; a batch is written before more of its file is read, so that a fast line waits for a slow disk instead of filling the
//! memory; a request that ends early leaves nothing.
//!
//! A file takes a blocking thread only while a batch is written. A thread of its own until its end would be simpler, but 512
//! telephones on bad lines would then hold every blocking thread, and no letter could be sealed.

use std::io;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use super::blocking::{blocking, drop_on_blocking_thread};
use crate::draft::{Draft, DraftWriter};
use crate::spool::Spool;

/// Bytes written at once: with the writer's own chunk an upload holds twice as much, 200 uploads 25 MiB.
const BATCH: usize = 64 * 1024;
/// Batches written at the same time. Each is encrypted and hashed, which takes a core: with more, a burst of uploads would
/// leave nothing for letters that have none.
const WRITERS: usize = 8;

/// Where drafts go.
#[derive(Clone)]
pub(super) struct Drafts {
    spool: Arc<Spool>,
    writers: Arc<Semaphore>,
}

/// A file being received.
pub(super) struct IncomingFile {
    drafts: Drafts,
    /// Begun with the first batch.
    writer: Option<DraftWriter>,
    batch: Zeroizing<Vec<u8>>,
}

impl Drafts {
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        let writers = Arc::new(Semaphore::new(WRITERS));
        Self { spool, writers }
    }

    /// Begins a file.
    pub(super) fn begin(&self) -> IncomingFile {
        IncomingFile {
            drafts: self.clone(),
            writer: None,
            batch: Zeroizing::new(Vec::with_capacity(BATCH)),
        }
    }

    /// Held by the work and not by the request, which may end before.
    async fn permit(&self) -> io::Result<OwnedSemaphorePermit> {
        self.writers.clone().acquire_owned().await.map_err(io::Error::other)
    }
}

impl IncomingFile {
    /// Adds what the network brought.
    ///
    /// # Errors
    /// What the disk says; then the file is gone.
    pub(super) async fn push(mut self, mut bytes: &[u8]) -> io::Result<Self> {
        while !bytes.is_empty() {
            if self.batch.len() == BATCH {
                self = self.written().await?;
            }
            let taken = bytes.len().min(BATCH - self.batch.len());
            self.batch.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
        }
        Ok(self)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the disk says; then the file is gone.
    pub(super) async fn finish(mut self) -> io::Result<Draft> {
        let permit = self.drafts.permit().await?;
        let work = move || {
            let _held = permit;
            self.write()?.finish()
        };
        blocking(work).await?
    }

    async fn written(mut self) -> io::Result<Self> {
        let permit = self.drafts.permit().await?;
        let work = move || {
            let _held = permit;
            self.writer = Some(self.write()?);
            Ok(self)
        };
        blocking(work).await?
    }

    /// Writes the batch. Blocks.
    fn write(&mut self) -> io::Result<DraftWriter> {
        let begun = self.writer.take();
        let mut writer = begun.map_or_else(|| DraftWriter::begin(&self.drafts.spool), Ok)?;
        writer.push(&self.batch)?;
        // What lies there is overwritten by the next batch, and wiped with the last.
        self.batch.clear();
        Ok(writer)
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            drop_on_blocking_thread(writer);
        }
    }
}
