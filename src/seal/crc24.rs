//! The checksum of ASCII armor (RFC 9580 §6.1), eight bytes at a time: one table lookup per byte would be the
//! slowest part of sealing a large letter after the encryption itself.

/// The generator, in the upper 24 of 32 bits, so that it works like any CRC-32.
const GENERATOR: u32 = 0x0086_4CFB << 8;
const START: u32 = 0x00B7_04CE << 8;

/// `TABLES[n][byte]`: what a byte does to the checksum when `n` more bytes follow it.
static TABLES: [[u32; 256]; 8] = tables();

/// A checksum in the making.
pub(super) struct Crc24(u32);

impl Crc24 {
    pub(super) fn new() -> Self {
        Self(START)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<8>();
        for block in blocks {
            let [a, b, c, d, e, f, g, h] = *block;
            let [p, q, r, s] = (self.0 ^ u32::from_be_bytes([a, b, c, d])).to_be_bytes();
            let row = [p, q, r, s, e, f, g, h];
            self.0 = (0..8).fold(0, |sum, place| sum ^ TABLES[7 - place][usize::from(row[place])]);
        }
        for byte in rest {
            self.0 = (self.0 << 8) ^ TABLES[0][usize::from((self.0 >> 24) as u8 ^ byte)];
        }
    }

    /// Its three bytes.
    pub(super) fn bytes(&self) -> [u8; 3] {
        let [a, b, c, _] = self.0.to_be_bytes();
        [a, b, c]
    }
}

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            let carry = sum >> 31;
            sum = (sum << 1) ^ (carry * GENERATOR);
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut n = 1;
    while n < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[n - 1][byte];
            tables[n][byte] = (before << 8) ^ tables[0][(before >> 24) as usize];
            byte += 1;
        }
        n += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> [u8; 3] {
        let mut crc = Crc24::new();
        crc.update(bytes);
        crc.bytes()
    }

    #[test]
    fn known_values() {
        assert_eq!(of(b""), [0xB7, 0x04, 0xCE]);
        // The check value of CRC-24/OPENPGP in the catalogue of parametrised CRC algorithms.
        assert_eq!(of(b"123456789"), [0x21, 0xCF, 0x02]);
    }

    #[test]
    fn pieces_make_the_same_sum() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 31 % 251) as u8).collect();
        for cut in [0, 1, 7, 8, 9, 500, 1000] {
            let mut crc = Crc24::new();
            crc.update(&bytes[..cut]);
            crc.update(&bytes[cut..]);
            assert_eq!(crc.bytes(), of(&bytes));
        }
    }
}
