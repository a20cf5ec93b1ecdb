//! What stands with the name of a letter, for as long as the name is taken: who may not read the letter, or comes when it is
//! gone, still knows when it came and which one it is.

use konvolutt_letter::{hex, unhex};

/// When a letter came, and which one it is. Tells nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// When it came, seconds since 1970, rounded down to the minute: as in its envelope.
    pub accepted: u64,
    /// SHA-256 of its sealed packets, as the post room finds it.
    pub seal: [u8; 32],
}

impl Proof {
    /// As a line of text.
    pub fn to_line(self) -> String {
        format!("1 {} {}", self.accepted, hex(self.seal))
    }

    /// Out of such a line; `None` for anything else.
    pub fn of_line(line: &str) -> Option<Self> {
        let (accepted, seal) = line.strip_prefix("1 ")?.split_once(' ')?;
        Some(Self {
            accepted: accepted.parse().ok()?,
            seal: unhex(seal.as_bytes())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_same_and_nothing_else_is_one() {
        let proof = Proof {
            accepted: 1_800_000_000,
            seal: [0xab; 32],
        };
        let line = proof.to_line();
        assert_eq!(Proof::of_line(&line), Some(proof));
        for wrong in [
            "",
            "1",
            "1 2",
            &line[1..],
            &line[..line.len() - 1],
            &line.replace("1 ", "2 "),
            &format!("{line} "),
        ] {
            assert_eq!(Proof::of_line(wrong), None, "{wrong}");
        }
    }
}
