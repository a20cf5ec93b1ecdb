//! What was typed, between a POST that cannot be taken and the GET that shows it again.
//!
//! A POST answered directly with a page makes the browser write the typed text to the device's disk; a 303
//! does not. So the text waits here, sealed under a key that stands only in the redirect's address: for one
//! GET, for at most a minute. Without that address not even this process can read it.
//!
//! Comes in: a [`Redisplay`]. Goes out: its key, and for that key the same again, once. What always holds: the lock is held
//! for a look-up in memory, never while something is sealed or opened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, generic_array::GenericArray};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::blocking::blocking;
use super::kept::{Kept, Name, Sealed};
use crate::answer::{Problem, Typed};
use crate::owner::Owner;
use crate::page::Reviewed;

/// Bytes that wait at most. An owner has a share of them (see `owner`), and makes room with its own.
const MOST: u64 = 64 * 1024 * 1024;
/// The same for pages with more text than their form can hold. They wait by themselves: a diary that was pasted by mistake
/// is given back to be shortened, but pushes nothing out that could become a letter.
const MOST_LONG: u64 = 16 * 1024 * 1024;
/// Sealing this much takes some tenths of a millisecond; more, up to megabytes, does not belong on the runtime's threads.
const AT_ONCE: usize = 64 * 1024;
/// Pages larger than that which are sealed at the same time.
const LARGE: usize = 8;

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
    /// The answers, to be looked over; none where nobody asked for that.
    pub(super) review: Vec<Reviewed>,
}

/// What waits, by the digest of its key.
pub(super) struct Replay {
    usual: Mutex<Kept>,
    long: Mutex<Kept>,
    /// For pages that are sealed on a blocking thread.
    large: Arc<Semaphore>,
}

/// What one thing is sealed under; it stands nowhere here.
pub(super) type Key = Zeroizing<[u8; 32]>;

impl Replay {
    pub(super) fn new() -> Self {
        Self::sized(MOST, MOST_LONG)
    }

    fn sized(most: u64, most_long: u64) -> Self {
        let kept = |most| Mutex::new(Kept::new(most));
        Self {
            usual: kept(most),
            long: kept(most_long),
            large: Arc::new(Semaphore::new(LARGE)),
        }
    }

    /// Keeps what was typed, and returns the key to it. `usual` is how many bytes of text the form can hold.
    pub(super) async fn keep(&self, again: Redisplay, owner: &Owner, usual: usize) -> Option<String> {
        let size: usize = again.typed.pairs().map(|(name, value)| name.len() + value.len()).sum();
        let shown = again.review.iter().flat_map(|one| &one.values).map(String::len);
        let whole = size + shown.sum::<usize>();
        let owner = owner.clone();
        // Sealing takes a page's size several times over. The semaphore is never closed; without a permit there would only
        // be more at once.
        let permit = if whole > AT_ONCE {
            self.large.clone().acquire_owned().await.ok()
        } else {
            None
        };
        let work = move || {
            let _held = permit;
            seal(&again, owner)
        };
        let (key, sealed) = sized(whole, work).await??;
        let place = if size <= usual { &self.usual } else { &self.long };
        let mut kept = locked(place);
        kept.make_room_for(&sealed);
        kept.insert(name(&key), sealed);
        Some(text_of(&key))
    }

    /// Gives it back, once.
    pub(super) async fn take(&self, key: &str) -> Option<Redisplay> {
        let key = key_of(key)?;
        let name = name(&key);
        let mut places = [&self.usual, &self.long].into_iter();
        let sealed = places.find_map(|place| {
            let mut kept = locked(place);
            kept.drop_what_is_too_old();
            kept.remove(&name)
        })?;
        sized(sealed.bytes.len(), move || open(&key, &sealed)).await?
    }
}

/// A key as it stands in an address.
pub(super) fn text_of(key: &Key) -> String {
    BASE64.encode(**key)
}

