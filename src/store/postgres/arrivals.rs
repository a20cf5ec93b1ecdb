//! A letter being written, and the moment it becomes a promise.
//!
//! A small letter goes in one statement. Of a large one each part goes out as soon as it is full, in a transaction that its
//! row ends: what is dropped before leaves nothing.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::body::PART;
use super::fault;
use super::line::Value;
use super::pool::{Lent, Pool, Promised};
use super::store::Shared;
use crate::store::letter::Named;
use crate::store::{Committed, Envelope, Identity, Pending, Proof, StoreError};

const WHOLE: &str = "with came as (
        insert into konvolutt.letter (name, mailbox, size, length, digest, envelope, proof)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id
    ) insert into konvolutt.part (letter, n, body) select id, 0, $8 from came";
const NUMBER: &str = "select nextval('konvolutt.letter_id')";
const PART_OF: &str = "insert into konvolutt.part (letter, n, body) values ($1, $2, $3)";
const ROW: &str = "insert into konvolutt.letter (id, name, mailbox, size, length, digest, envelope, proof)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
/// A write, so that it waits for the standbys as the commit of the letter did. A read would tell of what is on one disk.
const REPEAT: &str = "update konvolutt.letter set seen = seen + 1 where name = $1 and named";

/// A letter that has no name yet.
pub(super) struct PendingRows {
    shared: Arc<Shared>,
    digest: Sha256,
    length: u64,
    /// What is in no part yet.
    rest: Vec<u8>,
    proof: Option<Proof>,
    opened: Option<Opened>,
    /// A part could not be sent: what is left is no letter.
    is_torn: bool,
}

/// A transaction with the parts so far.
struct Opened {
    lent: Lent,
    letter: i64,
    parts: i32,
    is_ended: bool,
}

/// What stands in the row of a letter.
struct Row {
    name: String,
    mailbox: String,
    size: i64,
    length: i64,
    digest: Vec<u8>,
    envelope: String,
    proof: Option<String>,
}

/// Why there is no promise.
enum Failure {
    /// The letter is not there.
    Refused(io::Error),
    /// It may be.
    Unknown(io::Error),
}

impl Drop for Opened {
    fn drop(&mut self) {
        // With its connection the transaction ends too.
        if !self.is_ended {
            self.lent.spoil();
        }
    }
}

impl PendingRows {
    pub(super) fn begin(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            digest: Sha256::new(),
            length: 0,
            rest: Vec::new(),
            proof: None,
            opened: None,
            is_torn: false,
        }
    }

    /// Sends a full part.
    fn send(&mut self) -> io::Result<()> {
        if self.is_torn {
            return Err(io::Error::other("a part of the letter was not taken"));
        }
        let (opened, body) = (self.opened.take(), std::mem::take(&mut self.rest));
        let pool = self.shared.web.clone();
        let sent = self.shared.engine.run(async move {
            let mut opened = match opened {
                Some(opened) => opened,
                None => open(&pool).await?,
            };
            opened
                .lent
                .execute(PART_OF, &[&opened.letter, &opened.parts, &body])
                .await?;
            opened.parts += 1;
            Ok((opened, body))
        });
        self.is_torn = sent.is_err();
        // Whoever writes hears in the end what is wrong with the store, and not with a file.
        let (opened, mut body) = sent.map_err(|error| io::Error::new(error.kind(), refusal(error)))?;
        body.clear();
        (self.opened, self.rest) = (Some(opened), body);
        Ok(())
    }
}

async fn open(pool: &Arc<Pool>) -> io::Result<Opened> {
    let mut lent = pool.lend().await?;
    let begun = async {
        lent.simple("begin").await?;
        let rows = lent.query(NUMBER, &[]).await?;
        let row = rows
            .first()
            .ok_or_else(|| io::Error::other("the database gives no number"))?;
        row.try_get(0).map_err(|error| fault::of(&error))
    };
    match begun.await {
        Ok(letter) => Ok(Opened {
            lent,
            letter,
            parts: 0,
            is_ended: false,
        }),
        Err(error) => {
            lent.spoil();
            Err(error)
        }
    }
}

impl Pending for PendingRows {
    fn length(&self) -> u64 {
        self.length
    }

    fn prove(&mut self, proof: Proof) {
        self.proof = Some(proof);
    }

