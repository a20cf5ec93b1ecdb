//! Lengths that say nothing.
//!
//! A document is filled to at least [`LEAST`], then to the next step of Padmé (Nikitin et al., *Reducing
//! Metadata Leakage from Encrypted Files and Communication with PURBs*, PoPETs 2019): at most 12 % longer, and
//! only O(log log n) bits of the length remain to be seen. The filler stands in the MIME epilogue, which
//! every reader tried keeps out of sight.

/// Short letters all have this length, in bytes: one size for "yes" and for two pages of text. 2 000 letters like `å` make
/// 12 KB of quoted-printable and 6 KB in `letter.json`, and the questions of a form some more: 16 KiB would not hold them.
pub const LEAST: u64 = 32 * 1024;

/// First line of the filler, for the person who opens the raw file.
const EXPLANATION: &str = "What follows is filler. It hides how long the letter is.\r\n";
/// Width of a filler line.
const WIDTH: u64 = 76;

/// The smallest Padmé step that holds `length`.
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = u64::from(length.ilog2());
    let kept = u64::from(exponent.max(1).ilog2()) + 1;
    let mask = (1u64 << exponent.saturating_sub(kept)) - 1;
    (length + mask) & !mask
}

/// The length to which a document of `length` bytes is filled.
pub fn target(length: u64) -> u64 {
    // A line of filler has at least one symbol and its CRLF.
    padme((length + EXPLANATION.len() as u64 + 3).max(LEAST))
}

/// Filler that brings a document of `length` bytes to [`target`].
pub fn filler(length: u64) -> String {
    let mut left = target(length) - length - EXPLANATION.len() as u64;
    let mut out = String::with_capacity((left as usize) + EXPLANATION.len());
    out.push_str(EXPLANATION);
    while left > 0 {
        let mut line = left.min(WIDTH + 2);
        // Never leave a rest that is too short for a line of its own.
        if left > line && left - line < 3 {
            line -= 3;
        }
        out.extend(std::iter::repeat_n('~', (line - 2) as usize));
        out.push_str("\r\n");
        left -= line;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_filled_exactly() {
        for length in (0..40_000).step_by(7).chain([1_000_000, 1_048_577]) {
            let filler = filler(length);
            assert_eq!(length + filler.len() as u64, target(length));
            assert!(filler.ends_with("\r\n"));
            assert!(filler.lines().all(|line| line.len() <= 76 && !line.is_empty()));
        }
    }

    #[test]
    fn steps_grow_and_cost_little() {
        assert_eq!(target(1), LEAST);
        assert_eq!(target(30_000), LEAST);
        for length in [40_000u64, 100_000, 5_000_000, 20_000_000] {
            let step = padme(length);
            assert!(step >= length && step - length <= length * 12 / 100);
            assert_eq!(padme(step), step);
        }
    }
}
