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

use super::blocking::{Panicked, blocking, drop_on_blocking_thread};
use crate::draft::{Draft, DraftDirectory, DraftWriter};

/// Bytes written at once. With the chunk of the writer an upload holds 96 KiB, 200 uploads 19 MiB.
const BATCH: usize = 32 * 1024;
/// Batches written at the same time. Each is encrypted and hashed, which takes a core: with more, a burst of uploads would
/// leave nothing for letters that have none.
const WRITERS: usize = 8;

/// Takes room for so many more bytes of files. Blocks on the disk.
pub(super) type TakeRoom = Arc<dyn Fn(u64) -> Result<(), NotKept> + Send + Sync>;

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotKept {
    /// There is no room for attachments now, or not for this sender.
    #[error("there is no room for it")]
    NoRoom,
    /// The disk refused.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// A fault of this program.
    #[error("a panic while a file was written")]
    Fault,
}

impl From<Panicked> for NotKept {
    fn from(_: Panicked) -> Self {
        Self::Fault
    }
}

/// Where drafts go.
#[derive(Clone)]
pub(super) struct Drafts {
    directory: DraftDirectory,
    writers: Arc<Semaphore>,
}

/// A file being received.
pub(super) struct IncomingFile {
    drafts: Drafts,
    room: TakeRoom,
    /// Begun with the first batch.
    writer: Option<DraftWriter>,
    batch: Zeroizing<Vec<u8>>,
}

impl Drafts {
    pub(super) fn new(directory: DraftDirectory) -> Self {
        let writers = Arc::new(Semaphore::new(WRITERS));
        Self { directory, writers }
    }

    /// Begins a file, which takes its room as it comes.
    pub(super) fn begin(&self, room: TakeRoom) -> IncomingFile {
        IncomingFile {
            drafts: self.clone(),
            room,
            writer: None,
            batch: Zeroizing::new(Vec::with_capacity(BATCH)),
        }
    }

    /// Held by the work and not by the request, which may end before.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, NotKept> {
        let permit = self.writers.clone().acquire_owned().await;
        permit.map_err(|closed| NotKept::Disk(io::Error::other(closed)))
    }
}

impl IncomingFile {
    /// Adds what the network brought.
    ///
    /// # Errors
    /// Why it is not kept; then the file is gone.
    pub(super) async fn push(mut self, mut bytes: &[u8]) -> Result<Self, NotKept> {
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
    /// Why it is not kept; then the file is gone.
    pub(super) async fn finish(mut self) -> Result<Draft, NotKept> {
        let permit = self.drafts.permit().await?;
        #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
        let work = move || {
            let _held = permit;
            Ok::<_, NotKept>(self.write()?.finish()?)
        };
        blocking(work).await?
    }

    async fn written(mut self) -> Result<Self, NotKept> {
        let permit = self.drafts.permit().await?;
        let work = move || {
            let _held = permit;
            self.writer = Some(self.write()?);
            Ok::<_, NotKept>(self)
        };
        blocking(work).await?
    }

    /// Writes the batch. Blocks.
    #[expect(clippy::disallowed_methods, reason = "called on blocking threads only")]
    fn write(&mut self) -> Result<DraftWriter, NotKept> {
        (self.room)(self.batch.len() as u64)?;
        let begun = self.writer.take();
        let mut writer = begun.map_or_else(|| DraftWriter::begin(&self.drafts.directory), Ok)?;
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

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test looks at its own files")]
mod tests {
    use std::io::Read;

    use super::*;

    fn drafts(directory: &std::path::Path) -> Drafts {
        Drafts::new(DraftDirectory::open(directory).unwrap())
    }

    fn endless() -> TakeRoom {
        Arc::new(|_| Ok(()))
    }

    async fn received(drafts: &Drafts, content: &[u8], chunk: usize) -> Vec<u8> {
        let mut file = drafts.begin(endless());
        for bytes in content.chunks(chunk) {
            file = file.push(bytes).await.unwrap();
        }
        let draft = file.finish().await.unwrap();
        let mut read = Vec::new();
        draft.reader().unwrap().read_to_end(&mut read).unwrap();
        read
    }

    #[tokio::test]
    async fn what_comes_is_what_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = drafts(dir.path());
        for length in [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH + 7] {
            let content: Vec<u8> = (0..length).map(|index| index as u8).collect();
            for chunk in [1000, BATCH, 2 * BATCH + 3] {
                assert!(
                    received(&drafts, &content, chunk).await == content,
                    "{length} by {chunk}"
                );
            }
        }
    }

    /// A fast line waits for a slow disk: without a permit no batch is written, and no more than one is taken.
    #[tokio::test]
    async fn a_file_waits_for_its_turn() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = drafts(dir.path());
        let all = drafts.writers.clone().acquire_many_owned(WRITERS as u32).await.unwrap();
        let file = drafts.begin(endless()).push(&[0; BATCH]).await.unwrap();
        let more = file.push(&[0; 1]);
        let wait = std::time::Duration::from_millis(50);
        let mut more = std::pin::pin!(more);
        assert!(tokio::time::timeout(wait, more.as_mut()).await.is_err());
        drop(all);
        let file = more.await.unwrap();
        assert_eq!(file.finish().await.unwrap().length(), BATCH as u64 + 1);
        assert_eq!(drafts.writers.available_permits(), WRITERS, "given back");
    }

    #[tokio::test]
    async fn a_request_that_ends_leaves_no_file_and_no_permit() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = drafts(dir.path());
        let open = || {
            std::fs::read_dir("/proc/self/fd")
                .unwrap()
                .flatten()
                .filter(|entry| {
                    std::fs::read_link(entry.path())
                        .is_ok_and(|to| to.starts_with(dir.path()) && to.to_string_lossy().contains("(deleted)"))
                })
                .count()
        };
        let file = drafts.begin(endless()).push(&[0; 2 * BATCH + 1]).await.unwrap();
        assert_eq!(open(), 1, "the control");
        drop(file);
        for _ in 0..6000 {
            if open() == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(open(), 0);
        assert_eq!(drafts.writers.available_permits(), WRITERS);
    }
}
