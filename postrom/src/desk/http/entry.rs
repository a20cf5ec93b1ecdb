//! The secret in the address, and the one-time addresses that lead to it.
//!
//! What always holds: a secret has 256 random bits; it is compared in a time that says nothing of it; an address that was
//! used, or has become too old, is as good as a wrong one.

use std::hint::black_box;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// So many wrong addresses are no slip of a hand.
const SUSPICIOUS: u64 = 10;
/// What browsers and people ask of any site by themselves.
const BY_ITSELF: [&str; 4] = ["", "favicon.ico", "robots.txt", ".well-known"];

pub(super) struct Entry {
    secret: String,
    invitations: Mutex<Vec<Invitation>>,
    wrong: AtomicU64,
}

struct Invitation {
    word: String,
    until: Option<Instant>,
}

impl Entry {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            secret: random()?,
            invitations: Mutex::default(),
            wrong: AtomicU64::new(0),
        })
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn invite(&self, within: Option<Duration>) -> io::Result<String> {
        let word = random()?;
        let until = within.map(|within| Instant::now() + within);
        let invitation = Invitation {
            word: word.clone(),
            until,
        };
        self.invitations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(invitation);
        Ok(word)
    }

    pub(super) fn is_secret(&self, said: &str) -> bool {
        same(&self.secret, said)
    }

    /// Whether this lets somebody in. It does so once.
    pub(super) fn accept(&self, said: &str) -> bool {
        let mut invitations = self.invitations.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        invitations.retain(|invitation| invitation.until.is_none_or(|until| now < until));
        // All are compared, whichever fits.
        let fits: Vec<bool> = invitations.iter().map(|known| same(&known.word, said)).collect();
        match fits.iter().position(|fits| *fits) {
            Some(at) => {
                invitations.swap_remove(at);
                true
            }
            None => false,
        }
    }

    /// Counts an address that is none; how many it were, when the clerk should hear of it.
    pub(super) fn was_wrong(&self, said: &str) -> Option<u64> {
        if BY_ITSELF.contains(&said) {
            return None;
        }
        let wrong = self.wrong.fetch_add(1, Ordering::Relaxed) + 1;
        let worth_saying = wrong == SUSPICIOUS || wrong.is_multiple_of(100 * SUSPICIOUS);
        worth_saying.then_some(wrong)
    }
}

fn random() -> io::Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Their length is no secret.
fn same(one: &str, other: &str) -> bool {
    let differences = one
        .bytes()
        .zip(other.bytes())
        .fold(0u8, |all, (a, b)| black_box(all | (a ^ b)));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_good_once_and_in_its_time() {
        let entry = Entry::new().unwrap();
        let (word, late) = (entry.invite(None).unwrap(), entry.invite(Some(Duration::ZERO)).unwrap());
        assert_eq!(word.len(), 43);
        assert!(!entry.accept(&late));
        assert!(!entry.accept(&word[..42]) && !entry.accept(&format!("{word}A")) && !entry.accept(""));
        assert!(entry.accept(&word));
        assert!(!entry.accept(&word));
    }

    #[test]
    fn an_invitation_is_not_the_secret_nor_the_other_way_round() {
        let entry = Entry::new().unwrap();
        let word = entry.invite(None).unwrap();
        assert!(!entry.is_secret(&word) && !entry.accept(entry.secret()));
        assert!(entry.is_secret(&String::from(entry.secret())));
        for at in 0..43 {
            let mut wrong = entry.secret().to_owned().into_bytes();
            wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
            assert!(!entry.is_secret(&String::from_utf8(wrong).unwrap()));
        }
    }

    #[test]
    fn the_tenth_wrong_address_is_told_and_a_browsers_own_questions_are_none() {
        let entry = Entry::new().unwrap();
        (0..50).for_each(|_| assert_eq!(entry.was_wrong("favicon.ico"), None));
        let told: Vec<Option<u64>> = (0..30).map(|_| entry.was_wrong("x")).collect();
        assert_eq!(told.iter().flatten().collect::<Vec<_>>(), [&10]);
        assert_eq!(told[9], Some(10));
    }
}
