//! The number that people say to each other: `K7F-3K9Q-2MX`.

use std::fmt;

/// Digits and capitals without `0 O 1 I L`. 31 is prime, so a weighted sum finds every single wrong symbol
/// and every swap of two.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const SYMBOLS: usize = 10;

/// A reference: nine symbols from chance (44 bits) and a check symbol. For people only: machines compare the
/// letter's id.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reference([u8; SYMBOLS]);

impl Reference {
    /// A reference from random bytes.
    pub fn from_random(bytes: &[u8; 16]) -> Self {
        let mut number = u128::from_be_bytes(*bytes);
        let mut digits = [0u8; SYMBOLS];
        for digit in &mut digits[..SYMBOLS - 1] {
            // 2^128 / 31^9 leaves a bias below 2^-83.
            *digit = (number % 31) as u8;
            number /= 31;
        }
        digits[SYMBOLS - 1] = check(&digits);
        Self(digits.map(|digit| ALPHABET[usize::from(digit)]))
    }

    /// Reads what a person wrote: case, blanks and hyphens do not matter, a slip is noticed.
    pub fn parse(text: &str) -> Option<Self> {
        let symbols = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let symbols: Vec<u8> = symbols.map(|byte| byte.to_ascii_uppercase()).collect();
        let symbols: [u8; SYMBOLS] = symbols.try_into().ok()?;
        let mut digits = [0u8; SYMBOLS];
        for (digit, symbol) in digits.iter_mut().zip(symbols) {
            *digit = ALPHABET.iter().position(|known| *known == symbol)? as u8;
        }
        (digits[SYMBOLS - 1] == check(&digits)).then_some(Self(symbols))
    }
}

/// Weighted sum of all symbols but the last, modulo 31. The last symbol weighs nothing here, so that it can
/// be the sum itself.
fn check(digits: &[u8; SYMBOLS]) -> u8 {
    let weighted = digits[..SYMBOLS - 1].iter().zip(2u32..);
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(*digit) * weight).sum();
    (sum % 31) as u8
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in self.0.iter().enumerate() {
            if place == 3 || place == 7 {
                out.write_str("-")?;
            }
            write!(out, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_noticed_and_spacing_is_not() {
        let reference = Reference::from_random(b"0123456789abcdef");
        let text = reference.to_string();
        assert_eq!(text.len(), 12);
        assert_eq!(
            Reference::parse(&text.to_lowercase().replace('-', " ")),
            Some(reference)
        );

        let symbols: Vec<char> = text.chars().collect();
        for place in 0..symbols.len() {
            for symbol in ALPHABET.iter().map(|byte| char::from(*byte)) {
                let mut slip = symbols.clone();
                if slip[place] == '-' || slip[place] == symbol {
                    continue;
                }
                slip[place] = symbol;
                assert!(Reference::parse(&slip.iter().collect::<String>()).is_none());
            }
        }
        let plain: Vec<char> = symbols.into_iter().filter(|c| *c != '-').collect();
        for place in 1..plain.len() {
            let mut swap = plain.clone();
            swap.swap(place - 1, place);
            if swap != plain {
                assert!(Reference::parse(&swap.iter().collect::<String>()).is_none());
            }
        }
    }
}
