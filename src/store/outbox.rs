//! The relay's side: what waits, the right to one letter, and what became of it.

use std::any::Any;
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};

use super::error::{ClaimError, LeaseError, ShelfError};
use super::letter::Letter;
use super::state::{Listed, State, Status};

/// What the relay may do.
pub trait Outbox: Send + Sync {
    /// Takes the right to deliver: one process at a time. Ends what an earlier one left half done.
    ///
    /// # Errors
    /// [`LeaseError::Taken`] when another process has it.
    fn lease(&self) -> Result<Lease, LeaseError>;

    /// Whether this process is the one that does what is to be done once, however many deliver from one store: test letters
    /// that are waited for, letters that come back, alarms about all letters. It stays the one for as long as it asks.
    ///
    /// # Errors
    /// When the store cannot be asked: who is the one is not known.
    fn leads(&self) -> io::Result<bool>;

    /// What happens from now on, also what another process does. To be called inside the runtime.
    fn changes(&self) -> Changes;

    /// The letters that wait, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn waiting(&self) -> io::Result<Vec<(String, Waiting)>>;

    /// The same for these names alone; `None` for one that does not wait.
    fn look_at(&self, names: &BTreeSet<String>) -> Vec<(String, Option<Waiting>)>;

    /// Takes a waiting letter to deliver it: until the claim is settled or dropped, only its owner moves it. One that was
    /// settled before and could not be moved is moved now, and is [`ClaimError::Gone`] then.
    ///
    /// # Errors
    /// Why there is nothing to deliver.
    fn claim(&self, name: &str) -> Result<Claim, ClaimError>;

    /// Writes down why a letter that could not be claimed waits.
    ///
    /// # Errors
    /// As [`Claim::settle`] for a letter that waits.
    fn defer(&self, name: &str, status: &Status) -> io::Result<()>;

    /// The id of a letter in the envelope of its mail: the same over all attempts, and not to be guessed from anything that
    /// stands in the mail. `None` for what is no name.
    fn bounce_id(&self, name: &str) -> Option<String>;

    /// A letter that was taken came back: out of what is delivered, and held with these words. Its name stays taken, so that
    /// a repeat of the same page is still the same letter.
    ///
    /// # Errors
    /// [`ShelfError::Gone`] when there is no such name, [`ShelfError::Busy`] while it is claimed or moved.
    fn bounce(&self, name: &str, words: &str) -> Result<Bounced, ShelfError>;

    /// Those of these letters that the store knows no more, in no state: somebody removed them by hand. Each with its
    /// number for people, as far as that can still be told.
    fn removed(&self, names: &BTreeSet<String>) -> Vec<(String, String)>;

    /// What is known of a letter, wherever it is, or of the one in this state: a good letter and a corrupt one may have the same
    /// name. `None` when there is none, or it cannot be looked at.
    fn known(&self, name: &str, state: Option<State>) -> Option<Listed>;

    /// Names of the letters in a state, for alarms that stand as long as they are there.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn names(&self, state: State) -> io::Result<Vec<String>>;

    /// Puts what waits and can be no letter into quarantine.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn quarantine(&self) -> io::Result<()>;

    /// Looks for letters that are not where they were put: removed by hand, or emptied by another program.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn look_for_missing(&self) -> io::Result<()>;

    /// Removes delivered letters once they are old enough, and later the names that they kept taken. Whoever calls it answers
    /// for the clock.
    ///
    /// # Errors
    /// When the store cannot be read, or something not be removed.
    fn clean(&self, now: SystemTime) -> io::Result<()>;

    /// How much waits.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn backlog(&self) -> io::Result<Backlog>;

    /// How much room there is.
    ///
    /// # Errors
    /// What the store says.
    fn space(&self) -> io::Result<Space>;

    /// Why the store does not prove now that it keeps letters, by its last proof and in its words. A store that has nothing to
    /// prove has nothing to say.
    fn unproven(&self) -> Option<String> {
        None
    }

    /// Numbers of its own, for monitoring, as they were known last.
    fn measures(&self) -> Vec<(Measure, u64)> {
        Vec::new()
    }

