//! One letter as a file: the final bytes of the mail, then its envelope, then a trailer.
//!
//! ```text
//! …mail bytes… {"mailbox":…}⏎ konvolutt-spool 1 0000000000012345 <SHA-256 of all before>⏎
//! ```
//!
//! The trailer has a fixed length and comes last: a file that was cut or changed is noticed, whatever it was
//! cut to. The mail stands first, so that `less` shows it.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::identity::hex;

const MARK: &str = "konvolutt-spool 1 ";
/// Mark, 16 digits, blank, 64 hexadecimal digits, line feed.
pub(super) const TRAILER: usize = MARK.len() + 16 + 1 + 64 + 1;

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

/// A letter read back whole.
pub struct Letter {
    /// The mail, byte for byte as committed.
    pub mail: Vec<u8>,
    /// Its envelope.
    pub envelope: Envelope,
}

pub(super) fn trailer(mail_length: u64, digest: &[u8]) -> String {
    format!("{MARK}{mail_length:016} {}\n", hex(digest))
}

/// Reads only what stands after the mail, unchecked: for a listing.
pub(super) fn envelope(path: &Path) -> io::Result<Envelope> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let mut file = std::fs::File::open(path)?;
    let whole = file.metadata()?.len();
    let body = whole.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
    let mut bytes = vec![0; TRAILER];
    file.seek(SeekFrom::Start(body))?;
    file.read_exact(&mut bytes)?;
    let length = mail_length(&bytes)
        .filter(|length| *length <= body)
        .ok_or_else(damaged)?;
    // An envelope has some hundred bytes.
    let mut envelope = vec![0; usize::try_from((body - length).min(64 * 1024)).map_err(|_| damaged())?];
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
    let mut file = match file {
        Ok(file) => std::fs::File::from(file),
        Err(rustix::io::Errno::LOOP) => return Err(damaged("is a symbolic link")),
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(damaged("is not a file of this service"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    let body = bytes
        .len()
        .checked_sub(TRAILER)
        .ok_or_else(|| damaged("is cut short"))?;
    let length = mail_length(&bytes[body..])
        .and_then(|length| usize::try_from(length).ok())
        .filter(|length| *length <= body)
        .ok_or_else(|| damaged("has no trailer"))?;
    let expected = trailer(length as u64, &Sha256::digest(&bytes[..body]));
    if expected.as_bytes() != &bytes[body..] {
        return Err(damaged("was changed"));
    }
    let envelope = serde_json::from_slice(&bytes[length..body]).map_err(|_| damaged("has no envelope"))?;
    bytes.truncate(length);
    Ok(Letter { mail: bytes, envelope })
}
