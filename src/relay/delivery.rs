//! One attempt at one letter, and what comes of it.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Attempt, Fault, Relay, Trouble, schedule};
use crate::alarms::{Alarm, Event, MOVES};
use crate::store::{Claim, ClaimError, Envelope, Settlement, Status};

/// A command of the operator is soon done.
const BUSY: u64 = 5;

pub(super) struct Done {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    /// The other side has it, and so takes letters of this mailbox.
    Taken {
        mailbox: String,
        /// The store could not move it out of the queue: it is to be claimed once more for that.
        again: Option<Status>,
    },
    /// The other side takes letters of ours, but not this one: its mailbox is refused, or it is held.
    Refused(Option<Status>),
    /// Out of the queue without us: corrupt, moved by an operator's command, or held for what says nothing of others.
    Gone,
    /// To be tried again.
    Waits(Status),
    /// To be tried again, and nothing else can be sent either.
    Unreachable(Status, Trouble),
}

/// What to do with a letter that could not be claimed.
#[derive(Debug, PartialEq, Eq)]
enum Unclaimed {
    /// Nothing: it is out of the queue. One that is corrupt lies in quarantine, and the look there raises the alarm.
    Gone,
    /// To be claimed again after so many seconds: no attempt at the letter, but the store must not be asked without end.
    Again(u64),
    /// As [`Unclaimed::Again`], with an alarm: another process of this node has a lock on it. This relay alone delivers here, and
    /// commands of the operator hold such a lock for no more than a moment.
    Locked(u64),
    /// As [`Unclaimed::Again`], with one alarm for all letters: a lock keeps them all.
    Blocked(u64),
    /// As [`Unclaimed::Again`], with an alarm: it was delivered, refused or set aside, and cannot be moved.
    Stuck(u64),
    /// Nothing is wrong with it, but only a newer program can read it. An attempt, with an alarm.
    Newer,
}

impl Unclaimed {
    fn because_of(error: &ClaimError) -> Self {
        match error {
            ClaimError::Gone | ClaimError::Corrupt(_) => Self::Gone,
            ClaimError::Busy(Some(by)) if by.node.is_some() => Self::Again(BUSY),
            ClaimError::Busy(_) => Self::Locked(BUSY),
            ClaimError::Blocked(_) => Self::Blocked(BUSY),
            ClaimError::Io(_) => Self::Again(schedule::MINUTE),
            ClaimError::Unmoved(_) => Self::Stuck(schedule::MINUTE),
            ClaimError::Newer(_) => Self::Newer,
        }
    }
}

impl Relay {
    /// Delivers one letter. It has a connection only while it is sent: not while it is claimed or settled.
    pub(super) async fn deliver(self: Arc<Self>, name: String, status: Status, connections: Arc<Semaphore>) -> Done {
        let owned = name.clone();
        let claimed = self.blocking(move |outbox| outbox.claim(&owned)).await;
        if claimed.is_ok() {
            // No lock is in the way, whatever comes of it now.
            self.end([(Alarm::Stuck, MOVES)]).await;
        }
        let outcome = match claimed {
            Ok(claim) => self.one(&name, claim, status, &connections).await,
            Err(error) => self.unclaimed(&name, status, &error).await,
        };
        Done { name, outcome }
    }

    async fn unclaimed(&self, name: &str, status: Status, error: &ClaimError) -> Outcome {
        let again = |seconds| {
            let due = self.now() + seconds;
            Outcome::Waits(Status { due, ..status.clone() })
        };
        match Unclaimed::because_of(error) {
            Unclaimed::Gone => {
                self.is_over(name).await;
                self.tell_removed([name.to_owned()].into()).await;
                Outcome::Gone
            }
            Unclaimed::Again(seconds) => {
                // That another node delivers it is how it should be.
                if !matches!(error, ClaimError::Busy(_)) {
                    tracing::error!(%error, name, "a letter could not be read or moved");
                }
                again(seconds)
            }
            Unclaimed::Locked(seconds) => {
                let who = self.called(name).await;
                let text = format!("the letter {who} cannot be sent, since another process has a lock on it: {error}");
                self.raise(Alarm::Stuck, name, text).await;
                again(seconds)
            }
            Unclaimed::Blocked(seconds) => {
                self.raise(Alarm::Stuck, MOVES, error.to_string()).await;
                again(seconds)
            }
            Unclaimed::Stuck(seconds) => {
                self.is_stuck(name, error).await;
                again(seconds)
            }
            Unclaimed::Newer => Outcome::Waits(self.wait_for_newer(name, status, error).await),
        }
    }

