//! The ledger while it is locked: reading on from where it was read to, and adding lines.
//!
//! What always holds: when the file is not the one that was read, or does not hold any more what was read last, it is read from
//! its beginning, and nothing stays known that is not in it.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use super::{Index, Ledger, Line};

/// So many of the last bytes tell whether a file is the one that was read: a line has a time and a digest in it.
const TAIL: usize = 256;

/// Tells one file from another, where the system can.
#[cfg(unix)]
type FileId = (u64, u64);
/// Tells one file from another, where the system can.
#[cfg(not(unix))]
type FileId = ();

#[cfg(unix)]
fn id(about: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt as _;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> FileId {}

/// Whether a ledger had lines since the program started, whoever read it.
#[derive(Clone, Default)]
pub struct WasThere(Arc<AtomicBool>);

impl WasThere {
    pub(super) fn so(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Where the last whole line that was read ends, and how that place can be known again.
#[derive(Default)]
pub(super) struct Point {
    end: u64,
    file: Option<FileId>,
    /// What is before it.
    tail: Vec<u8>,
}

impl Point {
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether it is the end of a file about which this is known.
    pub(super) fn is_end(&self, about: &Metadata) -> bool {
        self.end == about.len() && (self.end == 0 || self.file == Some(id(about)))
    }

    /// What comes behind it; `None` when it is no place in this file.
    pub(super) fn behind(&self, file: &mut File, about: &Metadata) -> io::Result<Option<Vec<u8>>> {
        if self.file.is_some_and(|own| own != id(about)) {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(self.end - self.tail.len() as u64))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if !bytes.starts_with(&self.tail) {
            return Ok(None);
        }
        Ok(Some(bytes.split_off(self.tail.len())))
    }

    /// Goes on to the end of these bytes, which come right behind it.
    fn go_on(&mut self, bytes: &[u8]) {
        self.end += bytes.len() as u64;
        let last = bytes.len().saturating_sub(TAIL);
        self.tail.extend(&bytes[last..]);
        let too_many = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..too_many);
    }
}

/// The ledger while it is locked.
pub(crate) struct Book<'a> {
    ledger: &'a Ledger,
    file: File,
    /// How long the file is.
    end: u64,
    /// What a program that ended left behind the last whole line.
    cut: Vec<u8>,
}

impl<'a> Book<'a> {
    /// Reads what came since.
    pub(super) fn read(ledger: &'a Ledger, mut file: File) -> io::Result<Self> {
        let about = file.metadata()?;
        let mut point = ledger.point();
        let behind = point.behind(&mut file, &about)?;
        let is_anew = behind.is_none();
        let mut bytes = match behind {
            Some(bytes) => bytes,
            None => {
                let mut all = Vec::new();
                file.seek(SeekFrom::Start(0))?;
                file.read_to_end(&mut all)?;
                all
            }
        };
        // Not before: a disk may be slow, and lists ask meanwhile.
        let mut index = ledger.index.write().unwrap_or_else(PoisonError::into_inner);
        if is_anew {
            *index = Index::default();
            *point = Point::default();
        }
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let cut = bytes.split_off(whole);
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Some(line) = Line::of(line) {
                index.add(line);
            }
        }
        point.go_on(&bytes);
        point.file = Some(id(&about));
        if point.end > 0 {
            ledger.was_there.0.store(true, Ordering::SeqCst);
        }
        let end = point.end + cut.len() as u64;
        Ok(Self { ledger, file, end, cut })
    }

    /// Adds lines, in one write, and waits until they are on the disk.
    pub(crate) fn append<L: Into<Line>>(&mut self, lines: Vec<L>) -> io::Result<()> {
        let lines: Vec<Line> = lines.into_iter().map(Into::into).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if !self.cut.is_empty() {
            // What a program that ended left is a line of its own, and none.
            bytes.push(b'\n');
        }
        for line in &lines {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // No half line for the next one.
            let _ = self.file.set_len(self.end);
            return written;
        }
        self.end += bytes.len() as u64;
        let mut point = self.ledger.point();
        point.go_on(&std::mem::take(&mut self.cut));
        point.go_on(&bytes);
        self.ledger.was_there.0.store(true, Ordering::SeqCst);
        let mut index = self.ledger.index.write().unwrap_or_else(PoisonError::into_inner);
        lines.into_iter().for_each(|line| index.add(line));
        Ok(())
    }
}
