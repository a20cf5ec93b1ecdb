//! OpenPGP packets, as far as their heads (RFC 9580 §4.2): where one message ends and the next begins, and how many keys a
//! message is sealed to. Nothing of their contents is read, so that the OpenPGP library gets nothing that it could choke on.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr3_iter;

const PKESK: u8 = 1;
const SIGNATURE: u8 = 2;
const SKESK: u8 = 3;
const ONE_PASS: u8 = 4;
const SECRET_KEY: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const COMPRESSED: u8 = 8;
const SED: u8 = 9;
const MARKER: u8 = 10;
const SEIPD: u8 = 18;
const OCB: u8 = 20;
const PADDING: u8 = 21;

/// A packet in memory.
struct Packet {
    tag: u8,
    /// Where its body begins.
    body: usize,
    /// Where it ends, or would end if it were whole.
    end: usize,
    /// More of it follows there.
    pieces: bool,
}

/// What binary OpenPGP data are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pgp {
    /// A sealed message.
    Sealed,
    /// A key or certificate.
    Key,
    /// A signature, or a message that is signed only.
    Signature,
}

/// What these bytes are, when they begin as OpenPGP data do.
pub(super) fn kind(bytes: &[u8]) -> Option<Pgp> {
    begin(bytes, &mut true)
}

/// The same; the way along pieces to their end is gone once, if `follow` allows it.
fn begin(bytes: &[u8], follow: &mut bool) -> Option<Pgp> {
    let mut at = 0;
    // A marker or padding may stand first; a few are enough.
    for _ in 0..4 {
        let head = head(bytes, at)?;
        let first = *bytes.get(head.body)?;
        // Wherever they end.
        if matches!((head.tag, first), (SEIPD, 1 | 2) | (OCB, 1)) {
            return Some(Pgp::Sealed);
        }
        if head.pieces && !std::mem::take(follow) {
            return None;
        }
        let packet = head.followed(bytes)?;
        let whole = packet.end <= bytes.len();
        return match (packet.tag, first) {
            (PKESK, 2 | 3 | 6) if packet.end - packet.body < 8192 => Some(Pgp::Sealed),
            (SKESK, 4..=6) if packet.end - packet.body < 1024 => Some(Pgp::Sealed),
            // Nothing but its length speaks for it.
            (SED, _) if whole && packet.end - packet.body > 16 => Some(Pgp::Sealed),
            (PUBLIC_KEY | SECRET_KEY, 3..=6) if whole => Some(Pgp::Key),
            (SIGNATURE, 3..=6) | (ONE_PASS, 3 | 6) | (COMPRESSED, 0..=3) if whole => Some(Pgp::Signature),
            (MARKER, b'P') | (PADDING, _) if whole => {
                at = packet.end;
                continue;
            }
            _ => None,
        };
    }
    None
}

/// The messages, one after the other, at most `most` of them; what stands between them and is none is left out.
pub(super) fn messages(bytes: &[u8], most: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut follow) = (0, true);
    while at < bytes.len() && found.len() < most {
        let mut again = follow;
        if begin(&bytes[at..], &mut again) != Some(Pgp::Sealed) {
            // Gone in vain, the way is not gone behind each message anew.
            follow = again;
            let Some(start) = next(bytes, at) else {
                break;
            };
            at = start;
        }
        let end = message(bytes, at);
        found.push(at..end);
        at = end;
    }
    found
}

/// Where a message begins among other bytes: keys or passphrases that it is sealed to, and right behind them what is sealed.
/// Each of them by its head, its version and a length that fits, so that pictures and films have none.
pub(super) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    // Tags of keys, in the new form and the old ones.
    memchr3_iter(0xC1, 0x84, 0x85, &bytes[from..])
        .map(|at| from + at)
        .find(|at| begins(bytes, *at))
}

fn begins(bytes: &[u8], mut at: usize) -> bool {
    const LONGEST: usize = 8192;
    for number in 0..=super::MOST_RECIPIENTS {
        // Pieces would be followed to their end for each byte anew.
        let Some(head) = head(bytes, at) else {
            return false;
        };
        let version = bytes.get(head.body).copied().unwrap_or(0);
        if number > 0 && matches!((head.tag, version), (SEIPD, 1 | 2) | (OCB, 1)) {
            return true;
        }
        let fits = matches!((head.tag, version), (PKESK, 3 | 6) | (SKESK, 4..=6));
        if !fits || head.pieces || head.end - head.body > LONGEST {
            return false;
        }
        at = head.end;
    }
    false
}

