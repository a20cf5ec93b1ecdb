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

/// How long it waits.
const LIFETIME: Duration = Duration::from_secs(60);
/// Bytes that wait at most; beyond, the oldest are dropped.
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
}

impl Replay {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Keeps what was typed and returns the key to it.
    pub(super) async fn keep(&self, again: Redisplay) -> Option<String> {
        let size: usize = again.typed.pairs().map(|(name, value)| name.len() + value.len()).sum();
        let (key, sealed) = sized(size, move || seal(&again)).await??;
        let mut kept = self.kept();
        make_room(&mut kept, sealed.bytes.len());
        kept.insert(name(&key), sealed);
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
            make_room(&mut kept, 0);
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

fn seal(again: &Redisplay) -> Option<(Key, Sealed)> {
    let plain = Zeroizing::new(serde_json::to_vec(again).ok()?);
    let mut key = Key::default();
    getrandom::fill(&mut *key).ok()?;
    let bytes = cipher(&key).encrypt(&nonce(), plain.as_slice()).ok()?;
    let since = Instant::now();
    Some((key, Sealed { bytes, since }))
}

fn open(key: &Key, sealed: &Sealed) -> Option<Redisplay> {
    let plain = cipher(key).decrypt(&nonce(), sealed.bytes.as_slice());
    let plain = Zeroizing::new(plain.ok()?);
    serde_json::from_slice(&plain).ok()
}

fn make_room(kept: &mut HashMap<Name, Sealed>, wanted: usize) {
    kept.retain(|_, sealed| sealed.since.elapsed() < LIFETIME);
    let mut used: usize = kept.values().map(|sealed| sealed.bytes.len()).sum();
    while used + wanted > MOST {
        let oldest = kept.iter().min_by_key(|(_, sealed)| sealed.since);
        let Some(name) = oldest.map(|(name, _)| *name) else {
            break;
        };
        used -= kept.remove(&name).map_or(0, |sealed| sealed.bytes.len());
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
