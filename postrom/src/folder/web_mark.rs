//! The mark of the web: tells Windows that a file came from outside, so that Office and others open it with care.

use std::path::Path;

/// The stream beside a file's bytes, and what stands in it ("3" is the internet).
#[cfg(windows)]
const STREAM: &str = ":Zone.Identifier";
#[cfg(windows)]
const FROM_OUTSIDE: &str = "[ZoneTransfer]\r\nZoneId=3\r\n";

/// Marks a file. False where the disk has no second streams (FAT, some shares): then the clerk is told, and has the file
/// all the same. Other systems have no such mark.
pub(crate) fn mark(path: &Path) -> bool {
    #[cfg(windows)]
    {
        let mut stream = path.as_os_str().to_owned();
        stream.push(STREAM);
        std::fs::write(stream, FROM_OUTSIDE).is_ok()
    }
    #[cfg(not(windows))]
    {
        let _ = path;
        true
    }
}