    async fn one(&self, name: &str, claim: Claim, status: Status, connections: &Semaphore) -> Outcome {
        let letter = match self.address(name, claim.letter()).await {
            Ok(letter) => letter,
            Err(why) => return self.set_aside(name, claim, status, why).await,
        };
        // Not sooner: a foreign letter that the disk does not let go can be claimed each time, and stays.
        self.is_over(name).await;
        // What it says of itself is looked at now; before it could be anything.
        let (envelope, address) = (claim.letter().envelope.clone(), letter.to.clone());
        let Ok(connection) = connections.acquire().await else {
            // The relay is stopping.
            return Outcome::Waits(status);
        };
        let attempt = self.judge(name, &envelope, self.attempt(letter).await);
        drop(connection);
        let status = Status {
            attempts: status.attempts + 1,
            ..waits_for(&attempt, &envelope.mailbox, status.refused_mailbox)
        };
        let reference = &envelope.reference;
        match attempt {
            Attempt::Taken => {
                self.end([(Alarm::MailServer, envelope.mailbox.as_str())]).await;
                // Also when it cannot be moved now: the other side has it, and it is never sent again.
                self.alarms.count(Event::Delivered);
                tracing::info!(%reference, attempts = status.attempts, "a letter is delivered");
                let moved = self.move_out(name, claim, Settlement::Delivered).await;
                Outcome::Taken {
                    mailbox: envelope.mailbox,
                    again: moved.err().map(|due| Status { due, ..status }),
                }
            }
            Attempt::Permanent { why, was_read } => {
                tracing::error!(%reference, "a letter is refused for good and held: {why}");
                let status = Status {
                    last_error: why,
                    ..status
                };
                let moved = self.move_out(name, claim, Settlement::Held(status.clone())).await;
                let again = moved.err().map(|due| Status { due, ..status });
                if was_read {
                    Outcome::Refused(again)
                } else {
                    again.map_or(Outcome::Gone, Outcome::Waits)
                }
            }
            Attempt::Temporary(why) => Outcome::Waits(self.wait(name, claim, &envelope, status, why).await),
            Attempt::MailboxRefused(trouble) => {
                let mailbox = &envelope.mailbox;
                let what = format!("no letters are taken for the mailbox {mailbox}, {address}");
                self.raise(Alarm::MailServer, mailbox, trouble.told(&what)).await;
                // Connection, login and sender were taken before.
                Outcome::Refused(Some(self.wait(name, claim, &envelope, status, trouble.why).await))
            }
            Attempt::Unreachable(trouble) => {
                let why = trouble.why.clone();
                Outcome::Unreachable(self.wait(name, claim, &envelope, status, why).await, trouble)
            }
        }
    }

    /// What met the letter before as well is no fault of this one.
    fn judge(&self, name: &str, envelope: &Envelope, attempt: Attempt) -> Attempt {
        let mailbox = &envelope.mailbox;
        match attempt {
            Attempt::Permanent { why, was_read: true } if self.blame.is_shared(mailbox, name, &why) => {
                Attempt::MailboxRefused(Trouble {
                    why,
                    remedy: "let the mail server, or its filter, take what is sealed; then `konvolutt queue release --all` for \
                             the letter that is held"
                        .into(),
                    fault: Fault::Sending,
                })
            }
            Attempt::Taken => {
                self.blame.over(mailbox);
                Attempt::Taken
            }
            other => other,
        }
    }