/// The key in an address, if it is one.
pub(super) fn key_of(text: &str) -> Option<Key> {
    let mut key = Key::default();
    let length = BASE64.decode_slice(text, &mut *key).ok()?;
    (length == key.len()).then_some(key)
}

pub(super) fn locked(place: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Small work here and now, large work on a blocking thread. None when it panicked there.
pub(super) async fn sized<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if bytes <= AT_ONCE {
        Some(work())
    } else {
        blocking(work).await.ok()
    }
}

pub(super) fn seal(content: &impl Serialize, owner: Owner) -> Option<(Key, Sealed)> {
    let plain = Zeroizing::new(serde_json::to_vec(content).ok()?);
    let mut key = Key::default();
    getrandom::fill(&mut *key).ok()?;
    let bytes = cipher(&key).encrypt(&nonce(), plain.as_slice()).ok()?;
    let since = Instant::now();
    Some((key, Sealed { bytes, since, owner }))
}

pub(super) fn open<T: DeserializeOwned>(key: &Key, sealed: &Sealed) -> Option<T> {
    let plain = cipher(key).decrypt(&nonce(), sealed.bytes.as_slice());
    let plain = Zeroizing::new(plain.ok()?);
    serde_json::from_slice(&plain).ok()
}

/// The store knows a key by its digest only.
pub(super) fn name(key: &[u8; 32]) -> Name {
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
    use crate::owner::{NameKey, Source};

    fn page(text: &str) -> Redisplay {
        let mut page = Redisplay::default();
        page.typed.push("melding".into(), text.to_owned());
        page
    }

    fn owner(key: &NameKey, address: &str) -> Owner {
        key.owner(Source::Address(address.parse().unwrap()))
    }

    /// What a form of this test can hold.
    const USUAL: usize = 60_000;
    /// A sixteenth of what really waits, since sealing takes its time in a test.
    const LESS: u64 = MOST / 16;

    fn small() -> Replay {
        Replay::sized(LESS, MOST_LONG / 16)
    }

    async fn keep(replay: &Replay, text: &str, owner: &Owner) -> String {
        replay.keep(page(text), owner, USUAL).await.unwrap()
    }

    async fn is_there(replay: &Replay, key: &str, text: &str) -> bool {
        let again = replay.take(key).await;
        again.is_some_and(|again| again.typed.first("melding") == text)
    }

    fn total(replay: &Replay) -> u64 {
        locked(&replay.usual).bytes.total()
    }

    #[tokio::test]
    async fn it_is_given_back_once() {
        let replay = small();
        for text in ["hemmelig", &"lang".repeat(AT_ONCE), &"lang".repeat(USUAL)] {
            let key = keep(&replay, text, &Owner::default()).await;
            assert!(replay.take("AAAA").await.is_none());
            assert!(is_there(&replay, &key, text).await);
            assert!(replay.take(&key).await.is_none());
        }
        assert_eq!(total(&replay), 0);
    }

    /// Seventeen pages of 2 MB from next door once cost a citizen the text.
    #[tokio::test]
    async fn nobody_pushes_out_what_a_neighbour_wrote() {
        let (replay, names) = (small(), NameKey::random());
        let (neighbour, next_door) = (owner(&names, "192.0.2.7"), owner(&names, "192.0.2.8"));
        let own = keep(&replay, "hemmelig", &neighbour).await;
        let large = "x".repeat(USUAL - 10);
        let first = keep(&replay, &large, &next_door).await;
        for _ in 0..20 {
            keep(&replay, &large, &next_door).await;
        }
        for _ in 0..500 {
            keep(&replay, "x", &next_door).await;
        }
        assert!(replay.take(&first).await.is_none(), "its own makes room");
        assert!(total(&replay) <= LESS / 16);
        assert!(is_there(&replay, &own, "hemmelig").await);
    }

    /// Behind one address there may be thousands.
    #[tokio::test]
    async fn a_page_is_there_for_who_comes_at_once_whatever_a_neighbour_sends() {
        let (replay, names) = (small(), NameKey::random());
        let shared = owner(&names, "192.0.2.7");
        for text in ["x".repeat(10), "x".repeat(USUAL - 10)] {
            for _ in 0..300 {
                keep(&replay, &text, &shared).await;
            }
            let own = keep(&replay, &"hemmelig ".repeat(500), &shared).await;
            for _ in 0..10 {
                keep(&replay, &text, &shared).await;
            }
            assert!(
                is_there(&replay, &own, &"hemmelig ".repeat(500)).await,
                "{} bytes",
                text.len()
            );
        }
    }

    /// Two addresses fill the share of their /24 with pages that are smaller than what somebody else there wrote.
    #[tokio::test]
    async fn many_small_pages_push_out_no_larger_one_next_door() {
        let (replay, names) = (small(), NameKey::random());
        let text = "hemmelig".repeat(1000);
        let own = keep(&replay, &text, &owner(&names, "192.0.2.7")).await;
        let first = keep(&replay, &text, &owner(&names, "192.0.2.8")).await;
        for round in 0..400 {
            let next_door = ["192.0.2.8", "192.0.2.9"][round % 2];
            keep(&replay, "x", &owner(&names, next_door)).await;
        }
        assert!(total(&replay) > LESS / 9 - 10_000, "the control: the share is full");
        assert!(replay.take(&first).await.is_none(), "its own is not spared");
        assert!(is_there(&replay, &own, &text).await);
    }

    /// A large page takes the place of hundreds of small ones.
    #[tokio::test]
    async fn what_makes_room_is_looked_for_once() {
        let (replay, names) = (small(), NameKey::random());
        let one = owner(&names, "192.0.2.7");
        for _ in 0..110 {
            keep(&replay, "x", &one).await;
        }
        for net in 0..900 {
            keep(&replay, "x", &owner(&names, &format!("2001:db8:{net:x}::1"))).await;
        }
        let pages = locked(&replay.usual).pages.len();
        let large = "x".repeat(USUAL - 10);
        let key = keep(&replay, &large, &one).await;
        let gone = pages + 1 - locked(&replay.usual).pages.len();
        assert!((20..110).contains(&gone), "{gone} small pages");
        assert!(is_there(&replay, &key, &large).await);
    }

    #[tokio::test]
    async fn when_all_is_full_the_heaviest_makes_room() {
        let (replay, names) = (small(), NameKey::random());
        let own = keep(&replay, "hemmelig", &owner(&names, "192.0.2.7")).await;
        let large = "x".repeat(USUAL - 10);
        for net in 0..300 {
            keep(&replay, &large, &owner(&names, &format!("2001:db8:{net:x}::1"))).await;
        }
        assert!(total(&replay) <= LESS && total(&replay) > LESS - 100_000);
        let newest = keep(&replay, "fersk", &owner(&names, "198.51.100.1")).await;
        for (key, text) in [(own, "hemmelig"), (newest, "fersk")] {
            assert!(is_there(&replay, &key, text).await);
        }
    }

    /// However much is pasted by mistake.
    #[tokio::test]
    async fn what_no_form_can_hold_waits_by_itself() {
        let (replay, names) = (small(), NameKey::random());
        let own = keep(&replay, "hemmelig", &owner(&names, "192.0.2.7")).await;
        let before = total(&replay);
        for net in 0..10 {
            let from = owner(&names, &format!("2001:db8:{net:x}::1"));
            let long = "x".repeat(150_000);
            let key = keep(&replay, &long, &from).await;
            assert!(is_there(&replay, &key, &long).await);
            keep(&replay, &long, &from).await;
        }
        assert_eq!(total(&replay), before);
        assert!(locked(&replay.long).bytes.total() <= MOST_LONG / 16);
        assert!(is_there(&replay, &own, "hemmelig").await);
    }
}
