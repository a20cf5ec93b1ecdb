//! Passphrases in files, as editors leave them there, and which of them are easily guessed.

use std::path::Path;

use sequoia_openpgp::crypto::Password;

use crate::keys::file::{plain_text, read};
use crate::trouble::Cause;

/// Why a passphrase file gives none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseTrouble {
    /// It cannot be read.
    Unreadable(std::path::PathBuf, Cause),
    /// Its first line is empty.
    Empty(std::path::PathBuf),
}

/// What the first line of a file may stand for, the likeliest first: as it is written, without a byte order mark, without
/// blanks at its end, and with its letters as UTF-8. One of them is what the key was locked with.
///
/// # Errors
/// When there is nothing on that line.
pub fn candidates(path: &Path) -> Result<Vec<Password>, PassphraseTrouble> {
    let lines = lines(path)?;
    Ok(lines.into_iter().map(Password::from).collect())
}

/// What a new key is locked with: what a person believes to have written, who will type it one day.
///
/// # Errors
/// When there is nothing on the first line.
pub fn for_new_key(path: &Path) -> Result<Password, PassphraseTrouble> {
    let last = lines(path)?.pop();
    last.map(Password::from)
        .ok_or_else(|| PassphraseTrouble::Empty(path.to_owned()))
}

fn lines(path: &Path) -> Result<Vec<Vec<u8>>, PassphraseTrouble> {
    let bytes = read(path).map_err(|cause| PassphraseTrouble::Unreadable(path.to_owned(), cause))?;
    let lines = readings(&bytes);
    if lines.is_empty() {
        return Err(PassphraseTrouble::Empty(path.to_owned()));
    }
    Ok(lines)
}

fn readings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = plain_text(bytes);
    let plain = first_line(&text);
    let trimmed = plain.trim_ascii_end();
    if trimmed.is_empty() {
        return Vec::new();
    }
    // Letters of an old Windows editor; a key's passphrase is UTF-8 wherever it was typed.
    let utf8 = match std::str::from_utf8(trimmed) {
        Ok(text) => text.to_owned(),
        Err(_) => trimmed.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut readings = Vec::new();
    for reading in [first_line(bytes), plain, trimmed, utf8.as_bytes()] {
        if !readings.iter().any(|known: &Vec<u8>| known == reading) {
            readings.push(reading.to_vec());
        }
    }
    readings
}

fn first_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    &text[..end.unwrap_or(text.len())]
}

/// What every list of guesses begins with, in the languages of the office.
const COMMON: &[&str] = &[
    "passord",
    "passphrase",
    "password",
    "passfrase",
    "hemmelig",
    "hemmeleg",
    "hemmelighet",
    "postmottak",
    "kommune",
    "fylkeskommune",
    "velkommen",
    "welcome",
    "qwerty",
    "qwertz",
    "asdf",
    "zxcv",
    "letmein",
    "admin",
    "administrator",
    "test",
    "norge",
    "noreg",
    "secret",
    "sommer",
    "sommar",
    "vinter",
    "vinteren",
    "januar",
    "oktober",
    "letters",
    "konvolutt",
    "skjema",
    "nøkkel",
];

/// Fewer symbols than this, once those are left out that a guesser gets for nothing, are tried within days by whoever has
/// a copy of the key: 12 symbols of 5 bits are 2^60 tries.
const ENOUGH: usize = 12;

/// Whether a passphrase is easily guessed. `own` are words that anybody would try first: the key's name and address.
pub fn is_weak(passphrase: &str, own: &[&str]) -> bool {
    let mut text = passphrase.to_lowercase();
    let own = own.iter().flat_map(|own| own.split(|c: char| !c.is_alphanumeric()));
    let own: Vec<String> = own
        .filter(|word| word.chars().count() > 3)
        .map(str::to_lowercase)
        .collect();
    for word in COMMON.iter().copied().chain(own.iter().map(String::as_str)) {
        // A word of the list is worth as little as one symbol.
        text = text.replace(word, "*");
    }
    let symbols: Vec<u32> = text.chars().map(u32::from).collect();
    // `aaaa`, `1234`, `dcba`: each step that repeats the last one says nothing.
    let steps: Vec<i64> = symbols
        .windows(2)
        .map(|pair| i64::from(pair[1]) - i64::from(pair[0]))
        .collect();
    let foreseen = steps
        .windows(2)
        .filter(|pair| pair[0] == pair[1] && pair[0].abs() <= 1)
        .count();
    let mut different = symbols.clone();
    different.sort_unstable();
    different.dedup();
    symbols.len() - foreseen < ENOUGH || different.len() < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_read_as_it_was_meant() {
        let utf16: Vec<u8> = "\u{FEFF}blå bær\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, meant) in [
            (b"abc\n".as_slice(), "abc"),
            (b"abc", "abc"),
            (b"abc\r\nsecond\r\n", "abc"),
            (b"\xEF\xBB\xBFabc\r\n", "abc"),
            (b"abc \t\n", "abc"),
            (b"bl\xE5 b\xE6r\n", "blå bær"),
            (&utf16, "blå bær"),
        ] {
            assert_eq!(readings(bytes).last().unwrap(), meant.as_bytes(), "{bytes:?}");
        }
        assert_eq!(
            readings(b"abc \r\n"),
            [b"abc ".to_vec(), b"abc".to_vec()],
            "first as written"
        );
        assert!(readings(b"bl\xE5\n").contains(&b"bl\xE5".to_vec()), "bytes stay bytes");
    }

    #[test]
    fn an_empty_first_line_is_no_passphrase() {
        for nothing in [b"".as_slice(), b"\n", b"\r\nabc\n", b" \t\n", b"\xEF\xBB\xBF\n"] {
            assert!(readings(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_guessed_first_is_weak() {
        for weak in [
            "",
            "a",
            "12345678901234567890",
            "aaaaaaaaaaaaaaaaaaaa",
            "Passord2026!",
            "postmottak-kommune-1",
            "Vestby kommune 2026",
            "qwertyqwertyqwerty",
            "ababababababababab",
        ] {
            assert!(is_weak(weak, &["Postmottak Vestby", "post@vestby.example"]), "{weak}");
        }
        for good in [
            "riktig hest batteri stift",
            "kV7-pQ2x-Lm9w-Rt4z",
            "fire ord som ingen gjettar",
        ] {
            assert!(!is_weak(good, &["Postmottak Vestby"]), "{good}");
        }
    }
}
