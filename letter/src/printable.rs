//! Text of other people for one line of a page, a letter or a terminal.

use crate::look::{Look, looks};

/// The text without what could act or deceive: line ends and escape sequences of a terminal, marks that turn the
/// direction of what follows, and characters that are not seen. Blanks are folded to one.
pub fn printable(text: &str) -> String {
    let plain = |(c, look): (char, Look)| {
        if look == Look::Itself && !c.is_whitespace() {
            c
        } else {
            ' '
        }
    };
    let text: String = looks(text).map(plain).collect();
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A text of several lines in which nothing can act on a terminal or turn a line around: line ends stay, in one form.
pub fn printable_lines(text: &str) -> String {
    let plain = looks(text).filter_map(|(c, look)| match look {
        Look::Itself => Some(c),
        Look::LineEnd => Some('\n'),
        Look::Blank if c == '\t' => Some('\t'),
        Look::Blank => Some(' '),
        Look::Nothing => None,
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_can_act() {
        for (given, shown) in [
            ("Postmottak <post@x.example>", "Postmottak <post@x.example>"),
            ("Sørvágur ŋđŧ 字 😀", "Sørvágur ŋđŧ 字 😀"),
            ("x\n✓ all is well", "x ✓ all is well"),
            ("\u{1b}[2J\u{9b}2Jx", "[2J 2Jx"),
            ("a\u{202E}gpj.exe\u{2066}", "a gpj.exe"),
            ("a\u{2028}b\u{0085}c\u{FEFF}", "a b c"),
            (" \t \u{200B} ", ""),
            ("a\u{3164}\u{2800}b\u{AD}c\u{E0041}", "a b c"),
            ("👩\u{200D}🚒 می\u{200C}خواهم", "👩\u{200D}🚒 می\u{200C}خواهم"),
            ("", ""),
        ] {
            assert_eq!(printable(given), shown, "{given:?}");
        }
    }

    #[test]
    fn lines_stay_and_nothing_else() {
        let shown = printable_lines("\u{1b}[2J✓ ok\r\na\tb\u{9b}31m\u{2028}c\u{202E}d");
        assert_eq!(shown, " [2J✓ ok\na\tb 31m\ncd");
        assert_eq!(printable_lines(&shown), shown);
    }
}
