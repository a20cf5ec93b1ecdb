//! The token of a page: what makes a double click one letter, and what tells how long the page was looked at.
//!
//! Twelve bytes are chance. Four more hold when the page was shown, masked by a key that only this process has: nothing
//! can be read from a token, and none can be made older by hand.

use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use konvolutt_letter::{hex, unhex};

const CHANCE: usize = 12;

/// Makes tokens and knows their age.
pub(super) struct Tokens {
    key: Zeroizing<[u8; 32]>,
    began: Instant,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        chance(&mut *key);
        Self {
            key,
            began: Instant::now(),
        }
    }

    /// Marks one page: 32 hexadecimal digits. One that is shown again after a problem has no age: it may be sent at once.
    pub(super) fn fresh(&self, has_age: bool) -> String {
        let mut bytes = [0; 16];
        chance(&mut bytes[..CHANCE]);
        let shown = if has_age { self.now().saturating_add(1) } else { 0 };
        let masked = shown ^ self.mask(&bytes[..CHANCE]);
        bytes[CHANCE..].copy_from_slice(&masked.to_be_bytes());
        hex(bytes)
    }

    /// Whether a text is a token at all.
    pub(super) fn is_one(token: &[u8]) -> bool {
        token.len() == 32 && token.iter().all(u8::is_ascii_hexdigit)
    }

    /// How long ago the page was shown, when that can be known: not after a restart.
    pub(super) fn age(&self, token: &[u8]) -> Option<Duration> {
        let bytes: [u8; 16] = unhex(token)?;
        let (chance, masked) = bytes.split_first_chunk::<CHANCE>()?;
        let masked = u32::from_be_bytes(*masked.first_chunk()?);
        let shown = (masked ^ self.mask(chance)).checked_sub(1)?;
        let age = self.now().checked_sub(shown)?;
        Some(Duration::from_secs(age.into()))
    }

    fn now(&self) -> u32 {
        u32::try_from(self.began.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    fn mask(&self, chance: &[u8]) -> u32 {
        #[allow(clippy::expect_used)] // HMAC takes keys of any length
        let mut hmac = Hmac::<Sha256>::new_from_slice(&*self.key).expect("a key");
        hmac.update(chance);
        let digest: [u8; 32] = hmac.finalize().into_bytes().into();
        u32::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }
}

/// Without chance from the system two pages could share a token: then there is no page.
fn chance(bytes: &mut [u8]) {
    #[allow(clippy::expect_used)] // the kernel's generator cannot fail once the machine has booted
    getrandom::fill(bytes).expect("chance from the operating system");
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
}
