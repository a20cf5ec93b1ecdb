//! The database as one end of a move of all letters, as the owner of the schema.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio_postgres::Row;

use super::claims::LASTS;
use super::durability::{Durability, refused};
use super::engine::Engine;
use super::fault;
use super::inventory::{self, Wire};
use super::landing;
use super::line::{Line, PATIENCE};
use super::notes::SET;
use super::place;
use super::schema::{fingerprint, version, writer};
use super::settings::{Login, Settings};
use super::store::TAKEN;
use super::version::{VERSION, wrong};
use crate::store::files;
use crate::store::moving::transfer::{Contents, End, Key, Kind, Piece};

/// A service that has just ended leaves its connections a moment longer.
const GOODBYE: Duration = Duration::from_secs(3);

/// Standbys are asked for this often whether they have what was written.
const MOMENT: Duration = Duration::from_millis(20);

const ALONE: &str = "select pg_try_advisory_lock(7166282)";
const NODES: &str = "select name from konvolutt.node where seen > clock_timestamp() - make_interval(secs => $3)
    and not (name = $1 and place = $2) order by name";
const CLAIMS: &str = "select distinct node from konvolutt.letter
    where state = 'waiting' and until >= clock_timestamp() and node is distinct from $1 order by node";
const SESSIONS: &str = "select usename::text from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and usename::text = any($1) order by 1";
const ABOUT: &str = "select value from konvolutt.about where key = $1";
const SET_ABOUT: &str = "insert into konvolutt.about (key, value) values ($1, $2)
    on conflict (key) do update set value = $2";
const FORGET: &str = "delete from konvolutt.about where key = $1";
const NOTES: &str = "select name, value from konvolutt.note order by name";

/// Letters that a transaction is bringing at this moment come before this, or hear of the end.
const WAIT_FOR_OTHERS: &str = "lock table konvolutt.letter in share row exclusive mode";

/// The database, with nobody else at work on it.
pub struct Database {
    wire: Wire,
    settings: Settings,
    secret: String,
}

impl Database {
    /// Connects as the owner, also when it is closed for others.
    ///
    /// # Errors
    /// When somebody is at work there, it has the letters of another secret, or cannot be relied upon.
    pub fn open(settings: &Settings, owner: &Login) -> io::Result<Self> {
        let engine = Arc::new(Engine::default());
        let (of, login) = (settings.clone(), owner.clone());
        let (line, said) = engine.run(async move {
            let line = writer(&of, &login).await?;
            let found = version(&line).await?;
            if found != VERSION {
                return Err(refused(wrong(found)));
            }
            let said = line.durability(Some(0)).await?;
            Ok((line, said))
        })?;
        let database = Self {
            wire: Wire {
                engine,
                line: Arc::new(line),
                ahead: ahead(said.clock),
            },
            secret: fingerprint(&*files::secret(&settings.local.directory)?),
            settings: settings.clone(),
        };
        database.judge(said)?;
        database.must_be_idle()?;
        Ok(database)
    }

    /// Whether letters may be trusted to it. That it is closed is what a move makes it.
    fn judge(&self, said: Durability) -> io::Result<()> {
        let open = Durability {
            closed: String::new(),
            ..said
        };
        open.holds(self.settings.standbys, &self.secret).map_err(refused)
    }

