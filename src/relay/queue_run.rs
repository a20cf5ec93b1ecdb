//! The queue: what is due goes to the line, oldest first, some at once.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::delivery::{Done, Outcome};
use super::spool_events::{SpoolEvents, Told};
use super::table::{Table, Waiting};
use super::{Relay, Transport};
use crate::alarms::Alarm;
use crate::spool::Spool;
use crate::stop::stopped;
use crate::unix_time::seconds;

/// Letters beyond those on the line that are being fetched, or moved out of the queue: a line does not wait for the disk.
const BESIDE: usize = 4;
/// When nothing can be sent at all, the next letter tries again after so long.
const PAUSE: Duration = Duration::from_secs(5);
/// Looking at everything may take this part of the time, however much waits.
const PART_FOR_LOOKING: u32 = 20;

/// What the alarm is about when the queue itself cannot be read.
const UNREADABLE: &str = "queue";

struct Queue {
    relay: Arc<Relay>,
    table: Table,
    lines: Arc<Semaphore>,
    running: JoinSet<Done>,
    /// The last attempt could send nothing at all: one letter tries, the others wait.
    unreachable: bool,
    /// Letters may wait only because nothing could be sent: since this start, or since an earlier one.
    some_wait_for_the_server: bool,
    pause_until: Instant,
    look_again: Instant,
    rescan: Duration,
}

impl Relay {
    /// Delivers until `stop` becomes true. Letters on the line are finished first.
    ///
    /// # Errors
    /// `WouldBlock` when another process is already delivering from this spool.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let _lease = self.blocking(|spool| spool.lease()).await?;
        let news = self.blocking(|spool| Ok(SpoolEvents::of(spool))).await?;
        let mut queue = Queue::new(self, news.rescan());
        loop {
            while queue.is_ready() {
                queue.start();
            }
            let wake = queue.wake();
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                Some(done) = queue.running.join_next() => queue.settle(done)?,
                told = news.next() => queue.hear(told).await,
                () = sleep_until(wake) => queue.look_at_all().await,
            }
        }
        // Whoever has no place on the line yet stays where it is.
        queue.lines.close();
        while let Some(done) = queue.running.join_next().await {
            queue.settle(done)?;
        }
        Ok(())
    }
}

impl Queue {
    fn new(relay: Relay, rescan: Duration) -> Self {
        Self {
            lines: Arc::new(Semaphore::new(relay.transport.lines())),
            relay: Arc::new(relay),
            table: Table::default(),
            running: JoinSet::new(),
            unreachable: false,
            some_wait_for_the_server: true,
            pause_until: Instant::now(),
            look_again: Instant::now(),
            rescan,
        }
    }

    /// True when a letter could go to the line now.
    fn is_ready(&self) -> bool {
        let most = if self.unreachable {
            1
        } else {
            self.relay.transport.lines() + BESIDE
        };
        let is_due = self.table.next().is_some_and(|due| due <= self.relay.now());
        is_due && self.running.len() < most && Instant::now() >= self.pause_until
    }

    /// When to look up although nothing happened.
    fn wake(&self) -> Instant {
        let (now, due) = (Instant::now(), self.table.next());
        let next = match due.map(|due| due.saturating_sub(self.relay.now())) {
            None => self.look_again,
            Some(0) => self.pause_until,
            Some(seconds) => now + Duration::from_secs(seconds),
        };
        // What was due before now waits for a line, and is woken by it.
        if next > now {
            next.min(self.look_again)
        } else {
            self.look_again
        }
    }

    fn start(&mut self) {
        if let Some((name, status)) = self.table.take(self.relay.now()) {
            self.running
                .spawn(self.relay.clone().deliver(name, status, self.lines.clone()));
        }
    }

    fn settle(&mut self, done: Result<Done, JoinError>) -> io::Result<()> {
        let Done { name, outcome } = done.map_err(io::Error::other)?;
        let now = self.relay.now();
        let again = match outcome {
            Outcome::Taken { mailbox } => {
                self.unreachable = false;
                self.table.mailbox_is_back(&mailbox, now);
                if std::mem::take(&mut self.some_wait_for_the_server) {
                    self.table.server_is_back(now);
                }
                None
            }
            Outcome::Gone => None,
            Outcome::Waits(status) => Some(status),
            Outcome::Unreachable(status) => {
                (self.unreachable, self.some_wait_for_the_server) = (true, true);
                self.pause_until = Instant::now() + PAUSE;
                Some(status)
            }
        };
        self.table.settle(&name, again, now);
        Ok(())
    }

    async fn hear(&mut self, told: Told) {
        if told.missed {
            self.look_again = Instant::now();
        }
        if told.kept
            && let Err(error) = self.relay.tell_what_stays().await
        {
            tracing::error!(%error, "held and corrupt letters could not be looked at");
        }
        for (name, waiting) in self.relay.look_at(told.letters).await {
            match waiting {
                Some(waiting) => self.table.put(name, waiting, self.relay.now()),
                None => self.table.remove(&name),
            }
        }
    }

    async fn look_at_all(&mut self) {
        let begin = Instant::now();
        if begin < self.look_again {
            return;
        }
        match self.relay.blocking(Spool::waiting).await {
            Ok(names) => {
                let found = self.relay.look_at(names).await.into_iter();
                let waiting = found.filter_map(|(name, waiting)| Some((name, waiting?)));
                self.table.replace(waiting, self.relay.now());
                self.relay.alarms.clear(Alarm::Stuck, UNREADABLE);
            }
            Err(error) => {
                let text = format!("waiting letters cannot be looked for: {error}");
                self.relay.alarms.raise(Alarm::Stuck, UNREADABLE, &text);
            }
        }
        if self.running.is_empty() {
            self.relay.end_refusals(&self.table.refused_mailboxes());
        }
        self.relay.look_after(self.table.oldest()).await;
        self.look_again = Instant::now() + self.rescan.max(begin.elapsed() * PART_FOR_LOOKING);
    }
}

impl Relay {
    /// What the disk says of these letters.
    async fn look_at(
        &self,
        names: impl IntoIterator<Item = String> + Send + 'static,
    ) -> Vec<(String, Option<Waiting>)> {
        let unwritten = self.memory().unwritten.clone();
        let look = move |spool: &Spool| {
            let looked_at = names.into_iter().map(|name| {
                // What cannot be looked at is tried, and says then what is wrong with it.
                let since = spool.waits_since(&name).unwrap_or(Some(SystemTime::UNIX_EPOCH));
                let waiting = since.map(|since| Waiting {
                    status: unwritten.get(&name).cloned().unwrap_or_else(|| spool.status(&name)),
                    since: seconds(since),
                });
                (name, waiting)
            });
            Ok(looked_at.collect())
        };
        self.blocking(look).await.unwrap_or_default()
    }

    /// What is to be done now and then.
    async fn look_after(&self, oldest: Option<u64>) {
        self.tell_lateness(oldest);
        if let Err(error) = self.tell_what_stays().await {
            tracing::error!(%error, "held and corrupt letters could not be looked at");
        }
        let now = (self.clock)();
        // By a clock that is wrong everything may look old.
        if self.alarms.subjects(Alarm::Clock).is_empty()
            && let Err(error) = self.blocking(move |spool| spool.clean(now)).await
        {
            tracing::warn!(%error, "old letters could not be removed");
        }
        if let Transport::Smtp(smtp) = &self.transport {
            smtp.tidy().await;
        }
    }
}
