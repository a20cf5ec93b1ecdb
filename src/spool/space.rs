//! What the spool's file system has left, and when the spool changed last.

use std::fs;
use std::io;
use std::time::SystemTime;

use super::layout::Spool;

/// Room on the spool's file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this user may still write.
    pub bytes: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub inodes: Option<u64>,
}

impl Spool {
    /// How much room there is.
    ///
    /// # Errors
    /// What the file system says.
    pub fn space(&self) -> io::Result<Space> {
        let stat = rustix::fs::fstatvfs(&self.new)?;
        Ok(Space {
            bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            inodes: (stat.f_files > 0).then_some(stat.f_favail),
        })
    }

    /// When a letter came, went or was tried last, by the clock of that moment.
    ///
    /// # Errors
    /// What the file system says.
    pub fn changed(&self) -> io::Result<SystemTime> {
        let mut last = SystemTime::UNIX_EPOCH;
        for directory in ["new", "state", "delivered", "held"] {
            last = last.max(fs::metadata(self.path(directory))?.modified()?);
        }
        Ok(last)
    }
}
