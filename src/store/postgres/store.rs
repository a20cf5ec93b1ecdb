//! The parts of a store in a database, put together.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::claims::Claims;
use super::durability::Durability;
use super::engine::Engine;
use super::fault;
use super::place;
use super::pool::{MOST, Pool};
use super::schema::fingerprint;
use super::settings::Settings;
use super::tls;
use crate::store::budget::Budgets;
use crate::store::{Identities, Space, StoreError, files};

/// What the letters take is asked for this often.
const COUNTED: Duration = Duration::from_secs(5);

/// Both what waits and what is kept: every page asks for it.
pub(super) const TAKEN: &str = "select coalesce(sum(size), 0)::bigint from konvolutt.letter where kept";
const WAITING: &str = "select name, mailbox, size from konvolutt.letter where state = 'waiting' and named";

/// A store in a database. Opened, it speaks with nobody yet.
pub struct PostgresStore {
    pub(super) shared: Arc<Shared>,
    /// As whom notes are read and written.
    pub(super) notes: Arc<Pool>,
}

/// One of the three users of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The web side.
    Web,
    /// The relay.
    Relay,
    /// The operator's commands.
    Operator,
}

/// What all roles and their claims have in common.
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) settings: Settings,
    pub(super) identities: Identities,
    pub(super) web: Arc<Pool>,
    pub(super) relay: Arc<Pool>,
    /// Claims are renewed also while everything else waits for the database.
    pub(super) renewals: Arc<Pool>,
    pub(super) operator: Arc<Pool>,
    pub(super) budgets: Budgets,
    pub(super) claims: Claims,
    /// Names of delivered letters whose kept copy was found removed: told once.
    pub(super) told_removed: Mutex<HashSet<String>>,
    /// Opened before a sandbox shut it.
    directory: File,
    taken: Mutex<Option<(Instant, u64)>>,
}

/// The last word of a database about itself.
#[derive(Debug, Clone)]
pub struct Health {
    /// What it said, or why it cannot be relied upon.
    pub said: Result<Durability, String>,
    /// Open connections.
    pub connections: usize,
    /// Bytes that letters take, as they were counted last.
    pub bytes: Option<u64>,
}

impl PostgresStore {
    /// Opens what of the store is on this machine. The database is not asked: a service starts although it is away, and says so.
    ///
    /// # Errors
    /// When the spool's directory or its secret cannot be read or made.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        tls::prepare(settings);
        let directory = &settings.local.directory;
        files::make_directories(directory)?;
        let secret = files::secret(directory)?;
        let mark = fingerprint(&secret);
        let timeline = Arc::default();
        let pool = |login, most| Pool::new(settings, login, &mark, &timeline, most);
        let shared = Arc::new(Shared {
            engine: Engine::default(),
            identities: Identities::new(secret),
            web: pool(&settings.web, MOST),
            relay: pool(&settings.relay, MOST),
            renewals: pool(&settings.relay, 1),
            operator: pool(&settings.operator, MOST),
            budgets: Budgets::new(settings.local.min_free, settings.local.min_free_inodes),
            claims: Claims::new(&settings.node, place::of(directory)?),
            told_removed: Mutex::default(),
            directory: File::open(directory)?,
            taken: Mutex::default(),
            settings: settings.clone(),
        });
        let notes = shared.relay.clone();
        Ok(Self { shared, notes })
    }

    /// The same, where another user than the relay's reads and writes notes: a process has the password of one.
    #[must_use]
    pub fn with_notes_as(self, who: Who) -> Self {
        let notes = match who {
            Who::Web => &self.shared.web,
            Who::Relay => &self.shared.relay,
            Who::Operator => &self.shared.operator,
        };
        Self {
            notes: notes.clone(),
            ..self
        }
    }

    /// The last word of the database, as whoever asked it last heard it. Asks nobody.
    pub fn health(&self) -> Health {
        let pools = [
            &self.shared.web,
            &self.shared.relay,
            &self.shared.renewals,
            &self.shared.operator,
        ];
        let words = pools.map(|pool| pool.last_word());
        let connections = words.iter().map(|(_, connections)| connections).sum();
        let used = words.into_iter().filter_map(|(said, _)| said);
        let newest = used.max_by_key(|(when, _)| *when);
        Health {
            said: newest.map_or_else(|| Err("it was not asked yet".to_owned()), |(_, said)| said),
            connections,
            bytes: self.shared.last_taken().map(|(_, bytes)| bytes),
        }
    }

    /// Asks the database now, as the operator.
    ///
    /// # Errors
    /// Why it cannot be relied upon.
    pub fn ask(&self) -> io::Result<Durability> {
        let pool = self.shared.operator.clone();
        self.shared
            .engine
            .run(async move { pool.lend().await?.durability(Some(0)).await })
    }
}

impl Shared {
    /// Room on this machine for drafts, and in the database for letters: the lesser of the two.
    pub(super) fn space(&self, pool: &Arc<Pool>) -> io::Result<Space> {
        let stat = rustix::fs::fstatvfs(&self.directory)?;
        let here = stat.f_bavail.saturating_mul(stat.f_frsize);
        let there = self.settings.most_bytes.saturating_sub(self.taken(pool)?);
        Ok(Space {
            bytes: here.min(there),
            inodes: (stat.f_files > 0).then_some(stat.f_favail),
        })
    }

    fn last_taken(&self) -> Option<(Instant, u64)> {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taken(&self, pool: &Arc<Pool>) -> io::Result<u64> {
        if let Some((when, bytes)) = self.last_taken()
            && when.elapsed() < COUNTED
        {
            return Ok(bytes);
        }
        let pool = pool.clone();
        let bytes: i64 = self.engine.run(async move {
            let rows = pool.lend().await?.query(TAKEN, &[]).await?;
            let row = rows
                .first()
                .ok_or_else(|| io::Error::other("the database counts nothing"))?;
            row.try_get(0).map_err(|error| fault::of(&error))
        })?;
        let bytes = u64::try_from(bytes).unwrap_or(0);
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), bytes));
        Ok(bytes)
    }

    /// Counts what waits by now, on whatever node it came, and gives those of these names that wait no more.
    pub(super) fn recount(&self, names: Vec<String>) -> Result<Vec<String>, StoreError> {
        let pool = self.web.clone();
        let waiting = self.engine.run(async move {
            let rows = pool.lend().await?.query(WAITING, &[]).await?;
            let of = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            let read: Result<Vec<(String, String, i64)>, tokio_postgres::Error> = rows.iter().map(of).collect();
            read.map_err(|error| fault::of(&error))
        });
        let waiting = waiting.map_err(|error| StoreError::Unproven(error.to_string()))?;
        let still: HashSet<&String> = waiting.iter().map(|(name, _, _)| name).collect();
        let left = names.into_iter().filter(|name| !still.contains(name)).collect();
        for (name, mailbox, size) in &waiting {
            self.budgets
                .count(name.clone(), mailbox, u64::try_from(*size).unwrap_or(0));
        }
        Ok(left)
    }
}
