//! A letter as it is sent.

use std::io::{self, Read};

use super::super::outgoing::OwnMail;

/// Memory of one letter that is being sent, whatever its size.
const PIECE: u64 = 128 * 1024;

/// Bytes whose end is known before they are read.
pub(super) trait Measured: Read {
    /// Bytes that were not read yet.
    fn left(&self) -> u64;
}

impl Measured for OwnMail {
    fn left(&self) -> u64 {
        OwnMail::left(self)
    }
}

/// The mail with its dots doubled (RFC 5321 §4.5.2), piece by piece, without its last line end: that comes with the
/// closing dot.
pub(super) struct Body<M = OwnMail> {
    mail: M,
    at_line_start: bool,
}

impl<M: Measured> Body<M> {
    pub(super) fn new(mail: M) -> Self {
        Self {
            mail,
            at_line_start: true,
        }
    }

    /// True once the whole letter was read and found unharmed.
    pub(super) fn has_ended(&self) -> bool {
        self.mail.left() == 0
    }

    /// The next piece.
    pub(super) fn next(mut self) -> io::Result<(Self, Vec<u8>)> {
        let mut read = Vec::new();
        Read::by_ref(&mut self.mail).take(PIECE).read_to_end(&mut read)?;
        // The last line end is two bytes and must not be cut in the middle.
        if self.mail.left() <= 1 {
            // Its end is where the mail says whether it is what was committed.
            self.mail.read_to_end(&mut read)?;
            let text = read.strip_suffix(b"\r\n").map(<[u8]>::len);
            read.truncate(text.unwrap_or(read.len()));
        }
        let piece = self.double_dots(&read);
        Ok((self, piece))
    }

    fn double_dots(&mut self, read: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(read.len() + 64);
        for line in read.split_inclusive(|byte| *byte == b'\n') {
            if self.at_line_start && line.starts_with(b".") {
                out.push(b'.');
            }
            out.extend_from_slice(line);
            self.at_line_start = line.ends_with(b"\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Measured for &[u8] {
        fn left(&self) -> u64 {
            self.len() as u64
        }
    }

    fn pieces(mail: &[u8]) -> Vec<Vec<u8>> {
        let (mut body, mut all) = (Body::new(mail), Vec::new());
        while !body.has_ended() {
            let (rest, piece) = body.next().unwrap();
            body = rest;
            all.push(piece);
        }
        all
    }

    /// As a server reads it (RFC 5321 §4.5.2).
    fn received(sent: &[u8]) -> Vec<u8> {
        let mut mail = Vec::new();
        for line in sent.split_inclusive(|byte| *byte == b'\n') {
            if line == b".\r\n" {
                return mail;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        panic!("no closing dot");
    }

    #[test]
    fn dots_are_doubled_at_the_start_of_a_line_alone() {
        for (mail, sent) in [
            (&b"a\r\n.\r\n..b\r\nc.\r\n"[..], &b"a\r\n..\r\n...b\r\nc."[..]),
            (b".", b".."),
            (b".\r\n", b".."),
            (b"\r\n", b""),
            (b"a\r\n\r\n", b"a\r\n"),
            (b"no line end", b"no line end"),
        ] {
            assert_eq!(pieces(mail).concat(), sent, "{mail:?}");
        }
    }

    /// Wherever the pieces are cut: in a line end, before a dot, before the last byte.
    #[test]
    fn the_server_gets_what_was_written_whatever_its_length() {
        let size = usize::try_from(PIECE).unwrap();
        let lines = b".\r\n..\r\n.a\r\nb.\r\n\r\n".repeat(size / 4);
        for length in (size - 9..size + 9).chain(2 * size - 9..2 * size + 9) {
            let mut mail = lines[..length].to_vec();
            mail.extend_from_slice(b"\r\n");
            let all = pieces(&mail);
            assert!(all.len() <= 3 && all.iter().all(|piece| piece.len() < 2 * size));
            let sent = [all.concat(), b"\r\n.\r\n".to_vec()].concat();
            assert!(received(&sent) == mail, "{length} bytes");
        }
    }
}
