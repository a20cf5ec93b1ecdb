//! The line between two mails of an mbox (RFC 4155), in the forms that programs have written it in.

use std::ops::Range;

use memchr::memchr;

use super::head;
use super::piece::Piece;

/// `From `, an address or a word or a dash, and a date: day of the week, month, time and year in any order.
pub(super) fn is_separator(line: &[u8]) -> bool {
    const LONGEST: usize = 300;
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let Ok(rest) = std::str::from_utf8(&rest[..rest.len().min(LONGEST)]) else {
        return false;
    };
    let words: Vec<&str> = rest
        .split([' ', ',', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .collect();
    let has = |fits: fn(&str) -> bool| words.iter().skip(1).any(|word| fits(word));
    has(is_time) && has(is_year) && (has(is_month) || has(is_day))
}

/// What follows says that a mail begins: its first field.
pub(super) fn follows(line: &[u8]) -> bool {
    head::name(line).is_some() || line.starts_with(b">From ")
}

fn is_time(word: &str) -> bool {
    let digits = word.split(':');
    word.matches(':').count() >= 1
        && digits
            .clone()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1970..=2199).contains(&year))
}

fn is_month(word: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    MONTHS.iter().any(|month| word.eq_ignore_ascii_case(month))
}

fn is_day(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    DAYS.iter().any(|day| word.eq_ignore_ascii_case(day))
}

/// Whether this is where a mail begins: after a blank line any `From ` will do, elsewhere it must look like one.
pub(super) fn begins(line: &[u8], after_blank: bool, next: &[u8]) -> bool {
    line.starts_with(b"From ") && (after_blank || is_separator(line)) && follows(next)
}

/// `>From ` stands for a line that began with `From `.
pub(super) fn unquoted(line: &[u8]) -> &[u8] {
    let quoted = line.iter().take_while(|byte| **byte == b'>').count();
    if quoted > 0 && line[quoted..].starts_with(b"From ") {
        &line[1..]
    } else {
        line
    }
}

/// A mail of an mbox as it was before it was put there; nothing when it is the same.
pub(super) fn all_unquoted(mail: &[u8]) -> Option<Vec<u8>> {
    let quoted = mail.starts_with(b">") || memchr::memmem::find(mail, b"\n>").is_some();
    if !quoted || memchr::memmem::find(mail, b">From ").is_none() {
        return None;
    }
    Some(
        mail.split_inclusive(|byte| *byte == b'\n')
            .flat_map(unquoted)
            .copied()
            .collect(),
    )
}

/// The mails of an mbox with their numbers, one after the other: a list of all would be longer than the mbox.
pub(super) struct Mails {
    piece: Piece,
    /// Where the next line begins.
    at: usize,
    blank: bool,
    /// Where the next mail begins.
    start: Option<usize>,
    number: u64,
}

impl Mails {
    pub(super) fn new(piece: Piece) -> Self {
        let mut mails = Self {
            piece,
            at: 0,
            blank: true,
            start: None,
            number: 0,
        };
        mails.start = mails.line_between().map(|line| line.end);
        mails
    }

    /// The next line between two mails.
    fn line_between(&mut self) -> Option<Range<usize>> {
        while self.at < self.piece.len() {
            let from = self.at;
            let line = line(&self.piece[from..]);
            self.at += line.len();
            let after_blank = std::mem::replace(&mut self.blank, line.trim_ascii().is_empty());
            if begins(line, after_blank, self::line(&self.piece[self.at..])) {
                return Some(from..self.at);
            }
        }
        None
    }
}

impl Iterator for Mails {
    type Item = (u64, Piece);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.start?;
        let next = self.line_between();
        let end = next.as_ref().map_or(self.piece.len(), |line| line.start);
        self.start = next.map(|line| line.end);
        self.number += 1;
        Some((self.number, self.piece.part(start..end)))
    }
}

fn line(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_known() {
        for line in [
            "From kari@authority.example Sat Nov 28 15:00:00 2026\n",
            "From - Sat Nov 28 15:00:00 2026\r\n",
            "From nobody Sat Nov 28 15:00 2026\n",
            "From MAILER-DAEMON Sat Nov  8 15:00:00 +0100 2026\n",
            "From a@b.example Sat Nov 28 15:00:00 2026 +0100\n",
            "From a@b.example Sat, 28 Nov 2026 15:00:00 +0100\n",
        ] {
            assert!(is_separator(line.as_bytes()), "{line}");
        }
        for line in [
            "From here on it is 15:00\n",
            "From: a@b.example\n",
            "From Saturday to Sunday in 2026\n",
            "from a Sat Nov 28 15:00:00 2026\n",
        ] {
            assert!(!is_separator(line.as_bytes()), "{line}");
        }
    }
}
