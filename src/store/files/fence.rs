//! When the disk cannot be trusted: after a failed fsync no receipt is given until a restart.
//!
//! After such a failure the kernel may call lost pages clean, so that a second fsync lies. Which letters it concerns
//! nobody can tell, so it concerns all that are to come; the ones that wait are still delivered.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::retry_on_intr;

use super::layout::open_directory;
use crate::store::error::is_full;

/// Makes files durable, and remembers when that failed.
#[derive(Clone, Default)]
pub(super) struct Fence(Arc<AtomicBool>);

impl Fence {
    /// True after a failed fsync, until a restart.
    pub(super) fn is_up(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Passes a result on; a failure that does not heal by itself puts the fence up. A full disk is no reason to: of what
    /// was being written nothing was promised yet.
    pub(super) fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && !is_full(error)
        {
            self.0.store(true, Ordering::SeqCst);
        }
        result
    }

    /// Makes durable, or fences.
    pub(super) fn sync(&self, file: impl AsFd) -> io::Result<()> {
        self.watch(retry_on_intr(|| rustix::fs::fsync(&file)).map_err(io::Error::from))
    }

    /// The same for the names in a directory.
    pub(super) fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.sync(open_directory(directory)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_full_disk_puts_no_fence_up_and_everything_else_does() {
        for (errno, up) in [
            (Errno::NOSPC, false),
            (Errno::DQUOT, false),
            (Errno::FBIG, false),
            (Errno::IO, true),
            (Errno::ROFS, true),
            (Errno::NODEV, true),
        ] {
            let fence = Fence::default();
            assert!(fence.watch::<()>(Err(errno.into())).is_err());
            assert_eq!(fence.is_up(), up, "{errno}");
            // It stays as it is when the disk works again.
            assert!(fence.watch(Ok(())).is_ok());
            assert_eq!(fence.is_up(), up, "{errno}");
        }
    }
}
