//! Letters that are delivered: claims on them, and what the disk would not take of what became of them.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::entry::{self, Unreadable};
use super::in_flight::{InFlight, Locks};
use super::moves::Moves;
use super::quarantine::Quarantine;
use super::status::{Statuses, Version};
use crate::store::{Claim, ClaimError, Letter, Settle, Settlement, State, Status};

/// Claims letters and moves them when they are settled.
pub(super) struct Deliveries {
    moves: Moves,
    locks: Locks,
    statuses: Statuses,
    quarantine: Quarantine,
    memory: Mutex<Memory>,
}

/// What the disk would not take: forgotten at a restart, when the letter is tried anew. The lock on it is never held over a
/// call to the disk.
#[derive(Default)]
struct Memory {
    /// Settled, but not yet out of the queue: to be moved there, never to be sent again, nor moved by anybody else.
    unmoved: HashMap<String, (InFlight, State)>,
    /// What was tried with letters whose status could not be written, and the file that it could not replace.
    unwritten: HashMap<String, (Status, Option<Version>)>,
}

/// The right to settle one letter.
struct FileClaim {
    deliveries: Arc<Deliveries>,
    name: String,
    in_flight: InFlight,
}

impl Deliveries {
    pub(super) fn new(moves: Moves, locks: Locks, statuses: Statuses, quarantine: Quarantine) -> Self {
        Self {
            moves,
            locks,
            statuses,
            quarantine,
            memory: Mutex::default(),
        }
    }

    pub(super) fn claim(self: &Arc<Self>, name: &str) -> Result<Claim, ClaimError> {
        let unmoved = self.memory().unmoved.remove(name);
        if let Some((in_flight, to)) = unmoved {
            self.move_out(name, in_flight, to).map_err(ClaimError::Unmoved)?;
            return Err(ClaimError::Gone);
        }
        let in_flight = {
            let lock = self.moves.lock().map_err(ClaimError::Blocked)?;
            self.moves.finish(&lock, name)?;
            self.locks.take(name)?
        };
        let letter = self.read(name)?;
        let claim = FileClaim {
            deliveries: self.clone(),
            name: name.to_owned(),
            in_flight,
        };
        Ok(Claim::new(letter, claim))
    }

    /// What was tried with a letter: by what is remembered, else by its file. A file that came later is the word of an
    /// operator's command, and counts. What cannot be read is claimed at once, and that says then what is wrong.
    pub(super) fn status(&self, name: &str) -> Status {
        let remembered = self.memory().unwritten.get(name).cloned();
        let holds = |version: Option<Version>| {
            version.is_none_or(|then| self.statuses.version(name).is_none_or(|now| now == then))
        };
        match remembered {
            Some((status, version)) if holds(version) => status,
            _ => self.statuses.get(name).unwrap_or_default(),
        }
    }

    /// Writes down what was tried; what the disk does not take is remembered. Where a letter goes is an operator's word, which
    /// no attempt changes.
    pub(super) fn defer(&self, name: &str, status: &Status) -> io::Result<()> {
        let write = |before: Status| {
            let mailbox = before.mailbox;
            self.statuses.set(
                name,
                &Status {
                    mailbox,
                    ..status.clone()
                },
            )
        };
        // What cannot be read is not written over either: the word may stand in it.
        let written = self.statuses.get(name).and_then(write);
        let version = self.statuses.version(name);
        let mut memory = self.memory();
        match &written {
            Ok(()) => memory.unwritten.remove(name),
            Err(_) => memory.unwritten.insert(name.to_owned(), (status.clone(), version)),
        };
        written
    }

    fn note_why(&self, name: &str, status: &Status) {
        if let Err(error) = self.defer(name, status) {
            tracing::warn!(%error, name, "why a letter is set aside could not be written down");
        }
    }

    /// Out of the queue. If the disk refuses that, the letter stays in flight, so that no command moves it elsewhere.
    fn move_out(&self, name: &str, in_flight: InFlight, to: State) -> io::Result<()> {
        let moved = self.moves.retire(name, to);
        let mut memory = self.memory();
        match &moved {
            Ok(()) => drop(memory.unwritten.remove(name)),
            Err(_) => drop(memory.unmoved.insert(name.to_owned(), (in_flight, to))),
        }
        moved
    }

    /// The letter, unharmed; what was changed on disk goes into quarantine.
    fn read(&self, name: &str) -> Result<Letter, ClaimError> {
        match entry::read(&self.moves.layout.letter(State::Waiting, name)) {
            Ok(mut letter) => {
                // Here and not in the relay: no attempt that was planned before goes to the mailbox before. And by the file
                // alone: what is remembered of attempts may lack it.
                let readdressed = self.statuses.get(name)?.mailbox;
                letter.envelope.mailbox = readdressed.unwrap_or(letter.envelope.mailbox);
                Ok(letter)
            }
            Err(Unreadable::Newer(number)) => Err(ClaimError::Newer(number)),
            Err(Unreadable::Io(error)) => Err(error.into()),
            Err(Unreadable::Damaged(damage)) => {
                if !self.quarantine.put_damaged_aside(name)? {
                    return Err(ClaimError::Gone);
                }
                tracing::error!(name, "a letter {damage}; it is kept in corrupt/ and not sent");
                Err(ClaimError::Corrupt(damage))
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for FileClaim {
    fn settle(self: Box<Self>, settlement: Settlement) -> io::Result<()> {
        let Self {
            deliveries,
            name,
            in_flight,
        } = *self;
        match settlement {
            // The lock goes only when the status is there: a command that waited for it must not be overwritten.
            Settlement::Later(status) => deliveries.defer(&name, &status),
            Settlement::Delivered => deliveries.move_out(&name, in_flight, State::Delivered),
            Settlement::Held(status) => {
                deliveries.note_why(&name, &status);
                deliveries.move_out(&name, in_flight, State::Held)
            }
            // Under its lock: no command may put it elsewhere meanwhile. If the disk refuses that, it is looked at again.
            Settlement::Quarantined(status) => {
                deliveries.note_why(&name, &status);
                deliveries.quarantine.put_damaged_aside(&name).map(drop)
            }
        }
    }
}
