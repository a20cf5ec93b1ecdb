//! Nodes that take letters and deliver them, and what must be so in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use konvolutt::store::postgres::Settings;
use konvolutt::store::{Committed, Lease, Settlement, State, Status, Store, StoreError};
use sha2::{Digest, Sha256};

use super::Dice;
use crate::postgres::{commit_bytes, identity};
use crate::support::postgres::open;

/// Of each node.
const WRITERS: u32 = 3;
const RELAYS: u32 = 2;

type Bytes = [u8; 32];

/// What the world outside knows.
#[derive(Default)]
struct Known {
    /// Letters with a receipt; the digest of their bytes, where it is known which copy it was.
    receipts: Mutex<BTreeMap<u32, Option<Bytes>>>,
    /// Each copy that anybody tried to hand in: a page that is sent again is sealed anew.
    copies: Mutex<BTreeMap<u32, BTreeSet<Bytes>>>,
    /// What the mailbox got, by name.
    mailbox: Mutex<BTreeMap<String, Vec<Bytes>>>,
    /// Names whose delivery is written down.
    settled: Mutex<BTreeSet<String>>,
    taken: [AtomicUsize; 2],
    delivered: [AtomicUsize; 2],
    refused: AtomicUsize,
    in_doubt: AtomicUsize,
    next: AtomicU32,
    no_more_letters: AtomicBool,
    end: AtomicBool,
}

/// How far each node has come.
#[derive(Debug, Clone, Copy)]
pub struct Figures([usize; 4]);

impl Figures {
    pub fn all_more_than(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| *own > other)
    }

    pub fn receipts(&self) -> usize {
        self.0[0] + self.0[1]
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Told {
    pub receipts: usize,
    /// Receipts whose letter is in neither mailbox nor database.
    pub lost: usize,
    /// Letters that came with other bytes than those of their receipt, or with two kinds of bytes.
    pub changed: usize,
    /// Letters whose delivery was written down, and is not.
    pub undone: usize,
    /// Letters that came more than once, byte for byte.
    pub twice: usize,
    /// Commits that were no receipt.
    pub refused: usize,
    /// Those of them of which nobody knows.
    pub in_doubt: usize,
}

impl fmt::Display for Told {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{} receipts, {} lost, {} with other bytes, {} deliveries undone; {} came twice; {} commits refused, {} of them in doubt",
            self.receipts, self.lost, self.changed, self.undone, self.twice, self.refused, self.in_doubt
        )
    }
}

/// Two nodes at work.
pub struct Load {
    known: Arc<Known>,
    stores: [Arc<dyn Store>; 2],
    threads: Vec<JoinHandle<()>>,
    _leases: [Lease; 2],
}

impl Load {
    pub fn start(settings: [Settings; 2]) -> Self {
        let stores = settings.map(|settings| open(&settings));
        let leases = stores.each_ref().map(|store| store.lease().unwrap());
        let known = Arc::new(Known::default());
        let mut threads = Vec::new();
        for node in 0..2 {
            for number in 0..WRITERS {
                let (known, stores) = (known.clone(), stores.clone());
                let dice = Dice(u64::from(number) * 2 + node as u64);
                threads.push(std::thread::spawn(move || write(&known, &stores, node, dice)));
            }
            for _ in 0..RELAYS {
                let (known, store) = (known.clone(), stores[node].clone());
                threads.push(std::thread::spawn(move || relay(&known, &*store, node)));
            }
        }
        Self {
            known,
            stores,
            threads,
            _leases: leases,
        }
    }

    pub fn figures(&self) -> Figures {
        let of = |counts: &[AtomicUsize; 2], node: usize| counts[node].load(Ordering::Relaxed);
        let (taken, delivered) = (&self.known.taken, &self.known.delivered);
        Figures([of(taken, 0), of(taken, 1), of(delivered, 0), of(delivered, 1)])
    }

    /// No more letters; waits until what there is is delivered, and looks at everything.
    pub fn end(self) -> Told {
        self.known.no_more_letters.store(true, Ordering::Relaxed);
        let end = Instant::now() + Duration::from_secs(150);
        let store = &self.stores[0];
        let mut said = String::new();
        while Instant::now() < end {
            match store.backlog() {
                Ok(backlog) if backlog.letters == 0 => break,
                other => said = format!("{other:?}"),
            }
            sleep(Duration::from_millis(200));
        }
        self.known.end.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        match self.stores[1].backlog() {
            Ok(backlog) if backlog.letters == 0 => {}
            other => eprintln!("letters still wait: {other:?}, {said}"),
        }
        check(&self.known, &*self.stores[0])
    }
}

fn pause(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds));
}

