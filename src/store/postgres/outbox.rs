//! The relay's role.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::FlockOperation;
use rustix::io::Errno;
use tokio_postgres::Row;

use super::changes;
use super::clean;
use super::fault;
use super::moves;
use super::row::text_of;
use super::status;
use super::store::{PostgresStore, Shared};
use crate::store::{
    Backlog, Bounced, Changes, Claim, ClaimError, Lease, LeaseError, Listed, Measure, Outbox, ShelfError, Space, State,
    Status, Waiting,
};
use konvolutt_letter::Reference;

const WAITING: &str = "select name, status, came from konvolutt.letter where state = 'waiting' order by came, id";
const LOOK_AT: &str = "select name, status, came from konvolutt.letter where state = 'waiting' and name = any($1)";
const THERE: &str = "select name from konvolutt.letter where name = any($1)";
const NAMES: &str = "select name from konvolutt.letter one where state = $1 and (kept or state = 'discarded')
    and (state <> 'discarded' or not exists (
        select 1 from konvolutt.letter other where other.name = one.name and other.id <> one.id
        and (other.state <> 'discarded' or other.id > one.id))) order by came, id";
const BACKLOG: &str = "select count(*), min(came) from konvolutt.letter where state = 'waiting'";
/// Of a store without letters it is now: nothing happened long ago.
const LAST: &str =
    "select coalesce(max(greatest(came, coalesce(put, 0))), extract(epoch from clock_timestamp())::bigint)
    from konvolutt.letter";