    fn must_be_idle(&self) -> io::Result<()> {
        let alone = self.run(|line| async move { line.query(ALONE, &[]).await })?;
        if !alone.first().is_some_and(|row| row.get(0)) {
            return Err(busy(
                "letters are being moved by another command at this moment".to_owned(),
            ));
        }
        let begin = Instant::now();
        loop {
            match self.who_works()? {
                None => return Ok(()),
                Some(who) if begin.elapsed() > GOODBYE => {
                    return Err(busy(format!(
                        "{who}: end the services on every node, web side and relay, and then move the letters"
                    )));
                }
                Some(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// In words, if anybody does.
    fn who_works(&self) -> io::Result<Option<String>> {
        let Settings {
            web,
            relay,
            operator,
            node,
            ..
        } = self.settings.clone();
        let place = place::of(&self.settings.local.directory)?;
        let users = ["konvolutt_web", "konvolutt_relay", "konvolutt_operator"].map(str::to_owned);
        let users: Vec<String> = users
            .into_iter()
            .chain([web, relay, operator].map(|login| login.user))
            .collect();
        let own = node.clone();
        let (nodes, claims, sessions) = self.run(|line| async move {
            Ok((
                line.query(NODES, &[&own, &place, &LASTS]).await?,
                line.query(CLAIMS, &[&node]).await?,
                line.query(SESSIONS, &[&users]).await?,
            ))
        })?;
        let names = |rows: &[Row]| {
            let mut names: Vec<String> = rows.iter().filter_map(|row| row.get(0)).collect();
            names.dedup();
            names.join(", ")
        };
        Ok(if !nodes.is_empty() {
            Some(format!(
                "these nodes delivered within the last {LASTS} seconds: {}",
                names(&nodes)
            ))
        } else if !claims.is_empty() {
            Some(format!("letters are being delivered by: {}", names(&claims)))
        } else if !sessions.is_empty() {
            Some(format!(
                "these users are connected to the database: {}",
                names(&sessions)
            ))
        } else {
            None
        })
    }

    fn run<T, F>(&self, work: impl FnOnce(Arc<Line>) -> F) -> io::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = io::Result<T>> + Send + 'static,
    {
        self.wire.engine.run(work(self.wire.line.clone()))
    }

    /// Ends a transaction, and holds what it promised against what the server says.
    fn commit(&self) -> io::Result<()> {
        let mut said = self.run(|line| async move { line.promise_commit().await })??;
        let begin = Instant::now();
        loop {
            let (place, is_reached) = (said.place, said.is_reached(self.settings.standbys));
            self.judge(said)?;
            if is_reached {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                return Err(fault::silence(PATIENCE.as_secs()));
            }
            std::thread::sleep(MOMENT);
            said = self.run(move |line| async move { line.durability(Some(place)).await })?;
        }
    }

    fn about(&self, key: &'static str) -> io::Result<Option<String>> {
        let rows = self.run(|line| async move { line.query(ABOUT, &[&key]).await })?;
        let value = rows.first().map(|row| row.try_get(0)).transpose();
        value.map_err(|error| fault::of(&error))
    }

    fn set_about(&self, key: &'static str, value: Option<&str>) -> io::Result<()> {
        let value = value.map(str::to_owned);
        self.run(|line| async move {
            line.simple("begin").await?;
            match &value {
                Some(value) => line.execute(SET_ABOUT, &[&key, value]).await?,
                None => line.execute(FORGET, &[&key]).await?,
            };
            line.simple(WAIT_FOR_OTHERS).await
        })?;
        self.commit()
    }
}

/// Answers take a moment on their way, and clocks that differ by less show the same time.
fn ahead(clock: f64) -> i64 {
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ahead = clock - ours.as_secs_f64();
    if ahead.abs() < 2.0 { 0 } else { ahead.round() as i64 }
}

fn busy(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, why)
}

impl End for Database {
    fn kind(&self) -> Kind {
        Kind::Postgres
    }

    fn closed(&self) -> io::Result<Option<String>> {
        self.about("closed")
    }

    fn close(&self, words: Option<&str>) -> io::Result<()> {
        self.set_about("closed", words)
    }

    fn came_by(&self) -> io::Result<Option<String>> {
        self.about("came-by")
    }

    fn set_came_by(&self, id: &str) -> io::Result<()> {
        self.set_about("came-by", Some(id))
    }

    fn list(&self) -> io::Result<Contents> {
        inventory::list(&self.wire)
    }

    fn piece(&self, key: &Key) -> io::Result<Option<Piece>> {
        inventory::piece(&self.wire, key)
    }

    fn put(&self, piece: &Piece) -> io::Result<()> {
        landing::write(&self.wire, piece)?;
        self.commit()
    }

    fn clear(&self) -> io::Result<()> {
        self.run(|line| async move { line.simple("begin; truncate konvolutt.letter, konvolutt.part").await })?;
        self.commit()
    }

    fn room(&self) -> io::Result<u64> {
        let rows = self.run(|line| async move { line.query(TAKEN, &[]).await })?;
        let taken: i64 = rows.first().map_or(0, |row| row.get(0));
        Ok(self
            .settings
            .most_bytes
            .saturating_sub(u64::try_from(taken).unwrap_or(0)))
    }

    fn notes(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let rows = self.run(|line| async move { line.query(NOTES, &[]).await })?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (name, bytes) = (name.to_owned(), bytes.to_owned());
        self.run(|line| async move { line.execute(SET, &[&name, &bytes]).await.map(drop) })
    }
}
