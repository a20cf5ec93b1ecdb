//! What was typed, between a POST that cannot be taken and the GET that shows it again.
//!
//! A POST answered directly with a page makes the browser write the typed text to the device's disk; a 303
//! does not. So the text waits here, sealed under a key that stands only in the redirect's address: for one
//! GET, for at most a minute. Without that address not even this process can read it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, generic_array::GenericArray};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::answer::{Problem, Typed};

/// How long it waits.
const LIFETIME: Duration = Duration::from_secs(60);
/// Bytes that wait at most; beyond, the oldest make room.
const MOST: usize = 64 * 1024 * 1024;

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

#[derive(Default)]
pub(super) struct Replay(Mutex<HashMap<[u8; 32], Sealed>>);

struct Sealed {
    bytes: Vec<u8>,
    since: Instant,
}

impl Replay {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Keeps what was typed and returns the key to it.
    pub(super) fn keep(&self, again: &Redisplay) -> Option<String> {
        let plain = Zeroizing::new(serde_json::to_vec(again).ok()?);
        let mut key = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *key).ok()?;
        let bytes = cipher(&key).encrypt(&nonce(), plain.as_slice()).ok()?;
        let since = Instant::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut kept, bytes.len());
        kept.insert(name(&key), Sealed { bytes, since });
        Some(BASE64.encode(*key))
    }

    /// Gives it back, once.
    pub(super) fn take(&self, key: &str) -> Option<Redisplay> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        let length = BASE64.decode_slice(key, &mut *bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let sealed = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            make_room(&mut kept, 0);
            kept.remove(&name(&bytes))?
        };
        let plain = cipher(&bytes).decrypt(&nonce(), sealed.bytes.as_slice());
        let plain = Zeroizing::new(plain.ok()?);
        serde_json::from_slice(&plain).ok()
    }
}

fn make_room(kept: &mut HashMap<[u8; 32], Sealed>, wanted: usize) {
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
fn name(key: &[u8; 32]) -> [u8; 32] {
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

    #[test]
    fn it_is_given_back_once() {
        let kept = Replay::new();
        let mut again = Redisplay::default();
        again.typed.push("melding".into(), "hemmelig".into());
        let key = kept.keep(&again).unwrap();
        assert!(kept.take("AAAA").is_none());
        assert_eq!(kept.take(&key).unwrap().typed.first("melding"), "hemmelig");
        assert!(kept.take(&key).is_none());
    }

    #[test]
    fn the_oldest_makes_room() {
        let kept = Replay::new();
        let mut again = Redisplay::default();
        again.typed.push("melding".into(), "x".repeat(MOST / 3));
        let keys: Vec<_> = (0..3).map(|_| kept.keep(&again).unwrap()).collect();
        assert!(kept.take(&keys[0]).is_none());
        assert!(kept.take(&keys[2]).is_some());
    }
}