impl Outbox for PostgresStore {
    /// One process of a node at a time, by a lock on this machine. Any number of nodes deliver at once.
    fn lease(&self) -> Result<Lease, LeaseError> {
        let path = self.shared.settings.local.directory.join("relay.lock");
        let file = std::fs::File::create(path)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(LeaseError::Taken),
            locked => locked.map_err(io::Error::from)?,
        }
        match self.shared.enter() {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error.into()),
            // A database that is away does not keep the relay from starting; what was claimed before ends by itself.
            Err(error) => tracing::error!(%error, "the database could not be told that this node delivers"),
            Ok(()) => {}
        }
        self.shared.keep_renewing()?;
        Ok(Lease::new(file))
    }

    fn leads(&self) -> io::Result<bool> {
        self.shared.leads()
    }

    fn changes(&self) -> Changes {
        changes::of(&self.shared)
    }

    fn waiting(&self) -> io::Result<Vec<(String, Waiting)>> {
        self.shared.look(|lent| async move { lent.query(WAITING, &[]).await })
    }

    fn look_at(&self, names: &BTreeSet<String>) -> Vec<(String, Option<Waiting>)> {
        let asked: Vec<String> = names.iter().cloned().collect();
        let found = self
            .shared
            .look(|lent| async move { lent.query(LOOK_AT, &[&asked]).await });
        let Ok(found) = found else {
            // What cannot be looked at is tried, and says then what is wrong.
            let unknown = Waiting {
                status: Status::default(),
                since: 0,
            };
            return names.iter().map(|name| (name.clone(), Some(unknown.clone()))).collect();
        };
        let mut found: std::collections::HashMap<_, _> = found.into_iter().collect();
        names.iter().map(|name| (name.clone(), found.remove(name))).collect()
    }

    fn claim(&self, name: &str) -> Result<Claim, ClaimError> {
        self.shared.claim(name)
    }

    fn defer(&self, name: &str, status: &Status) -> io::Result<()> {
        self.shared.defer(name, status)
    }

    fn bounce_id(&self, name: &str) -> Option<String> {
        Some(self.shared.identities.of_name(name)?.bounce)
    }

    fn bounce(&self, name: &str, words: &str) -> Result<Bounced, ShelfError> {
        moves::bounce(&self.shared, name, words)
    }

    fn removed(&self, names: &BTreeSet<String>) -> Vec<(String, String)> {
        let asked: Vec<String> = names.iter().cloned().collect();
        let pool = self.shared.relay.clone();
        let there = self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(THERE, &[&asked]).await?;
            Ok(rows.iter().map(|row| row.get(0)).collect::<HashSet<String>>())
        });
        // What cannot be asked for is not said to be gone.
        let Ok(there) = there else { return Vec::new() };
        let removed = names.iter().filter(|name| !there.contains(*name));
        removed
            .map(|name| (name.clone(), self.shared.reference_of(name)))
            .collect()
    }

    fn known(&self, name: &str, state: Option<State>) -> Option<Listed> {
        moves::shown(&self.shared, &self.shared.relay, name, state)
            .ok()
            .flatten()
    }

    fn names(&self, state: State) -> io::Result<Vec<String>> {
        let pool = self.shared.relay.clone();
        self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(NAMES, &[&text_of(state)]).await?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })
    }

    /// Only letters come into the table.
    fn quarantine(&self) -> io::Result<()> {
        Ok(())
    }

    fn look_for_missing(&self) -> io::Result<()> {
        clean::look_for_missing(&self.shared)
    }

    fn clean(&self, now: SystemTime) -> io::Result<()> {
        clean::clean(&self.shared, now)
    }

    fn backlog(&self) -> io::Result<Backlog> {
        let pool = self.shared.relay.clone();
        let (letters, oldest): (i64, Option<i64>) = self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(BACKLOG, &[]).await?;
            let row = rows
                .first()
                .ok_or_else(|| io::Error::other("the database counts nothing"))?;
            let oldest: Option<i64> = row.get(1);
            Ok((row.get(0), oldest.map(|came| came.saturating_sub(pool.ahead()))))
        })?;
        Ok(Backlog {
            letters: u64::try_from(letters).unwrap_or(0),
            oldest: oldest.map(moment),
        })
    }

    fn space(&self) -> io::Result<Space> {
        self.shared.space(&self.shared.relay)
    }

    fn unproven(&self) -> Option<String> {
        let (said, _) = self.shared.relay.last_word();
        said.and_then(|(_, said)| said.err())
    }

    fn measures(&self) -> Vec<(Measure, u64)> {
        let health = self.health();
        let mut all = vec![(Measure::Connections, health.connections as u64)];
        all.extend(health.bytes.map(|bytes| (Measure::Bytes, bytes)));
        if let Ok(said) = health.said {
            let whole = |number: i64| u64::try_from(number).unwrap_or(0);
            all.push((Measure::Standbys, whole(said.standbys)));
            all.push((Measure::LagSeconds, said.lag.max(0.0).ceil() as u64));
        }
        all
    }

    fn last_change(&self) -> io::Result<SystemTime> {
        let pool = self.shared.relay.clone();
        self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(LAST, &[]).await?;
            Ok(rows.first().map_or(UNIX_EPOCH, |row| {
                moment(row.get::<_, i64>(0).saturating_sub(pool.ahead()))
            }))
        })
    }
}

fn moment(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn waiting(row: &Row, ahead: i64) -> Result<(String, Waiting), tokio_postgres::Error> {
    let (status, came): (Option<String>, i64) = (row.try_get(1)?, row.try_get(2)?);
    let waiting = Waiting {
        // What cannot be read is claimed at once, and that says then what is wrong.
        status: status::of(status.as_deref(), ahead).unwrap_or_default(),
        since: u64::try_from(came.saturating_sub(ahead)).unwrap_or(0),
    };
    Ok((row.try_get(0)?, waiting))
}

impl Shared {
    /// Letters that wait, by whichever question.
    fn look<F>(&self, ask: impl FnOnce(super::pool::Lent) -> F + Send + 'static) -> io::Result<Vec<(String, Waiting)>>
    where
        F: Future<Output = io::Result<Vec<Row>>> + Send + 'static,
    {
        let pool = self.relay.clone();
        self.engine.run(async move {
            let rows = ask(pool.lend().await?).await?;
            let ahead = pool.ahead();
            let found: Result<_, _> = rows.iter().map(|row| waiting(row, ahead)).collect();
            found.map_err(|error| fault::of(&error))
        })
    }

    /// The number for people of a letter that is not there any more: it follows from the name.
    pub(super) fn reference_of(&self, name: &str) -> String {
        let identity = self.identities.of_name(name);
        identity.map_or_else(String::new, |identity| {
            Reference::from_random(&identity.reference).to_string()
        })
    }
}
