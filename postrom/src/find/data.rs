//! Reading an OpenPGP message where it is: from memory, or from a file with its armor taken off on the way.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};

use base64::Engine as _;
use memchr::{memchr, memchr3_iter};
use sha2::{Digest as _, Sha256};

use super::armor::LAX;
use crate::found::Data;
use crate::source::open_file;

/// Base64 is decoded in blocks of this many bytes.
const BLOCK: usize = 64 * 1024;
/// The first line, the headers and the blank line of an armor that was found undisturbed.
pub(super) const LONGEST_HEAD: usize = 16 * 1024;

impl Data {
    /// The packets, without armor, as a stream.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn reader(&self) -> io::Result<Box<dyn Read + Send + Sync + '_>> {
        Ok(match self {
            Self::Packets(packets) => Box::new(Cursor::new(packets)),
            Self::Armor { file, start, end } => {
                let mut file = open_file(file)?;
                file.seek(SeekFrom::Start(*start))?;
                Box::new(Dearmored::new(file.take(end.saturating_sub(*start)))?)
            }
        })
    }

    /// SHA-256 of the packets: the same however their armor was wrapped and quoted on the way.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sha256(&self) -> io::Result<[u8; 32]> {
        if let Self::Packets(packets) = self {
            return Ok(Sha256::digest(packets).into());
        }
        let mut digest = Sha256::new();
        let mut reader = self.reader()?;
        let mut block = vec![0; BLOCK];
        loop {
            match reader.read(&mut block) {
                Ok(0) => return Ok(digest.finalize().into()),
                Ok(read) => digest.update(&block[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// How many bytes the packets have; of armor in a file about that.
    pub fn size_hint(&self) -> u64 {
        match self {
            Self::Packets(packets) => packets.len() as u64,
            // 48 bytes become a line of 64 signs and its end.
            Self::Armor { start, end, .. } => end.saturating_sub(*start) / 65 * 48,
        }
    }
}

/// Undisturbed armor, decoded as it is read.
struct Dearmored {
    file: io::Take<File>,
    /// Bytes of the file, then the signs among them that are not decoded yet.
    signs: Vec<u8>,
    decoded: Vec<u8>,
    /// How much of `decoded` was given out.
    given: usize,
    ended: bool,
}

impl Dearmored {
    fn new(mut file: io::Take<File>) -> io::Result<Self> {
        let mut head = vec![0; LONGEST_HEAD];
        let read = fill(&mut file, &mut head)?;
        head.truncate(read);
        let mut this = Self {
            file,
            signs: Vec::with_capacity(BLOCK),
            decoded: Vec::new(),
            given: 0,
            ended: false,
        };
        this.take_signs(&head[behind_headers(&head)..]);
        this.decode();
        Ok(this)
    }

    fn more(&mut self) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        let read = fill(&mut self.file, &mut block)?;
        self.ended |= read == 0;
        self.take_signs(&block[..read]);
        self.decode();
        Ok(())
    }

    /// Leaves out line ends; the data end with padding, with the check sum, and with the line that says END.
    fn take_signs(&mut self, block: &[u8]) {
        let end = memchr::memchr2(b'=', b'-', block);
        self.ended |= end.is_some();
        let block = &block[..end.unwrap_or(block.len())];
        let mut from = 0;
        for at in memchr3_iter(b'\n', b'\r', b' ', block) {
            self.signs.extend_from_slice(&block[from..at]);
            from = at + 1;
        }
        self.signs.extend_from_slice(&block[from..]);
    }

    /// Decodes what is there, in fours until the end.
    fn decode(&mut self) {
        let whole = self.signs.len() / 4 * 4;
        let rest = self.signs.split_off(if self.ended { self.signs.len() } else { whole });
        if self.ended && self.signs.len() % 4 == 1 {
            self.signs.pop();
        }
        self.decoded.clear();
        self.given = 0;
        // What is no base64 ends the message: its seal will not fit.
        self.ended |= LAX.decode_vec(&self.signs, &mut self.decoded).is_err();
        self.signs = rest;
    }
}

impl Read for Dearmored {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.ended {
                return Ok(0);
            }
            self.more()?;
        }
        let rest = &self.decoded[self.given..];
        let read = rest.len().min(out.len());
        out[..read].copy_from_slice(&rest[..read]);
        self.given += read;
        Ok(read)
    }
}

/// Behind the BEGIN, the headers and the blank line.
fn behind_headers(head: &[u8]) -> usize {
    let mut at = 0;
    while let Some(line) = memchr(b'\n', &head[at..]) {
        let blank = head[at..at + line].trim_ascii().is_empty();
        at += line + 1;
        if blank {
            break;
        }
    }
    at
}

/// Reads until the block is full or the file ends.
fn fill(file: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match file.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_as_memory_does() {
        let packets: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for (length, line) in [(800_000, "\n"), (799_999, "\r\n"), (70_001, "\n"), (5, "\n")] {
            let text = base64::engine::general_purpose::STANDARD.encode(&packets[..length]);
            let lines: Vec<_> = text
                .as_bytes()
                .chunks(64)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            let text = lines.join(line);
            let text = format!(
                "-----BEGIN PGP MESSAGE-----{line}{line}{text}{line}=abcd{line}-----END PGP MESSAGE-----{line}"
            );
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a");
            std::fs::write(&file, format!("before\n{text}after")).unwrap();
            let end = 7 + text.len() as u64;
            let armor = Data::Armor { file, start: 7, end };
            let memory = Data::Packets(packets[..length].to_vec());
            assert_eq!(armor.sha256().unwrap(), memory.sha256().unwrap(), "{length}");
            let size = armor.size_hint();
            assert!(
                length < 100 || size.abs_diff(length as u64) < length as u64 / 20,
                "{size} for {length}"
            );
        }
    }
}
