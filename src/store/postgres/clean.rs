//! What is done now and then: letters whose days are over, and letters whose bytes are not where they were put.

use std::io;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use super::pool::Lent;
use super::store::Shared;
use crate::store::{Discarded, Status};
use crate::unix_time::seconds;

const DAY: u64 = 86_400;
/// A page that is sent again within this time is known, however short delivered letters are kept.
const NAME_STAYS: u64 = 7 * DAY;
/// For as long as somebody may ask what became of a letter.
const RECORD_STAYS: u64 = 366 * DAY;

/// Each statement takes so many, so that none lasts too long: letters of 35 MB have 135 parts. What is looked for is looked at
/// again when it is written: an operator may just have put a letter back.
const EMPTY: &str = "with old as (
        select id from konvolutt.letter where named and kept and state = 'delivered' and put < $1
        limit 25 for update skip locked
    ), emptied as (
        update konvolutt.letter set kept = false from old
        where letter.id = old.id and kept and state = 'delivered' and put < $1 returning letter.id
    ), gone as (
        delete from konvolutt.part using emptied where part.letter = emptied.id
    ) select count(*) from emptied";
const FORGET: &str = "with old as (
        select id from konvolutt.letter where named and not kept and state = 'delivered' and put < $1
        limit 1000 for update skip locked
    ), gone as (
        delete from konvolutt.letter using old
        where letter.id = old.id and not kept and state = 'delivered' and put < $1 returning 1
    ) select count(*) from gone";
const UNNAME: &str = "with old as (
        select id from konvolutt.letter where named and state = 'discarded' and put < $1
        limit 1000 for update skip locked
    ), freed as (
        update konvolutt.letter set named = false from old
        where letter.id = old.id and state = 'discarded' and put < $1 returning 1
    ) select count(*) from freed";
const FORGET_RECORD: &str = "with old as (
        select id from konvolutt.letter where not named and state = 'discarded' and put < $1
        limit 1000 for update skip locked
    ), gone as (
        delete from konvolutt.letter using old
        where letter.id = old.id and state = 'discarded' and put < $1 returning 1
    ) select count(*) from gone";
/// Bytes of no letter: what the web side could leave there.
const STRAY: &str = "with stray as (
        select letter, n from konvolutt.part
        where not exists (select 1 from konvolutt.letter where letter.id = part.letter) limit 100
    ), gone as (
        delete from konvolutt.part using stray where part.letter = stray.letter and part.n = stray.n returning 1
    ) select count(*) from gone where $1::bigint is not null";

const LOST: &str = "select id, name, state, mailbox from konvolutt.letter
    where named and kept and state in ('waiting', 'held', 'delivered') and (owner is null or konvolutt.is_over(until))
        and not exists (select 1 from konvolutt.part where part.letter = letter.id)";
const MISSED: &str = "update konvolutt.letter set state = 'discarded', kept = false, record = $2,
        put = extract(epoch from date_trunc('minute', clock_timestamp()))::bigint,
        changed = pg_current_xact_id(), aside = pg_current_xact_id()
    where id = $1 and state = 'held'";
const SPOILT: &str = "update konvolutt.letter set state = 'corrupt', named = false, status = $2,
        changed = pg_current_xact_id(), aside = pg_current_xact_id()
    where id = $1 and state = 'waiting' and (owner is null or konvolutt.is_over(until))";

/// Removes delivered letters once they are old enough, and later the names that they kept taken.
pub(super) fn clean(shared: &Arc<Shared>, now: SystemTime) -> io::Result<()> {
    let keep = u64::from(shared.settings.local.keep_delivered_days) * DAY;
    let pool = shared.relay.clone();
    shared.engine.run(async move {
        let lent = pool.lend().await?;
        // What left the queue did so by the database's clock.
        let now = seconds(now).saturating_add_signed(pool.ahead());
        let named = keep.max(NAME_STAYS);
        for (statement, age) in [
            (EMPTY, keep),
            (FORGET, named),
            (UNNAME, named),
            (FORGET_RECORD, RECORD_STAYS),
            (STRAY, 0),
        ] {
            let before = i64::try_from(now.saturating_sub(age)).map_err(io::Error::other)?;
            all(&lent, statement, before).await?;
        }
        Ok(())
    })
}

async fn all(lent: &Lent, statement: &'static str, before: i64) -> io::Result<()> {
    loop {
        let rows = lent.query(statement, &[&before]).await?;
        if rows.first().is_none_or(|row| row.get::<_, i64>(0) == 0) {
            return Ok(());
        }
    }
}

/// A letter whose rows of bytes were removed by hand: a waiting one is corrupt, a held one leaves a record, and of a
/// delivered one it is told.
pub(super) fn look_for_missing(shared: &Arc<Shared>) -> io::Result<()> {
    let own = shared.clone();
    shared.engine.run(async move {
        let lent = own.relay.lend().await?;
        for row in lent.query(LOST, &[]).await? {
            let (letter, name): (i64, String) = (row.get(0), row.get(1));
            let (state, mailbox): (String, String) = (row.get(2), row.get(3));
            let reference = own.reference_of(&name);
            match state.as_str() {
                "held" => {
                    tracing::warn!(%reference, name, "a held letter was removed by hand; it is not sent");
                    let record = record(reference, mailbox, "removed from the spool by hand", false)?;
                    lent.execute(MISSED, &[&letter, &record]).await?;
                }
                "waiting" => {
                    tracing::error!(%reference, name, "the bytes of a letter are gone; it is kept as corrupt and not sent");
                    let status = Status {
                        last_error: "the letter is cut short".to_owned(),
                        ..Status::default()
                    };
                    let status = serde_json::to_string(&status).map_err(io::Error::other)?;
                    lent.execute(SPOILT, &[&letter, &status]).await?;
                }
                _ => {
                    let mut told = own.told_removed.lock().unwrap_or_else(PoisonError::into_inner);
                    if told.insert(name.clone()) {
                        tracing::warn!(%reference, name, "the kept copy of a delivered letter was removed by hand");
                    }
                }
            }
        }
        Ok(())
    })
}

/// What is kept of a letter that is gone. To the day: when somebody decided about it is nobody's business to the minute.
pub(super) fn record(reference: String, mailbox: String, why: &str, corrupt: bool) -> io::Result<String> {
    let record = Discarded {
        reference,
        mailbox,
        day: seconds(SystemTime::now()) / DAY * DAY,
        why: why.to_owned(),
        corrupt,
    };
    serde_json::to_string(&record).map_err(io::Error::other)
}
