//! The queue: what is due is delivered, oldest first, some at once.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::delivery::{Done, Outcome};
use super::probe::{Answer, Probe, Turn};
use super::table::Table;
use super::{Fault, Relay, RelayError, Transport, Trouble};
use crate::alarms::{Alarm, MOVES, QUEUE};
use crate::stop::stopped;
use crate::store::{Change, LeaseError, Outbox, Waiting};

/// Letters beyond those in flight that are being claimed or settled: a connection does not wait for the disk.
const BESIDE: usize = 4;
/// When nothing can be sent at all, the next letter tries again after so long.
const PAUSE: Duration = Duration::from_secs(5);
/// A server that allows fewer sessions than we want is asked for more after so long.
const FEW: Duration = Duration::from_secs(5 * 60);
/// Looking at everything may take this part of the time, however much waits.
const PART_FOR_LOOKING: u32 = 20;

struct Queue {
    relay: Arc<Relay>,
    table: Table,
    connections: Arc<Semaphore>,
    running: JoinSet<Done>,
    /// The last attempt could send nothing at all: one letter tries, the others wait.
    unreachable: bool,
    /// Letters may wait only because nothing could be sent: since this start, or since an earlier one.
    some_wait_for_the_server: bool,
    probe: Probe,
    /// Nothing was looked at yet.
    begins: bool,
    pause_until: Instant,
    /// The server allowed no more sessions than these: letters at once, and until when.
    few: Option<(usize, Instant)>,
    look_again: Instant,
    rescan: Duration,
}

impl Relay {
    /// Delivers until `stop` becomes true. Letters in flight are finished first.
    ///
    /// # Errors
    /// [`LeaseError::Taken`] when another process is already delivering from this store.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<(), RelayError> {
        let lease: Result<_, LeaseError> = self.blocking(|outbox| outbox.lease()).await;
        let _lease = lease?;
        let (mut changes, bell) = (self.outbox.changes(), self.bell.clone());
        let mut queue = Queue::new(self, changes.rescan());
        loop {
            while queue.is_ready() {
                queue.start();
            }
            let wake = queue.wake();
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                Some(done) = queue.running.join_next() => queue.settle(done).await?,
                Some(asked) = queue.probe.asking.join_next() => queue.asked(asked).await,
                () = bell.notified() => queue.probe.at_once(),
                change = changes.next() => queue.hear(change).await,
                () = sleep_until(wake) => {
                    queue.look_at_all().await;
                    queue.probe().await;
                }
            }
        }
        // What is claimed and has no connection yet stays where it is.
        queue.connections.close();
        while let Some(done) = queue.running.join_next().await {
            queue.settle(done).await?;
        }
        Ok(())
    }
}

