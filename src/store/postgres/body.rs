//! The bytes of a letter's mail, in rows of 256 KiB: one of them is in memory at a time.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::fault;
use super::line::Line;
use super::pool::Pool;
use super::store::Shared;
use crate::store::Source;

/// Bytes in a row. A single row of 48 MB costs the server four times as much of memory.
pub(super) const PART: usize = 256 * 1024;

const READ: &str = "select body from konvolutt.part where letter = $1 and n = $2";

/// The parts of one letter, as it is claimed or shown.
pub(super) struct Parts {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    letter: i64,
    /// The part that was read last. Whoever reads asks for its bytes one after the other.
    last: Mutex<Option<(usize, Arc<Vec<u8>>)>>,
}

impl Parts {
    pub(super) fn new(shared: Arc<Shared>, pool: Arc<Pool>, letter: i64, first: Option<Vec<u8>>) -> Self {
        Self {
            shared,
            pool,
            letter,
            last: Mutex::new(first.map(|part| (0, Arc::new(part)))),
        }
    }

    fn part(&self, number: usize) -> io::Result<Arc<Vec<u8>>> {
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((of, part)) = &*last
                && *of == number
            {
                return Ok(part.clone());
            }
        }
        let (pool, letter) = (self.pool.clone(), self.letter);
        let number_there = i32::try_from(number).map_err(io::Error::other)?;
        let part = self.shared.engine.run(async move {
            let lent = pool.lend().await?;
            one(&lent, letter, number_there).await
        })?;
        let part = Arc::new(part.unwrap_or_default());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, part.clone()));
        Ok(part)
    }
}

impl Source for Parts {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let part = self.part(at / PART)?;
        let rest = part.get(at % PART..).unwrap_or_default();
        let read = rest.len().min(into.len());
        into[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

pub(super) async fn one(line: &Line, letter: i64, number: i32) -> io::Result<Option<Vec<u8>>> {
    let rows = line.query(READ, &[&letter, &number]).await?;
    let body = rows.first().map(|row| row.try_get(0)).transpose();
    body.map_err(|error| fault::of(&error))
}

/// Reads a letter to its end: the SHA-256 of its mail, how long it is, and its first part when that is all of it.
pub(super) async fn digest(line: &Line, letter: i64) -> io::Result<([u8; 32], u64, Option<Vec<u8>>)> {
    let (mut digest, mut length, mut first) = (Sha256::new(), 0, None);
    for number in 0.. {
        let Some(body) = one(line, letter, number).await? else {
            break;
        };
        digest.update(&body);
        length += body.len() as u64;
        let is_whole = body.len() < PART;
        first = (number == 0).then_some(body);
        if is_whole {
            break;
        }
    }
    Ok((digest.finalize().into(), length, first))
}
