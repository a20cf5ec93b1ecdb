//! One letter as a file: the final bytes of the mail, then its envelope, then a trailer.
//!
//! ```text
//! …mail bytes… {"mailbox":…}⏎ konvolutt-spool 1 0000000000012345 <SHA-256 of all before>⏎
//! ```
//!
//! The trailer has a fixed length and comes last: a file that was cut or changed is noticed, whatever it was
//! cut to. The mail stands first, so that `less` shows it. The envelope bears the letter's own name: another letter
//! under a wrong name is told from the letter.
//!
//! The last line of every format to come begins with `konvolutt-spool N`. A letter with a number above ours was
//! written by a newer program, before somebody went back to this one: it is not called damaged, stays where it is, and
//! waits for the newer program, with an alarm. Letters with lower numbers are read for ever.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use konvolutt_letter::hex;

/// Begins the last line in every format; then comes the format's number.
const MARK: &str = "konvolutt-spool ";
/// The format that is written.
const FORMAT: &str = "konvolutt-spool 1 ";
/// Mark, 16 digits, blank, 64 hexadecimal digits, line feed.
pub(super) const TRAILER: usize = FORMAT.len() + 16 + 1 + 64 + 1;
const LONGEST_LAST_LINE: usize = 1024;
const NEWER: &str = "was written by a newer version of this program";
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

/// The envelope as it stands in the file.
#[derive(Serialize, Deserialize)]
pub(super) struct Named<'a> {
    /// The letter's name. Letters of the first weeks have none.
    #[serde(default)]
    pub(super) name: Cow<'a, str>,
    #[serde(flatten)]
    pub(super) envelope: Cow<'a, Envelope>,
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
    format!("{FORMAT}{mail_length:016} {}\n", hex(digest))
}

/// Reads only what stands after the mail, unchecked: for a listing.
pub(super) fn envelope(path: &Path) -> io::Result<Envelope> {
    let file = open(path)?;
    let body = file.metadata()?.len().checked_sub(TRAILER as u64);
    let body = body.ok_or_else(|| damaged("is cut short"))?;
    let mut end = [0; TRAILER];
    file.read_exact_at(&mut end, body)?;
    let length = mail_length(&end).filter(|length| *length <= body && body - length <= LONGEST_ENVELOPE);
    let length = length.ok_or_else(|| damaged("has no trailer"))?;
    let mut envelope = vec![0; usize::try_from(body - length).map_err(io::Error::other)?];
    file.read_exact_at(&mut envelope, length)?;
    serde_json::from_slice(&envelope).map_err(|_| damaged("has no envelope"))
}

fn mail_length(trailer: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(trailer).ok()?;
    text.strip_prefix(FORMAT)?.get(..16)?.parse().ok()
}

/// Reads and checks one file. A link, a foreign owner, a short or changed file are `InvalidData`, a letter of a newer
/// program is `Unsupported`.
pub(super) fn read(path: &Path) -> io::Result<Letter> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    let body = size
        .checked_sub(TRAILER as u64)
        .ok_or_else(|| damaged("is cut short"))?;
    let mut end = [0; TRAILER];
    file.read_exact_at(&mut end, body)?;
    let number = newer_format(&file, size)?;
    if number.is_some() {
        // One turned bit in the number of our own format is damage.
        end[..FORMAT.len()].copy_from_slice(FORMAT.as_bytes());
    }
    match (verified(file, body, &end), number) {
        (Err(_), Some(number)) => {
            let text =
                format!("{NEWER} (spool format {number}): install that version again, and the letter will be sent");
            Err(io::Error::new(io::ErrorKind::Unsupported, text))
        }
        (Ok(_), Some(_)) => Err(damaged("was changed")),
        (letter, None) => {
            let (letter, name) = letter?;
            let own = path.file_name().map(|own| own.to_string_lossy());
            if name.is_empty() || own.as_deref() == Some(&*name) {
                Ok(letter)
            } else {
                Err(damaged("is another letter under a wrong name"))
            }
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(rustix::io::Errno::LOOP) => return Err(damaged("is a symbolic link")),
        opened => File::from(opened?),
    };
    let meta = file.metadata()?;
    if meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw() {
        Ok(file)
    } else {
        Err(damaged("is not a file of this service"))
    }
}

/// The number of a format that this program does not know, from a file's last line.
fn newer_format(file: &File, size: u64) -> io::Result<Option<u64>> {
    let mut end = [0; LONGEST_LAST_LINE];
    let length = LONGEST_LAST_LINE.min(usize::try_from(size).unwrap_or(usize::MAX));
    let end = &mut end[..length];
    file.read_exact_at(end, size - length as u64)?;
    let line = end
        .strip_suffix(b"\n")
        .and_then(|end| end.rsplit(|byte| *byte == b'\n').next());
    let line = line.and_then(|line| std::str::from_utf8(line).ok());
    let number = line.and_then(|line| line.strip_prefix(MARK)?.split(' ').next()?.parse().ok());
    Ok(number.filter(|number| *number > 1))
}

/// The letter and its name, when the file is as it was written.
fn verified(file: File, body: u64, end: &[u8; TRAILER]) -> io::Result<(Letter, String)> {
    let length = mail_length(end).filter(|length| *length <= body && body - length <= LONGEST_ENVELOPE);
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
    let named: Named<'_> = serde_json::from_slice(&envelope).map_err(|_| damaged("has no envelope"))?;
    let letter = Letter {
        envelope: named.envelope.into_owned(),
        file: Arc::new(file),
        length,
        digest: mail.into(),
    };
    Ok((letter, named.name.into_owned()))
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
