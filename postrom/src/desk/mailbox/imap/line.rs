//! What a server says, one whole response at a time.
//!
//! Comes in: bytes. Goes out: a response with everything that it announced to be a part of it. What always holds: no server
//! makes this hold more than one mail, wait for ever, or recurse; nothing is held that was only announced.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::tls::is_pause;
use crate::trouble::{Away, Cause};

/// The numbers of half a million mails.
const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// The largest mail that is looked at, and what a server adds to it.
const LONGEST_LITERAL: usize = 104 * 1024 * 1024;
/// Nothing came for so long.
const QUIET: Duration = Duration::from_secs(60);
/// One response may take so long: a large mail on a slow line.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// One response.
pub(super) struct Raw {
    /// All of it, with its last line end.
    pub(super) bytes: Vec<u8>,
    /// How deep brackets lie in each other.
    pub(super) deepest: usize,
    /// How much of it is lines, as against what was announced.
    pub(super) lines: usize,
}

/// A connection, as lines.
pub(super) struct Line<S> {
    stream: S,
    came: Vec<u8>,
    /// What of `came` was given out.
    given: usize,
    stop: Arc<AtomicBool>,
    quiet: Duration,
}

impl<S: Read + Write> Line<S> {
    /// `stop` ends every wait.
    pub(super) fn new(stream: S, stop: Arc<AtomicBool>) -> Self {
        Self {
            stream,
            came: Vec::new(),
            given: 0,
            stop,
            quiet: QUIET,
        }
    }

    #[cfg(test)]
    pub(super) fn with_patience(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// Says a line.
    pub(super) fn say(&mut self, line: &str) -> Result<(), Away> {
        let said = self.stream.write_all(line.as_bytes());
        let said = said.and_then(|()| self.stream.write_all(b"\r\n"));
        said.map_err(|error| broken(&error))?;
        let begun = Instant::now();
        loop {
            match self.stream.flush() {
                Ok(()) => return Ok(()),
                Err(error) if !is_pause(&error) => return Err(broken(&error)),
                Err(_) if begun.elapsed() > self.quiet || self.stop.load(Ordering::Relaxed) => {
                    return Err(Away::NoAnswer);
                }
                Err(_) => {}
            }
        }
    }

    /// The next response.
    pub(super) fn hear(&mut self) -> Result<Raw, Away> {
        let deadline = Instant::now() + LONGEST;
        let mut raw = Raw {
            bytes: Vec::new(),
            deepest: 0,
            lines: 0,
        };
        let (mut literals, mut depth) = (0, 0);
        loop {
            let start = raw.bytes.len();
            self.line(&mut raw.bytes, LONGEST_LINE - raw.lines, deadline)?;
            let line = &raw.bytes[start..];
            raw.deepest = raw.deepest.max(deepest(line, &mut depth));
            raw.lines += line.len();
            let Some(length) = literal(line) else { return Ok(raw) };
            literals = length.saturating_add(literals);
            if literals > LONGEST_LITERAL {
                return Err(Away::TooMuch);
            }
            self.bytes(&mut raw.bytes, length, deadline)?;
        }
    }

    /// The next response, when one begins within this time.
    pub(super) fn hear_within(&mut self, wait: Duration) -> Result<Option<Raw>, Away> {
        let deadline = Instant::now() + wait;
        while self.given == self.came.len() {
            if Instant::now() >= deadline {
                return Ok(None);
            }
            self.read_on()?;
        }
        self.hear().map(Some)
    }

    fn line(&mut self, into: &mut Vec<u8>, most: usize, deadline: Instant) -> Result<(), Away> {
        let mut length = 0;
        loop {
            let rest = &self.came[self.given..];
            let end = memchr::memchr(b'\n', rest);
            let take = end.map_or(rest.len(), |end| end + 1);
            length += take;
            if length > most {
                return Err(Away::TooMuch);
            }
            into.extend_from_slice(&rest[..take]);
            self.given += take;
            if end.is_some() {
                return Ok(());
            }
            self.more(deadline)?;
        }
    }

    fn bytes(&mut self, into: &mut Vec<u8>, mut length: usize, deadline: Instant) -> Result<(), Away> {
        loop {
            let rest = &self.came[self.given..];
            let take = rest.len().min(length);
            into.extend_from_slice(&rest[..take]);
            self.given += take;
            length -= take;
            if length == 0 {
                return Ok(());
            }
            self.more(deadline)?;
        }
    }

    fn more(&mut self, deadline: Instant) -> Result<(), Away> {
        let begun = Instant::now();
        while self.given == self.came.len() {
            if begun.elapsed() > self.quiet || Instant::now() > deadline {
                return Err(Away::NoAnswer);
            }
            self.read_on()?;
        }
        Ok(())
    }

    /// Reads once; it may be that nothing comes.
    fn read_on(&mut self) -> Result<(), Away> {
        const BLOCK: usize = 64 * 1024;
        if self.stop.load(Ordering::Relaxed) {
            return Err(Away::NoAnswer);
        }
        self.came.resize(BLOCK, 0);
        self.given = 0;
        let read = self.stream.read(&mut self.came);
        self.came.truncate(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Err(Away::Ended { text: String::new() }),
            Ok(_) => Ok(()),
            Err(error) if is_pause(&error) => Ok(()),
            Err(error) => Err(broken(&error)),
        }
    }
}

fn broken(error: &std::io::Error) -> Away {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::BrokenPipe
        | ErrorKind::ConnectionAborted => Away::Ended { text: String::new() },
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Away::NoAnswer,
        _ => Away::Unreachable {
            cause: Cause::from(error),
        },
    }
}

/// How many bytes a line says that follow it: `{12}`.
fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = memchr::memrchr(b'{', line)?;
    let digits = std::str::from_utf8(&line[open + 1..]).ok()?;
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    // A number that is too large for this machine is too much in any case.
    is_number.then(|| digits.parse().unwrap_or(usize::MAX / 2))
}

/// Brackets in each other, outside of quotes.
fn deepest(line: &[u8], depth: &mut usize) -> usize {
    let (mut deepest, mut quoted, mut escaped) = (*depth, false, false);
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'(' if !quoted => *depth += 1,
            b')' if !quoted => *depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(*depth);
    }
    deepest
}

#[cfg(test)]
mod tests;
