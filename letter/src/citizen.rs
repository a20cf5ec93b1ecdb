//! Text of a citizen beside text of ours: every line of it bears a mark, so that none can be taken for ours.
//!
//! A clerk acts on what the system says: a remark, a reference, a safe number. Whoever writes in a form could write the
//! same words. So each line begins with the mark, and is broken by us where a reader would break it: then no reader's
//! own wrapping brings a word of the citizen to the first column, where ours begin.

use std::borrow::Cow;

use crate::look::{Look, is_plain, looks};
use crate::wrap::wrap;

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
        lines.extend(wrap(line, ROOM, ROOM).map(|piece| format!("{MARK}{piece}")));
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
