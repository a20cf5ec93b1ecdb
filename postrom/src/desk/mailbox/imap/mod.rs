//! A mailbox on a server, over IMAP and TLS.
//!
//! ```text
//!  address ──▶ way ──▶ tls ──▶ line ──▶ talk ──▶ login
//!                                        │
//!              watch ──▶ inbox ──▶ folder, large     reads: EXAMINE, BODY.PEEK
//!              hands ──▶ folder, store               one letter again; marks and moving when the settings say so
//! ```
//!
//! Comes in: an address and how to log in. Goes out: [`Arrival`]s, from a thread of its own, and mails once more. What always
//! holds: the thread that waits for a server holds nothing of the desk but what it is about to tell, so locking never waits
//! for a network; nothing in the mailbox changes unless the settings say so.

mod address;
mod folder;
mod hands;
mod inbox;
mod large;
mod line;
mod login;
mod name;
mod store;
mod talk;
mod tls;
mod watch;
mod way;
mod words;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

pub use address::Address;

use super::{Arrival, Fetch, Mailbox};
use crate::desk::plan::Login;
use crate::trouble::{Away, Trouble};
use hands::Hands;
use inbox::Inbox;
use watch::Watch;
use way::Way;

/// How often whoever waits for a mail asks whether it should go on.
const STEP: Duration = Duration::from_millis(50);

/// One mailbox on a server.
pub struct Imap {
    arrivals: Receiver<Arrival>,
    /// What ended a wait.
    next: Option<Arrival>,
    hands: Arc<Hands>,
    stop: Arc<AtomicBool>,
}

impl Imap {
    /// Of an address in the settings; `number` is which of the desk's mailboxes this is. It begins to look at once.
    ///
    /// # Errors
    /// The address cannot be understood, or a thread not be had.
    pub fn new(number: usize, said: &str, login: &Login) -> Result<Self, Trouble> {
        let no = |why| Trouble::Mailbox {
            mailbox: said.to_owned(),
            why,
        };
        let address = Address::parse(said).ok_or_else(|| no(Away::Address))?;
        let stop = Arc::new(AtomicBool::new(false));
        let way = Way {
            address,
            login: login.clone(),
            stop: Arc::clone(&stop),
        };
        // Whoever is told takes one thing after the other: no second mail is held meanwhile.
        let (to, arrivals) = sync_channel(1);
        let look = Arc::new(AtomicBool::new(false));
        let hands = Arc::new(Hands::new(way.clone(), Arc::clone(&look)));
        let names = [Some(way.address.folder.clone()), login.move_opened_to.clone()];
        let watch = Watch {
            way,
            folders: names.into_iter().flatten().map(Inbox::new).collect(),
            to,
            look,
            with_marks: login.marks,
            number,
            there: HashSet::new(),
        };
        let thread = std::thread::Builder::new().name("imap".into());
        let spawned = thread.spawn(move || watch.run());
        spawned.map_err(|error| no(Away::Unreachable { cause: (&error).into() }))?;
        Ok(Self {
            arrivals,
            next: None,
            hands,
            stop,
        })
    }
}

impl Mailbox for Imap {
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool) {
        let waited = self.next.take();
        let here = waited
            .into_iter()
            .chain(std::iter::from_fn(|| self.arrivals.try_recv().ok()));
        for arrival in here {
            if !tell(arrival) {
                return;
            }
        }
    }

    fn wait(&mut self, stop: &dyn Fn() -> bool) {
        while self.next.is_none() && !stop() {
            match self.arrivals.recv_timeout(STEP) {
                Ok(arrival) => self.next = Some(arrival),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(STEP),
            }
        }
    }

    fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::clone(&self.hands) as Arc<dyn Fetch>
    }
}

impl Drop for Imap {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
