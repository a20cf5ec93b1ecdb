//! What a database has, for who moves all of it elsewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio_postgres::Row;

use super::arrivals::digest;
use super::body::{self, PART};
use super::engine::Engine;
use super::fault;
use super::line::Line;
use super::row::text_of;
use super::status;
use crate::store::letter::Named;
use crate::store::moving::transfer::{Contents, Facts, Item, Key, Piece, Slot, Tried};
use crate::store::{Damage, Discarded, Envelope, Proof, Source, State, files};

/// What waits comes last, in its order; of others the number tells it.
const LIST: &str = "select name, named, state, kept, size from konvolutt.letter
    order by (state = 'waiting'), case when state = 'waiting' then came end, id";

macro_rules! one_letter {
    ($which:literal) => {
        concat!(
            "select id, state, kept, length, size, digest, envelope, proof, came, put, status, record,
                not named and exists (select 1 from konvolutt.letter other where other.name = letter.name
                    and (other.named or (letter.state = 'discarded' and other.state = 'corrupt')))
            from konvolutt.letter where name = $1 and ",
            $which
        )
    };
}

const NAMED: &str = one_letter!("named and $2::bigint is not null");
const CORRUPT: &str = one_letter!("not named and state = 'corrupt' order by id offset $2::bigint limit 1");
const RECORD: &str =
    one_letter!("not named and state = 'discarded' and $2::bigint is not null order by id desc limit 1");

/// A connection, and what drives it.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) engine: Arc<Engine>,
    pub(super) line: Arc<Line>,
    /// Seconds by which the database's clock is ahead of ours.
    pub(super) ahead: i64,
}

/// All that is there.
pub(super) fn list(wire: &Wire) -> io::Result<Contents> {
    let line = wire.line.clone();
    let rows = wire.engine.run(async move { line.query(LIST, &[]).await })?;
    let mut corrupt: BTreeMap<String, u32> = BTreeMap::new();
    let (mut records, mut discarded) = (BTreeSet::new(), BTreeSet::new());
    let mut contents = Contents {
        items: Vec::new(),
        stay: Vec::new(),
    };
    for row in &rows {
        let (name, is_named, state, kept, size) = seen(row).map_err(|error| fault::of(&error))?;
        let slot = match (is_named, state) {
            (true, _) => Slot::Name,
            (false, State::Corrupt) => {
                let number = corrupt.entry(name.clone()).or_default();
                *number += 1;
                Slot::Corrupt(*number)
            }
            (false, State::Discarded) => {
                records.insert(name);
                continue;
            }
            (false, _) => {
                contents.stay.push(format!("a row of {name} that holds no name"));
                continue;
            }
        };
        if slot == Slot::Name && state == State::Discarded {
            discarded.insert(name.clone());
        }
        contents.items.push(Item {
            key: Key { name, slot },
            state,
            kept,
            size: if kept { size } else { 0 },
        });
    }
    // One for each name, and none beside the record of the one that holds it.
    let records = records.difference(&discarded).map(|name| Item {
        key: Key {
            name: name.clone(),
            slot: Slot::Record,
        },
        state: State::Discarded,
        kept: false,
        size: 0,
    });
    let records: Vec<Item> = records.collect();
    contents.items.splice(0..0, records);
    Ok(contents)
}

fn seen(row: &Row) -> Result<(String, bool, State, bool, u64), tokio_postgres::Error> {
    let (state, size): (String, i64) = (row.try_get(2)?, row.try_get(4)?);
    let size = u64::try_from(size).unwrap_or(0);
    Ok((
        row.try_get(0)?,
        row.try_get(1)?,
        state_of(&state),
        row.try_get(3)?,
        size,
    ))
}

fn state_of(text: &str) -> State {
    let all = [State::Waiting, State::Held, State::Delivered, State::Discarded];
    let found = all.into_iter().find(|state| text_of(*state) == text);
    found.unwrap_or(State::Corrupt)
}

/// A row, with all that is compared.
struct Found {
    letter: i64,
    state: State,
    kept: bool,
    length: u64,
    /// The bytes are those of a whole file, and not of a mail.
    is_file: bool,
    digest: Vec<u8>,
    envelope: String,
    proof: Option<String>,
    came: u64,
    put: u64,
    status: Option<String>,
    record: Option<String>,
    /// Another letter has the name, and what was tried with it.
    is_second: bool,
}

impl Found {
    fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let number = |at: usize| -> Result<i64, tokio_postgres::Error> {
            let number: Option<i64> = row.try_get(at)?;
            Ok(number.unwrap_or(0))
        };
        let positive = |at: usize| number(at).map(|number| u64::try_from(number).unwrap_or(0));
        let state: String = row.try_get(1)?;
        Ok(Self {
            letter: row.try_get(0)?,
            state: state_of(&state),
            kept: row.try_get(2)?,
            length: positive(3)?,
            is_file: number(3)? == number(4)?,
            digest: row.try_get(5)?,
            envelope: row.try_get(6)?,
            proof: row.try_get(7)?,
            came: positive(8)? / 60 * 60,
            put: positive(9)? / 60 * 60,
            status: row.try_get(10)?,
            record: row.try_get(11)?,
            is_second: row.try_get(12)?,
        })
    }

    fn named(&self) -> Option<(String, Envelope)> {
        let named: Named<'_> = serde_json::from_str(&self.envelope).ok()?;
        Some((named.name.into_owned(), named.envelope.into_owned()))
    }

    /// What is wrong with the mail, if anything is: its SHA-256 and length are these.
    fn damage(&self, name: &str, mail: &[u8; 32], length: u64) -> Option<Damage> {
        if length < self.length {
            return Some(Damage::Cut);
        }
        // The length is under no digest.
        if length > self.length || digest(mail, &self.envelope) != self.digest {
            return Some(Damage::Changed);
        }
        match self.named() {
            None => Some(Damage::NoEnvelope),
            Some((own, _)) if own != name => Some(Damage::WrongName),
            Some(_) => None,
        }
    }
}

