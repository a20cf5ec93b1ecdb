//! What waits to be answered by the process that opens.
//!
//! What always holds: a clerk who waits for one letter goes before a list that fills.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use super::ask::Ask;

/// A question with the bytes that follow it.
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) ask: Ask,
    pub(super) body: Vec<u8>,
}

/// Filled by the thread that hears, and emptied by those that open.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    clerk: VecDeque<Asked>,
    list: VecDeque<Asked>,
    ended: bool,
}

impl Queue {
    pub(super) fn put(&self, asked: Asked) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match asked.ask {
            Ask::Find(_) | Ask::Read(_) => waiting.list.push_back(asked),
            Ask::ReadNow(_) | Ask::Files(_) | Ask::Save { .. } | Ask::Reseal { .. } => waiting.clerk.push_back(asked),
        }
        self.more.notify_one();
    }

    pub(super) fn end(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.more.notify_all();
    }

    pub(super) fn take(&self) -> Option<Asked> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.ended {
                return None;
            }
            let clerk = waiting.clerk.pop_front();
            if let Some(asked) = clerk.or_else(|| waiting.list.pop_front()) {
                return Some(asked);
            }
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ask::{At, Body, Given};
    use super::*;

    #[test]
    fn whoever_waits_for_one_letter_goes_first() {
        let given = |name: &str| Given {
            mailbox: 0,
            name: name.to_owned(),
            named: false,
            body: Body::Follows,
        };
        let at = At {
            given: given("files"),
            seals: Vec::new(),
        };
        let queue = Queue::default();
        let asks = [
            Ask::Find(given("a")),
            Ask::Read(given("b")),
            Ask::ReadNow(given("c")),
            Ask::Files(at),
        ];
        for (number, ask) in (0..).zip(asks) {
            queue.put(Asked {
                number,
                ask,
                body: Vec::new(),
            });
        }
        let order: Vec<u64> = (0..4)
            .map(|_| queue.take().map(|asked| asked.number).unwrap())
            .collect();
        assert_eq!(order, [2, 3, 0, 1]);
        queue.end();
        assert!(queue.take().is_none());
    }
}