    /// When a letter came, went or was tried last, by the clock of that moment.
    ///
    /// # Errors
    /// What the store says.
    fn last_change(&self) -> io::Result<SystemTime>;
}

/// The right to deliver; dropped, it is another's to take.
pub struct Lease {
    _held: Box<dyn Any + Send + Sync>,
}

impl Lease {
    /// What gives the right back when it is dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// A letter that waits. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What was tried.
    pub status: Status,
    /// When it came.
    pub since: u64,
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Letters.
    pub letters: u64,
    /// When the oldest came.
    pub oldest: Option<SystemTime>,
}

/// What a store measures of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Machines beside the one that takes writes that have a letter before its receipt.
    Standbys,
    /// Seconds by which the last of them is behind.
    LagSeconds,
    /// Connections of this process.
    Connections,
    /// Bytes that all letters take.
    Bytes,
}

/// Room in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that may still be written.
    pub bytes: u64,
    /// Files that may still be made; `None` where they are not counted.
    pub inodes: Option<u64>,
}

/// What became of a letter that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The other side has taken full responsibility (RFC 5321 §6.1): out of the queue, kept sealed for some days.
    Delivered,
    /// Refused for good: out of the queue, kept until an operator decides.
    Held(Status),
    /// To be tried again.
    Later(Status),
    /// No letter of ours, whatever its digest says: into quarantine. Its name is free again.
    Quarantined(Status),
}

/// What became of a letter that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounced {
    /// It is held now, whole as it was sent.
    Held,
    /// It is in this state, not delivered, and stays as it is.
    Already(State),
    /// Only its name is left: it was delivered longer ago than delivered letters are kept.
    NotKept,
}

/// A letter in flight. Dropped without being settled, it waits as it did before.
#[must_use = "a claim that is not settled leaves the letter waiting"]
pub struct Claim {
    letter: Letter,
    settle: Box<dyn Settle>,
}

/// How a store ends a claim. What implements it lets the letter wait again when it is dropped.
pub trait Settle: Send {
    /// See [`Claim::settle`].
    ///
    /// # Errors
    /// See [`Claim::settle`].
    fn settle(self: Box<Self>, settlement: Settlement) -> io::Result<()>;
}

impl Claim {
    /// A claim on a letter that was found unharmed.
    pub fn new(letter: Letter, settle: impl Settle + 'static) -> Self {
        Self {
            letter,
            settle: Box::new(settle),
        }
    }

    /// The letter.
    pub fn letter(&self) -> &Letter {
        &self.letter
    }

    /// Says what became of the letter, and ends the claim.
    ///
    /// # Errors
    /// The store could not write it down. The settlement holds all the same: this process remembers it, does not send the
    /// letter again if it was delivered or refused, and moves it when it is claimed the next time. Only a restart forgets
    /// it; then the letter is sent once more, which a mailbox can tell.
    pub fn settle(self, settlement: Settlement) -> io::Result<()> {
        self.settle.settle(settlement)
    }
}

/// What may be different.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Change {
    /// Letters that came, or whose status changed.
    pub letters: BTreeSet<String>,
    /// Held or corrupt letters came, or went.
    pub set_aside: bool,
    /// More happened than could be remembered: everything must be looked at.
    pub missed: bool,
}

impl Change {
    /// True when nothing is different.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty() && !self.set_aside && !self.missed
    }
}

/// What happens in a store.
pub struct Changes {
    stream: stream::BoxStream<'static, Change>,
    rescan: Duration,
}

impl Changes {
    /// Changes as they come. Everything must be looked at again each `rescan` all the same.
    pub fn new(stream: impl Stream<Item = Change> + Send + 'static, rescan: Duration) -> Self {
        Self {
            stream: stream.boxed(),
            rescan,
        }
    }

    /// Waits until something happened. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Change {
        match self.stream.next().await {
            Some(change) => change,
            // No more events; the rescan goes on.
            None => std::future::pending().await,
        }
    }

    /// After so long everything must be looked at again.
    pub fn rescan(&self) -> Duration {
        self.rescan
    }
}