    pub(super) async fn wait(
        &self,
        name: &str,
        claim: Claim,
        envelope: &Envelope,
        status: Status,
        why: String,
    ) -> Status {
        let (now, reference, attempts) = (self.now(), &envelope.reference, status.attempts);
        let due = schedule::next(envelope.accepted, now, attempts);
        // By the minute: with seconds it would tell in which one this line was written.
        let due_in_min = due.saturating_sub(now).div_ceil(schedule::MINUTE);
        tracing::warn!(%reference, attempts, due_in_min, "a letter must wait: {why}");
        self.alarms.count(Event::Deferred);
        let last_error = why;
        let status = Status {
            due,
            last_error,
            ..status
        };
        let later = Settlement::Later(status.clone());
        if let Err(error) = self.blocking(move |_| claim.settle(later)).await {
            tracing::warn!(%error, name, "what was tried with a letter could not be written down");
        }
        status
    }

    /// A letter that this version cannot read stays where it is: nothing is wrong with it.
    async fn wait_for_newer(&self, name: &str, status: Status, error: &ClaimError) -> Status {
        let who = self.called(name).await;
        self.raise(Alarm::Delayed, name, format!("the letter {who} {error}"))
            .await;
        let status = Status {
            attempts: status.attempts + 1,
            due: self.now() + schedule::MINUTE,
            last_error: error.to_string(),
            ..status
        };
        let (owned, written) = (name.to_owned(), status.clone());
        if let Err(error) = self.blocking(move |outbox| outbox.defer(&owned, &written)).await {
            tracing::warn!(%error, name, "what was tried with a letter could not be written down");
        }
        status
    }

    /// A letter leaves the queue. When the store refuses that, it is moved later: when, in seconds since 1970.
    pub(super) async fn move_out(&self, name: &str, claim: Claim, settlement: Settlement) -> Result<(), u64> {
        match self.blocking(move |_| claim.settle(settlement)).await {
            Ok(()) => {
                self.is_over(name).await;
                Ok(())
            }
            Err(error) => {
                self.is_stuck(name, &ClaimError::Unmoved(error)).await;
                Err(self.now() + schedule::MINUTE)
            }
        }
    }

    /// What was told of one letter is over.
    async fn is_over(&self, name: &str) {
        self.end([(Alarm::Stuck, name), (Alarm::Delayed, name)]).await;
    }

    async fn is_stuck(&self, name: &str, error: &ClaimError) {
        let who = self.called(name).await;
        let text = format!("the letter {who} was delivered, refused or set aside, but {error}");
        self.raise(Alarm::Stuck, name, text).await;
    }
}

/// Whose getting through makes a letter due again before its time. An attempt that did not get as far as a word about the
/// mailbox leaves what was known of it: else the next cut connection would end the mailbox's alarm.
fn waits_for(attempt: &Attempt, mailbox: &str, refused_before: Option<String>) -> Status {
    let refused_mailbox = match attempt {
        Attempt::MailboxRefused(_) => Some(mailbox.to_owned()),
        Attempt::Temporary(_) | Attempt::Unreachable(_) => refused_before,
        Attempt::Taken | Attempt::Permanent { .. } => None,
    };
    Status {
        unreachable: matches!(attempt, Attempt::Unreachable(_)),
        refused_mailbox,
        ..Status::default()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::store::{Damage, Deliverer};

    #[test]
    fn only_a_letter_of_a_newer_program_counts_as_an_attempt() {
        let disk = || io::Error::other("the disk");
        let by = |node: Option<&str>| {
            let node = node.map(str::to_owned);
            ClaimError::Busy(Some(Deliverer {
                process: 1,
                since: 2,
                node,
            }))
        };
        for (error, expected) in [
            (ClaimError::Gone, Unclaimed::Gone),
            (ClaimError::Corrupt(Damage::Changed), Unclaimed::Gone),
            (ClaimError::Busy(None), Unclaimed::Locked(5)),
            (by(None), Unclaimed::Locked(5)),
            (by(Some("b")), Unclaimed::Again(5)),
            (ClaimError::Blocked(disk()), Unclaimed::Blocked(5)),
            (ClaimError::Io(disk()), Unclaimed::Again(60)),
            (ClaimError::Unmoved(disk()), Unclaimed::Stuck(60)),
            (ClaimError::Newer(2), Unclaimed::Newer),
        ] {
            assert_eq!(Unclaimed::because_of(&error), expected, "{error:?}");
        }
    }
}
