//! Letters that a command or a bounce puts from one state into another: one statement each, which finds the letter as it was
//! seen, or does nothing.

use std::io;
use std::sync::Arc;

use tokio_postgres::Row;

use super::deliveries::deliverer;
use super::fault;
use super::line::Value;
use super::pool::{Lent, Pool};
use super::row::{COLUMNS, ROW_NUMBER, listed, text_of};
use super::status;
use super::store::Shared;
use crate::store::{Bounced, Deliverer, Listed, ShelfError, State, Status};

/// What came between a look and its move is looked at again, so often.
const TURNS: usize = 5;

const SEEN: &str =
    "select case when not konvolutt.is_over(until) then process end, since, node, id, state, kept, status
    from konvolutt.letter where name = $1 and named";
const MOVE: &str = "update konvolutt.letter set state = $4, status = $5, changed = pg_current_xact_id(),
        put = case when $4 = 'waiting' then null else extract(epoch from date_trunc('minute', clock_timestamp()))::bigint end,
        aside = case when $6 then pg_current_xact_id() else aside end
    where id = $1 and state = $2 and status is not distinct from $3 and (owner is null or konvolutt.is_over(until))";

/// A letter as a move finds it.
pub(super) struct Found {
    letter: i64,
    /// Where it is.
    pub(super) state: State,
    /// Whether its bytes are there.
    pub(super) kept: bool,
    text: Option<String>,
    /// What was tried.
    pub(super) status: Status,
}

/// Where a move leads.
pub(super) struct To {
    /// The new state.
    pub(super) state: State,
    /// What stands there of attempts.
    pub(super) status: Status,
}

/// Looks at a letter and moves it as `decide` says, or gives what it says instead.
pub(super) fn change<T: Send + 'static>(
    shared: &Arc<Shared>,
    pool: &Arc<Pool>,
    name: &str,
    decide: impl Fn(Option<Found>) -> Result<(Option<(i64, Option<String>, State, To)>, T), ShelfError> + Send + 'static,
) -> Result<T, ShelfError> {
    let (pool, name) = (pool.clone(), name.to_owned());
    shared.engine.run(async move {
        let lent = pool.lend().await?;
        for _ in 0..TURNS {
            let found = match found(&lent, &name, pool.ahead()).await? {
                Ok(found) => found,
                Err(by) => return Ok(Err(ShelfError::Busy(Some(by)))),
            };
            let (letter, before, from, to, told) = match decide(found) {
                Err(error) => return Ok(Err(error)),
                Ok((None, told)) => return Ok(Ok(told)),
                Ok((Some((letter, before, from, to)), told)) => (letter, before, from, to, told),
            };
            let text = status::text(&to.status, pool.ahead())?;
            let aside = [from, to.state].contains(&State::Held);
            let (from, to) = (text_of(from), text_of(to.state));
            let values: [Value<'_>; 6] = [&letter, &from, &before, &to, &text, &aside];
            if lent.execute(MOVE, &values).await? > 0 {
                return Ok(Ok(told));
            }
        }
        Err(io::Error::other("the letter is moved by others again and again"))
    })?
}

impl Found {
    /// The move of this letter there, and nothing else to tell.
    pub(super) fn to(self, state: State, status: Status) -> Option<(i64, Option<String>, State, To)> {
        Some((self.letter, self.text, self.state, To { state, status }))
    }
}

async fn found(lent: &Lent, name: &str, ahead: i64) -> io::Result<Result<Option<Found>, Deliverer>> {
    let rows = lent.query(SEEN, &[&name]).await?;
    let Some(row) = rows.first() else {
        return Ok(Ok(None));
    };
    let read = |row: &Row| -> Result<_, tokio_postgres::Error> {
        let (state, text): (String, Option<String>) = (row.try_get(4)?, row.try_get(6)?);
        Ok((deliverer(row)?, row.try_get(3)?, state, row.try_get(5)?, text))
    };
    let (by, letter, state, kept, text) = read(row).map_err(|error| fault::of(&error))?;
    if let Some(by) = by {
        return Ok(Err(by));
    }
    let all = [State::Waiting, State::Held, State::Delivered, State::Corrupt];
    let state = all.into_iter().find(|one| text_of(*one) == state);
    Ok(Ok(Some(Found {
        letter,
        state: state.unwrap_or(State::Discarded),
        kept,
        status: status::of(text.as_deref(), ahead)?,
        text,
    })))
}

/// A letter that came back.
pub(super) fn bounce(shared: &Arc<Shared>, name: &str, words: &str) -> Result<Bounced, ShelfError> {
    let (words, pool) = (words.to_owned(), shared.relay.clone());
    let bounced = change(shared, &pool, name, move |found| {
        let Some(found) = found else {
            return Err(ShelfError::Gone);
        };
        match (found.state, found.kept) {
            (State::Delivered, true) => {
                let status = Status {
                    // Of one that was taken at once nothing was written down.
                    attempts: found.status.attempts.max(1),
                    last_error: words.clone(),
                    due: 0,
                    ..found.status.clone()
                };
                Ok((found.to(State::Held, status), Bounced::Held))
            }
            (State::Delivered, false) => Ok((None, Bounced::NotKept)),
            (state, _) => Ok((None, Bounced::Already(state))),
        }
    });
    match bounced {
        Err(ShelfError::Gone) if shown(shared, &shared.relay, name, Some(State::Corrupt))?.is_some() => {
            Ok(Bounced::Already(State::Corrupt))
        }
        bounced => bounced,
    }
}

/// One letter of this name, or the one in this state: the corrupt one first, a record last.
pub(super) fn shown(
    shared: &Arc<Shared>,
    pool: &Arc<Pool>,
    name: &str,
    state: Option<State>,
) -> io::Result<Option<Listed>> {
    Ok(shown_row(shared, pool, name, state)?.map(|(_, listed)| listed))
}

/// The same, with the number of its row: a name may have several that are corrupt.
pub(super) fn shown_row(
    shared: &Arc<Shared>,
    pool: &Arc<Pool>,
    name: &str,
    state: Option<State>,
) -> io::Result<Option<(i64, Listed)>> {
    let (pool, name) = (pool.clone(), name.to_owned());
    shared.engine.run(async move {
        let lent = pool.lend().await?;
        let state = state.map(text_of);
        let rows = lent.query(show(), &[&name, &state]).await?;
        let ahead = pool.ahead();
        let read = |row: &Row| Ok((row.try_get(ROW_NUMBER)?, listed(row, ahead)?));
        let shown: Result<Option<(i64, Listed)>, tokio_postgres::Error> = rows.first().map(read).transpose();
        shown.map_err(|error| fault::of(&error))
    })
}

fn show() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| {
        format!(
            "select {COLUMNS} from konvolutt.letter where name = $1 and ($2::text is null or state = $2 and (kept or not named or state = 'discarded'))
             order by case when state = 'corrupt' then 0 when named then 1 else 2 end, id desc limit 1"
        )
    })
}
