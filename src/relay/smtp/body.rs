//! A letter as it stands on the line.

use std::io::{self, Read};

use crate::store::Mail;

/// Memory of one letter on the line, whatever its size.
const PIECE: u64 = 128 * 1024;

/// The mail with its dots doubled (RFC 5321 §4.5.2), piece by piece, without its last line end: that comes with the
/// closing dot.
pub(super) struct Body {
    mail: Mail,
    at_line_start: bool,
}

impl Body {
    pub(super) fn new(mail: Mail) -> Self {
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
        if self.has_ended() {
            // Its end is where the mail says whether it is what was committed.
            self.mail.read_to_end(&mut read)?;
            let text = read.strip_suffix(b"\r\n").map(<[u8]>::len);
            read.truncate(text.unwrap_or(read.len()));
        }
        let mut out = Vec::with_capacity(read.len() + 64);
        for line in read.split_inclusive(|byte| *byte == b'\n') {
            if self.at_line_start && line.starts_with(b".") {
                out.push(b'.');
            }
            out.extend_from_slice(line);
            self.at_line_start = line.ends_with(b"\n");
        }
        Ok((self, out))
    }
}