    fn commit(mut self: Box<Self>, identity: &Identity, envelope: &Envelope) -> Result<Committed, StoreError> {
        if self.is_torn {
            return Err(StoreError::Unproven("a part of the letter was not taken".to_owned()));
        }
        let named = Named {
            name: Cow::Borrowed(&identity.name),
            envelope: Cow::Borrowed(envelope),
        };
        let text = serde_json::to_string(&named).map_err(io::Error::other)?;
        let mail = std::mem::take(&mut self.digest).finalize();
        let size = self.length + text.len() as u64;
        let row = Row {
            name: identity.name.clone(),
            mailbox: envelope.mailbox.clone(),
            size: i64::try_from(size).map_err(io::Error::other)?,
            length: i64::try_from(self.length).map_err(io::Error::other)?,
            digest: digest(&mail, &text),
            envelope: text,
            proof: self.proof.map(Proof::to_line),
        };
        let (opened, rest) = (self.opened.take(), std::mem::take(&mut self.rest));
        let pool = self.shared.web.clone();
        let committed = self.shared.engine.run(async move {
            Ok(match opened {
                None => whole(&pool, row, rest).await,
                Some(opened) => ended(opened, row, rest).await,
            })
        });
        let committed = committed?.map_err(told)?;
        if committed == Committed::New {
            self.shared
                .budgets
                .count(identity.name.clone(), &envelope.mailbox, size);
        }
        Ok(committed)
    }
}

/// What the digest of a row is of: a changed envelope is noticed as well as a changed mail.
pub(super) fn digest(mail: &[u8], envelope: &str) -> Vec<u8> {
    Sha256::new()
        .chain_update(mail)
        .chain_update(envelope)
        .finalize()
        .to_vec()
}

/// A letter that is no more than one part.
async fn whole(pool: &Arc<Pool>, row: Row, body: Vec<u8>) -> Result<Committed, Failure> {
    let lent = pool.lend().await.map_err(Failure::Refused)?;
    let values: [Value<'_>; 8] = [
        &row.name,
        &row.mailbox,
        &row.size,
        &row.length,
        &row.digest,
        &row.envelope,
        &row.proof,
        &body,
    ];
    let rows = lent.promise(WHOLE, &values).await.rows()?;
    match rows {
        0 => again(&lent, &row.name).await,
        _ => Ok(Committed::New),
    }
}

/// The last part of a larger one, its row, and the end of their transaction.
async fn ended(mut opened: Opened, row: Row, body: Vec<u8>) -> Result<Committed, Failure> {
    let lent = &opened.lent;
    let last: [Value<'_>; 3] = [&opened.letter, &opened.parts, &body];
    lent.execute(PART_OF, &last).await.map_err(Failure::Refused)?;
    let values: [Value<'_>; 8] = [
        &opened.letter,
        &row.name,
        &row.mailbox,
        &row.size,
        &row.length,
        &row.digest,
        &row.envelope,
        &row.proof,
    ];
    let rows = lent.execute(ROW, &values).await.map_err(Failure::Refused)?;
    if rows == 0 {
        lent.simple("rollback").await.map_err(Failure::Refused)?;
        opened.is_ended = true;
        return again(&opened.lent, &row.name).await;
    }
    let kept = lent.promise_commit().await.rows();
    opened.is_ended = kept.is_ok();
    kept?;
    Ok(Committed::New)
}

/// The name is taken: what stands there is promised as if it came now.
async fn again(lent: &Lent, name: &str) -> Result<Committed, Failure> {
    if repeat(lent, name).await? {
        return Ok(Committed::Repeat);
    }
    Err(Failure::Unknown(io::Error::other(
        "the letter was there, and is there no more",
    )))
}

async fn repeat(lent: &Lent, name: &str) -> Result<bool, Failure> {
    match lent.promise(REPEAT, &[&name]).await {
        Promised::Kept(rows) => Ok(rows > 0),
        // It is there, and may be on one disk only.
        Promised::Unknown(error) | Promised::Refused(error) => Err(Failure::Unknown(error)),
    }
}

impl Promised {
    fn rows(self) -> Result<u64, Failure> {
        match self {
            Self::Kept(rows) => Ok(rows),
            Self::Unknown(error) => Err(Failure::Unknown(error)),
            Self::Refused(error) => Err(Failure::Refused(error)),
        }
    }
}

fn told(failure: Failure) -> StoreError {
    match failure {
        Failure::Refused(error) => refusal(error),
        Failure::Unknown(error) => {
            tracing::warn!(%error, "whether a letter is durable is not known; there is no receipt");
            StoreError::InDoubt
        }
    }
}

/// Nothing was kept.
pub(super) fn refusal(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::Full(error),
        _ => StoreError::Unproven(error.to_string()),
    }
}

impl Shared {
    /// Whether a letter of this name was committed before, made durable once more.
    pub(super) fn repeats(&self, name: &str) -> Result<bool, StoreError> {
        let (pool, name) = (self.web.clone(), name.to_owned());
        let found = self.engine.run(async move {
            let lent = match pool.lend().await {
                Ok(lent) => lent,
                Err(error) => return Ok(Err(Failure::Refused(error))),
            };
            Ok(repeat(&lent, &name).await)
        });
        found?.map_err(told)
    }
}

impl Write for PendingRows {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // One more byte will come: the last part is sent with the row.
        if self.rest.len() == PART {
            self.send()?;
        }
        let taken = bytes.len().min(PART - self.rest.len());
        let bytes = &bytes[..taken];
        self.rest.extend_from_slice(bytes);
        self.digest.update(bytes);
        self.length += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
