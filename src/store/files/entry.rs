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

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::layout::open_quietly;
use crate::store::letter::Named;
use crate::store::{Damage, Envelope, Letter, Source};
use konvolutt_letter::hex;

/// Begins the last line in every format; then comes the format's number.
const MARK: &str = "konvolutt-spool ";
/// The format that is written.
const FORMAT: &str = "konvolutt-spool 1 ";
/// Mark, 16 digits, blank, 64 hexadecimal digits, line feed.
pub(super) const TRAILER: usize = FORMAT.len() + 16 + 1 + 64 + 1;
const LONGEST_LAST_LINE: usize = 1024;
/// An envelope has some hundred bytes.
const LONGEST_ENVELOPE: u64 = 64 * 1024;

/// Why a file gives no letter.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// Not as it was written.
    Damaged(Damage),
    /// Written by a newer program, in the format of this number.
    Newer(u64),
    /// The disk said so.
    Io(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Damage> for Unreadable {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

/// A letter's bytes, in its file.
pub(super) struct InFile(pub(super) File);

impl Source for InFile {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        self.0.read_at(into, at)
    }
}

/// The last line of a letter's file, over all that stands before.
pub fn trailer(mail_length: u64, digest: &[u8]) -> String {
    format!("{FORMAT}{mail_length:016} {}\n", hex(digest))
}

/// Reads only what stands after the mail, unchecked: for a listing.
pub(super) fn envelope(path: &Path) -> Result<Envelope, Unreadable> {
    let file = open(path)?;
    let body = file.metadata()?.len().checked_sub(TRAILER as u64).ok_or(Damage::Cut)?;
    let mut end = [0; TRAILER];
    file.read_exact_at(&mut end, body)?;
    let length = mail_length(&end, body)?;
    let mut envelope = vec![0; usize::try_from(body - length).map_err(io::Error::other)?];
    file.read_exact_at(&mut envelope, length)?;
    serde_json::from_slice(&envelope).map_err(|_| Damage::NoEnvelope.into())
}

/// Reads and checks one file: not a link, of our own, and whole.
pub(super) fn read(path: &Path) -> Result<Letter, Unreadable> {
    let file = open(path)?;
    let size = file.metadata()?.len();
    let body = size.checked_sub(TRAILER as u64).ok_or(Damage::Cut)?;
    let mut end = [0; TRAILER];
    file.read_exact_at(&mut end, body)?;
    let number = newer_format(&file, size)?;
    if number.is_some() {
        // One turned bit in the number of our own format is damage.
        end[..FORMAT.len()].copy_from_slice(FORMAT.as_bytes());
    }
    match (verified(file, body, &end), number) {
        (Err(_), Some(number)) => Err(Unreadable::Newer(number)),
        (Ok(_), Some(_)) => Err(Damage::Changed.into()),
        (letter, None) => {
            let (letter, name) = letter?;
            let own = path.file_name().map(|own| own.to_string_lossy());
            if name.is_empty() || own.as_deref() == Some(&*name) {
                Ok(letter)
            } else {
                Err(Damage::WrongName.into())
            }
        }
    }
}

pub(super) fn open(path: &Path) -> Result<File, Unreadable> {
    let file = match open_quietly(path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK) {
        Err(Errno::LOOP) => return Err(Damage::Link.into()),
        // Of another owner.
        Err(Errno::PERM) => return Err(Damage::Foreign.into()),
        opened => opened.map_err(io::Error::from)?,
    };
    let meta = file.metadata()?;
    if meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw() {
        Ok(file)
    } else {
        Err(Damage::Foreign.into())
    }
}

/// Where the mail ends, by the trailer of a file whose trailer begins at `body`.
fn mail_length(trailer: &[u8], body: u64) -> Result<u64, Damage> {
    let length = || -> Option<u64> {
        let text = std::str::from_utf8(trailer).ok()?;
        text.strip_prefix(FORMAT)?.get(..16)?.parse().ok()
    };
    let fits = |length: &u64| *length <= body && body - length <= LONGEST_ENVELOPE;
    length().filter(fits).ok_or(Damage::NoTrailer)
}

/// The number of a format that this program does not know, from a file's last line.
pub(super) fn newer_format(file: &File, size: u64) -> io::Result<Option<u64>> {
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
fn verified(file: File, body: u64, end: &[u8; TRAILER]) -> Result<(Letter, String), Unreadable> {
    let length = mail_length(end, body)?;
    let mut digest = Sha256::new();
    io::copy(&mut (&file).take(length), &mut digest)?;
    let mail = digest.clone().finalize();
    let mut envelope = Vec::new();
    (&file).take(body - length).read_to_end(&mut envelope)?;
    digest.update(&envelope);
    if trailer(length, &digest.finalize()).as_bytes() != end {
        return Err(Damage::Changed.into());
    }
    let named: Named<'_> = serde_json::from_slice(&envelope).map_err(|_| Damage::NoEnvelope)?;
    let letter = Letter::new(named.envelope.into_owned(), Arc::new(InFile(file)), length, mail.into());
    Ok((letter, named.name.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;
    use std::fs;

    fn written(name: &str) -> Vec<u8> {
        let envelope = Envelope {
            mailbox: "postmottak".into(),
            from: "a@authority.example".into(),
            to: "b@authority.example".into(),
            reference: "K7F-3K9Q-2MX".into(),
            accepted: 60,
        };
        let named = Named {
            name: Cow::Borrowed(name),
            envelope: Cow::Owned(envelope),
        };
        let mut bytes = b"sealed".to_vec();
        bytes.extend(serde_json::to_vec(&named).unwrap());
        bytes.push(b'\n');
        let digest = Sha256::digest(&bytes);
        bytes.extend(trailer(6, &digest).as_bytes());
        bytes
    }

    fn cut(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
        bytes.truncate(length);
        bytes
    }

    fn changed(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
        bytes[at] ^= 1;
        bytes
    }

    #[test]
    fn each_damage_is_told_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own");
        let good = written("own");
        let number = good.len() - TRAILER + MARK.len();
        let newer =
            b"something\nkonvolutt-spool 2 with a last line of its own and more than a trailer of text, so that \
                      it could be a letter of ours\n";
        for (bytes, expected) in [
            (good.clone(), "good"),
            // Letters of the first weeks have no name.
            (written(""), "good"),
            (written("other"), "WrongName"),
            (changed(good.clone(), 0), "Changed"),
            (changed(good.clone(), 10), "Changed"),
            (changed(good.clone(), number), "NoTrailer"),
            (cut(good.clone(), good.len() - 1), "NoTrailer"),
            (cut(good.clone(), 20), "Cut"),
            (Vec::new(), "Cut"),
            (newer.to_vec(), "Newer(2)"),
        ] {
            fs::write(&path, &bytes).unwrap();
            let found = match read(&path) {
                Ok(_) => "good".to_owned(),
                Err(Unreadable::Damaged(damage)) => format!("{damage:?}"),
                Err(other) => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(&bytes));
        }
        std::os::unix::fs::symlink(&path, dir.path().join("link")).unwrap();
        let link = read(&dir.path().join("link"));
        assert!(matches!(link, Err(Unreadable::Damaged(Damage::Link))));
        assert!(matches!(read(dir.path()), Err(Unreadable::Damaged(Damage::Foreign))));
        assert!(matches!(read(&dir.path().join("none")), Err(Unreadable::Io(_))));
    }
}
