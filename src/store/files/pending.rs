//! A letter being written, and the moment it becomes a promise.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{Access, AtFlags};
use rustix::io::{Errno, retry_on_intr};
use sha2::{Digest, Sha256};

use super::attribute;
use super::closed;
use super::entry::{TRAILER, trailer};
use super::fence::Fence;
use super::layout::{DIRECTORIES, Layout, hide_the_moment};
use super::quota::Quota;
use crate::scratch::{Directory, Scratch};
use crate::store::letter::Named;
use crate::store::{Committed, Envelope, Identity, Pending, Proof, StoreError};

/// What takes letters in. Its directories were opened before a sandbox shut them.
pub(super) struct Arrivals {
    pub(super) scratch: Directory,
    pub(super) new: Arc<OwnedFd>,
    pub(super) fence: Fence,
    pub(super) doubt: Mutex<Doubt>,
}

/// Names whose place in the directory may not be on the disk.
///
/// When the fsync of the directory says that the disk is full, the letter has its name already, and no receipt is given.
/// The name cannot be taken back: the web side may not, and a second copy of the page may stand on it. Nor can a later
/// fsync that succeeds prove it: the kernel tells of a failure once, to one of those who wait, and may call what was lost
/// clean. So neither this letter nor those that were linked meanwhile get a receipt for their names as long as they wait
/// here: not now, and not when the page is sent again. New names are new writes, and are proved by their own fsync; so the
/// form stays open, and is well again by itself. A restart believes the disk again, after a check of its own.
#[derive(Default)]
pub(super) struct Doubt {
    names: HashSet<String>,
    /// How often it happened.
    failures: u64,
    /// Names that are being linked or made durable, with the number of failures before. A second copy of the page finds the
    /// name there, and must not take the failures since for older ones.
    linking: HashMap<String, u64>,
}

impl Doubt {
    /// Before a name is linked: how many failures there were until then.
    fn begin(&mut self, name: &str) -> u64 {
        *self.linking.entry(name.to_owned()).or_insert(self.failures)
    }

    /// Whether there may be a receipt for a name that was linked when there had been `before` failures, now that its
    /// directory was made durable, as it seems, or `failed` to be. Counts and judges in one step: between the two a second
    /// copy of the page would find no failure since it began, and no doubt.
    fn end(&mut self, name: &str, before: u64, failed: bool, still_waits: bool) -> bool {
        self.failures += u64::from(failed);
        self.linking.remove(name);
        let allowed = self.failures == before && !(still_waits && self.names.contains(name));
        if !allowed {
            self.names.insert(name.to_owned());
        }
        allowed
    }
}

/// A letter that has no name yet.
pub(super) struct PendingFile<'a> {
    arrivals: &'a Arrivals,
    quota: &'a Quota,
    scratch: Scratch,
    digest: Sha256,
    length: u64,
}

impl Arrivals {
    pub(super) fn begin<'a>(&'a self, quota: &'a Quota) -> Result<PendingFile<'a>, StoreError> {
        if self.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        self.must_be_open()?;
        Ok(PendingFile {
            scratch: self.scratch.linkable()?,
            arrivals: self,
            quota,
            digest: Sha256::new(),
            length: 0,
        })
    }

    /// Writes, makes durable and reads back.
    pub(super) fn check(&self, layout: &Layout) -> io::Result<()> {
        self.fence.watch(self.write_and_read_back().and_then(|()| {
            let mut directories = DIRECTORIES.iter();
            directories.try_for_each(|directory| self.fence.sync_directory(&layout.path(directory)))
        }))
    }

