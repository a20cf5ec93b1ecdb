//! Letters that come to a database from elsewhere: one transaction for each, which is a promise as that of a new one.

use std::io;

use super::arrivals::digest;
use super::body::PART;
use super::fault;
use super::inventory::{Wire, envelope_text};
use super::line::Value;
use super::row::text_of;
use super::status;
use crate::store::moving::transfer::{Facts, Piece, Slot, Tried};
use crate::store::{Envelope, Proof, State};

const NUMBER: &str = "select nextval('konvolutt.letter_id')";
const PART_OF: &str = "insert into konvolutt.part (letter, n, body) values ($1, $2, $3)";
const ROW: &str = "insert into konvolutt.letter
        (id, name, named, state, mailbox, size, length, kept, digest, envelope, proof, came, put, status, record)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// What stands in its row.
struct Row {
    name: String,
    named: bool,
    state: &'static str,
    mailbox: String,
    size: i64,
    length: i64,
    kept: bool,
    digest: Vec<u8>,
    envelope: String,
    proof: Option<String>,
    came: i64,
    put: Option<i64>,
    status: Option<String>,
    record: Option<String>,
}

impl Row {
    fn of(facts: &Facts, ahead: i64) -> io::Result<Self> {
        let name = &facts.key.name;
        let known = facts.envelope.clone().or_else(|| told(facts));
        let envelope = known.as_ref().map(|envelope| envelope_text(name, envelope));
        let envelope = envelope.transpose()?.unwrap_or_else(|| "{}".to_owned());
        let (length, mail) = facts.bytes.unwrap_or_default();
        // Of a corrupt one the bytes are a whole file: that its length is its size says so.
        let size = match (facts.state, facts.bytes) {
            (State::Corrupt, _) | (_, None) => length,
            _ => length + envelope.len() as u64,
        };
        let record = facts.record.as_ref().map(serde_json::to_string).transpose();
        let number = |number: u64| i64::try_from(number).map_err(io::Error::other);
        Ok(Self {
            named: facts.key.slot == Slot::Name,
            state: text_of(facts.state),
            mailbox: known.map_or_else(String::new, |envelope| envelope.mailbox),
            size: number(size)?,
            length: number(length)?,
            kept: facts.bytes.is_some(),
            digest: digest(&mail, &envelope),
            envelope,
            proof: facts.proof.map(Proof::to_line),
            came: number(facts.came)?,
            put: (facts.put > 0).then(|| number(facts.put)).transpose()?,
            status: match &facts.tried {
                Tried::Unreadable(text) => Some(text.clone()),
                tried if *tried == Tried::nothing() => None,
                Tried::Known(tried) => Some(status::text(tried, ahead)?),
            },
            record: record.map_err(io::Error::other)?,
            name: name.clone(),
        })
    }
}

/// What its record knows of a letter that was discarded: a listing reads it where it reads it of others.
fn told(facts: &Facts) -> Option<Envelope> {
    let record = facts.record.as_ref()?;
    Some(Envelope {
        mailbox: record.mailbox.clone(),
        from: String::new(),
        to: String::new(),
        reference: record.reference.clone(),
        accepted: 0,
    })
}

/// Puts a letter there; whether the commit is where it must be is for the caller to judge.
pub(super) fn write(wire: &Wire, piece: &Piece) -> io::Result<()> {
    let row = Row::of(&piece.facts, wire.ahead)?;
    let line = wire.line.clone();
    let letter: i64 = wire.engine.run(async move {
        line.simple("begin").await?;
        let rows = line.query(NUMBER, &[]).await?;
        let row = rows
            .first()
            .ok_or_else(|| io::Error::other("the database gives no number"))?;
        row.try_get(0).map_err(|error| fault::of(&error))
    })?;
    let mut number = 0_i32;
    piece.each_part(PART, |part| {
        let (line, body, of) = (wire.line.clone(), part.to_vec(), number);
        number += 1;
        wire.engine
            .run(async move { line.execute(PART_OF, &[&letter, &of, &body]).await.map(drop) })
    })?;
    let line = wire.line.clone();
    wire.engine.run(async move {
        let values: [Value<'_>; 15] = [
            &letter,
            &row.name,
            &row.named,
            &row.state,
            &row.mailbox,
            &row.size,
            &row.length,
            &row.kept,
            &row.digest,
            &row.envelope,
            &row.proof,
            &row.came,
            &row.put,
            &row.status,
            &row.record,
        ];
        line.execute(ROW, &values).await.map(drop)
    })
}
