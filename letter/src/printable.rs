//! Text of other people for one line of a page, a letter or a terminal.

/// The text without what could act or deceive: line ends and escape sequences of a terminal, marks that turn the
/// direction of what follows, and characters that are not seen. Blanks are folded to one.
pub fn printable(text: &str) -> String {
    let plain = |c: char| {
        if c.is_control() || is_invisible(c) || c.is_whitespace() {
            ' '
        } else {
            c
        }
    };
    let text: String = text.chars().map(plain).collect();
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Marks that change how the rest of a text is shown without being seen.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}' | '\u{2028}' | '\u{2029}')
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
            ("", ""),
        ] {
            assert_eq!(printable(given), shown, "{given:?}");
        }
    }
}
