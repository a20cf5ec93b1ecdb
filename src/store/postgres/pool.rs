//! A handful of connections as one user, all to the server that takes writes.

use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::durability::{Durability, refused};
use super::fault;
use super::line::{Line, PATIENCE, Value};
use super::settings::{Host, Login, Settings};

/// Connections at once. Each is a process of the server.
pub(super) const MOST: usize = 8;
/// After a failure everybody is told the same for so long, without another attempt.
const PAUSE: Duration = Duration::from_secs(1);
/// A server's word about itself counts for so long where nothing is promised.
const FRESH: Duration = Duration::from_secs(2);
/// Clocks that differ by fewer seconds show the same time.
const SAME: f64 = 2.0;
/// Standbys that are a moment behind are asked again after so long.
const MOMENT: Duration = Duration::from_millis(2);

/// The connections of one user.
pub(super) struct Pool {
    settings: Settings,
    login: Login,
    secret: String,
    /// The highest that any connection of this process has seen. A server of a lower one was overtaken by a promotion.
    timeline: Arc<AtomicI64>,
    most: usize,
    places: Arc<Semaphore>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    idle: Vec<Line>,
    /// Connections of an earlier one lead to a server that failed or was refused.
    generation: u64,
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
    generation: u64,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

/// What became of a write that is a promise.
pub(super) enum Promised {
    /// It was done, to so many rows, and is where a promise says.
    Kept(u64),
    /// Whether it was done is not known, or not whether it is there.
    Unknown(io::Error),
    /// It was not done.
    Refused(io::Error),
}

/// What a server said of itself and when, or why it cannot be relied upon.
pub(super) type Word = (Instant, Result<Durability, String>);

impl Shared {
    fn hear(&mut self, said: Durability) {
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ahead = said.clock - ours.as_secs_f64();
        // What an answer takes on its way is no other time.
        self.ahead = if ahead.abs() < SAME { 0 } else { ahead.round() as i64 };
        self.said = Some((Instant::now(), said));
    }