/// Random bytes, a few of them many: as many rows as a large letter has.
fn copy(number: u32, dice: &mut Dice) -> Vec<u8> {
    let length = match number % 200 {
        7 => 700_000 + dice.roll(100_000),
        _ => 200 + dice.roll(9_000),
    };
    let mut bytes = format!("{number} ").into_bytes();
    while (bytes.len() as u64) < length {
        bytes.extend(dice.roll(u64::MAX).to_be_bytes());
    }
    bytes
}

/// Hands letters in, and each again until it has a receipt, as a citizen does who gets the page with its text back.
fn write(known: &Known, stores: &[Arc<dyn Store>; 2], home: usize, mut dice: Dice) {
    while !known.no_more_letters.load(Ordering::Relaxed) {
        let number = known.next.fetch_add(1, Ordering::Relaxed);
        for attempt in 0.. {
            // The next node of the proxy.
            let node = (home + attempt) % 2;
            let store = &*stores[node];
            let own = identity(store, number);
            let (digest, done) = if attempt > 0 && matches!(store.repeats(&own), Ok(true)) {
                (None, Ok(Committed::Repeat))
            } else {
                let bytes = copy(number, &mut dice);
                let digest = Bytes::from(Sha256::digest(&bytes));
                known.copies.lock().unwrap().entry(number).or_default().insert(digest);
                (Some(digest), commit_bytes(store, number, &bytes))
            };
            match done {
                Ok(found) => {
                    let digest = digest.filter(|_| found == Committed::New);
                    known.receipts.lock().unwrap().insert(number, digest);
                    known.taken[node].fetch_add(1, Ordering::Relaxed);
                    break;
                }
                Err(error) => {
                    known.refused.fetch_add(1, Ordering::Relaxed);
                    let in_doubt = matches!(error, StoreError::InDoubt);
                    known.in_doubt.fetch_add(usize::from(in_doubt), Ordering::Relaxed);
                    pause(100);
                }
            }
            if known.end.load(Ordering::Relaxed) {
                return;
            }
        }
        pause(30 + dice.roll(30));
    }
}

/// Delivers what waits; now and then the other side says later.
fn relay(known: &Known, store: &dyn Store, node: usize) {
    let mut dice = Dice(node as u64 + 77);
    while !known.end.load(Ordering::Relaxed) {
        let Ok(waiting) = store.waiting() else {
            pause(100);
            continue;
        };
        for (name, _) in waiting.into_iter().take(40) {
            let Ok(claim) = store.claim(&name) else { continue };
            let mut bytes = Vec::new();
            if claim.letter().mail().read_to_end(&mut bytes).is_err() {
                continue;
            }
            if dice.roll(20) == 0 {
                let _ = claim.settle(Settlement::Later(Status::default()));
                continue;
            }
            let digest = Bytes::from(Sha256::digest(&bytes));
            known
                .mailbox
                .lock()
                .unwrap()
                .entry(name.clone())
                .or_default()
                .push(digest);
            if claim.settle(Settlement::Delivered).is_ok() {
                known.settled.lock().unwrap().insert(name);
                known.delivered[node].fetch_add(1, Ordering::Relaxed);
            }
        }
        pause(50);
    }
}

fn check(known: &Known, store: &dyn Store) -> Told {
    let (receipts, copies) = (known.receipts.lock().unwrap(), known.copies.lock().unwrap());
    let (mailbox, settled) = (known.mailbox.lock().unwrap(), known.settled.lock().unwrap());
    let listed = super::wait_for("a look at all letters", 60, || store.list().ok());
    let states: BTreeMap<&str, State> = listed
        .iter()
        .map(|letter| (letter.name.as_str(), letter.state))
        .collect();
    let (mut lost, mut changed) = (0, 0);
    for (number, promised) in receipts.iter() {
        let name = identity(store, *number).name;
        let came = mailbox.get(&name).map(Vec::as_slice).unwrap_or_default();
        if came.is_empty() && !states.contains_key(name.as_str()) {
            eprintln!("letter {number} ({name}) is lost");
            lost += 1;
        }
        let right = |bytes: &Bytes| match promised {
            Some(promised) => bytes == promised,
            None => copies[number].contains(bytes),
        };
        if !came.iter().all(right) {
            eprintln!("letter {number} ({name}) came with other bytes");
            changed += 1;
        }
    }
    for (name, came) in mailbox.iter() {
        if came.iter().any(|bytes| bytes != &came[0]) {
            eprintln!("{name} came with two kinds of bytes");
            changed += 1;
        }
    }
    let undone = settled
        .iter()
        .filter(|name| states.get(name.as_str()) != Some(&State::Delivered));
    Told {
        receipts: receipts.len(),
        lost,
        changed,
        undone: undone
            .inspect(|name| eprintln!("{name} is not delivered any more"))
            .count(),
        twice: mailbox.values().filter(|came| came.len() > 1).count(),
        refused: known.refused.load(Ordering::Relaxed),
        in_doubt: known.in_doubt.load(Ordering::Relaxed),
    }
}
