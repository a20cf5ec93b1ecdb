//! The store in a PostgreSQL that several nodes share: what the contract of all stores cannot ask, since it has no servers
//! that are cut off, killed, or set up wrongly.

mod doors;
mod faults;
mod leases;
mod letters;
mod patroni;
mod promises;
mod proofs;
mod rights;
mod service;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use konvolutt::store::{Committed, Envelope, Identity, Pending, Store, StoreError};

fn identity(store: &dyn Store, number: u32) -> Identity {
    store.identities().of(&number.to_be_bytes(), &[0; 32])
}

fn envelope(number: u32) -> Envelope {
    Envelope {
        mailbox: "postmottak".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: format!("TST-{number:04}-TST"),
        accepted: 60 * u64::from(number),
    }
}

/// A letter with these bytes, not committed yet.
fn begun<'a>(store: &'a dyn Store, bytes: &[u8]) -> Result<Box<dyn Pending + 'a>, StoreError> {
    let mut pending = store.begin()?;
    pending.write_all(bytes)?;
    Ok(pending)
}

fn commit_bytes(store: &dyn Store, number: u32, bytes: &[u8]) -> Result<Committed, StoreError> {
    begun(store, bytes)?.commit(&identity(store, number), &envelope(number))
}

fn commit(store: &dyn Store, number: u32) -> Result<Committed, StoreError> {
    commit_bytes(store, number, format!("Subject: sealed\r\n\r\n{number}\r\n").as_bytes())
}

/// What a claim reads of a letter that waits.
fn claimed_bytes(store: &dyn Store, number: u32) -> Vec<u8> {
    let claim = store.claim(&identity(store, number).name).unwrap();
    let mut bytes = Vec::new();
    claim.letter().mail().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Asks until there is an answer.
fn wait_for<T>(what: &str, seconds: u64, ask: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what} did not come within {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}
