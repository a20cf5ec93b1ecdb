//! The two lines that armor stands between, wherever they stand.
//!
//! A mark is found also where a mail program put something else for one of its two blanks: a line end, a blank that does
//! not break (as bytes, or as HTML, quoted-printable and addresses of web pages write it).

use std::ops::Range;

use memchr::memmem;

const BEGIN: &[u8] = b"-----BEGIN";
const END: &[u8] = b"-----END";

/// Every `-----BEGIN PGP MESSAGE-----`, in order, at most `most` of them.
pub(super) fn begins(bytes: &[u8], most: usize) -> Vec<Range<usize>> {
    let starts = memmem::find_iter(bytes, BEGIN);
    let found = starts.filter_map(|start| Some(start..mark(bytes, start + BEGIN.len())?));
    found.take(most).collect()
}

/// The first `-----END PGP MESSAGE-----`.
pub(super) fn end(bytes: &[u8]) -> Option<Range<usize>> {
    memmem::find_iter(bytes, END).find_map(|start| Some(start..mark(bytes, start + END.len())?))
}

/// Where the mark ends whose first word ends at `at`.
fn mark(bytes: &[u8], at: usize) -> Option<usize> {
    let at = word(bytes, gap(bytes, at)?, b"PGP")?;
    word(bytes, gap(bytes, at)?, b"MESSAGE-----")
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes[at..].starts_with(word).then_some(at + word.len())
}

/// Behind what stands for a blank: at least one, and not more than a broken line leaves.
fn gap(bytes: &[u8], from: usize) -> Option<usize> {
    const BLANKS: [&[u8]; 13] = [
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b">",
        b"\xC2\xA0",
        b"&nbsp;",
        b"&#160;",
        b"&#32;",
        b"=20",
        b"=\n",
        b"%20",
        b"+",
    ];
    const MOST: usize = 8;
    let mut at = from;
    for _ in 0..MOST {
        let rest = &bytes[at..];
        match BLANKS.iter().find(|blank| rest.starts_with(blank)) {
            Some(blank) => at += blank.len(),
            None => break,
        }
    }
    (at > from).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_it_stands() {
        for text in [
            "-----BEGIN PGP MESSAGE-----",
            "see: -----BEGIN PGP MESSAGE-----x",
            "-----BEGIN PGP&nbsp;MESSAGE-----",
            "-----BEGIN\u{A0}PGP MESSAGE-----",
            "> -----BEGIN PGP\n> MESSAGE-----",
        ] {
            assert_eq!(begins(text.as_bytes(), 9).len(), 1, "{text}");
        }
        for text in [
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "-----BEGIN PGPMESSAGE-----",
            "-----BEGIN PGP ",
        ] {
            assert!(begins(text.as_bytes(), 9).is_empty(), "{text}");
        }
    }
}
