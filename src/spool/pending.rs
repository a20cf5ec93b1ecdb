//! A letter being written, and the moment it becomes a promise.

use std::borrow::Cow;
use std::io::{self, Write};
use std::os::fd::AsRawFd;

use rustix::fs::{AtFlags, CWD};
use rustix::io::{Errno, retry_on_intr};
use sha2::{Digest, Sha256};

use super::entry::{Envelope, Named, TRAILER, trailer};
use super::identity::Identity;
use super::layout::{Scratch, Spool, SpoolError};

/// A letter that has no name yet: dropped, it leaves nothing.
pub struct Pending<'a> {
    spool: &'a Spool,
    scratch: Scratch,
    digest: Sha256,
    length: u64,
}

/// What a commit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// A new letter, durable now.
    New,
    /// The same page with the same content was committed before; this copy is thrown away.
    Repeat,
}

impl Spool {
    /// Begins a letter.
    ///
    /// # Errors
    /// When the spool is fenced or cannot make a file.
    pub fn begin(&self) -> Result<Pending<'_>, SpoolError> {
        if self.is_fenced() {
            return Err(SpoolError::Fenced);
        }
        Ok(Pending {
            scratch: self.linkable_scratch()?,
            spool: self,
            digest: Sha256::new(),
            length: 0,
        })
    }
}

impl Pending<'_> {
    /// Bytes of the mail so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Makes the letter durable under its name: envelope and trailer, fsync, link, fsync of the directory.
    /// Only after `Ok` may a receipt be given.
    ///
    /// # Errors
    /// Nothing was promised. A failed fsync fences the spool and is never retried.
    pub fn commit(mut self, identity: &Identity, envelope: &Envelope) -> Result<Committed, SpoolError> {
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
        if self.spool.is_fenced() {
            return Err(SpoolError::Fenced);
        }
        self.spool.sync(&self.scratch.file)?;
        let committed = match retry_on_intr(|| self.link(&identity.name)) {
            Ok(()) => Committed::New,
            // The name may be there and its directory entry not yet on disk, so sync all the same.
            Err(Errno::EXIST) => Committed::Repeat,
            Err(error) => return Err(io::Error::from(error).into()),
        };
        // A letter that has its name by now may still be delivered, although no receipt was given.
        self.spool.sync(&self.spool.new)?;
        // The kernel tells of a failure once: another letter may just have been the one to hear of it.
        if self.spool.is_fenced() {
            return Err(SpoolError::Fenced);
        }
        if committed == Committed::New {
            let size = mail_length + (line.len() + TRAILER) as u64;
            self.spool.count(identity.name.clone(), &envelope.mailbox, size);
        }
        Ok(committed)
    }

    fn link(&self, name: &str) -> Result<(), Errno> {
        if let Some(own) = &self.scratch.name {
            return rustix::fs::linkat(&self.spool.draft, own, &self.spool.new, name, AtFlags::empty());
        }
        let nameless = format!("/proc/self/fd/{}", self.scratch.file.as_raw_fd());
        rustix::fs::linkat(CWD, &nameless, &self.spool.new, name, AtFlags::SYMLINK_FOLLOW)
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.scratch.name {
            // What cannot be removed now is swept away at a later start.
            let _ = rustix::fs::unlinkat(&self.spool.draft, name, AtFlags::empty());
        }
    }
}

impl Write for Pending<'_> {
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
