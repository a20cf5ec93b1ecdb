//! The armor (RFC 9580 §6.2) as it is written: no headers, whole lines, a checksum or none, nothing before or after.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::Unsealed;
use super::packets::Packets;

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----\r\n\r\n";
const END: &[u8] = b"-----END PGP MESSAGE-----\r\n";
/// Symbols of a line.
const SYMBOLS: usize = 64;
/// A line with its end.
const LINE: usize = SYMBOLS + 2;
/// Lines that are decoded at once: some ten KiB, so that they stay in the nearest memory.
const BLOCK: usize = 256 * LINE;
/// `=` and four symbols, with the line's end.
const CHECKSUM: usize = 7;

/// Reads `length` bytes, which must be one armored, encrypted message.
pub(super) fn read(mut from: impl Read, length: u64) -> Result<(), Unsealed> {
    let frame = (BEGIN.len() + END.len()) as u64;
    let mut left = length.checked_sub(frame).ok_or("is cut short")?;
    expect(&mut from, BEGIN)?;
    let (mut packets, mut block, mut room) = (Packets::default(), Vec::new(), Room::default());
    // The last block has at least a line and its checksum, wherever they are cut.
    while left >= 2 * BLOCK as u64 {
        fill(&mut from, &mut block, BLOCK)?;
        left -= BLOCK as u64;
        let bytes = room.decode(&block)?;
        if bytes.len() != BLOCK / LINE * SYMBOLS / 4 * 3 {
            return Err("has a message that ends before its end".into());
        }
        packets.read(bytes)?;
    }
    fill(
        &mut from,
        &mut block,
        usize::try_from(left).map_err(std::io::Error::other)?,
    )?;
    packets.read(room.decode(without_checksum(&block)?)?)?;
    packets.end()?;
    expect(&mut from, END)
}

fn fill(from: &mut impl Read, block: &mut Vec<u8>, length: usize) -> Result<(), Unsealed> {
    block.resize(length, 0);
    Ok(from.read_exact(block)?)
}

fn expect(from: &mut impl Read, wanted: &[u8]) -> Result<(), Unsealed> {
    let mut found = Vec::new();
    fill(from, &mut found, wanted.len())?;
    if found == wanted {
        Ok(())
    } else {
        Err("is not one armored message in its second part".into())
    }
}

/// What is before the line of the checksum, if there is one.
fn without_checksum(block: &[u8]) -> Result<&[u8], Unsealed> {
    let (lines, last) = block.split_at(block.len().saturating_sub(CHECKSUM));
    let Some(sum) = last.strip_prefix(b"=") else {
        return Ok(block);
    };
    let is_sum = sum
        .strip_suffix(b"\r\n")
        .is_some_and(|sum| BASE64.decode(sum).is_ok_and(|sum| sum.len() == 3));
    if is_sum && lines.ends_with(b"\r\n") {
        Ok(lines)
    } else {
        Err(NO_BASE64.into())
    }
}

const NO_BASE64: &str = "has something in its sealed message that is no base64 in lines of 64";

/// Memory for the lines of a block.
#[derive(Default)]
struct Room {
    symbols: Vec<u8>,
    bytes: Vec<u8>,
}

impl Room {
    /// Every line but the last has its full length; the decoder takes no symbol but those of base64, and `=` at the end
    /// alone.
    fn decode(&mut self, lines: &[u8]) -> Result<&[u8], Unsealed> {
        self.symbols.clear();
        for line in lines.chunks(LINE) {
            let symbols = line.strip_suffix(b"\r\n").ok_or(NO_BASE64)?;
            self.symbols.extend_from_slice(symbols);
        }
        self.bytes.resize(self.symbols.len() / 4 * 3, 0);
        let length = BASE64
            .decode_slice(&self.symbols, &mut self.bytes)
            .map_err(|_| NO_BASE64)?;
        Ok(&self.bytes[..length])
    }
}
