//! Where the work on the database is done: a runtime of the store's own, so that whoever asks may block, on any thread.

use std::future::Future;
use std::io;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Threads that speak with the database. They wait for its answers most of the time.
const THREADS: usize = 2;

/// A runtime that begins with the first work: a process is shut into its sandbox before it has other threads.
#[derive(Default)]
pub(super) struct Engine(OnceLock<Option<Runtime>>);

impl Engine {
    /// Does this work, and waits for it, but no longer than this: the work goes on.
    pub(super) fn run_for(&self, time: Duration, work: impl Future<Output = ()> + Send + 'static) {
        let (say, hear) = mpsc::sync_channel(1);
        let begun = self.spawn(async move {
            work.await;
            let _ = say.send(());
        });
        if begun.is_ok() {
            let _ = hear.recv_timeout(time);
        }
    }

    /// Does this work, and waits for it.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let (say, hear) = mpsc::sync_channel(1);
        self.spawn(async move {
            // Nobody may wait any more.
            let _ = say.send(work.await);
        })?;
        hear.recv().unwrap_or_else(|_| {
            Err(io::Error::other(
                "the work on the database ended in a fault of this program",
            ))
        })
    }

    /// Begins this work.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let runtime = self.0.get_or_init(|| {
            let mut builder = Builder::new_multi_thread();
            let built = builder
                .worker_threads(THREADS)
                .thread_name("database")
                .enable_all()
                .build();
            built.ok()
        });
        let runtime = runtime.as_ref();
        let runtime = runtime.ok_or_else(|| io::Error::other("no thread could be started for the database"))?;
        runtime.spawn(work);
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            // May be dropped on a thread of another runtime, which must not wait.
            runtime.shutdown_background();
        }
    }
}