/// Where the message ends that begins here: behind its sealed data. One that is cut short ends with the bytes.
fn message(bytes: &[u8], mut at: usize) -> usize {
    while let Some(packet) = packet(bytes, at) {
        at = packet.end.min(bytes.len());
        if matches!(packet.tag, SED | SEIPD | OCB) {
            return at;
        }
        if !matches!(packet.tag, PKESK | SKESK | MARKER | PADDING) {
            break;
        }
    }
    bytes.len()
}

/// One sealed message and nothing else, up to the end that its packets say they have.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    if kind(bytes) != Some(Pgp::Sealed) {
        return false;
    }
    let mut at = 0;
    while let Some(packet) = packet(bytes, at).filter(|packet| packet.end <= bytes.len()) {
        match packet.tag {
            PKESK | SKESK | MARKER | PADDING => at = packet.end,
            SED | SEIPD | OCB => return packet.end == bytes.len(),
            _ => return false,
        }
    }
    false
}

fn packet(bytes: &[u8], at: usize) -> Option<Packet> {
    head(bytes, at)?.followed(bytes)
}

/// A packet as far as its head says it: of one in pieces, up to the end of the first.
fn head(bytes: &[u8], at: usize) -> Option<Packet> {
    let head = *bytes.get(at)?;
    let (tag, new) = tag(head)?;
    let at = at + 1;
    let (body, length, pieces) = if new {
        new_length(bytes, at)?
    } else if head & 3 == 3 {
        // To the end.
        (at, bytes.len().checked_sub(at)?, false)
    } else {
        let size = 1 << (head & 3);
        let length = bytes
            .get(at..at + size)?
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        (at + size, length, false)
    };
    let end = body.checked_add(length)?;
    Some(Packet { tag, body, end, pieces })
}

impl Packet {
    /// With all its pieces. Each but the last is a power of two long, and the first is 512 or more (§4.2.1.4).
    fn followed(mut self, bytes: &[u8]) -> Option<Self> {
        while self.pieces {
            let Some((at, length, pieces)) = new_length(bytes, self.end) else {
                self.end = bytes.len().max(self.end);
                break;
            };
            self.end = at.checked_add(length)?;
            self.pieces = pieces;
        }
        Some(self)
    }
}

/// Tag, and whether the head is of the new form.
fn tag(head: u8) -> Option<(u8, bool)> {
    if head & 0x80 == 0 {
        return None;
    }
    let new = head & 0x40 != 0;
    Some((if new { head & 0x3F } else { (head & 0x3C) >> 2 }, new))
}

/// Where the body begins, its length, and whether it is a piece.
fn new_length(bytes: &[u8], at: usize) -> Option<(usize, usize, bool)> {
    let byte = |at: usize| bytes.get(at).map(|byte| usize::from(*byte));
    let first = byte(at)?;
    Some(match first {
        0..192 => (at + 1, first, false),
        192..224 => (at + 2, ((first - 192) << 8) + byte(at + 1)? + 192, false),
        255 => {
            let length = bytes
                .get(at + 1..at + 5)?
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (at + 5, length, false)
        }
        _ => (at + 1, 1 << (first & 31), true),
    })
}

/// How many keys and passphrases a message is sealed to, counted no further than one beyond `most`.
///
/// # Errors
/// Those of the reader. Data that end or are no OpenPGP end the count.
pub fn recipients(mut reader: impl Read, most: u64) -> io::Result<u64> {
    let mut count = 0;
    while count <= most {
        let Some((tag, length)) = next_head(&mut reader)? else {
            break;
        };
        match tag {
            PKESK | SKESK => count += 1,
            MARKER | PADDING => {}
            _ => break,
        }
        // Post-quantum ones have some 1 700 bytes. One that says more is passed over like any.
        if io::copy(&mut (&mut reader).take(length), &mut io::sink())? < length {
            break;
        }
    }
    Ok(count)
}

