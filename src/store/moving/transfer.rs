//! A letter while it is moved from one store to another, and what each end of a move can do.
//!
//! Both ends say the same of the same letter, whatever they keep it in: so what came is compared with what was sent.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::store::error::Damage;
use crate::store::letter::{Envelope, Source};
use crate::store::proof::Proof;
use crate::store::state::{Discarded, State, Status};

/// Where letters are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// As files in the spool.
    Files,
    /// As rows of a database.
    Postgres,
}

impl Kind {
    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Postgres => "postgres",
        }
    }

    /// As a sentence names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "the files of the spool",
            Self::Postgres => "the database",
        }
    }
}

/// What stands for one letter at either end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Which one of that name.
    pub slot: Slot,
}

/// Which of those that may have one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// A corrupt one: the first, or a further one.
    Corrupt(u32),
    /// The record of one that was discarded, and whose name it does not hold any more.
    Record,
    /// The one that holds the name, with its bytes or without them.
    Name,
}

/// What is known of a letter without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which one it is.
    pub key: Key,
    /// Where it is.
    pub state: State,
    /// Whether its bytes are there, and not only its name or its record.
    pub kept: bool,
    /// How many they are.
    pub size: u64,
}

/// All that an end has: what waits in its order.
pub struct Contents {
    /// Every letter, name and record.
    pub items: Vec<Item>,
    /// What can be no letter, and so stays where it is: in words for people.
    pub stay: Vec<String>,
}

/// What was tried with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// As it was written.
    Known(Status),
    /// As it is written; nothing sends such a letter before that is mended.
    Unreadable(String),
}

impl Tried {
    /// What stands for most letters.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Known(Status::default())
    }
}

/// All of a letter but its bytes. Times are seconds since 1970, by the minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which one it is.
    pub key: Key,
    /// Where it is.
    pub state: State,
    /// None where the bytes are gone, or cannot be read.
    pub envelope: Option<Envelope>,
    /// What a signed receipt is made of.
    pub proof: Option<Proof>,
    /// When it came: where its bytes are gone, when it left the queue.
    pub came: u64,
    /// When it left the queue; 0 for what waits, and for what is corrupt.
    pub put: u64,
    /// What was tried with it.
    pub tried: Tried,
    /// What is kept of one that was discarded.
    pub record: Option<Discarded>,
    /// Length and SHA-256 of its bytes, if they are there: of the mail, or of a whole file that is corrupt.
    pub bytes: Option<(u64, [u8; 32])>,
}

/// A letter at one end.
pub struct Piece {
    /// All but its bytes.
    pub facts: Facts,
    /// Where its bytes are.
    pub source: Option<Arc<dyn Source>>,
    /// It is not as it was committed: its bytes are then all that there is of it, as a file has them.
    pub damage: Option<Damage>,
}

impl Piece {
    /// All bytes, in parts of this size, the last one excepted; there is at least one part.
    ///
    /// # Errors
    /// What its store says, or that it changed meanwhile.
    pub fn each_part(&self, size: usize, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let (Some(source), Some((length, expected))) = (&self.source, self.facts.bytes) else {
            return Ok(());
        };
        let (mut digest, mut at, mut part) = (Sha256::new(), 0, vec![0; size]);
        loop {
            let mut full = 0;
            while full < size {
                let read = source.read_at(&mut part[full..], at + full as u64)?;
                if read == 0 {
                    break;
                }
                full += read;
            }
            let left = length.saturating_sub(at);
            let full = full.min(usize::try_from(left).unwrap_or(usize::MAX));
            digest.update(&part[..full]);
            if full > 0 || at == 0 {
                take(&part[..full])?;
            }
            at += full as u64;
            if full < size {
                break;
            }
        }
        if at == length && <[u8; 32]>::from(digest.finalize()) == expected {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the letter {} changed while it was moved", self.facts.key.name),
        ))
    }

    /// Its name, where that stays taken although its bytes are gone.
    #[must_use]
    pub fn tombstone(&self) -> Self {
        Self {
            facts: Facts {
                envelope: None,
                came: self.facts.put,
                bytes: None,
                ..self.facts.clone()
            },
            source: None,
            damage: None,
        }
    }

    /// The same as one that is corrupt.
    #[must_use]
    pub fn corrupt(self, number: u32) -> Self {
        let key = Key {
            name: self.facts.key.name.clone(),
            slot: Slot::Corrupt(number),
        };
        Self {
            facts: Facts {
                key,
                state: State::Corrupt,
                put: 0,
                tried: Tried::nothing(),
                record: None,
                ..self.facts
            },
            damage: None,
            ..self
        }
    }
}

/// One end of a move: a store that nobody else works with meanwhile.
pub trait End {
    /// What kind of store it is.
    fn kind(&self) -> Kind;

    /// Why it is closed, in words for people, if it is.
    ///
    /// # Errors
    /// What the store says.
    fn closed(&self) -> io::Result<Option<String>>;

    /// Closes it with these words, for every node, or opens it again; durable when this is done.
    ///
    /// # Errors
    /// What the store says.
    fn close(&self, words: Option<&str>) -> io::Result<()>;

    /// Which move it has its letters from.
    ///
    /// # Errors
    /// What the store says.
    fn came_by(&self) -> io::Result<Option<String>>;

    /// Says it, durably.
    ///
    /// # Errors
    /// What the store says.
    fn set_came_by(&self, id: &str) -> io::Result<()>;

    /// All that is there.
    ///
    /// # Errors
    /// Also when there is a letter of a newer program.
    fn list(&self) -> io::Result<Contents>;

    /// What stands there, read to its end; none when nothing does.
    ///
    /// # Errors
    /// What the store says.
    fn piece(&self, key: &Key) -> io::Result<Option<Piece>>;

    /// Puts a letter there, durable when this is done. What is there already under its key has the same bytes.
    ///
    /// # Errors
    /// What the store says.
    fn put(&self, piece: &Piece) -> io::Result<()>;

    /// Removes all letters, whose newer state is at the other end.
    ///
    /// # Errors
    /// What the store says.
    fn clear(&self) -> io::Result<()>;

    /// Bytes that may still come.
    ///
    /// # Errors
    /// What the store says.
    fn room(&self) -> io::Result<u64>;

    /// Small values of other modules, by name.
    ///
    /// # Errors
    /// What the store says.
    fn notes(&self) -> io::Result<Vec<(String, Vec<u8>)>>;

    /// Puts one there.
    ///
    /// # Errors
    /// What the store says.
    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}
