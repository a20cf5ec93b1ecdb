//! Work that waits for the disk, or takes a core for longer than a moment: never on a thread of the runtime, where every
//! other connection would wait with it.

use konvolutt_letter::harden::CleanStack;

/// The work panicked. Nothing more is said: the text of a panic may hold what a citizen typed, and its place is in the log.
#[derive(Debug)]
pub(super) struct Panicked;

/// Does it on a blocking thread, whose stack keeps nothing of it. Work that has begun goes on when the request ends.
///
/// # Errors
/// The work panicked.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
    let clean = move || {
        let _clean = CleanStack;
        work()
    };
    tokio::task::spawn_blocking(clean).await.map_err(|_| Panicked)
}

/// Drops it on a blocking thread: a nameless file gives its blocks back when it is closed, and that waits for the disk.
pub(super) fn drop_on_blocking_thread(held: impl Send + 'static) {
    // Outside of a runtime there is nothing that could be held up.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn_blocking(move || drop(held));
    }
}
