//! What was typed, between a POST that cannot be taken and the GET that shows it again.
//!
//! A POST answered directly with a page makes the browser write the typed text to the device's disk; a 303
//! does not. So the text waits here, sealed under a key that stands only in the redirect's address: for one
//! GET, for at most a minute. Without that address not even this process can read it.
//!
//! Comes in: a [`Redisplay`]. Goes out: its key, and for that key the same again, once. What always holds: the lock is held
//! for a look-up in memory, never while something is sealed or opened.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, generic_array::GenericArray};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::blocking::blocking;
use crate::answer::{Problem, Typed};
use crate::owner::{self, Owner};

/// How long it waits.
const LIFETIME: Duration = Duration::from_secs(60);
/// Bytes that wait at most. Beyond, whoever has the most here makes room, with the largest of it: so no page is lost for
/// what somebody else sent, and a small one not for a large one.
const MOST: usize = 64 * 1024 * 1024;
/// Sealing this much takes some tenths of a millisecond; more, up to megabytes, does not belong on the runtime's threads.
const AT_ONCE: usize = 64 * 1024;

/// What is shown again.
#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Redisplay {
    /// What was typed.
    pub(super) typed: Typed,
    /// What is to be corrected.
    pub(super) problems: Vec<Problem>,
    /// What went wrong without the citizen's doing; empty when nothing did.
    pub(super) notice: String,
    /// Files were chosen, and must be chosen again.
    pub(super) had_files: bool,
    /// The page's own token, when it is to be the same page: if the letter was kept after all, sending it again makes no
    /// second one. Empty for a fresh one.
    pub(super) token: String,
    /// HTTP status to show it with; 0 stands for 200.
    pub(super) status: u16,
}

/// What waits, by the digest of its key.
#[derive(Default)]
pub(super) struct Replay(Mutex<HashMap<Name, Sealed>>);

type Key = Zeroizing<[u8; 32]>;
type Name = [u8; 32];

struct Sealed {
    bytes: Vec<u8>,
    since: Instant,
    owner: Option<owner::Name>,
}

impl Replay {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Keeps what was typed and returns the key to it.
    pub(super) async fn keep(&self, again: Redisplay, owner: &Owner) -> Option<String> {
        let size: usize = again.typed.pairs().map(|(_, value)| value.len()).sum();
        let owner = owner.widest();
        let (key, sealed) = sized(size, move || seal(&again, owner)).await??;
        let mut kept = self.kept();
        kept.insert(name(&key), sealed);
        make_room(&mut kept);
        Some(BASE64.encode(*key))
    }

    /// Gives it back, once.
    pub(super) async fn take(&self, key: &str) -> Option<Redisplay> {
        let mut bytes = Key::default();
        let length = BASE64.decode_slice(key, &mut *bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let sealed = {
            let mut kept = self.kept();
            make_room(&mut kept);
            kept.remove(&name(&bytes))?
        };
        sized(sealed.bytes.len(), move || open(&bytes, &sealed)).await?
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Name, Sealed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Small work here and now, large work on a blocking thread. None when it panicked there.
async fn sized<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if bytes <= AT_ONCE {
        Some(work())
    } else {
        blocking(work).await.ok()
    }
}

fn seal(again: &Redisplay, owner: Option<owner::Name>) -> Option<(Key, Sealed)> {
    let plain = Zeroizing::new(serde_json::to_vec(again).ok()?);
    let mut key = Key::default();
    getrandom::fill(&mut *key).ok()?;
    let bytes = cipher(&key).encrypt(&nonce(), plain.as_slice()).ok()?;
    let since = Instant::now();
    Some((key, Sealed { bytes, since, owner }))
}

fn open(key: &Key, sealed: &Sealed) -> Option<Redisplay> {
    let plain = cipher(key).decrypt(&nonce(), sealed.bytes.as_slice());
    let plain = Zeroizing::new(plain.ok()?);
    serde_json::from_slice(&plain).ok()
}

/// Drops what is too old, then what is too much.
fn make_room(kept: &mut HashMap<Name, Sealed>) {
    kept.retain(|_, sealed| sealed.since.elapsed() < LIFETIME);
    let mut by_owner: HashMap<_, usize> = HashMap::new();
    for sealed in kept.values() {
        *by_owner.entry(sealed.owner).or_default() += sealed.bytes.len();
    }
    let mut used: usize = by_owner.values().sum();
    while used > MOST {
        let Some(heaviest) = by_owner.iter().max_by_key(|(_, bytes)| **bytes).map(|(owner, _)| *owner) else {
            return;
        };
        let own = kept.iter().filter(|(_, sealed)| sealed.owner == heaviest);
        // Of equals the oldest.
        let largest = own.max_by_key(|(_, sealed)| (sealed.bytes.len(), sealed.since.elapsed()));
        let Some(name) = largest.map(|(name, _)| *name) else {
            return;
        };
        let bytes = kept.remove(&name).map_or(0, |sealed| sealed.bytes.len());
        used -= bytes;
        *by_owner.entry(heaviest).or_default() -= bytes;
    }
}

/// The store knows a key by its digest only.
fn name(key: &[u8; 32]) -> Name {
    Sha256::digest(key).into()
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(GenericArray::from_slice(key))
}

/// Each key seals once, so its nonce may be fixed.
fn nonce() -> aes_gcm::Nonce<aes_gcm::aead::consts::U12> {
    GenericArray::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Redisplay {
        let mut page = Redisplay::default();
        page.typed.push("melding".into(), text.to_owned());
        page
    }

    #[tokio::test]
    async fn it_is_given_back_once() {
        let replay = Replay::new();
        for text in ["hemmelig", &"lang".repeat(AT_ONCE)] {
            let key = replay.keep(page(text)).await.unwrap();
            assert!(replay.take("AAAA").await.is_none());
            assert_eq!(replay.take(&key).await.unwrap().typed.first("melding"), text);
            assert!(replay.take(&key).await.is_none());
        }
    }

    #[tokio::test]
    async fn the_oldest_makes_room() {
        let replay = Replay::new();
        let mut keys = Vec::new();
        for _ in 0..3 {
            keys.push(replay.keep(page(&"x".repeat(MOST / 3))).await.unwrap());
        }
        assert!(replay.take(&keys[0]).await.is_none());
        assert!(replay.take(&keys[2]).await.is_some());
    }
}
