//! Commands and their answers.
//!
//! Comes in: a command. Goes out: what the server says to it, piece by piece, and how it ended. What always holds: an answer that
//! did not come to its end is an error, never an empty answer; a refusal is told as one; a piece that cannot be understood
//! is passed over and takes no other one with it.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use imap_proto::{Response, Status};
use zeroize::Zeroizing;

use super::line::{Line, Raw};
use crate::trouble::Away;

/// A reader of such answers calls itself for each bracket. No mail that people send has a tenth of these.
const DEEPEST: usize = 100;
/// What a server says of itself is shown to people.
const LONGEST_TEXT: usize = 300;
/// What one answer may have in its lines, without what is told beforehand how long it is: the numbers or the marks of
/// half a million mails. A server could go on for ever.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was done. With what the server says, its code in brackets too.
    Done(String),
    /// The server does not do it.
    No(String),
}

impl Ended {
    /// What was done, or the error that `no` makes of the server's words.
    pub(super) fn or(self, no: impl FnOnce(String) -> Away) -> Result<String, Away> {
        match self {
            Self::Done(text) => Ok(text),
            Self::No(text) => Err(no(text)),
        }
    }
}

/// A conversation with a server.
pub(super) struct Talk<S> {
    line: Line<S>,
    number: u32,
    /// What the server can do, in capitals.
    can: HashSet<String>,
    /// Mails came or went since somebody asked. A server tells of that once, also in the middle of another answer.
    changed: bool,
}

impl<S: Read + Write> Talk<S> {
    /// After its greeting was heard.
    pub(super) fn begin(stream: S, stop: Arc<AtomicBool>) -> Result<Self, Away> {
        let mut talk = Self {
            line: Line::new(stream, stop),
            number: 0,
            can: HashSet::new(),
            changed: false,
        };
        let greeting = talk.line.hear()?;
        match word(&greeting.bytes, 1).as_str() {
            "OK" => Ok(talk),
            "BYE" => Err(bye(&greeting)),
            // Somebody is logged in already, and nobody knows who.
            _ => Err(Away::NotUnderstood),
        }
    }

    /// Whether the server says that it can do this.
    pub(super) fn can(&self, what: &str) -> bool {
        self.can.contains(what)
    }

    /// Asks what the server can do.
    pub(super) fn ask_what_it_can(&mut self) -> Result<(), Away> {
        let mut can = HashSet::new();
        let ended = self.hear_to_end("CAPABILITY", &mut |raw| {
            if word(&raw.bytes, 1) == "CAPABILITY" {
                let text = String::from_utf8_lossy(&raw.bytes).to_ascii_uppercase();
                can.extend(text.split_ascii_whitespace().skip(2).map(str::to_owned));
            }
        })?;
        ended.or(|text| Away::Unwilling { text })?;
        self.can = can;
        Ok(())
    }

