//! Decoding, within bounds.

use std::io::Read;

use base64::Engine as _;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use quoted_printable::ParseMode;

use super::super::armor::LAX;
use super::How;
use crate::trouble::Trouble;

/// What unfolds beyond this is a bomb. Sealed letters do not shrink at all, a mail in plain text by ten.
const RATIO: usize = 100;
/// Small things may unfold to this much whatever the ratio.
const SMALL: usize = 4 * 1024 * 1024;

/// Decodes, into at most `room` bytes. What was decoded before it broke off is given too.
pub(in super::super) fn decode(how: How, bytes: &[u8], room: usize, limit: Trouble) -> (Vec<u8>, Option<Trouble>) {
    let needs = match how {
        How::Inflate | How::Gzip => 0,
        How::Base64 => bytes.len() / 4 * 3,
        How::Utf16 { .. } => bytes.len() / 2 * 3,
        How::Plain | How::Quoted => bytes.len(),
    };
    if needs > room {
        return (Vec::new(), Some(limit));
    }
    match how {
        How::Plain => (bytes.to_vec(), None),
        How::Base64 => (base64(bytes), None),
        How::Quoted => (
            quoted_printable::decode(bytes, ParseMode::Robust).unwrap_or_else(|_| bytes.to_vec()),
            None,
        ),
        How::Utf16 { little } => (utf16(bytes, little), None),
        How::Inflate => unfold(DeflateDecoder::new(bytes), bytes.len(), room, limit),
        How::Gzip => unfold(MultiGzDecoder::new(bytes), bytes.len(), room, limit),
    }
}

fn unfold(mut decoder: impl Read, packed: usize, room: usize, limit: Trouble) -> (Vec<u8>, Option<Trouble>) {
    let most = packed.saturating_mul(RATIO).max(SMALL);
    let mut out = Vec::new();
    let read = (&mut decoder).take(most.min(room) as u64 + 1).read_to_end(&mut out);
    if out.len() > most {
        return (Vec::new(), Some(Trouble::Bomb));
    }
    if out.len() > room {
        return (Vec::new(), Some(limit));
    }
    (out, read.is_err().then_some(Trouble::BrokenArchive))
}

/// Base64 of a mail. Lines that are none, as a list's server puts below a part, are passed over, and what was put together from
/// several encoded pieces is read to its end.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut signs = Vec::with_capacity(bytes.len());
    for line in bytes.split(|byte| *byte == b'\n') {
        signs.extend_from_slice(line.trim_ascii());
    }
    if let Ok(decoded) = LAX.decode(&signs) {
        return decoded;
    }
    let mut out = Vec::with_capacity(signs.len() / 4 * 3);
    let mut piece = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        let fits = line
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        if !fits {
            continue;
        }
        for byte in line {
            if *byte == b'=' {
                out.append(&mut super::super::armor::decode(std::mem::take(&mut piece)));
            } else {
                piece.push(*byte);
            }
        }
    }
    out.append(&mut super::super::armor::decode(piece));
    out
}

fn utf16(bytes: &[u8], little: bool) -> Vec<u8> {
    let pairs = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    let signs = char::decode_utf16(pairs).map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER));
    signs
        .skip_while(|sign| *sign == '\u{FEFF}')
        .collect::<String>()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_with_a_footer_and_in_pieces() {
        assert_eq!(base64(b"YWJj\r\nZA==\r\nthis is a list's footer\r\n"), b"abcd");
        assert_eq!(base64(b"YQ==YmM="), b"abc");
    }

    #[test]
    fn a_bomb_is_named_and_not_unfolded() {
        let mut packer = flate2::read::GzEncoder::new(std::io::repeat(0).take(50_000_000), flate2::Compression::fast());
        let mut bomb = Vec::new();
        packer.read_to_end(&mut bomb).unwrap();
        let (out, trouble) = decode(How::Gzip, &bomb, 100_000_000, Trouble::TooLarge { limit: 100 });
        assert!(out.is_empty() && trouble == Some(Trouble::Bomb), "{}", bomb.len());
        let (_, trouble) = decode(How::Gzip, &bomb, 1_000_000, Trouble::TooLarge { limit: 100 });
        assert_eq!(trouble, Some(Trouble::TooLarge { limit: 100 }));
    }
}
