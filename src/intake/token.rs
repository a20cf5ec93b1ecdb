//! The token of a page: what makes a double click one letter, and what tells how long the page was looked at.
//!
//! Twelve bytes are random. Four more hold the moment when the page was shown, masked under a key that only this process
//! has: nothing can be read from a token, and none can be made older by hand.

use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use konvolutt_letter::{hex, unhex};

const RANDOM: usize = 12;

/// Makes tokens and knows their age.
pub(super) struct Tokens {
    key: Zeroizing<[u8; 32]>,
    began: Instant,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        fill(&mut *key);
        Self {
            key,
            began: Instant::now(),
        }
    }

    /// Marks one page: 32 hexadecimal digits. One that is shown again after a problem has no age: it may be sent at once.
    pub(super) fn fresh(&self, has_age: bool) -> String {
        let mut bytes = [0; 16];
        fill(&mut bytes[..RANDOM]);
        let shown = if has_age { self.now().saturating_add(1) } else { 0 };
        let masked = shown ^ self.mask(&bytes[..RANDOM]);
        bytes[RANDOM..].copy_from_slice(&masked.to_be_bytes());
        hex(bytes)
    }

    /// Whether a text is a token at all.
    pub(super) fn is_one(token: &[u8]) -> bool {
        token.len() == 32 && token.iter().all(u8::is_ascii_hexdigit)
    }

    /// How long ago the page was shown, when that can be known: not after a restart.
    pub(super) fn age(&self, token: &[u8]) -> Option<Duration> {
        let bytes: [u8; 16] = unhex(token)?;
        let (random, masked) = bytes.split_first_chunk::<RANDOM>()?;
        let masked = u32::from_be_bytes(*masked.first_chunk()?);
        let shown = (masked ^ self.mask(random)).checked_sub(1)?;
        let age = self.now().checked_sub(shown)?;
        Some(Duration::from_secs(age.into()))
    }

    fn now(&self) -> u32 {
        u32::try_from(self.began.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    fn mask(&self, random: &[u8]) -> u32 {
        #[allow(clippy::expect_used)] // HMAC takes keys of any length
        let mut hmac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("a key");
        hmac.update(random);
        let digest: [u8; 32] = hmac.finalize().into_bytes().into();
        u32::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }
}

/// Without randomness two pages could share a token: then there is no page.
fn fill(bytes: &mut [u8]) {
    #[allow(clippy::expect_used)] // the kernel's generator cannot fail once the machine has booted
    getrandom::fill(bytes).expect("randomness from the operating system");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_known_here_and_nowhere_else() {
        let (tokens, others) = (Tokens::new(), Tokens::new());
        let token = tokens.fresh(true);
        assert!(Tokens::is_one(token.as_bytes()));
        assert_eq!(tokens.age(token.as_bytes()), Some(Duration::ZERO));
        assert_eq!(tokens.age(tokens.fresh(false).as_bytes()), None);
        assert_eq!(others.age(token.as_bytes()), None);
        assert_ne!(token, tokens.fresh(true));
        for wrong in ["", "../x", &"g".repeat(32)] {
            assert_eq!(tokens.age(wrong.as_bytes()), None);
        }
    }

    #[test]
    fn a_token_is_32_hexadecimal_digits() {
        let token = Tokens::new().fresh(false);
        assert!(Tokens::is_one(token.as_bytes()));
        for wrong in [
            &token[1..],
            &format!("{token}0"),
            &token.replace(&token[..1], "g"),
            "",
            " ",
        ] {
            assert!(!Tokens::is_one(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn the_age_grows_and_cannot_be_changed_by_hand() {
        let mut tokens = Tokens::new();
        let token = tokens.fresh(true);
        tokens.began = tokens.began.checked_sub(Duration::from_secs(100)).unwrap();
        assert_eq!(tokens.age(token.as_bytes()), Some(Duration::from_secs(100)));
        // Another random part with the same masked moment: some other moment, in nearly every case one to come.
        let moved = ["0", "1", "2"].map(|digit| tokens.age(format!("{digit}{}", &token[1..]).as_bytes()));
        let same = moved
            .iter()
            .filter(|age| **age == Some(Duration::from_secs(100)))
            .count();
        assert!(same <= 1, "only the token itself");
    }
}