impl Queue {
    fn new(relay: Relay, rescan: Duration) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(relay.transport.at_once())),
            relay: Arc::new(relay),
            table: Table::default(),
            running: JoinSet::new(),
            unreachable: false,
            some_wait_for_the_server: true,
            probe: Probe::new(),
            begins: true,
            pause_until: Instant::now(),
            few: None,
            look_again: Instant::now(),
            rescan,
        }
    }

    /// True when a delivery could begin now.
    fn is_ready(&self) -> bool {
        let now = Instant::now();
        let most = match self.few.filter(|(_, until)| now < *until) {
            _ if self.unreachable => 1,
            Some((few, _)) => few,
            None => self.relay.transport.at_once() + BESIDE,
        };
        let is_due = self.table.next().is_some_and(|due| due <= self.relay.now());
        let may = !self.probe.asks_alone() || self.has_others();
        is_due && may && self.running.len() < most && now >= self.pause_until
    }

    /// One session more was refused for now, and others are there: a letter over one of those logs in no more.
    fn has_others(&self) -> bool {
        self.probe.is_refused_for_now() && self.relay.transport.held() > 0
    }

    /// When to look up although nothing happened.
    fn wake(&self) -> Instant {
        let (now, due) = (Instant::now(), self.table.next());
        let next = match due.map(|due| due.saturating_sub(self.relay.now())) {
            None => self.look_again,
            Some(0) => self.pause_until,
            Some(seconds) => now + Duration::from_secs(seconds),
        };
        // What was due before now waits for another delivery to end, and is woken by that.
        let next = if next > now {
            next.min(self.look_again)
        } else {
            self.look_again
        };
        self.probe.wake().map_or(next, |probe| next.min(probe))
    }

    fn start(&mut self) {
        if let Some((name, status)) = self.table.take(self.relay.now()) {
            self.running
                .spawn(self.relay.clone().deliver(name, status, self.connections.clone()));
        }
    }

    async fn settle(&mut self, done: Result<Done, JoinError>) -> Result<(), RelayError> {
        let Done { name, outcome } = done?;
        let now = self.relay.now();
        let was_unreachable = matches!(outcome, Outcome::Unreachable(..));
        let again = match outcome {
            Outcome::Taken { mailbox, again } => {
                self.table.mailbox_is_back(&mailbox, now);
                self.a_letter_was_let_in(now).await;
                again
            }
            Outcome::Refused(again) => {
                self.a_letter_was_let_in(now).await;
                again
            }
            Outcome::Gone => None,
            Outcome::Waits(status) => Some(status),
            Outcome::Unreachable(status, trouble) => {
                self.a_letter_was_not_let_in(&trouble).await;
                (self.unreachable, self.some_wait_for_the_server) = (true, true);
                self.pause_until = Instant::now() + PAUSE;
                Some(status)
            }
        };
        self.table.settle(&name, again, now);
        if was_unreachable && self.has_others() {
            self.table.one_tries(now);
        }
        Ok(())
    }

    /// As far as its mailbox. One that went over a connection from before a login was refused says nothing of the login.
    async fn a_letter_was_let_in(&mut self, now: u64) {
        if !self.probe.asks_alone() || self.few_are_enough() {
            self.server_is_back(now).await;
        }
    }

    /// A server that has just refused a session for now takes letters over those that it granted: there are as many letters at
    /// once from now on. Not before those that want another session are through: each would ask for it.
    fn few_are_enough(&mut self) -> bool {
        let Transport::Smtp(smtp) = &self.relay.transport else {
            return false;
        };
        let held = smtp.held();
        if !self.probe.is_refused_for_now() || self.running.len() >= held {
            return false;
        }
        smtp.open_gate();
        self.few = Some((held, Instant::now() + FEW));
        true
    }

    async fn a_letter_was_not_let_in(&mut self, trouble: &Trouble) {
        if self.probe.asks_alone() {
            // What it heard was said to another letter, or before.
        } else if trouble.fault == Fault::LoginLater && self.relay.transport.held() > 0 {
            // No alarm yet: a letter over another session tells whether anything can be sent, or else the probe.
            self.probe.failed(trouble.fault);
        } else {
            self.nothing_can_be_sent(trouble).await;
        }
    }

    /// The alarm about the server is raised and ended here alone, in the order in which the news come: letters and the probe
    /// speak with it at the same time.
    async fn server_is_back(&mut self, now: u64) {
        self.relay.end([(Alarm::MailServer, "")]).await;
        self.probe.over();
        self.unreachable = false;
        if std::mem::take(&mut self.some_wait_for_the_server) {
            self.table.server_is_back(now);
        }
    }

    async fn nothing_can_be_sent(&mut self, trouble: &Trouble) {
        self.probe.failed(trouble.fault);
        let text = trouble.told("letters cannot be sent");
        self.relay.raise(Alarm::MailServer, "", text).await;
    }

    /// Whether it is time to ask if letters can be sent again.
    async fn probe(&mut self) {
        match self.probe.turn(&self.relay.transport) {
            Turn::Wait => {}
            Turn::Ask => self.probe.ask(self.relay.clone()),
            Turn::OneLetter => self.table.one_tries(self.relay.now()),
            Turn::Glance => self.probe.seen(self.relay.login_files().await),
        }
    }

    async fn asked(&mut self, asked: Result<Answer, JoinError>) {
        match asked {
            Ok(answer) if !self.probe.is_news(&answer) => {}
            Ok(Answer { said: Ok(()), .. }) => {
                tracing::info!("the mail server lets us in again; the letters that wait are sent");
                self.server_is_back(self.relay.now()).await;
            }
            Ok(Answer { said: Err(trouble), .. }) => self.nothing_can_be_sent(&trouble).await,
            // Whatever a library makes of a strange reply, the queue goes on.
            Err(fault) => {
                tracing::error!(%fault, "the mail server could not be asked");
                self.probe.failed(Fault::Connection);
            }
        }
    }

    async fn hear(&mut self, change: Change) {
        if change.missed {
            self.look_again = Instant::now();
        }
        if change.set_aside
            && self.relay.looks_for_all().await
            && let Err(error) = self.relay.tell_what_stays().await
        {
            tracing::error!(%error, "held and corrupt letters could not be looked at");
        }
        let mut gone = BTreeSet::new();
        for (name, waiting) in self.relay.look_at(change.letters).await {
            match waiting {
                Some(waiting) => self.table.hear(name, waiting, self.relay.now()),
                None if self.table.remove(&name) => drop(gone.insert(name)),
                None => {}
            }
        }
        self.relay.tell_removed(gone).await;
    }

    async fn look_at_all(&mut self) {
        let begin = Instant::now();
        if begin < self.look_again {
            return;
        }
        let look = |outbox: &dyn Outbox| {
            outbox.quarantine()?;
            outbox.waiting()
        };
        match self.relay.blocking(look).await {
            Ok(waiting) => {
                let gone = self.table.replace(waiting, self.relay.now());
                self.relay.tell_removed(gone).await;
                if std::mem::take(&mut self.begins) {
                    // A restart is often what mends, and may be meant to.
                    self.table.one_tries(self.relay.now());
                }
                self.relay.end([(Alarm::Stuck, QUEUE)]).await;
                if self.table.oldest().is_none() {
                    // Nothing is left that a lock could keep.
                    self.relay.end([(Alarm::Stuck, MOVES)]).await;
                }
                self.relay.end_of_departed(|name| self.table.has(name)).await;
            }
            Err(error) => {
                let text = format!("waiting letters cannot be looked for: {error}");
                self.relay.raise(Alarm::Stuck, QUEUE, text).await;
            }
        }
        if self.running.is_empty() {
            self.relay.end_refusals(&self.table.refused_mailboxes()).await;
        }
        let oldest = self.table.oldest().map(|(since, name)| (since, name.to_owned()));
        self.relay.look_after(oldest).await;
        self.look_again = Instant::now() + self.rescan.max(begin.elapsed() * PART_FOR_LOOKING);
    }
}

