//! The packets of an encrypted message (RFC 9580 §10.3): session keys for recipients, then encrypted data to the end.
//!
//! Only what our form writes: each key in a packet of its own (PKESK, §5.1) of a length that a key can have, and data with
//! integrity protection (SEIPD, §5.13). No password (SKESK), no literal, signed or compressed data, no marker, no padding.

/// Recipients of a letter: a mailbox has a handful of certificates, with a few keys each.
const MOST_KEYS: usize = 64;
/// A session key under ML-KEM-1024 with X448 takes under 1 800 bytes, one under RSA of 8192 bits some 1 040.
const LONGEST_KEY: u64 = 4096;

/// New format (§4.2), as everything of ours: the two upper bits, and the packet's type.
const PKESK: u8 = 0xC0 | 1;
const SEIPD: u8 = 0xC0 | 18;

/// A reader of packets, which gets the message piece by piece.
#[derive(Default)]
pub(super) struct Packets {
    /// Of a header that is not whole yet: type, length and version.
    header: Vec<u8>,
    /// Bytes of the packet's body, or of this part of it, that are to come.
    left: u64,
    keys: usize,
    data: Data,
}

/// How far the encrypted data have come.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Data {
    #[default]
    NotYet,
    /// In parts (§4.2.1.4), and this is not the last.
    Goes,
    /// In the last part, or behind it.
    Last,
}

/// What a length says.
struct Length {
    /// Bytes.
    body: u64,
    /// More of the same packet follows.
    partial: bool,
}

impl Packets {
    /// The next bytes of the message.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            let body = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            bytes = &bytes[body..];
            self.left -= body as u64;
            if let Some((first, rest)) = bytes.split_first() {
                self.header.push(*first);
                self.header()?;
                bytes = rest;
            }
        }
        Ok(())
    }

    /// After the last byte.
    pub(super) fn end(&self) -> Result<(), &'static str> {
        if self.left == 0 && self.header.is_empty() && self.data == Data::Last {
            Ok(())
        } else {
            Err("has a sealed message that is cut short")
        }
    }

    /// Looks at a header, once it is whole.
    fn header(&mut self) -> Result<(), &'static str> {
        match self.data {
            Data::NotYet => self.packet(),
            Data::Goes => self.part(),
            Data::Last => Err("has something after its encrypted data"),
        }
    }

    fn packet(&mut self) -> Result<(), &'static str> {
        let [kind, after @ ..] = self.header.as_slice() else {
            return Ok(());
        };
        if ![PKESK, SEIPD].contains(kind) {
            return Err("has a message that is not encrypted to keys");
        }
        let Some((length, after)) = length(after) else {
            return Ok(());
        };
        let Some(version) = after.first() else {
            return Ok(());
        };
        let body = length.body.checked_sub(1).ok_or("has an empty packet")?;
        match (*kind, *version) {
            (PKESK, 3 | 6) if !length.partial && body < LONGEST_KEY && self.keys < MOST_KEYS => self.keys += 1,
            (SEIPD, 1 | 2) if self.keys > 0 => self.data_in(&length),
            _ => return Err("has a packet that the form does not write"),
        }
        self.left = body;
        self.header.clear();
        Ok(())
    }

    fn part(&mut self) -> Result<(), &'static str> {
        if let Some((length, _)) = length(&self.header) {
            self.data_in(&length);
            self.left = length.body;
            self.header.clear();
        }
        Ok(())
    }

    fn data_in(&mut self, length: &Length) {
        self.data = if length.partial { Data::Goes } else { Data::Last };
    }
}

/// A length in the new format (§4.2.1) and what follows; nothing while it is not whole.
fn length(bytes: &[u8]) -> Option<(Length, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let whole = |body: u64| Length { body, partial: false };
    match first {
        0..192 => Some((whole((*first).into()), rest)),
        192..224 => {
            let (second, rest) = rest.split_first()?;
            let body = (u64::from(*first) - 192) * 256 + u64::from(*second) + 192;
            Some((whole(body), rest))
        }
        255 => {
            let (four, rest) = rest.split_first_chunk()?;
            Some((whole(u32::from_be_bytes(*four).into()), rest))
        }
        power => {
            let body = 1 << (power & 0x1f);
            Some((Length { body, partial: true }, rest))
        }
    }
}
