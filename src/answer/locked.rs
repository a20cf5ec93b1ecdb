//! Whether a file is locked with a password, which the post room does not have.
//!
//! Told for sure only where the format says so openly: ZIP, and the documents of Office. A PDF can bear the same mark and
//! still open without a password, so it is let through: to refuse what can be read would be worse.

use zeroize::Zeroizing;

const ZIP: &[u8] = b"PK\x03\x04";
/// In the flags of a ZIP entry's head (APPNOTE 4.4.4).
const ZIP_FLAGS: usize = 6;
/// Compound File Binary, in which Office puts what is encrypted ([MS-OFFCRYPTO] 2.3).
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const PACKAGE: &str = "EncryptedPackage";

/// Looks at a file as it arrives.
pub struct Lock {
    /// The beginning, and later the end of what came before.
    seen: Zeroizing<Vec<u8>>,
    kind: Kind,
    needle: Vec<u8>,
}

enum Kind {
    NotKnown,
    Compound,
    Open,
    Locked,
}

impl Default for Lock {
    fn default() -> Self {
        let needle: Vec<u8> = PACKAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Self {
            // Never grows, so that no copy is left behind.
            seen: Zeroizing::new(Vec::with_capacity(needle.len())),
            kind: Kind::NotKnown,
            needle,
        }
    }
}

impl Lock {
    /// The next piece of the file.
    pub fn push(&mut self, chunk: &[u8]) {
        if let Kind::NotKnown = self.kind {
            let missing = COMPOUND.len().saturating_sub(self.seen.len());
            self.seen.extend(chunk.iter().take(missing));
            self.kind = self.kind_of_beginning();
        }
        if let Kind::Compound = self.kind {
            self.look_for_package(chunk);
        }
    }

    /// What was found by now.
    pub fn is_locked(&self) -> bool {
        matches!(self.kind, Kind::Locked)
    }

    fn kind_of_beginning(&self) -> Kind {
        match self.seen.len() {
            0..8 => Kind::NotKnown,
            _ if *self.seen.as_slice() == *COMPOUND => Kind::Compound,
            _ if self.seen.starts_with(ZIP) && self.seen[ZIP_FLAGS] & 1 == 1 => Kind::Locked,
            _ => Kind::Open,
        }
    }

    /// Also where the name stands across two pieces.
    fn look_for_package(&mut self, chunk: &[u8]) {
        let keep = self.needle.len() - 1;
        let mut edge = Zeroizing::new(Vec::with_capacity(2 * keep));
        edge.extend_from_slice(&self.seen);
        edge.extend(chunk.iter().take(keep));
        let holds = |bytes: &[u8]| bytes.windows(self.needle.len()).any(|window| window == self.needle);
        if holds(&edge) || holds(chunk) {
            self.kind = Kind::Locked;
        }
        let end = if chunk.len() < keep { &edge[..] } else { chunk };
        let end = &end[end.len().saturating_sub(keep)..];
        self.seen.clear();
        self.seen.extend_from_slice(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_locked(file: &[u8], piece: usize) -> bool {
        let mut lock = Lock::default();
        file.chunks(piece).for_each(|chunk| lock.push(chunk));
        lock.is_locked()
    }

    #[test]
    fn a_password_is_seen_however_the_file_arrives() {
        let package: Vec<u8> = PACKAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let office = [COMPOUND, &[0; 700], &package, &[0; 50]].concat();
        let other = [COMPOUND, &[0; 700]].concat();
        for piece in [1, 5, 7, 31, 33, 710, 4096] {
            assert!(is_locked(b"PK\x03\x04\x14\x00\x09\x00rest", piece), "{piece}");
            assert!(!is_locked(b"PK\x03\x04\x14\x00\x08\x00rest", piece), "{piece}");
            assert!(is_locked(&office, piece), "{piece}");
            assert!(!is_locked(&other, piece), "{piece}");
            assert!(!is_locked(&package, piece), "{piece}: only where Office writes it");
        }
        assert!(!is_locked(b"PK", 1));
    }
}