impl Relay {
    /// What the store says of these letters.
    async fn look_at(&self, names: BTreeSet<String>) -> Vec<(String, Option<Waiting>)> {
        let looked: io::Result<_> = self.blocking(move |outbox| Ok(outbox.look_at(&names))).await;
        looked.unwrap_or_default()
    }

    /// What is to be done now and then.
    async fn look_after(&self, oldest: Option<(u64, String)>) {
        self.is_up().await;
        if self.looks_for_all().await {
            self.tell_lateness(oldest).await;
            if let Err(error) = self.tell_what_stays().await {
                tracing::error!(%error, "held and corrupt letters could not be looked at");
            }
            if let Err(error) = self.blocking(|outbox| outbox.look_for_missing()).await {
                tracing::warn!(%error, "missing letters could not be looked for");
            }
        }
        if let Transport::Smtp(smtp) = &self.transport {
            smtp.tidy().await;
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "nothing else waits in a test")]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;
    use crate::alarms::{Alarms, Side};
    use crate::relay::{AddressBook, Maildir};
    use crate::store::files::{FileStore, Settings};
    use crate::store::{Envelope, Inbox, Leader, Shelf};

    fn held(store: &FileStore) -> String {
        let name = store.identities().of(b"token", &[0; 32]);
        let mut pending = store.begin().unwrap();
        pending.write_all(b"sealed").unwrap();
        let envelope = Envelope {
            mailbox: "postmottak".into(),
            from: String::new(),
            to: String::new(),
            reference: String::new(),
            accepted: 0,
        };
        pending.commit(&name, &envelope).unwrap();
        store.hold(&name.name).unwrap();
        name.name
    }

    #[tokio::test]
    async fn a_relay_looks_at_all_letters_while_it_leads_and_while_nobody_knows_who_does() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Settings::at(dir.path().join("spool"));
        let store = Arc::new(FileStore::open(&spool).unwrap());
        let alarms = Arc::new(Alarms::new(spool.alarms(), &[Side::Relay]));
        let name = held(&store);
        let leads = Arc::new(Mutex::new(Some(false)));
        let asked = leads.clone();
        let leader = Leader::new(move || asked.lock().unwrap().ok_or(io::Error::other("away")));
        let directory = dir.path().join("mail");
        let addresses = AddressBook {
            from: String::new(),
            envelope_from: String::new(),
            subject: String::new(),
            mailboxes: BTreeMap::new(),
            bounce_delimiter: None,
        };
        let maildir = Transport::Maildir(Maildir { directory });
        let relay =
            Relay::new(store, alarms.clone(), addresses, maildir).with_leader(Arc::new(leader.without_patience()));
        // What it met itself.
        relay.raise(Alarm::Stuck, &name, "cannot be moved".into()).await;
        let there = async |says| {
            *leads.lock().unwrap() = says;
            relay.look_after(Some((0, name.clone()))).await;
            let mut kinds: Vec<_> = alarms.own().iter().map(|posted| posted.alarm.name()).collect();
            kinds.dedup();
            kinds
        };
        assert_eq!(there(Some(false)).await, ["stuck"]);
        assert_eq!(there(Some(true)).await, ["delayed", "held", "stuck"]);
        assert_eq!(there(Some(false)).await, ["stuck"]);
        assert_eq!(there(None).await, ["delayed", "held", "stuck"]);
    }
}
