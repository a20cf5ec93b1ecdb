//! One look at everything that waits.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use super::{Attempt, Memory, Relay, schedule};
use crate::spool::{State, Status};
use crate::watch::{Alarm, Event};

/// Letters in delivery at once: one that is slow does not hold back the others.
const AT_ONCE: usize = 4;
/// Ages at which somebody is told that a letter waits, and told again.
const LATE_AFTER_HOURS: [u64; 3] = [24, 4, 1];
/// No letter is ever due later than this: a time beyond it came from a clock that was wrong.
const FARTHEST: u64 = 3 * 3600;

struct Due {
    name: String,
    status: Status,
}

impl Relay {
    pub(super) async fn round(&self, stop: &watch::Receiver<bool>) -> io::Result<()> {
        self.tell_what_stays().await?;
        let due = self.due().await?;
        let unreachable = AtomicBool::new(false);
        let unreachable = &unreachable;
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |Due { name, status }| async move {
                // When nothing can be sent at all the others would only meet the same.
                if *stop.borrow() || unreachable.load(Ordering::Relaxed) {
                    return;
                }
                match self.one(&name, status).await {
                    Ok(reached) if reached => {}
                    Ok(_) => unreachable.store(true, Ordering::Relaxed),
                    Err(error) => tracing::error!(%error, name, "a letter could not be read or moved"),
                }
            })
            .await;
        if let Err(error) = self.blocking(|spool| spool.clean(SystemTime::now())).await {
            tracing::warn!(%error, "old letters could not be removed");
        }
        Ok(())
    }

    /// The letters whose time has come, oldest first. Tells of the ones that have waited too long.
    async fn due(&self) -> io::Result<Vec<Due>> {
        let waiting = self.blocking(|spool| {
            let names = spool.waiting()?.into_iter();
            let looked_at = names.map(|name| {
                let (status, age) = (spool.status(&name), spool.age(&name).unwrap_or_default());
                (Due { name, status }, age)
            });
            Ok(looked_at.collect::<Vec<_>>())
        });
        let waiting = waiting.await?;
        let oldest = waiting.iter().map(|(_, age)| *age).max().unwrap_or_default();
        self.tell_lateness(oldest);
        let now = seconds(SystemTime::now());
        let memory = self.memory();
        let is_due = |due: &Due| {
            let at = memory.due.get(&due.name).copied().unwrap_or(due.status.due);
            at <= now || at > now + FARTHEST
        };
        Ok(waiting.into_iter().map(|(due, _)| due).filter(is_due).collect())
    }

    fn tell_lateness(&self, oldest: Duration) {
        let hours = oldest.as_secs() / 3600;
        match LATE_AFTER_HOURS.iter().find(|limit| hours >= **limit) {
            Some(limit) => {
                let text = format!("a letter has waited for over {limit} h; `konvolutt queue list` shows why");
                self.watch.raise(Alarm::Delayed, "", &text);
            }
            None => self.watch.clear(Alarm::Delayed, ""),
        }
    }

    /// Held and corrupt letters raise their alarm for as long as they lie there, also after a restart.
    async fn tell_what_stays(&self) -> io::Result<()> {
        for (state, alarm, text) in [
            (State::Held, Alarm::Held, "is held; `konvolutt queue show` tells why"),
            (
                State::Corrupt,
                Alarm::Corrupt,
                "was changed on disk and is kept in corrupt/, not sent",
            ),
        ] {
            let there = self.blocking(move |spool| spool.names(state)).await?;
            for gone in self.watch.subjects(alarm).iter().filter(|name| !there.contains(name)) {
                self.watch.clear(alarm, gone);
            }
            for name in there {
                self.watch.raise(alarm, &name, &format!("the letter {name} {text}"));
            }
        }
        Ok(())
    }

    /// Delivers one letter. `false` when nothing can be sent at all.
    async fn one(&self, name: &str, mut status: Status) -> io::Result<bool> {
        if self.memory().taken.contains_key(name) {
            return self.retire(name).await.map(|()| true);
        }
        let owned = name.to_owned();
        let line = match self.blocking(move |spool| spool.put_on_the_line(&owned)).await {
            // Moved by an operator's command since it was listed, or being moved now.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ResourceBusy) => {
                return Ok(true);
            }
            line => line?,
        };
        let owned = name.to_owned();
        let letter = match self.blocking(move |spool| spool.read(&owned)).await {
            // It lies in corrupt/ now, and the next round raises the alarm.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(true),
            letter => letter?,
        };
        let reference = letter.envelope.reference.clone();
        let accepted = letter.envelope.accepted;
        let attempt = self.attempt(letter).await;
        status.attempts += 1;
        let (why, reached) = match attempt {
            Attempt::Taken => {
                self.watch.clear(Alarm::MailServer, "");
                self.memory().taken.insert(name.to_owned(), line);
                self.retire(name).await?;
                self.watch.count(Event::Delivered);
                tracing::info!(%reference, attempts = status.attempts, "a letter is delivered");
                return Ok(true);
            }
            Attempt::Permanent(why) => {
                tracing::error!(%reference, "a letter is refused for good and held: {why}");
                status.last_error = why;
                return self.hold(name, status).await.map(|()| true);
            }
            Attempt::Temporary(why) => (why, true),
            Attempt::Unreachable(why) => {
                self.watch
                    .raise(Alarm::MailServer, "", &format!("letters cannot be sent: {why}"));
                (why, false)
            }
        };
        let now = seconds(SystemTime::now());
        status.due = schedule::next(accepted, now, status.attempts);
        tracing::warn!(%reference, attempts = status.attempts, due_in_s = status.due.saturating_sub(now), "a letter must wait: {why}");
        status.last_error = why;
        self.watch.count(Event::Deferred);
        self.remember(name, status).await;
        Ok(reached)
    }

    /// A letter that was taken leaves the queue. If the disk refuses that, it is moved later, but never sent again.
    async fn retire(&self, name: &str) -> io::Result<()> {
        let owned = name.to_owned();
        let moved = self.blocking(move |spool| spool.delivered(&owned)).await;
        match &moved {
            Ok(()) => {
                let mut memory = self.memory();
                memory.taken.remove(name);
                memory.due.remove(name);
                self.watch.clear(Alarm::Spool, name);
            }
            Err(error) => {
                let text = format!("the letter {name} was delivered but cannot be moved out of the queue: {error}");
                self.watch.raise(Alarm::Spool, name, &text);
            }
        }
        moved
    }

    async fn hold(&self, name: &str, status: Status) -> io::Result<()> {
        let owned = name.to_owned();
        self.remember(name, status).await;
        self.blocking(move |spool| spool.refused(&owned)).await
    }

    /// Writes down what was tried; what the disk does not take is kept in memory.
    async fn remember(&self, name: &str, status: Status) {
        let (owned, due) = (name.to_owned(), status.due);
        match self.blocking(move |spool| spool.set_status(&owned, &status)).await {
            Ok(()) => drop(self.memory().due.remove(name)),
            Err(error) => {
                tracing::warn!(%error, name, "what was tried with a letter could not be written down");
                self.memory().due.insert(name.to_owned(), due);
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
