//! ASCII armor (RFC 9580 §6.2) with CRLF, fast: framing around a base64 encoder.
//!
//! Sequoia's own armor writer goes through 64-byte lines one at a time and brings sealing of large letters
//! down to half its speed; mail also wants CRLF. The checksum line is left out: RFC 9580 §6.1 makes it
//! optional, and the encrypted data carry their own integrity protection.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Bytes per line: 64 symbols, what every OpenPGP program writes.
const LINE: usize = 48;
/// Bytes encoded at a time.
const BLOCK: usize = LINE * 512;

/// Writes what it is given as an armored OpenPGP message. [`Armor::finish`] must be called: without it the
/// last bytes and the footer are missing and no program opens the letter.
pub(super) struct Armor<W: Write> {
    out: W,
    waiting: Vec<u8>,
    lines: Vec<u8>,
}

impl<W: Write> Armor<W> {
    /// Begins a message.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"-----BEGIN PGP MESSAGE-----\r\n\r\n")?;
        Ok(Self {
            out,
            waiting: Vec::with_capacity(BLOCK),
            lines: Vec::with_capacity(BLOCK / LINE * 66),
        })
    }

    /// Ends the message and gives the sink back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush_lines()?;
        self.out.write_all(b"-----END PGP MESSAGE-----\r\n")?;
        Ok(self.out)
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        self.lines.clear();
        for line in self.waiting.chunks(LINE) {
            let start = self.lines.len();
            self.lines.resize(start + line.len().div_ceil(3) * 4, 0);
            BASE64
                .encode_slice(line, &mut self.lines[start..])
                .map_err(io::Error::other)?;
            self.lines.extend_from_slice(b"\r\n");
        }
        self.waiting.clear();
        self.out.write_all(&self.lines)
    }
}

impl<W: Write> Write for Armor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        if self.waiting.len() == BLOCK {
            self.flush_lines()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Whole lines only: a line cut short in the middle would end the base64 data.
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        for length in [0, 1, 47, 48, 49, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
            let mut armor = Armor::begin(Vec::new()).unwrap();
            armor.write_all(&bytes).unwrap();
            let text = armor.finish().unwrap();
            let mut reader = sequoia_openpgp::armor::Reader::from_bytes(&text, None);
            let mut back = Vec::new();
            std::io::Read::read_to_end(&mut reader, &mut back).unwrap();
            assert!(back == bytes, "{length}");
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            assert!(
                lines
                    .into_iter()
                    .all(|line| line.ends_with(b"\r\n") && line.len() <= 66)
            );
        }
    }
}