    fn fail(&mut self, kind: io::ErrorKind, why: String) {
        self.idle.clear();
        self.generation += 1;
        self.failure = Some((Instant::now(), kind, why));
    }
}

impl Pool {
    pub(super) fn new(
        settings: &Settings,
        login: &Login,
        secret: &str,
        timeline: &Arc<AtomicI64>,
        most: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings: settings.clone(),
            login: login.clone(),
            secret: secret.to_owned(),
            timeline: timeline.clone(),
            most,
            places: Arc::new(Semaphore::new(most)),
            shared: Mutex::default(),
        })
    }

    /// A connection to a server that is as it must be.
    pub(super) async fn lend(self: &Arc<Self>) -> io::Result<Lent> {
        let place = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| {
            let text = format!("all {} connections to the database are in use", self.most);
            io::Error::new(io::ErrorKind::TimedOut, text)
        })?;
        let place = place.map_err(io::Error::other)?;
        let (line, generation) = match self.idle().await {
            Some(idle) => idle,
            None => self.open().await?,
        };
        Ok(Lent {
            line: Some(line),
            generation,
            pool: self.clone(),
            _place: place,
        })
    }

    /// One that is there already. When one died unseen, the others are not asked: another server may take writes now.
    async fn idle(&self) -> Option<(Line, u64)> {
        loop {
            let (line, generation) = {
                let mut shared = self.shared();
                (shared.idle.pop()?, shared.generation)
            };
            if !line.is_open() {
                continue;
            }
            if self.is_fresh() {
                return Some((line, generation));
            }
            let said = line.still_says().await;
            match said.and_then(|said| self.judge(&said)) {
                Ok(()) => return Some((line, generation)),
                Err(_) => {
                    let mut shared = self.shared();
                    shared.idle.clear();
                    shared.generation += 1;
                    // What comes of another server counts, and not this.
                    shared.failure = None;
                    return None;
                }
            }
        }
    }

    /// Hears what the server says of itself, and says whether it may be relied upon. The connections of one that may not are
    /// not used again.
    fn judge(&self, said: &Durability) -> io::Result<()> {
        let verdict = self.verdict(said);
        let mut shared = self.shared();
        shared.hear(said.clone());
        match verdict {
            Ok(()) => shared.failure = None,
            Err(why) => {
                shared.fail(io::ErrorKind::NotConnected, why.clone());
                return Err(refused(why));
            }
        }
        Ok(())
    }

    fn verdict(&self, said: &Durability) -> Result<(), String> {
        said.holds(self.settings.standbys, &self.secret)?;
        let highest = self.timeline.fetch_max(said.timeline, Ordering::SeqCst);
        if said.timeline < highest {
            return Err(format!(
                "it was overtaken: another server was promoted (timeline {highest}, this one has {}); end it, or restart this \
                 service if the older one is meant",
                said.timeline
            ));
        }
        Ok(())
    }

    /// What was said last and when, and how many connections there are.
    pub(super) fn last_word(&self) -> (Option<Word>, usize) {
        let shared = self.shared();
        let said = match (&shared.failure, &shared.said) {
            (Some((when, _, why)), _) => Some((*when, Err(why.clone()))),
            (None, Some((when, said))) => Some((*when, Ok(said.clone()))),
            (None, None) => None,
        };
        (said, self.most - self.places.available_permits() + shared.idle.len())
    }

    /// Seconds by which the database's clock is ahead of ours.
    pub(super) fn ahead(&self) -> i64 {
        self.shared().ahead
    }

    fn is_fresh(&self) -> bool {
        let shared = self.shared();
        shared.failure.is_none() && shared.said.as_ref().is_some_and(|(when, _)| when.elapsed() < FRESH)
    }

    /// The server that took writes last is asked first.
    async fn open(self: &Arc<Self>) -> io::Result<(Line, u64)> {
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
                    if shared.host != place {
                        shared.idle.clear();
                        shared.generation += 1;
                        shared.host = place;
                    }
                    shared.hear(said);
                    shared.failure = None;
                    return Ok((line, shared.generation));
                }
                Err(error) => met.push((error.kind(), format!("{}: {error}", hosts[place]))),
            }
        }
        let texts: Vec<&str> = met.iter().map(|(_, text)| text.as_str()).collect();
        let kind = met.first().map_or(io::ErrorKind::NotConnected, |(kind, _)| *kind);
        let text = texts.join("; ");
        self.shared().fail(kind, text.clone());
        Err(io::Error::new(kind, text))
    }

    async fn try_host(&self, host: &Host) -> io::Result<(Line, Durability)> {
        let line = Line::open(&self.settings, host, &self.login).await?;
        let said = line.durability(Some(0)).await?;
        self.verdict(&said).map_err(refused)?;
        Ok((line, said))
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// A write that is where a promise says before it is called done.
    pub(super) async fn promise(&self, statement: &'static str, values: &[Value<'_>]) -> Promised {
        match self.deref().promise(statement, values).await {
            Err(error) => Promised::of_failure(error),
            Ok((rows, said)) => self.kept(rows, said).await,
        }
    }

    /// The same for a transaction that is open.
    pub(super) async fn promise_commit(&self) -> Promised {
        match self.deref().promise_commit().await {
            Err(error) => Promised::of_failure(error),
            Ok(said) => self.kept(1, said).await,
        }
    }

    async fn kept(&self, rows: u64, said: io::Result<Durability>) -> Promised {
        match self.proved(said).await {
            Ok(()) => Promised::Kept(rows),
            Err(error) => Promised::Unknown(error),
        }
    }

    /// Waits until as many standbys as are promised have everything that was on the server's disk after the write. They have the
    /// write itself already; what others wrote since is a moment away.
    pub(super) async fn proved(&self, said: io::Result<Durability>) -> io::Result<()> {
        let mut said = said?;
        let begin = Instant::now();
        loop {
            self.pool.judge(&said)?;
            if said.is_reached(self.pool.settings.standbys) {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                return Err(fault::silence(PATIENCE.as_secs()));
            }
            tokio::time::sleep(MOMENT).await;
            said = self.durability(Some(said.place)).await?;
        }
    }

    /// Not to be used again: a transaction on it was not ended.
    pub(super) fn spoil(&mut self) {
        self.line = None;
    }
}

impl Promised {
    /// What the server refuses it did not do; of silence nothing is known.
    fn of_failure(error: io::Error) -> Self {
        if fault::is_refusal(&error) {
            Self::Refused(error)
        } else {
            Self::Unknown(error)
        }
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
        let Some(line) = self.line.take().filter(Line::is_open) else {
            return;
        };
        let mut shared = self.pool.shared();
        if shared.generation == self.generation {
            shared.idle.push(line);
        }
    }
}
