//! Text of a citizen beside text of ours: every line of it bears a mark, so that none can be taken for ours.
//!
//! A clerk acts on what the system says: a remark, a reference, a safe number. Whoever writes in a form could write the
//! same words. So each line begins with the mark, and is broken by us where a reader would break it: then no reader's
//! own wrapping brings a word of the citizen to the first column, where ours begin.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::look::{Look, is_plain, looks};

/// Begins every line of a citizen, and none of ours.
pub const MARK: &str = "│ ";
/// Columns of a line with its mark: a mail program quotes and still stays under 80.
pub(crate) const WIDTH: usize = 72;
/// Columns that are left for the text.
const ROOM: usize = WIDTH - 2;
/// A tab is as wide as a reader likes.
const TAB: &str = "    ";

/// The text as lines with the mark; at least one.
pub fn marked(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in seen(text).split('\n') {
        wrap(line, &mut lines);
    }
    lines
}

/// Whether [`marked`] leaves out or replaces something that nobody would see. Its place is in `letter.json`.
pub fn hides_something(text: &str) -> bool {
    !is_plain(text)
        && looks(text).any(|(c, look)| matches!(look, Look::Nothing | Look::Blank) && !matches!(c, '\r' | '\t'))
}

fn seen(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for (c, look) in looks(text) {
        match look {
            Look::Itself => shown.push(c),
            Look::LineEnd => shown.push('\n'),
            Look::Blank if c == '\t' => shown.push_str(TAB),
            Look::Blank => shown.push(' '),
            Look::Nothing => {}
        }
    }
    shown.into()
}

/// Breaks between words; a word that fills a line by itself is cut.
fn wrap(line: &str, out: &mut Vec<String>) {
    let mut rest = line;
    while let Some(end) = end_of_line(rest) {
        out.push(format!("{MARK}{}", rest[..end].trim_end_matches(' ')));
        rest = &rest[end..];
        if rest.starts_with(' ') {
            rest = rest.trim_start_matches(' ');
        }
    }
    out.push(format!("{MARK}{}", rest.trim_end_matches(' ')));
}

/// Where the first line ends, if not all fits into one. Blanks may stand over the edge.
fn end_of_line(text: &str) -> Option<usize> {
    let (mut columns, mut blank, mut begun) = (0, None, false);
    for (at, c) in text.char_indices() {
        columns += width(c);
        if c != ' ' && columns > ROOM {
            return Some(blank.unwrap_or_else(|| last_character(text, at)));
        }
        if c == ' ' && begun {
            blank = Some(at);
        }
        begun |= c != ' ';
    }
    None
}

/// Where the last whole character, as people count them, ends before this place. A tower of accents that is wider than a line is cut.
fn last_character(text: &str, before: usize) -> usize {
    let starts = text.grapheme_indices(true).map(|(at, _)| at);
    let last = starts.take_while(|at| *at <= before).last();
    last.filter(|at| *at > 0).unwrap_or(before)
}

/// Columns at most. An accent counts as one, so that a line holds only so many: it is broken early rather than late.
fn width(c: char) -> usize {
    if c >= FIRST_WIDE && is_wide(c) { 2 } else { 1 }
}

const FIRST_WIDE: char = '\u{1100}';

/// Blocks in which a character may take two columns (UAX #11), taken whole.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{231A}'..='\u{232A}' | '\u{23E9}'..='\u{23FF}' | '\u{25FD}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{2E3A}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE10}'..='\u{FE6F}' | '\u{FF00}'..='\u{FFEF}' | '\u{16FE0}'..='\u{1B2FF}'
        | '\u{1D300}'..='\u{1D37F}' | '\u{1F000}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_bears_the_mark() {
        for (text, lines) in [
            ("", &["│ "][..]),
            ("Hei", &["│ Hei"]),
            ("a\n\n  b\r\nc", &["│ a", "│ ", "│   b", "│ c"]),
            ("a\u{2028}! b\u{B}c\u{85}d", &["│ a", "│ ! b", "│ c", "│ d"]),
            ("a\tb\u{1b}[2J", &["│ a    b [2J"]),
            ("│ a", &["│ │ a"]),
        ] {
            assert_eq!(marked(text), lines, "{text:?}");
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_long_words_are_cut() {
        let words = marked(&"to ord ".repeat(30));
        assert!(
            words.iter().all(|line| line.ends_with("ord") || line.ends_with("to")),
            "{words:?}"
        );
        assert_eq!(marked(&"x".repeat(71)), [format!("│ {}", "x".repeat(70)), "│ x".into()]);
        assert_eq!(
            marked(&format!("a {}", "x".repeat(70))),
            ["│ a".into(), format!("│ {}", "x".repeat(70))]
        );
        assert_eq!(marked(&format!("a{}b", " ".repeat(90))), ["│ a", "│ b"]);
        assert_eq!(
            marked(&"字".repeat(36)),
            [format!("│ {}", "字".repeat(35)), "│ 字".into()]
        );
        // A character is cut only where it is wider than a line.
        let families = marked(&"👨\u{200D}👩\u{200D}👧".repeat(20));
        assert!(
            families
                .iter()
                .all(|line| line.starts_with("│ 👨") && line.ends_with('👧')),
            "{families:?}"
        );
        assert!(marked(&format!("a{}", "\u{301}".repeat(500))).len() > 6);
    }

    #[test]
    fn what_is_left_out_is_known() {
        assert!(!hides_something("Kl.\u{A0}10–12\r\n\tog 👩\u{200D}🚒 می\u{200C}خواهم"));
        for text in ["a\u{202E}", "a\u{200B}b", "\u{E0041}", "a\u{AD}b", "a\u{3164}"] {
            assert!(hides_something(text), "{text:?}");
        }
    }
}
