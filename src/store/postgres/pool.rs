//! A handful of connections as one user, all to the server that takes writes.

use std::io;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::durability::{Durability, refused};
use super::fault;
use super::line::{Line, PATIENCE};
use super::settings::{Host, Login, Settings};

/// Connections at once. Each is a process of the server.
const MOST: usize = 8;
/// After a failure everybody is told the same for so long, without another attempt.
const PAUSE: Duration = Duration::from_secs(1);
/// A server's word about itself counts for so long where nothing is promised.
const FRESH: Duration = Duration::from_secs(2);
/// Clocks that differ by fewer seconds show the same time.
const SAME: f64 = 2.0;

/// The connections of one user.
pub(super) struct Pool {
    settings: Settings,
    login: Login,
    secret: String,
    places: Arc<Semaphore>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    idle: Vec<Line>,
    /// What the last attempt met, and when.
    failure: Option<(Instant, io::ErrorKind, String)>,
    /// What the server said of itself last, and when.
    said: Option<(Instant, Durability)>,
    /// Of the server that took writes last.
    host: usize,
    /// Seconds by which its clock is ahead of ours.
    ahead: i64,
}

/// A connection in use; back in the pool when it is dropped and still good.
pub(super) struct Lent {
    line: Option<Line>,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

impl Shared {
    fn hear(&mut self, said: Durability) {
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ahead = said.clock - ours.as_secs_f64();
        // What an answer takes on its way is no other time.
        self.ahead = if ahead.abs() < SAME { 0 } else { ahead.round() as i64 };
        self.said = Some((Instant::now(), said));
    }
}

impl Pool {
    pub(super) fn new(settings: &Settings, login: &Login, secret: &str) -> Arc<Self> {
        Arc::new(Self {
            settings: settings.clone(),
            login: login.clone(),
            secret: secret.to_owned(),
            places: Arc::new(Semaphore::new(MOST)),
            shared: Mutex::default(),
        })
    }

    /// A connection to a server that is as it must be.
    pub(super) async fn lend(self: &Arc<Self>) -> io::Result<Lent> {
        let place = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| fault::silence(PATIENCE.as_secs()))?;
        let place = place.map_err(io::Error::other)?;
        let line = match self.idle().await {
            Some(line) => line,
            None => self.open().await?,
        };
        let lent = Lent {
            line: Some(line),
            pool: self.clone(),
            _place: place,
        };
        if !self.is_fresh() {
            let said = lent.durability().await.inspect_err(|error| self.failed(error))?;
            self.judge(&said)?;
        }
        Ok(lent)
    }

    /// One that is there already. One that died unseen is passed over: another server may take writes now.
    async fn idle(&self) -> Option<Line> {
        loop {
            let line = self.shared().idle.pop()?;
            if line.is_open() && (self.is_fresh() || line.durability().await.is_ok()) {
                return Some(line);
            }
        }
    }

    /// Hears what the server says of itself, and says whether it may be relied upon. One that may not loses its connections:
    /// another may have become the one that takes writes.
    pub(super) fn judge(&self, said: &Durability) -> io::Result<()> {
        let verdict = said.holds(self.settings.standbys, &self.secret);
        let mut shared = self.shared();
        shared.hear(said.clone());
        match verdict {
            Ok(()) => {
                shared.failure = None;
                Ok(())
            }
            Err(why) => {
                shared.idle.clear();
                shared.failure = Some((Instant::now(), io::ErrorKind::NotConnected, why.clone()));
                Err(refused(why))
            }
        }
    }

    /// What was said last and when, and how many connections there are.
    pub(super) fn last_word(&self) -> (Option<(Instant, Result<Durability, String>)>, usize) {
        let shared = self.shared();
        let said = match (&shared.failure, &shared.said) {
            (Some((when, _, why)), _) => Some((*when, Err(why.clone()))),
            (None, Some((when, said))) => Some((*when, Ok(said.clone()))),
            (None, None) => None,
        };
        (said, MOST - self.places.available_permits() + shared.idle.len())
    }

    /// Seconds by which the database's clock is ahead of ours.
    pub(super) fn ahead(&self) -> i64 {
        self.shared().ahead
    }

    fn is_fresh(&self) -> bool {
        let shared = self.shared();
        shared.failure.is_none() && shared.said.as_ref().is_some_and(|(when, _)| when.elapsed() < FRESH)
    }

    fn failed(&self, error: &io::Error) {
        let mut shared = self.shared();
        shared.idle.clear();
        shared.failure = Some((Instant::now(), error.kind(), error.to_string()));
    }

    /// The server that took writes last is asked first.
    async fn open(self: &Arc<Self>) -> io::Result<Line> {
        let first = {
            let shared = self.shared();
            if let Some((when, kind, text)) = &shared.failure
                && when.elapsed() < PAUSE
            {
                return Err(io::Error::new(*kind, text.clone()));
            }
            shared.host
        };
        let hosts = &self.settings.hosts;
        let mut met: Vec<(io::ErrorKind, String)> = Vec::new();
        for place in (0..hosts.len()).map(|turn| (first + turn) % hosts.len()) {
            match self.try_host(&hosts[place]).await {
                Ok((line, said)) => {
                    let mut shared = self.shared();
                    shared.host = place;
                    shared.hear(said);
                    shared.failure = None;
                    return Ok(line);
                }
                Err(error) => met.push((error.kind(), format!("{}: {error}", hosts[place]))),
            }
        }
        let texts: Vec<&str> = met.iter().map(|(_, text)| text.as_str()).collect();
        let kind = met.first().map_or(io::ErrorKind::NotConnected, |(kind, _)| *kind);
        let error = io::Error::new(kind, texts.join("; "));
        self.failed(&error);
        Err(error)
    }

    async fn try_host(&self, host: &Host) -> io::Result<(Line, Durability)> {
        let line = Line::open(&self.settings, host, &self.login).await?;
        let said = line.durability().await?;
        said.holds(self.settings.standbys, &self.secret).map_err(refused)?;
        Ok((line, said))
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// See [`Pool::judge`]. For what was said after a promise.
    pub(super) fn judge(&self, said: &Durability) -> io::Result<()> {
        self.pool.judge(said)
    }

    /// Not to be used again: a transaction on it was not ended.
    pub(super) fn spoil(&mut self) {
        self.line = None;
    }
}

impl Deref for Lent {
    type Target = Line;

    #[expect(
        clippy::expect_used,
        reason = "it is taken away when this is dropped, and not sooner"
    )]
    fn deref(&self) -> &Line {
        self.line.as_ref().expect("a connection that is lent")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(line) = self.line.take()
            && line.is_open()
        {
            self.pool.shared().idle.push(line);
        }
    }
}
