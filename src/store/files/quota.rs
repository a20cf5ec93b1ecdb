//! How much may come in: what is counted (see `budget`), and what only the disk can say of it.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::AtFlags;

use super::entry;
use super::fence::Fence;
use super::layout::Layout;
use super::settings::Settings;
use crate::store::budget::Budgets;
use crate::store::{Budget, Reservation, Share, Size, Space, State, StoreError};

/// Counts what may come in.
pub(super) struct Quota {
    budgets: Budgets,
    fence: Fence,
    layout: Layout,
    /// `new/`, opened before a sandbox shut it.
    new: Arc<OwnedFd>,
}

impl Quota {
    pub(super) fn new(settings: &Settings, layout: Layout, fence: Fence, new: Arc<OwnedFd>) -> Self {
        Self {
            budgets: Budgets::new(settings.min_free, settings.min_free_inodes),
            fence,
            layout,
            new,
        }
    }

    pub(super) fn count_waiting(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.layout.directory(State::Waiting))? {
            let entry = entry?;
            let size = entry.metadata().map_or(0, |meta| meta.len());
            // What cannot be read counts for no mailbox; the relay puts it into quarantine.
            if size > 0
                && let Ok(envelope) = entry::envelope(&entry.path())
            {
                let name = entry.file_name().to_string_lossy().into_owned();
                self.count(name, &envelope.mailbox, size);
            }
        }
        Ok(())
    }

    pub(super) fn count(&self, name: String, mailbox: &str, bytes: u64) {
        self.budgets.count(name, mailbox, bytes);
    }

    pub(super) fn reserve(&self, budget: Budget<'_>, size: Size, share: Share) -> Result<Reservation, StoreError> {
        // Asked before the lock is taken, since a disk may be slow. A letter that is finished in between is counted neither
        // here nor there: the floors are large enough for that.
        let space = self.trusted_space()?;
        self.budgets
            .reserve(space, budget, size, share, |names| Ok(self.left(names)))
    }

    /// Those that are empty or gone by now.
    fn left(&self, mut names: Vec<String>) -> Vec<String> {
        let waits = |name: &String| {
            let stat = rustix::fs::statat(&*self.new, name, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| stat.st_size > 0)
        };
        names.retain(|name| !waits(name));
        names
    }

    fn trusted_space(&self) -> Result<Space, StoreError> {
        if self.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        self.space().map_err(StoreError::Io)
    }

    pub(super) fn space(&self) -> io::Result<Space> {
        let stat = rustix::fs::fstatvfs(&*self.new)?;
        Ok(Space {
            bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            inodes: (stat.f_files > 0).then_some(stat.f_favail),
        })
    }
}