    /// A command; each answer that can be understood goes to `take`.
    pub(super) fn ask(&mut self, command: &str, take: &mut dyn FnMut(&Response<'_>)) -> Result<Ended, Away> {
        self.hear_to_end(command, &mut |raw| understood(raw, take))
    }

    /// A command whose answers nobody needs.
    pub(super) fn tell(&mut self, command: &str) -> Result<Ended, Away> {
        self.ask(command, &mut |_| {})
    }

    fn hear_to_end(&mut self, command: &str, take: &mut dyn FnMut(&Raw)) -> Result<Ended, Away> {
        let tag = self.say(command)?;
        let mut lines = 0;
        loop {
            match self.next(&tag)? {
                Next::Piece(raw) => {
                    lines += raw.lines;
                    if lines > LONGEST_ANSWER {
                        return Err(Away::TooMuch);
                    }
                    take(&raw);
                }
                Next::More(_) => return Err(Away::NotUnderstood),
                Next::End(ended) => return Ok(ended),
            }
        }
    }

    /// A command that asks back: `answer` says what, without its line end, to each question that the server puts.
    pub(super) fn converse(&mut self, command: &str, answer: &mut dyn FnMut(&str) -> String) -> Result<Ended, Away> {
        let tag = self.say(command)?;
        for _ in 0..8 {
            match self.next(&tag)? {
                Next::Piece(_) => {}
                Next::More(question) => self.line.say(&Zeroizing::new(answer(&question)))?,
                Next::End(ended) => return Ok(ended),
            }
        }
        Err(Away::NotUnderstood)
    }

    /// Says a command and does not wait for its end; its tag.
    fn say(&mut self, command: &str) -> Result<String, Away> {
        self.number += 1;
        let tag = format!("K{}", self.number);
        // It may hold a password.
        self.line.say(&Zeroizing::new(format!("{tag} {command}")))?;
        Ok(tag)
    }

    fn next(&mut self, tag: &str) -> Result<Next, Away> {
        let raw = self.line.hear()?;
        self.changed |= is_change(&raw, &COUNTS);
        next(raw, tag)
    }

    /// Whether mails came or went since this was asked last.
    pub(super) fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Waits, with IDLE, at most so long until the server tells of a change; whether it did. `enough` ends it earlier.
    pub(super) fn idle(&mut self, most: Duration, enough: &dyn Fn() -> bool) -> Result<bool, Away> {
        let tag = self.say("IDLE")?;
        loop {
            match self.next(&tag)? {
                Next::More(_) => break,
                Next::Piece(_) => {}
                Next::End(ended) => return ended.or(|text| Away::Unwilling { text }).map(|_| false),
            }
        }
        let deadline = Instant::now() + most;
        let mut changed = false;
        while !changed && Instant::now() < deadline && !enough() {
            match self.line.hear_within(Duration::from_millis(200))? {
                None => {}
                Some(raw) => match next(raw, &tag)? {
                    Next::Piece(raw) => changed = is_change(&raw, &CHANGES),
                    Next::More(_) => {}
                    Next::End(ended) => return ended.or(|text| Away::Unwilling { text }).map(|_| true),
                },
            }
        }
        self.line.say("DONE")?;
        loop {
            if let Next::End(ended) = self.next(&tag)? {
                return ended.or(|text| Away::Unwilling { text }).map(|_| changed);
            }
        }
    }
}

enum Next {
    /// An answer to the command, or something by the way.
    Piece(Raw),
    /// The server waits for more.
    More(String),
    End(Ended),
}

fn next(raw: Raw, tag: &str) -> Result<Next, Away> {
    let first = word(&raw.bytes, 0);
    if first == "+" {
        return Ok(Next::More(rest(&raw.bytes, 1)));
    }
    if first == "*" {
        return match word(&raw.bytes, 1).as_str() {
            "BYE" => Err(bye(&raw)),
            _ => Ok(Next::Piece(raw)),
        };
    }
    if !first.eq_ignore_ascii_case(tag) {
        return Err(Away::NotUnderstood);
    }
    let text = rest(&raw.bytes, 2);
    Ok(Next::End(match word(&raw.bytes, 1).as_str() {
        "OK" => Ended::Done(text),
        "NO" | "BAD" => Ended::No(text),
        _ => return Err(Away::NotUnderstood),
    }))
}

fn bye(raw: &Raw) -> Away {
    let text = rest(&raw.bytes, 2);
    Away::Ended { text }
}

/// What tells that mails came or went.
const COUNTS: [&str; 3] = ["EXISTS", "EXPUNGE", "VANISHED"];
/// That, and marks.
const CHANGES: [&str; 4] = ["EXISTS", "EXPUNGE", "VANISHED", "FETCH"];

fn is_change(raw: &Raw, telling: &[&str]) -> bool {
    let words = [word(&raw.bytes, 1), word(&raw.bytes, 2)];
    words.iter().any(|word| telling.contains(&word.as_str()))
}

fn understood(raw: &Raw, take: &mut dyn FnMut(&Response<'_>)) {
    if raw.deepest > DEEPEST {
        return;
    }
    if let Ok((_, response)) = Response::parse(&raw.bytes) {
        take(&response);
    }
}

/// The word of this number, in capitals.
fn word(line: &[u8], number: usize) -> String {
    let line = &line[..line.len().min(LONGEST_TEXT)];
    let mut words = line.split(u8::is_ascii_whitespace);
    let word = words.nth(number).unwrap_or_default();
    String::from_utf8_lossy(word).to_ascii_uppercase()
}

/// What stands behind so many words, for people.
fn rest(line: &[u8], words: usize) -> String {
    let line = String::from_utf8_lossy(&line[..line.len().min(4096)]);
    let rest = line.trim_end().splitn(words + 1, ' ').nth(words).unwrap_or_default();
    rest.chars().filter(|c| !c.is_control()).collect()
}

/// What a server said, without the code before it, as people can bear it.
pub(super) fn spoken(text: &str) -> String {
    let behind = text.strip_prefix('[').and_then(|code| code.split_once(']'));
    let text = behind.map_or(text, |(_, text)| text).trim();
    text.chars().take(LONGEST_TEXT).collect()
}

/// Whether a piece says that something is so: `* OK [UIDVALIDITY 7]`.
pub(super) fn code<'a>(response: &'a Response<'a>) -> Option<&'a imap_proto::ResponseCode<'a>> {
    match response {
        Response::Data {
            status: Status::Ok,
            outcome,
        } => outcome.code.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A server that greets, and then never comes to an end.
    struct Endless(Vec<u8>);

    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                self.0 = format!("* X{}\r\n", " 7777777".repeat(8000)).into_bytes();
            }
            let some = into.len().min(self.0.len());
            into[..some].copy_from_slice(&self.0[..some]);
            self.0.drain(..some);
            Ok(some)
        }
    }

    impl Write for Endless {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_without_an_end_is_ended() {
        let mut talk =
            Talk::begin(Endless(b"* OK at your service\r\n".to_vec()), Arc::default()).unwrap_or_else(|_| panic!());
        assert_eq!(talk.tell("UID SEARCH ALL"), Err(Away::TooMuch));
    }
}