/// What stands there, read to its end.
pub(super) fn piece(wire: &Wire, key: &Key) -> io::Result<Option<Piece>> {
    let (statement, offset) = match key.slot {
        Slot::Name => (NAMED, 0),
        Slot::Record => (RECORD, 0),
        Slot::Corrupt(number) => (CORRUPT, i64::from(number) - 1),
    };
    let (line, name) = (wire.line.clone(), key.name.clone());
    let found = wire.engine.run(async move {
        let rows = line.query(statement, &[&name, &offset]).await?;
        let found = rows.first().map(Found::of).transpose();
        found.map_err(|error| fault::of(&error))
    })?;
    found.map(|found| read(wire, key, &found)).transpose()
}

fn read(wire: &Wire, key: &Key, found: &Found) -> io::Result<Piece> {
    let is_bare = !found.kept || found.state == State::Discarded;
    let mut facts = Facts {
        key: key.clone(),
        state: found.state,
        envelope: found.named().filter(|_| !is_bare).map(|(_, envelope)| envelope),
        proof: found
            .proof
            .as_deref()
            .and_then(Proof::of_line)
            .filter(|_| key.slot != Slot::Record),
        came: if is_bare { found.put } else { found.came },
        put: match found.state {
            State::Waiting | State::Corrupt => 0,
            _ => found.put,
        },
        tried: tried(wire, found),
        record: (found.state == State::Discarded).then(|| record(found)),
        bytes: None,
    };
    if is_bare {
        return Ok(Piece {
            facts,
            source: None,
            damage: None,
        });
    }
    let (line, letter) = (wire.line.clone(), found.letter);
    let (mail, length, _) = wire.engine.run(async move { body::digest(&line, letter).await })?;
    let mut damage = None;
    let mut source: Arc<dyn Source> = Arc::new(Body::new(wire, found.letter));
    facts.bytes = Some((length, mail));
    if found.state != State::Corrupt {
        damage = found.damage(&key.name, &mail, length);
    }
    if damage.is_some() || (found.state == State::Corrupt && !found.is_file) {
        let whole = AsFile {
            mail: source,
            length,
            end: format!(
                "{}\n{}",
                found.envelope,
                files::transfer::trailer(length, &found.digest)
            )
            .into_bytes(),
        };
        facts.bytes = Some(whole.digest()?);
        source = Arc::new(whole);
    }
    Ok(Piece {
        facts,
        source: Some(source),
        damage,
    })
}

fn tried(wire: &Wire, found: &Found) -> Tried {
    let text = found.status.as_deref().filter(|_| !found.is_second);
    match (status::of(text, wire.ahead), text) {
        (Ok(status), _) => Tried::Known(status),
        (Err(_), text) => Tried::Unreadable(text.unwrap_or_default().to_owned()),
    }
}

fn record(found: &Found) -> Discarded {
    let read = found
        .record
        .as_deref()
        .and_then(|record| serde_json::from_str(record).ok());
    read.unwrap_or_else(|| Discarded {
        reference: String::new(),
        mailbox: String::new(),
        day: 0,
        why: "its record cannot be read".to_owned(),
        corrupt: false,
    })
}

/// The text that stands in a row.
pub(super) fn envelope_text(name: &str, envelope: &Envelope) -> io::Result<String> {
    let named = Named {
        name: Cow::Borrowed(name),
        envelope: Cow::Borrowed(envelope),
    };
    serde_json::to_string(&named).map_err(io::Error::other)
}

/// The rows of one letter's bytes.
struct Body {
    wire: Wire,
    letter: i64,
    /// The part that was read last. Whoever reads asks for its bytes one after the other.
    last: Mutex<Option<(usize, Arc<Vec<u8>>)>>,
}

impl Body {
    fn new(wire: &Wire, letter: i64) -> Self {
        Self {
            wire: wire.clone(),
            letter,
            last: Mutex::default(),
        }
    }

    fn part(&self, number: usize) -> io::Result<Arc<Vec<u8>>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, part)) = &*last
            && *of == number
        {
            return Ok(part.clone());
        }
        let (line, letter) = (self.wire.line.clone(), self.letter);
        let there = i32::try_from(number).map_err(io::Error::other)?;
        let part = self
            .wire
            .engine
            .run(async move { body::one(&line, letter, there).await })?;
        let part = Arc::new(part.unwrap_or_default());
        *last = Some((number, part.clone()));
        Ok(part)
    }
}

impl Source for Body {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let part = self.part(at / PART)?;
        let rest = part.get(at % PART..).unwrap_or_default();
        let read = rest.len().min(into.len());
        into[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

/// A letter that is corrupt, as a file would have it.
struct AsFile {
    mail: Arc<dyn Source>,
    length: u64,
    end: Vec<u8>,
}

impl AsFile {
    fn digest(&self) -> io::Result<(u64, [u8; 32])> {
        let (mut digest, mut at, mut part) = (Sha256::new(), 0, vec![0; PART]);
        loop {
            match self.read_at(&mut part, at)? {
                0 => return Ok((at, digest.finalize().into())),
                read => {
                    digest.update(&part[..read]);
                    at += read as u64;
                }
            }
        }
    }
}

impl Source for AsFile {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        if let Some(left) = self.length.checked_sub(at).filter(|left| *left > 0) {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
            return self.mail.read_at(&mut into[..most], at);
        }
        let at = usize::try_from(at - self.length).map_err(io::Error::other)?;
        let rest = self.end.get(at..).unwrap_or_default();
        let read = rest.len().min(into.len());
        into[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}
