//! When the disk cannot be trusted: after a failed fsync no receipt is given until a restart.
//!
//! After such a failure the kernel may call lost pages clean, so that a second fsync lies. Which letters it concerns
//! nobody can tell, so it concerns all that are to come; the ones that wait are still delivered.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use rustix::fs::{Access, AtFlags};
use rustix::io::retry_on_intr;

use super::layout::{DIRECTORIES, Spool, SpoolError, open_directory};

impl Spool {
    /// True after a failed fsync, until a restart.
    pub fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::SeqCst)
    }

    pub(super) fn fence(&self) {
        self.fenced.store(true, Ordering::SeqCst);
    }

    /// Makes durable, or fences. A full disk is no reason to: nothing was promised yet.
    pub(super) fn sync(&self, file: impl AsFd) -> io::Result<()> {
        let synced = retry_on_intr(|| rustix::fs::fsync(&file)).map_err(io::Error::from);
        if let Err(error) = &synced
            && !is_full(error)
        {
            self.fence();
        }
        synced
    }

    pub(super) fn sync_directory_of(&self, directory: &str) -> io::Result<()> {
        self.sync(open_directory(&self.path(directory))?)
    }

    /// Writes, makes durable and reads back before the first letter is taken. What fails fences.
    ///
    /// # Errors
    /// What failed. The form is then closed and says whom to phone.
    pub fn check_itself(&self) -> Result<(), SpoolError> {
        let checked = self.write_and_read_back();
        if let Err(error) = &checked
            && !is_full(error)
        {
            self.fence();
        }
        Ok(checked?)
    }

    /// Writes, makes durable and reads back, and looks whether `new/` still takes names: evidence, after a letter could
    /// not be kept, that the next one can. Uses only what the web side may do in its sandbox.
    ///
    /// # Errors
    /// What failed. A failed fsync fences, as with a letter; anything else may be tried again.
    pub fn probe(&self) -> Result<(), SpoolError> {
        if self.is_fenced() {
            return Err(SpoolError::Fenced);
        }
        self.write_and_read_back_scratch()?;
        self.new_takes_names()?;
        self.sync(&self.new)?;
        Ok(())
    }

    /// A name cannot be tried: the web side could not take it away again. So what forbids names is looked for.
    fn new_takes_names(&self) -> io::Result<()> {
        let writable = Access::WRITE_OK | Access::EXEC_OK;
        rustix::fs::accessat(&self.new, ".", writable, AtFlags::empty())?;
        if rustix::fs::fstat(&self.new)?.st_nlink == 0 {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the directory new/ was removed",
            ));
        }
        Ok(())
    }

    fn write_and_read_back(&self) -> io::Result<()> {
        self.write_and_read_back_scratch()?;
        DIRECTORIES
            .iter()
            .try_for_each(|directory| self.sync_directory_of(directory))
    }

    fn write_and_read_back_scratch(&self) -> io::Result<()> {
        let mut pattern = vec![0; 64 * 1024];
        getrandom::fill(&mut pattern).map_err(io::Error::other)?;
        let mut file: File = self.scratch()?;
        file.write_all(&pattern)?;
        self.sync(&file)?;
        file.rewind()?;
        let mut again = Vec::new();
        file.read_to_end(&mut again)?;
        if again != pattern {
            return Err(io::Error::other("what was written was read back changed"));
        }
        Ok(())
    }
}

/// No room, for whatever reason: heals by itself.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
