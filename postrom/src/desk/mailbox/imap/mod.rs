//! A mailbox on a server, over IMAP and TLS.
//!
//! ```text
//!  address ──▶ way ──▶ tls ──▶ line ──▶ piece ──▶ talk ──▶ login
//!                                                  │
//!                      watch ──▶ inbox ──▶ folder, large     reads: EXAMINE, BODY.PEEK
//!                      hands ──▶ folder, marking, moving     one letter again; marks and moving when the settings say so
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
mod marking;
mod moving;
mod name;
mod piece;
mod talk;
mod tls;
mod watch;
mod way;
mod words;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
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
    way: Way,
    /// Nobody looks any more, and that was told.
    lost: bool,
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
        let way = Way {
            address,
            login: login.clone(),
            stop: Arc::default(),
        };
        // Whoever is told takes one thing after the other: no second mail is held meanwhile.
        let (to, arrivals) = sync_channel(1);
        let look = Arc::new(AtomicBool::new(false));
        let hands = Arc::new(Hands::new(way.clone(), Arc::clone(&look)));
        let own = way.clone();
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
            way: own,
            lost: false,
        })
    }

    /// Whoever looks ended and was not asked to: told once, for a list that never changes again looks like one to which nothing
    /// comes.
    fn end(&mut self) -> Option<Arrival> {
        let is_new = !self.lost && !self.way.is_over();
        self.lost = true;
        is_new.then(|| Arrival::Away(self.way.trouble(Away::Fault)))
    }

    fn here(&mut self) -> Option<Arrival> {
        self.next.take().or_else(|| match self.arrivals.try_recv() {
            Ok(arrival) => Some(arrival),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => self.end(),
        })
    }
}

impl Mailbox for Imap {
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool) {
        while let Some(arrival) = self.here() {
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
                Err(RecvTimeoutError::Disconnected) => {
                    self.next = self.end();
                    std::thread::sleep(STEP);
                }
            }
        }
    }

    fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::clone(&self.hands) as Arc<dyn Fetch>
    }
}

impl Drop for Imap {
    fn drop(&mut self) {
        self.way.stop.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mailbox whose thread does this.
    fn watched(work: impl FnOnce() + Send + 'static) -> Imap {
        let way = Way {
            address: Address::parse("imaps://post@x.example/INBOX").unwrap(),
            login: Login::default(),
            stop: Arc::default(),
        };
        let (to, arrivals) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            to.send(Arrival::Whole(Vec::new())).unwrap();
            work();
        });
        let _ = thread.join();
        Imap {
            arrivals,
            next: None,
            hands: Arc::new(Hands::new(way.clone(), Arc::default())),
            way,
            lost: false,
        }
    }

    fn told(mailbox: &mut Imap) -> Vec<String> {
        let mut told = Vec::new();
        mailbox.look(&mut |arrival| {
            told.push(match arrival {
                Arrival::Whole(_) => "whole".to_owned(),
                Arrival::Away(why) => format!("{why:?}"),
                _ => panic!("nothing else was sent"),
            });
            true
        });
        told
    }

    fn soon() -> impl Fn() -> bool {
        let begun = std::time::Instant::now();
        move || begun.elapsed() > Duration::from_millis(200)
    }

    /// Ends as a panic does, and prints nothing.
    fn fault() {
        std::panic::resume_unwind(Box::new(()));
    }

    #[test]
    fn a_thread_that_ended_by_a_fault_is_told_once() {
        let mut mailbox = watched(fault);
        let all = told(&mut mailbox);
        assert!(
            all.len() == 2 && all[0] == "whole" && all[1].contains("Fault"),
            "{all:?}"
        );
        mailbox.wait(&soon());
        assert!(told(&mut mailbox).is_empty());
        // By whoever waits, too.
        let mut mailbox = watched(fault);
        mailbox.wait(&soon());
        assert_eq!(
            mailbox.here().map(|arrival| matches!(arrival, Arrival::Whole(_))),
            Some(true)
        );
        mailbox.wait(&soon());
        let all = told(&mut mailbox);
        assert!(all.len() == 1 && all[0].contains("Fault"), "{all:?}");
        mailbox.wait(&soon());
        assert!(told(&mut mailbox).is_empty());
    }

    #[test]
    fn a_desk_that_is_locked_is_told_nothing_of_that() {
        let mut mailbox = watched(fault);
        mailbox.way.stop.store(true, Ordering::Relaxed);
        mailbox.wait(&soon());
        assert_eq!(told(&mut mailbox), ["whole"]);
    }
}
