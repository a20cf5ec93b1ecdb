//! The relay: takes sealed letters from the spool to the mailbox, for as long as it takes.
//!
//! Comes in: names in the spool. Goes out: the same bytes over SMTP, or into a Maildir. Never sees a form, a
//! certificate or a plaintext. What always holds: a letter leaves the queue only when the other side has
//! taken full responsibility (RFC 5321 §6.1); only a permanent refusal holds it, everything unknown is
//! temporary; nothing is thrown away.

mod maildir;
mod schedule;
mod smtp;
mod tls;

pub use maildir::Maildir;
pub use smtp::{Security, Smtp};
pub use tls::client_config;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, watch};

use crate::spool::{Letter, Spool, Status};
use crate::watch::{Alarm, Event, Watch};

/// How letters leave.
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into a directory on this host.
    Maildir(Maildir),
}

/// What became of one attempt.
#[derive(Debug)]
pub enum Attempt {
    /// The other side has it.
    Taken,
    /// To be tried again.
    Temporary(String),
    /// Refused for good.
    Permanent(String),
}

/// Looks for letters at least this often, in case that nobody told.
const RESCAN: Duration = Duration::from_secs(5);
/// After this many hours of waiting somebody is told.
const LATE_AFTER: Duration = Duration::from_secs(3600);

/// The relay and what it works with.
pub struct Relay {
    /// Where letters wait.
    pub spool: Arc<Spool>,
    /// Whom to tell.
    pub watch: Arc<Watch>,
    /// How they leave.
    pub transport: Transport,
    /// Told when a letter has come.
    pub news: Arc<Notify>,
}

impl Relay {
    /// Delivers until `stop` becomes true. A letter in delivery is finished first.
    ///
    /// # Errors
    /// When another process is already delivering from this spool.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let spool = self.spool.clone();
        let _lease = tokio::task::spawn_blocking(move || spool.lease())
            .await
            .map_err(io::Error::other)??;
        loop {
            if let Err(error) = self.round(&stop).await {
                tracing::error!(%error, "the spool could not be read");
            }
            tokio::select! {
                () = async { drop(stop.wait_for(|stop| *stop).await) } => return Ok(()),
                () = self.news.notified() => {}
                () = tokio::time::sleep(RESCAN) => {}
            }
        }
    }

    /// One look at everything that waits.
    async fn round(&self, stop: &watch::Receiver<bool>) -> io::Result<()> {
        let now = seconds(SystemTime::now());
        let mut late = None;
        for name in self.blocking(|spool| spool.waiting()).await? {
            if *stop.borrow() {
                return Ok(());
            }
            let status = self.status(&name).await;
            if status.due > now {
                late = late.max(self.lateness(&name).await);
                continue;
            }
            if let Err(error) = self.one(&name, status).await {
                tracing::error!(%error, "a letter could not be read or moved");
            }
        }
        match late {
            Some(age) if age > LATE_AFTER => {
                let text = format!("a letter has waited for over {} h", age.as_secs() / 3600);
                self.watch.raise(Alarm::Delayed, "", &text);
            }
            _ => self.watch.clear(Alarm::Delayed, ""),
        }
        let cleaned = self.blocking(|spool| spool.clean(SystemTime::now())).await;
        cleaned
            .inspect_err(|error| tracing::warn!(%error, "old letters could not be removed"))
            .ok();
        Ok(())
    }

    async fn one(&self, name: &str, mut status: Status) -> io::Result<()> {
        let owned = name.to_owned();
        let letter = match self.blocking(move |spool| spool.read(&owned)).await {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let text = format!("the spool file {name} {error}; it was moved to corrupt/");
                self.watch.raise(Alarm::Corrupt, name, &text);
                return Ok(());
            }
            letter => letter?,
        };
        let reference = letter.envelope.reference.clone();
        let accepted = letter.envelope.accepted;
        let attempt = self.attempt(letter).await;
        status.attempts += 1;
        let name = name.to_owned();
        match attempt {
            Attempt::Taken => {
                self.blocking(move |spool| spool.delivered(&name)).await?;
                self.watch.count(Event::Delivered);
                self.watch.clear(Alarm::Held, &reference);
                tracing::info!(%reference, attempts = status.attempts, "a letter is delivered");
            }
            Attempt::Permanent(why) => {
                status.last_error = why.clone();
                self.blocking(move |spool| spool.set_status(&name, &status).and_then(|()| spool.hold(&name)))
                    .await?;
                let text = format!("letter {reference} was refused for good and is held: {why}");
                self.watch.raise(Alarm::Held, &reference, &text);
            }
            Attempt::Temporary(why) => {
                let now = seconds(SystemTime::now());
                status.due = schedule::next(accepted, now, status.attempts);
                tracing::warn!(%reference, attempts = status.attempts, due_in_s = status.due.saturating_sub(now), "a letter must wait: {why}");
                status.last_error = why;
                self.blocking(move |spool| spool.set_status(&name, &status)).await?;
                self.watch.count(Event::Deferred);
            }
        }
        Ok(())
    }

    async fn attempt(&self, letter: Letter) -> Attempt {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(&letter).await,
            Transport::Maildir(maildir) => {
                let maildir = maildir.clone();
                let stored = tokio::task::spawn_blocking(move || maildir.store(&letter)).await;
                match stored {
                    Ok(Ok(())) => Attempt::Taken,
                    Ok(Err(error)) => Attempt::Temporary(error.to_string()),
                    Err(error) => Attempt::Temporary(error.to_string()),
                }
            }
        }
    }

    async fn status(&self, name: &str) -> Status {
        let name = name.to_owned();
        let status = self.blocking(move |spool| Ok(spool.status(&name))).await;
        status.unwrap_or_default()
    }

    async fn lateness(&self, name: &str) -> Option<Duration> {
        let name = name.to_owned();
        let age = self.blocking(move |spool| spool.age(&name)).await;
        age.ok()
    }

    /// The disk may be slow; the runtime must not wait for it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let spool = self.spool.clone();
        let done = tokio::task::spawn_blocking(move || work(&spool)).await;
        done.map_err(io::Error::other)?
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
