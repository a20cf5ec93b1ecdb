//! The operator's role.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::body::{self, Parts};
use super::clean::record;
use super::deliveries::{Claimed, sound};
use super::fault;
use super::moves::{self, change};
use super::row::{COLUMNS, listed, text_of};
use super::store::PostgresStore;
use crate::store::{Letter, Listed, Shelf, ShelfError, State, Status};

const DELIVERED: &str = "select name, put from konvolutt.letter where named and state = 'delivered'";
const LETTER: &str = "select id, name, length, digest, envelope, status from konvolutt.letter
    where name = $1 and named and kept and state in ('held', 'delivered', 'waiting')";
const DISCARD: &str = "with gone as (
        update konvolutt.letter set state = 'discarded', kept = false, record = $3, changed = pg_current_xact_id(),
            put = extract(epoch from date_trunc('minute', clock_timestamp()))::bigint, aside = pg_current_xact_id()
        where id = $1 and state = $2
        returning id
    ), parts as (
        delete from konvolutt.part using gone where part.letter = gone.id
    ) select count(*) from gone";

fn list() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        format!(
            "select {COLUMNS} from konvolutt.letter one where (kept and state <> 'discarded')
                or (state = 'discarded' and not exists (
                    select 1 from konvolutt.letter other where other.name = one.name and other.id <> one.id
                        and (other.state <> 'discarded' or other.id > one.id)))"
        )
    })
}

impl Shelf for PostgresStore {
    fn list(&self) -> io::Result<Vec<Listed>> {
        let pool = self.shared.operator.clone();
        let mut all: Vec<Listed> = self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(list(), &[]).await?;
            let ahead = pool.ahead();
            let all: Result<_, _> = rows.iter().map(|row| listed(row, ahead)).collect();
            all.map_err(|error| fault::of(&error))
        })?;
        let place = |letter: &Listed| (letter.accepted, letter.name.clone(), letter.state == State::Corrupt);
        all.sort_by_cached_key(place);
        Ok(all)
    }

    fn show(&self, name: &str) -> io::Result<Option<Listed>> {
        moves::shown(&self.shared, &self.shared.operator, name, None)
    }

    fn letter(&self, name: &str) -> io::Result<Option<Letter>> {
        let (pool, name) = (self.shared.operator.clone(), name.to_owned());
        let found = self.shared.engine.run(async move {
            let lent = pool.lend().await?;
            let rows = lent.query(LETTER, &[&name]).await?;
            let row = rows.first().map(Claimed::of).transpose();
            let Some(row) = row.map_err(|error| fault::of(&error))? else {
                return Ok(None);
            };
            let read = body::digest(&lent, row.letter).await?;
            Ok(Some((row, read)))
        })?;
        Ok(found.and_then(|(row, (mail, length, first))| {
            let envelope = sound(&row, &mail, length).ok()?;
            let pool = self.shared.operator.clone();
            let parts = Parts::new(self.shared.clone(), pool, row.letter, first);
            Some(Letter::new(envelope, Arc::new(parts), row.length, mail))
        }))
    }

    fn delivered(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let pool = self.shared.operator.clone();
        self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(DELIVERED, &[]).await?;
            let of = |row: &tokio_postgres::Row| {
                let put: Option<i64> = row.get(1);
                let put = put.and_then(|put| u64::try_from(put).ok()).unwrap_or(0);
                (row.get(0), UNIX_EPOCH + Duration::from_secs(put))
            };
            Ok(rows.iter().map(of).collect())
        })
    }

    fn hold(&self, name: &str) -> Result<(), ShelfError> {
        change(&self.shared, &self.shared.operator, name, |found| match found {
            Some(found) if found.state == State::Waiting => {
                let status = found.status.clone();
                Ok((found.to(State::Held, status), ()))
            }
            _ => Err(ShelfError::Gone),
        })
    }

    fn release(&self, name: &str) -> Result<(), ShelfError> {
        change(&self.shared, &self.shared.operator, name, |found| match found {
            Some(found) if found.kept && matches!(found.state, State::Held | State::Delivered) => {
                let status = found.status.clone().untried();
                Ok((found.to(State::Waiting, status), ()))
            }
            _ => Err(ShelfError::Gone),
        })
    }

    fn retry(&self, name: &str) -> Result<(), ShelfError> {
        change(&self.shared, &self.shared.operator, name, |found| match found {
            Some(found) if found.state == State::Waiting => {
                let status = found.status.clone().untried();
                Ok((found.to(State::Waiting, status), ()))
            }
            _ => Err(ShelfError::Gone),
        })
    }

    fn readdress(&self, name: &str, mailbox: &str) -> Result<(), ShelfError> {
        let mailbox = mailbox.to_owned();
        change(&self.shared, &self.shared.operator, name, move |found| match found {
            Some(found) if found.kept && !matches!(found.state, State::Corrupt | State::Discarded) => {
                let status = Status {
                    mailbox: Some(mailbox.clone()),
                    ..Status::default()
                };
                Ok((found.to(State::Waiting, status), ()))
            }
            _ => Err(ShelfError::Gone),
        })
    }

    fn discard(&self, name: &str, state: State, why: &str) -> Result<(), ShelfError> {
        if state == State::Held || state == State::Waiting {
            // Only to hear whether somebody delivers it.
            change(&self.shared, &self.shared.operator, name, |_| Ok((None, ())))?;
        }
        if !matches!(state, State::Held | State::Corrupt) {
            return Err(ShelfError::Gone);
        }
        let seen = moves::shown_row(&self.shared, &self.shared.operator, name, Some(state))?;
        let (letter, seen) = seen.ok_or(ShelfError::Gone)?;
        let record = record(seen.reference, seen.mailbox, why, state == State::Corrupt)?;
        let pool = self.shared.operator.clone();
        let gone: i64 = self.shared.engine.run(async move {
            let lent = pool.lend().await?;
            let rows = lent.query(DISCARD, &[&letter, &text_of(state), &record]).await?;
            Ok(rows.first().map_or(0, |row| row.get(0)))
        })?;
        if gone == 0 { Err(ShelfError::Gone) } else { Ok(()) }
    }
}
