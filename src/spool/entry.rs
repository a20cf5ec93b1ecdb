//! One letter as a file: the final bytes of the mail, then its envelope, then a trailer.
//!
//! ```text
//! …mail bytes… {"mailbox":…}⏎ konvolutt-spool 1 0000000000012345 <SHA-256 of all before>⏎
//! ```
//!
//! The trailer has a fixed length and comes last: a file that was cut or changed is noticed, whatever it was
//! cut to. The mail stands first, so that `less` shows it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::identity::hex;

const MARK: &str = "konvolutt-spool 1 ";
/// Mark, 16 digits, blank, 64 hexadecimal digits, line feed.
pub(super) const TRAILER: usize = MARK.len() + 16 + 1 + 64 + 1;
/// An envelope has some hundred bytes.
const LONGEST_ENVELOPE: u64 = 64 * 1024;

/// What the relay needs besides the mail's bytes. Holds nothing of the citizen.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Envelope {
    /// Name of the mailbox.
    pub mailbox: String,
    /// RFC 5321 reverse-path.
    pub from: String,
    /// RFC 5321 forward-path.
    pub to: String,
    /// Number for people.
    pub reference: String,
    /// When the receipt was given, seconds since 1970, rounded down to the minute: enough for retry times, too
    /// little to prove who sent something at 21:04:17.
    pub accepted: u64,
}

/// A letter to be sent: open, and found unharmed when it was opened. Its bytes stay on the disk, so that some large
/// letters on the line at once cost no memory.
pub struct Letter {
    /// Its envelope.
    pub envelope: Envelope,
    file: Arc<File>,
    length: u64,
    digest: [u8; 32],
}

impl Letter {
    /// The mail, from its first byte.
    pub fn mail(&self) -> Mail {
        Mail {
            file: self.file.clone(),
            at: 0,
            length: self.length,
            read: Sha256::new(),
            expected: self.digest,
        }
    }

    /// SHA-256 of the mail.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The mail's bytes, as committed. Says that it ends only when what was read is what was committed: until then the
/// other side must not be told that the letter is whole.
pub struct Mail {
    file: Arc<File>,
    at: u64,
    length: u64,
    read: Sha256,
    expected: [u8; 32],
}

impl Mail {
    /// Bytes that were not read yet.
    pub fn left(&self) -> u64 {
        self.length - self.at
    }
}

impl Read for Mail {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = self.left();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let read = self.file.read_at(&mut room[..most], self.at)?;
        self.at += read as u64;
        self.read.update(&room[..read]);
        let (cut, ended) = (read == 0 && most > 0, left == 0);
        if cut || (ended && <[u8; 32]>::from(self.read.clone().finalize()) != self.expected) {
            let text = "the letter changed on disk while it was read";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(read)
    }
}

pub(super) fn trailer(mail_length: u64, digest: &[u8]) -> String {
    format!("{MARK}{mail_length:016} {}\n", hex(digest))
}

/// Reads only what stands after the mail, unchecked: for a listing.
pub(super) fn envelope(path: &Path) -> io::Result<Envelope> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let mut file = File::open(path)?;
    let whole = file.metadata()?.len();
    let body = whole.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
    let mut bytes = vec![0; TRAILER];
    file.seek(SeekFrom::Start(body))?;
    file.read_exact(&mut bytes)?;
    let length = mail_length(&bytes)
        .filter(|length| *length <= body)
        .ok_or_else(damaged)?;
    let mut envelope = vec![0; usize::try_from((body - length).min(LONGEST_ENVELOPE)).map_err(|_| damaged())?];
    file.seek(SeekFrom::Start(length))?;
    file.read_exact(&mut envelope)?;
    serde_json::from_slice(&envelope).map_err(|_| damaged())
}

fn mail_length(trailer: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(trailer).ok()?;
    text.strip_prefix(MARK)?.get(..16)?.parse().ok()
}

/// Reads and checks one file. A link, a foreign owner, a short or changed file are `InvalidData`.
pub(super) fn read(path: &Path) -> io::Result<Letter> {
    let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty());
    let file = match file {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) => return Err(damaged("is a symbolic link")),
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(damaged("is not a file of this service"));
    }
    let body = meta.len().checked_sub(TRAILER as u64);
    let body = body.ok_or_else(|| damaged("is cut short"))?;
    let mut end = [0; TRAILER];
    file.read_exact_at(&mut end, body)?;
    let length = mail_length(&end).filter(|length| *length <= body && body - length <= LONGEST_ENVELOPE);
    let length = length.ok_or_else(|| damaged("has no trailer"))?;
    let mut digest = Sha256::new();
    io::copy(&mut (&file).take(length), &mut digest)?;
    let mail = digest.clone().finalize();
    let mut envelope = Vec::new();
    (&file).take(body - length).read_to_end(&mut envelope)?;
    digest.update(&envelope);
    if trailer(length, &digest.finalize()).as_bytes() != end {
        return Err(damaged("was changed"));
    }
    Ok(Letter {
        envelope: serde_json::from_slice(&envelope).map_err(|_| damaged("has no envelope"))?,
        file: Arc::new(file),
        length,
        digest: mail.into(),
    })
}