    /// The same with what the web side has in its sandbox.
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        if self.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        self.must_be_open()?;
        self.write_and_read_back()?;
        self.new_takes_names()?;
        // Whoever hears of a failure hears it for all who linked a name meanwhile.
        Ok(self
            .fence
            .sync(&*self.new)
            .inspect_err(|_| self.doubt().failures += 1)?)
    }

    /// Not closed by who moves all letters elsewhere. Asked by the handle that was opened before a sandbox shut.
    fn must_be_open(&self) -> io::Result<()> {
        let found = rustix::fs::statat(&*self.new, "../moved", AtFlags::SYMLINK_NOFOLLOW);
        closed::refuse_by(found.is_ok())
    }

    /// A name cannot be tried: the web side could not take it away again. So what forbids names is looked for.
    fn new_takes_names(&self) -> io::Result<()> {
        let writable = Access::WRITE_OK | Access::EXEC_OK;
        rustix::fs::accessat(&*self.new, ".", writable, AtFlags::empty())?;
        if rustix::fs::fstat(&*self.new)?.st_nlink == 0 {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the directory new/ was removed",
            ));
        }
        Ok(())
    }

    fn write_and_read_back(&self) -> io::Result<()> {
        let mut pattern = vec![0; 64 * 1024];
        getrandom::fill(&mut pattern).map_err(io::Error::other)?;
        let mut file = self.scratch.file()?;
        file.write_all(&pattern)?;
        self.fence.sync(&file)?;
        file.rewind()?;
        let mut again = Vec::new();
        file.read_to_end(&mut again)?;
        if again != pattern {
            return Err(io::Error::other("what was written was read back changed"));
        }
        Ok(())
    }

    /// Whether this name was linked before, made durable as for a second copy that is written and finds it there.
    pub(super) fn repeats(&self, name: &str) -> Result<bool, StoreError> {
        if self.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        self.must_be_open()?;
        if rustix::fs::statat(&*self.new, name, AtFlags::SYMLINK_NOFOLLOW).is_err() {
            return Ok(false);
        }
        let before = self.doubt().begin(name);
        self.sync_name(name, before)?;
        // It may have gone to quarantine meanwhile.
        Ok(rustix::fs::statat(&*self.new, name, AtFlags::SYMLINK_NOFOLLOW).is_ok())
    }

    /// What stands with a name. By the handle that was opened before a sandbox shut.
    pub(super) fn proof(&self, name: &str) -> Option<Proof> {
        attribute::of(format!("/proc/self/fd/{}/{name}", self.new.as_raw_fd()))
    }

    /// Makes a name durable that was linked when there had been `before` failures.
    fn sync_name(&self, name: &str, before: u64) -> Result<(), StoreError> {
        let synced = self.fence.sync(&*self.new);
        let still_waits = self.still_waits(name);
        let allowed = self.doubt().end(name, before, synced.is_err(), still_waits);
        synced?;
        // The kernel tells of a failure once: another letter may just have been the one to hear of it.
        if self.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        if allowed { Ok(()) } else { Err(StoreError::InDoubt) }
    }

    /// False for the name of a letter that was delivered since, or held.
    fn still_waits(&self, name: &str) -> bool {
        let stat = rustix::fs::statat(&*self.new, name, AtFlags::SYMLINK_NOFOLLOW);
        stat.is_ok_and(|stat| stat.st_size > 0)
    }

    fn doubt(&self) -> MutexGuard<'_, Doubt> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending for PendingFile<'_> {
    fn length(&self) -> u64 {
        self.length
    }

    fn prove(&mut self, proof: Proof) {
        if let Err(error) = attribute::set(&self.scratch.file, proof) {
            tracing::warn!(%error, "the proof of a letter could not be kept: its page gets no signed receipt when it is sent again");
        }
    }

    /// Envelope and trailer, fsync, link, fsync of the directory.
    fn commit(mut self: Box<Self>, identity: &Identity, envelope: &Envelope) -> Result<Committed, StoreError> {
        let mail_length = self.length;
        let named = Named {
            name: Cow::Borrowed(&identity.name),
            envelope: Cow::Borrowed(envelope),
        };
        let mut line = serde_json::to_vec(&named).map_err(io::Error::other)?;
        line.push(b'\n');
        self.write_all(&line)?;
        let digest = std::mem::take(&mut self.digest).finalize();
        self.scratch.file.write_all(trailer(mail_length, &digest).as_bytes())?;
        if self.arrivals.fence.is_up() {
            return Err(StoreError::Fenced);
        }
        hide_the_moment(&self.scratch.file);
        self.arrivals.fence.sync(&self.scratch.file)?;
        self.arrivals.must_be_open()?;
        let before = self.arrivals.doubt().begin(&identity.name);
        let committed = match retry_on_intr(|| self.scratch.link(&self.arrivals.new, &identity.name)) {
            Ok(()) => {
                // A new write, whatever was in doubt before somebody took it away.
                self.arrivals.doubt().names.remove(&identity.name);
                Committed::New
            }
            // The name may be there and its directory entry not yet on disk, so sync all the same.
            Err(Errno::EXIST) => Committed::Repeat,
            Err(error) => {
                self.arrivals.doubt().linking.remove(&identity.name);
                return Err(io::Error::from(error).into());
            }
        };
        // A letter that has its name by now may still be delivered, although no receipt was given.
        self.arrivals.sync_name(&identity.name, before)?;
        if committed == Committed::New {
            let size = mail_length + (line.len() + TRAILER) as u64;
            self.quota.count(identity.name.clone(), &envelope.mailbox, size);
        }
        Ok(committed)
    }
}

impl Write for PendingFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.scratch.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_in_doubt_until_somebody_has_the_letter() {
        for (name, before, still_waits, allowed) in [
            ("doubted", 1, true, false),
            // Delivered since.
            ("doubted", 1, false, true),
            ("new", 1, true, true),
            // The failure came between its link and its own fsync.
            ("new", 0, true, false),
            ("new", 0, false, false),
        ] {
            let mut doubt = Doubt {
                names: ["doubted".to_owned()].into(),
                failures: 1,
                ..Doubt::default()
            };
            let found = doubt.end(name, before, false, still_waits);
            assert_eq!(found, allowed, "{name} {before} {still_waits}");
            // The same page again, while the letter waits.
            let before = doubt.begin(name);
            assert_eq!(doubt.end(name, before, false, true), allowed && still_waits, "{name}");
        }
    }

    /// Whatever comes between a letter's link and its own word about the disk, a copy of its page hears no more.
    #[test]
    fn a_second_copy_of_a_page_knows_no_better() {
        let mut doubt = Doubt::default();
        let (one, other) = (doubt.begin("one"), doubt.begin("other"));
        assert!(!doubt.end("one", one, true, true));
        // While the first copy has not yet looked.
        let copy = doubt.begin("other");
        assert!(!doubt.end("other", copy, false, true));
        assert!(!doubt.end("other", other, false, true));
        for name in ["one", "other"] {
            let copy = doubt.begin(name);
            assert!(!doubt.end(name, copy, false, true), "{name}");
        }
        // The control.
        let new = doubt.begin("new");
        assert!(doubt.end("new", new, false, true));
        assert!(doubt.linking.is_empty());
    }
}
