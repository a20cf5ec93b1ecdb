//! One attempt at one letter, and what comes of it.

use std::io;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Attempt, Relay, schedule};
use crate::alarms::{Alarm, Event};
use crate::spool::{Envelope, InFlight, Letter, Status};

pub(super) struct Done {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    /// The other side has it, and so takes letters of this mailbox.
    Taken { mailbox: String },
    /// Out of the queue without us: held, corrupt, or moved by an operator's command.
    Gone,
    /// To be tried again.
    Waits(Status),
    /// To be tried again, and nothing else can be sent either.
    Unreachable(Status),
}

impl Relay {
    /// Delivers one letter. It has a place on the line only while it is sent: not while it is fetched or moved.
    pub(super) async fn deliver(self: Arc<Self>, name: String, status: Status, lines: Arc<Semaphore>) -> Done {
        let outcome = match self.one(&name, &status, &lines).await {
            Ok(outcome) => outcome,
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                Outcome::Waits(self.wait_for_newer(&name, status, &error).await)
            }
            Err(error) => {
                // No attempt at the letter, but the disk must not be asked without end. A command of the operator is
                // soon done.
                let pause = match error.kind() {
                    io::ErrorKind::ResourceBusy => 5,
                    _ => schedule::MINUTE,
                };
                tracing::error!(%error, name, "a letter could not be read or moved");
                let due = self.now() + pause;
                Outcome::Waits(Status { due, ..status })
            }
        };
        Done { name, outcome }
    }

    async fn one(&self, name: &str, status: &Status, lines: &Semaphore) -> io::Result<Outcome> {
        if self.memory().taken.contains_key(name) {
            return self.retire(name).await.map(|()| Outcome::Gone);
        }
        let Some((line, letter)) = self.claim(name).await? else {
            return Ok(Outcome::Gone);
        };
        let envelope = letter.envelope.clone();
        let Ok(place) = lines.acquire().await else {
            // The relay is stopping.
            return Ok(Outcome::Waits(status.clone()));
        };
        let attempt = self.attempt(letter).await;
        drop(place);
        let status = Status {
            attempts: status.attempts + 1,
            ..waits_for(&attempt, &envelope.mailbox)
        };
        let reference = &envelope.reference;
        match attempt {
            Attempt::Taken => {
                self.alarms.clear(Alarm::MailServer, "");
                self.alarms.clear(Alarm::MailServer, &envelope.mailbox);
                self.memory().taken.insert(name.to_owned(), line);
                self.retire(name).await?;
                self.alarms.count(Event::Delivered);
                tracing::info!(%reference, attempts = status.attempts, "a letter is delivered");
                Ok(Outcome::Taken {
                    mailbox: envelope.mailbox,
                })
            }
            Attempt::Permanent(why) => {
                tracing::error!(%reference, "a letter is refused for good and held: {why}");
                self.hold(
                    name,
                    Status {
                        last_error: why,
                        ..status
                    },
                )
                .await?;
                Ok(Outcome::Gone)
            }
            Attempt::Temporary(why) => Ok(Outcome::Waits(self.wait(name, &envelope, status, why).await)),
            Attempt::MailboxRefused(trouble) => {
                let (mailbox, address) = (&envelope.mailbox, &envelope.to);
                let what = format!("no letters are taken for the mailbox {mailbox}, {address}");
                self.alarms.raise(Alarm::MailServer, mailbox, &trouble.told(&what));
                Ok(Outcome::Waits(self.wait(name, &envelope, status, trouble.why).await))
            }
            Attempt::Unreachable(trouble) => {
                let text = trouble.told("letters cannot be sent");
                self.alarms.raise(Alarm::MailServer, "", &text);
                Ok(Outcome::Unreachable(
                    self.wait(name, &envelope, status, trouble.why).await,
                ))
            }
        }
    }

    async fn wait(&self, name: &str, envelope: &Envelope, status: Status, why: String) -> Status {
        let (now, reference, attempts) = (self.now(), &envelope.reference, status.attempts);
        let due = schedule::next(envelope.accepted, now, attempts);
        let due_in_s = due.saturating_sub(now);
        tracing::warn!(%reference, attempts, due_in_s, "a letter must wait: {why}");
        self.alarms.count(Event::Deferred);
        let last_error = why;
        let status = Status {
            due,
            last_error,
            ..status
        };
        self.remember(name, &status).await;
        status
    }

    /// A letter that this version cannot read stays where it is: nothing is wrong with it.
    async fn wait_for_newer(&self, name: &str, status: Status, error: &io::Error) -> Status {
        self.alarms
            .raise(Alarm::Delayed, name, &format!("the letter {name} {error}"));
        let status = Status {
            attempts: status.attempts + 1,
            due: self.now() + schedule::MINUTE,
            last_error: error.to_string(),
            ..status
        };
        self.remember(name, &status).await;
        status
    }

    /// The letter, and the right to move it. Nothing when somebody else has moved it.
    async fn claim(&self, name: &str) -> io::Result<Option<(InFlight, Letter)>> {
        let owned = name.to_owned();
        let taken = self.blocking(move |spool| {
            let line = spool.claim(&owned)?;
            Ok((line, spool.read(&owned)?))
        });
        match taken.await {
            Ok(taken) => Ok(Some(taken)),
            // It lies in corrupt/ now, and whoever looks there raises the alarm; or an operator's command moved it.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A letter that was taken leaves the queue. If the disk refuses that, it is moved later, but never sent again.
    async fn retire(&self, name: &str) -> io::Result<()> {
        let owned = name.to_owned();
        let moved = self.blocking(move |spool| spool.delivered(&owned)).await;
        match &moved {
            Ok(()) => {
                let mut memory = self.memory();
                memory.taken.remove(name);
                memory.unwritten.remove(name);
                self.alarms.clear(Alarm::Stuck, name);
                self.alarms.clear(Alarm::Delayed, name);
            }
            Err(error) => {
                let text = format!("the letter {name} was delivered but cannot be moved out of the queue: {error}");
                self.alarms.raise(Alarm::Stuck, name, &text);
            }
        }
        moved
    }

    async fn hold(&self, name: &str, status: Status) -> io::Result<()> {
        let owned = name.to_owned();
        self.remember(name, &status).await;
        self.blocking(move |spool| spool.refused(&owned)).await
    }

    /// Writes down what was tried; what the disk does not take is kept in memory.
    async fn remember(&self, name: &str, status: &Status) {
        let (owned, written) = (name.to_owned(), status.clone());
        match self.blocking(move |spool| spool.set_status(&owned, &written)).await {
            Ok(()) => drop(self.memory().unwritten.remove(name)),
            Err(error) => {
                tracing::warn!(%error, name, "what was tried with a letter could not be written down");
                self.memory().unwritten.insert(name.to_owned(), status.clone());
            }
        }
    }
}

/// Whose getting through makes a letter due again before its time.
fn waits_for(attempt: &Attempt, mailbox: &str) -> Status {
    let refused = matches!(attempt, Attempt::MailboxRefused(_));
    Status {
        unreachable: matches!(attempt, Attempt::Unreachable(_)),
        refused_mailbox: refused.then(|| mailbox.to_owned()),
        ..Status::default()
    }
}
