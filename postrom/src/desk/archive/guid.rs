//! Ids that archives ask for. What always holds: the same letter has the same ones whenever and wherever it is handed over,
//! and no two letters have one in common.

use konvolutt_letter::hex;
use sha2::{Digest, Sha256};

/// Ids of the parts of one letter.
#[derive(Clone)]
pub(super) struct Guids(String);

impl Guids {
    /// `of` names the letter, and nothing else has that name.
    pub(super) fn of(of: &str) -> Self {
        Self(of.to_owned())
    }

    /// The id of what plays this role in it: a UUID of version 8, which RFC 9562 leaves to whoever makes it.
    pub(super) fn id(&self, role: &str) -> String {
        let mut digest = Sha256::new();
        // Neither holds a line end.
        for part in ["konvolutt.archive/1", &self.0, role] {
            digest.update(part);
            digest.update("\n");
        }
        let digest = digest.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[6] = bytes[6] & 0x0F | 0x80;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let text = hex(bytes);
        [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_letter_and_the_role() {
        let of = Guids::of("letter 0123");
        let id = of.id("journal");
        assert_eq!(id, "e2327a16-aea4-8964-bba5-0f8da8451b97", "never changes");
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(id[14..].starts_with('8') && "89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, of.id("message"));
        assert_ne!(id, Guids::of("letter 0124").id("journal"));
    }
}
