//! What was found and waits for an opener. Bounded: a mailbox of large letters is not read into memory ahead of them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::found::{Data, Sealed};
use crate::told::Told;

/// Bytes that may wait. A larger letter waits alone.
const BYTES: usize = 16 * 1024 * 1024;
/// Things that may wait.
const LENGTH: usize = 64;

/// One thing that was found, with its place in the order of telling.
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) told: Told,
    /// To be opened; already told in full when there is nothing.
    pub(super) sealed: Option<Sealed>,
}

impl Job {
    fn bytes(&self) -> usize {
        match self.sealed.as_ref().map(|sealed| &sealed.data) {
            Some(Data::Packets(bytes)) => bytes.len(),
            _ => 0,
        }
    }
}

pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    /// Nothing is put in before all that was is done.
    one_by_one: bool,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    bytes: usize,
    at_work: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(one_by_one: bool) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            one_by_one,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left a whole state: it changes in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, busy: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_while(self.state(), |state| busy(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room.
    pub(super) fn put(&self, job: Job) {
        let bytes = job.bytes();
        let full = |state: &State| {
            let waits = !state.jobs.is_empty();
            let idle = !waits && state.at_work == 0;
            (waits && (state.jobs.len() >= LENGTH || state.bytes + bytes > BYTES)) || (self.one_by_one && !idle)
        };
        let mut state = self.wait_while(full);
        state.bytes += bytes;
        state.jobs.push_back(job);
        self.changed.notify_all();
    }

    /// Waits until everything that was put in is done, where that is wanted.
    pub(super) fn settle(&self) {
        if self.one_by_one {
            drop(self.wait_while(|state| !state.jobs.is_empty() || state.at_work > 0));
        }
    }

    /// The next job; `None` when there will be none.
    pub(super) fn take(&self) -> Option<Job> {
        let mut state = self.wait_while(|state| state.jobs.is_empty() && !state.closed);
        let job = state.jobs.pop_front()?;
        state.bytes -= job.bytes();
        state.at_work += 1;
        self.changed.notify_all();
        Some(job)
    }

    /// A job that was taken is done.
    pub(super) fn done(&self) {
        self.state().at_work -= 1;
        self.changed.notify_all();
    }

    /// Nothing more is put in.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

/// Closes the queue also when the reader panics: nobody waits for it then.
pub(super) struct Closing<'a>(pub(super) &'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
