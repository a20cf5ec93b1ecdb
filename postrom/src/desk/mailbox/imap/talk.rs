//! Commands and their answers.
//!
//! Comes in: a command. Goes out: what the server says to it, piece by piece, and how it ended. What always holds: an answer that
//! did not come to its end is an error, never an empty answer; a refusal is told as one; a piece that cannot be understood
//! is passed over and takes no other one with it, unless it is of the kind that was asked for and has to be whole.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use imap_proto::Response;
use zeroize::Zeroizing;

use super::line::{Line, Raw};
pub(super) use super::piece::code;
use super::piece::{CHANGES, COUNTS, counted, is_change, rest, understood, word};
pub(super) use super::words::spoken;
use crate::trouble::Away;

/// What one answer may have in its lines, without what is told beforehand how long it is: the numbers or the marks of
/// half a million mails. A server could go on for ever.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;
/// What one answer may have in all: a handful of the largest mails.
const LARGEST_ANSWER: u64 = 4 * 1024 * 1024 * 1024;
/// How long one answer may take, and whatever is between its pieces.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// What a server can do is said in some dozens of words.
const MOST_WORDS: usize = 1000;
/// One that ends a wait sooner, and not because of anything new, does not really wait.
const A_WAIT: Duration = Duration::from_secs(1);

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
    /// How many mails are in the open mailbox, as far as the server said.
    exists: Option<u32>,
    /// How often the reader of answers broke.
    faults: u32,
    patience: Duration,
}

impl<S: Read + Write> Talk<S> {
    /// After its greeting was heard.
    pub(super) fn begin(stream: S, stop: Arc<AtomicBool>) -> Result<Self, Away> {
        let mut talk = Self {
            line: Line::new(stream, stop),
            number: 0,
            can: HashSet::new(),
            changed: false,
            exists: None,
            faults: 0,
            patience: PATIENCE,
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

    /// Asks what the server can do. One that does not say it is not taken for one that can do nothing.
    pub(super) fn ask_what_it_can(&mut self) -> Result<(), Away> {
        let mut can = HashSet::new();
        let mut heard = false;
        let ended = self.hear_to_end("CAPABILITY", &mut |raw| {
            if word(&raw.bytes, 1) == "CAPABILITY" {
                heard = true;
                let text = String::from_utf8_lossy(&raw.bytes).to_ascii_uppercase();
                let words = text.split_ascii_whitespace().skip(2);
                can.extend(words.take(MOST_WORDS - can.len()).map(str::to_owned));
            }
        })?;
        ended.or(unwilling)?;
        self.can = can;
        if heard { Ok(()) } else { Err(Away::NotUnderstood) }
    }

    /// A command; each answer that can be understood goes to `take`.
    pub(super) fn ask(&mut self, command: &str, take: &mut dyn FnMut(&Response<'_>)) -> Result<Ended, Away> {
        self.heard(command, None, take)
    }

    /// The same; that an answer of this kind cannot be understood is an error.
    pub(super) fn ask_all(
        &mut self,
        command: &str,
        kind: &str,
        take: &mut dyn FnMut(&Response<'_>),
    ) -> Result<Ended, Away> {
        self.heard(command, Some(kind), take)
    }

    fn heard(&mut self, command: &str, kind: Option<&str>, take: &mut dyn FnMut(&Response<'_>)) -> Result<Ended, Away> {
        let (mut missed, mut faults) = (false, self.faults);
        let ended = self.hear_to_end(command, &mut |raw| {
            let is_of_it = || [1, 2].iter().any(|place| kind == Some(&word(&raw.bytes, *place)));
            missed |= !understood(raw, take, &mut faults) && is_of_it();
        })?;
        self.faults = faults;
        match ended {
            // What it said could be a part of a mail, and is not shown.
            Ended::Done(_) if missed => Err(unwilling(String::new())),
            ended => Ok(ended),
        }
    }

    /// A mailbox is about to be opened: nothing is known of it.
    pub(super) fn forget_count(&mut self) {
        self.exists = None;
    }

    /// How many mails are in the open mailbox, as far as the server said.
    pub(super) fn count(&self) -> Option<u32> {
        self.exists
    }

    /// A command whose answers nobody needs.
    pub(super) fn tell(&mut self, command: &str) -> Result<Ended, Away> {
        self.ask(command, &mut |_| {})
    }

    fn hear_to_end(&mut self, command: &str, take: &mut dyn FnMut(&Raw)) -> Result<Ended, Away> {
        let tag = self.say(command)?;
        let mut room = Room::new(self.patience);
        loop {
            match self.next(&tag)? {
                Next::Piece(raw) => {
                    room.holds(&raw)?;
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
        self.exists = counted(&raw, self.exists);
        next(raw, tag)
    }

    /// Whether mails came or went since this was asked last.
    pub(super) fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Waits, with IDLE, at most so long until the server tells of a change; whether it did. `enough` ends it earlier. One that
    /// cannot do it is not asked again.
    pub(super) fn idle(&mut self, most: Duration, enough: &dyn Fn() -> bool) -> Result<bool, Away> {
        let tag = self.say("IDLE")?;
        let mut room = Room::new(self.patience);
        loop {
            match self.next(&tag)? {
                Next::More(_) => break,
                Next::Piece(raw) => room.holds(&raw)?,
                Next::End(_) => {
                    self.can.remove("IDLE");
                    return Ok(false);
                }
            }
        }
        let begun = Instant::now();
        let mut changed = self.changed;
        while !changed && begun.elapsed() < most && !enough() {
            let Some(raw) = self.line.hear_within(Duration::from_millis(200))? else {
                continue;
            };
            self.exists = counted(&raw, self.exists);
            match next(raw, &tag)? {
                Next::Piece(raw) => changed = is_change(&raw, &CHANGES),
                Next::More(_) => {}
                Next::End(ended) => {
                    ended.or(unwilling)?;
                    if begun.elapsed() < A_WAIT {
                        self.can.remove("IDLE");
                    }
                    return Ok(true);
                }
            }
        }
        self.line.say("DONE")?;
        let mut room = Room::new(self.patience);
        loop {
            match self.next(&tag)? {
                // It says so once more, at least in three signs.
                Next::More(text) => room.passes(text.len() + 3, text.len() + 3)?,
                Next::Piece(raw) => room.holds(&raw)?,
                Next::End(ended) => return ended.or(unwilling).map(|_| changed),
            }
        }
    }
}

/// What one answer may still be.
struct Room {
    lines: usize,
    all: u64,
    until: Instant,
}

impl Room {
    fn new(patience: Duration) -> Self {
        Self {
            lines: LONGEST_ANSWER,
            all: LARGEST_ANSWER,
            until: Instant::now() + patience,
        }
    }

    /// Whether there is room for a further piece.
    fn holds(&mut self, raw: &Raw) -> Result<(), Away> {
        self.passes(raw.lines, raw.bytes.len())
    }

    fn passes(&mut self, lines: usize, all: usize) -> Result<(), Away> {
        if Instant::now() > self.until {
            return Err(Away::NoAnswer);
        }
        let left = self.lines.checked_sub(lines).zip(self.all.checked_sub(all as u64));
        (self.lines, self.all) = left.ok_or(Away::TooMuch)?;
        Ok(())
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
    let text = spoken(&rest(&raw.bytes, 2));
    Away::Ended { text }
}

/// The error of a server that refuses what it should do.
pub(super) fn unwilling(text: String) -> Away {
    let text = spoken(&text);
    Away::Unwilling { text }
}

#[cfg(test)]
mod tests;
