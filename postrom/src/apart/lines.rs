//! Lines from a pipe, of which nothing stays behind: they name files of citizens.
//!
//! `BufReader` has one buffer for as long as it lives, and what was last in it lies there while a run waits for mail. Here
//! each piece of memory is given back with its line, and is wiped then.

use std::io::{self, Read};

/// Bytes asked for at once.
const PIECE: usize = 16 * 1024;

pub(super) struct Lines<R> {
    from: R,
    rest: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(from: R) -> Self {
        Self { from, rest: Vec::new() }
    }

    /// Waits for more; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut piece = vec![0; PIECE];
        let read = loop {
            match self.from.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.rest.extend_from_slice(&piece[..read]);
        Ok(read > 0)
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = io::Result<Vec<u8>>;

    /// The next line without its end. Half a line at the end of the pipe is none: who wrote it was cut off.
    fn next(&mut self) -> Option<Self::Item> {
        let mut searched = 0;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.rest[searched..]) {
                let behind = self.rest.split_off(searched + at + 1);
                let mut line = std::mem::replace(&mut self.rest, behind);
                line.pop();
                return Some(Ok(line));
            }
            searched = self.rest.len();
            match self.more() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(self.0.len()).min(out.len());
            out[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let long = "x".repeat(3 * PIECE);
        let text = format!("one\n\n{long}\nthree\nhalf");
        for step in [1, 2, 7, PIECE - 1, PIECE, 1_000_000] {
            let lines: Vec<_> = Lines::of(Slow(text.as_bytes(), step)).map(Result::unwrap).collect();
            assert!(
                lines == [b"one".as_slice(), b"", long.as_bytes(), b"three"],
                "in steps of {step}"
            );
        }
    }
}
