//! ASCII armor (RFC 9580 §6.2) with CRLF, fast: framing around a base64 encoder.
//!
//! Sequoia's own armor writer goes through 64-byte lines one at a time and brings sealing of large letters
//! down to half its speed; mail also wants CRLF.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crc::{CRC_24_OPENPGP, Crc, Digest, Table};
use konvolutt_letter::base64_lines;

/// Sixteen bytes at a time: one table lookup per byte would be the slowest part of sealing a large letter after the
/// encryption itself.
type Wide = Table<16>;

static CRC24: Crc<u32, Wide> = Crc::<u32, Wide>::new(&CRC_24_OPENPGP);

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
    checksum: Option<Digest<'static, u32, Wide>>,
}

/// Whether a checksum line ends the armor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksum {
    /// For SEIPDv1. The data carry their own protection, but GnuPG 2.2 needs the line to find their end: where
    /// the base64 ends without `=`, which is every third letter, it takes `-----END` for more base64. Then it
    /// fails with exit code 2, mutt shows a "problem signature", and a large letter does not open at all.
    Written,
    /// For SEIPDv2, where RFC 9580 §6.1 forbids the line.
    LeftOut,
}

impl<W: Write> Armor<W> {
    /// Begins a message.
    pub(super) fn begin(mut out: W, checksum: Checksum) -> io::Result<Self> {
        out.write_all(b"-----BEGIN PGP MESSAGE-----\r\n\r\n")?;
        Ok(Self {
            out,
            waiting: Vec::with_capacity(BLOCK),
            lines: Vec::with_capacity(BLOCK / LINE * 66),
            checksum: (checksum == Checksum::Written).then(|| CRC24.digest()),
        })
    }

    /// Ends the message and gives the sink back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush_lines()?;
        if let Some(checksum) = self.checksum {
            let [_, sum @ ..] = checksum.finalize().to_be_bytes();
            write!(self.out, "={}\r\n", BASE64.encode(sum))?;
        }
        self.out.write_all(b"-----END PGP MESSAGE-----\r\n")?;
        Ok(self.out)
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        self.lines.clear();
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&self.waiting);
        }
        base64_lines(&self.waiting, LINE, &mut self.lines)?;
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

    fn armored(bytes: &[u8], checksum: Checksum) -> Vec<u8> {
        let mut armor = Armor::begin(Vec::new(), checksum).unwrap();
        armor.write_all(bytes).unwrap();
        armor.finish().unwrap()
    }

    #[test]
    fn every_length_comes_back() {
        for length in [0, 1, 47, 48, 49, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
            for checksum in [Checksum::Written, Checksum::LeftOut] {
                let text = armored(&bytes, checksum);
                let mut reader = sequoia_openpgp::armor::Reader::from_bytes(&text, None);
                let mut back = Vec::new();
                std::io::Read::read_to_end(&mut reader, &mut back).unwrap();
                assert!(back == bytes, "{length}");
                let mut lines = text.split_inclusive(|byte| *byte == b'\n');
                assert!(lines.all(|line| line.ends_with(b"\r\n") && line.len() <= 66));
            }
        }
    }

    #[test]
    fn the_checksum_stands_on_a_line_of_its_own() {
        let written = String::from_utf8(armored(b"123456789", Checksum::Written)).unwrap();
        assert!(
            written.ends_with("\r\nMTIzNDU2Nzg5\r\n=Ic8C\r\n-----END PGP MESSAGE-----\r\n"),
            "{written}"
        );
        let left_out = String::from_utf8(armored(b"123456789", Checksum::LeftOut)).unwrap();
        assert_eq!(written.replace("=Ic8C\r\n", ""), left_out);
    }
}