/// Tag and length of the next packet; none at the end, for what is no packet, and for one whose length is not said.
fn next_head(reader: &mut impl Read) -> io::Result<Option<(u8, u64)>> {
    let Some([head]) = bytes(reader)? else {
        return Ok(None);
    };
    let Some((tag, new)) = tag(head) else {
        return Ok(None);
    };
    let length = match (new, head & 3) {
        (false, 0) => bytes(reader)?.map(|[one]: [u8; 1]| u64::from(one)),
        (false, 1) => bytes(reader)?.map(|two| u64::from(u16::from_be_bytes(two))),
        (false, 2) => bytes(reader)?.map(|four| u64::from(u32::from_be_bytes(four))),
        (false, _) => None,
        (true, _) => match bytes(reader)? {
            Some([first @ 0..192]) => Some(u64::from(first)),
            Some([first @ 192..224]) => {
                bytes(reader)?.map(|[second]: [u8; 1]| (u64::from(first - 192) << 8) + u64::from(second) + 192)
            }
            Some([255]) => bytes(reader)?.map(|four| u64::from(u32::from_be_bytes(four))),
            _ => None,
        },
    };
    // In pieces, or to the end: only sealed data may be so, and they end the count.
    Ok(Some((tag, length.unwrap_or(0))).filter(|_| length.is_some()))
}

fn bytes<const N: usize>(reader: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(keys: usize) -> Vec<u8> {
        let mut bytes = [0xC1, 4, 3, 0, 0, 0].repeat(keys);
        // Two pieces and a last one.
        bytes.extend([0xD2, 0xE1, 1, 0, 0xE0, 7, 2, 8, 8]);
        bytes
    }

    #[test]
    fn messages_are_parted() {
        let two = [sealed(1), sealed(2)].concat();
        assert_eq!(messages(&two, 9), [0..15, 15..two.len()]);
        let and_words = [sealed(1), b"words".to_vec()].concat();
        assert!(messages(&and_words, 9).into_iter().eq(std::iter::once(0..15)));
        assert!(messages(&sealed(1)[..9], 9).into_iter().eq(std::iter::once(0..9)));
    }

    #[test]
    fn messages_that_begin_in_other_ways_are_parted_too() {
        let by_passphrase = [&[0xC3, 4, 4, 0, 0, 0], &sealed(0)[..]].concat();
        let behind_a_marker = [&[0xCA, 3, b'P', b'G', b'P'], &sealed(1)[..]].concat();
        let old_in_pieces = [&[0xC9, 0xE5][..], &[8; 32], &[0]].concat();
        // Pieces that were followed in vain, and a message among them.
        let in_vain = [&[0xCA, 0xE4][..], &sealed(1)].concat();
        for one in [&sealed(0), &sealed(1), &by_passphrase, &behind_a_marker] {
            let all = [&sealed(1)[..], &in_vain, one].concat();
            assert_eq!(messages(&all, 9), [0..15, 17..32, 32..all.len()]);
        }
        for one in [sealed(0), sealed(1), by_passphrase, behind_a_marker, old_in_pieces] {
            let all = one.repeat(3);
            assert_eq!(
                messages(&all, 9),
                [0, 1, 2].map(|at| at * one.len()..(at + 1) * one.len())
            );
            assert_eq!(messages(&all, 2).len(), 2);
        }
    }

    #[test]
    fn what_only_begins_with_a_high_byte_is_none() {
        for bytes in [
            b"\xFF\xD8\xFF\xE0\0\x10JFIF".as_slice(),
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0",
            b"\xFF\xFE-\0-\0",
            b"\xE6\xB5\x8B\xE8\xAF\x95",
            b"\xC3\xA5 er ein bokstav",
        ] {
            assert!(kind(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn recipients_are_counted_up_to_a_bound() {
        assert_eq!(recipients(&*sealed(3), 64).unwrap(), 3);
        assert_eq!(recipients(&*sealed(1000), 64).unwrap(), 65);
        assert_eq!(recipients(&b"words"[..], 64).unwrap(), 0);
        assert_eq!(recipients(&[0xC1, 255, 255, 255, 255, 255][..], 64).unwrap(), 1);
    }
}
