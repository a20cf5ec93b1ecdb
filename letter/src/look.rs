//! What a reader sees of each character: itself, a line end, a blank, or nothing at all.
//!
//! A text that looks other than it is can deceive: a file name that hides its ending, a line that turns around, a mark
//! within a word. The list is Unicode's own, Default_Ignorable_Code_Point (UAX #44), and beside it what fonts draw as a blank. A few
//! of these characters are needed: the rule for each is at [`look`].

/// What is seen of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Itself,
    /// Ends a line here, or in some reader.
    LineEnd,
    /// Takes room and shows nothing, or is a control character: one that parted two words goes on parting them.
    Blank,
    Nothing,
}

/// Each character with what is seen of it. CR LF is one line end, and its CR nothing.
pub(crate) fn looks(text: &str) -> impl Iterator<Item = (char, Look)> {
    let mut rest = text.chars().peekable();
    let mut before = None;
    std::iter::from_fn(move || {
        let c = rest.next()?;
        let look = look(before, c, rest.peek().copied());
        // What is not seen vouches for nothing beside it.
        before = (look == Look::Itself).then_some(c);
        Some((c, look))
    })
}

/// Nothing but lines of ASCII and of the letters from À to ÿ, as most letters are: each character is what it seems. All other
/// lead bytes of UTF-8 are refused, so a byte from 0x80 to 0xBF can only follow 0xC3.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'\n' | b' '..=b'~' | 0x80..=0xBF | 0xC3))
}

/// U+200C and U+200D stay between two letters of a script that joins letters (Persian, Hindi), U+200D also between two
/// pictures that are one (a family). The variation selectors U+FE0E and U+FE0F stay after a picture, and in a keycap.
fn look(before: Option<char>, c: char, after: Option<char>) -> Look {
    let joined = |kind: fn(char) -> bool| before.is_some_and(kind) && after.is_some_and(kind);
    let picture = |c| is_picture(c) || c == '\u{FE0F}';
    let stays = match c {
        '\u{200C}' => joined(joins),
        '\u{200D}' => joined(joins) || before.is_some_and(picture) && after.is_some_and(is_picture),
        '\u{FE0E}' | '\u{FE0F}' => before.is_some_and(is_picture) || after == Some('\u{20E3}'),
        _ => false,
    };
    match c {
        '\r' if after == Some('\n') => Look::Nothing,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Look::LineEnd,
        _ if stays => Look::Itself,
        c if c.is_control() || looks_blank(c) => Look::Blank,
        c if is_ignorable(c) => Look::Nothing,
        _ => Look::Itself,
    }
}

/// Fillers of Hangul, the empty Braille cell, and anchors of notes: they take room, and most fonts draw nothing.
fn looks_blank(c: char) -> bool {
    matches!(
        c,
        '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
    )
}

/// Default_Ignorable_Code_Point, but for what [`looks_blank`].
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Letters and marks of scripts in which a joiner changes a letter's shape, block by block (Unicode, chapters 9, 12 and 13).
fn joins(c: char) -> bool {
    let block = matches!(c,
        '\u{620}'..='\u{6FF}' | '\u{700}'..='\u{7FF}' | '\u{840}'..='\u{8FF}' // Arabic, Syriac, N’Ko, Mandaic
        | '\u{900}'..='\u{DFF}' // Devanagari to Sinhala
        | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1807}'..='\u{18AF}' | '\u{1A20}'..='\u{1BFF}'
        | '\u{A800}'..='\u{AAFF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10A00}'..='\u{11FFF}' | '\u{1E900}'..='\u{1E95F}');
    block && !is_ignorable(c)
}

/// What emoji are made of: pictures, arrows and symbols that have a coloured form.
fn is_picture(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{2460}'..='\u{24FF}'
        | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}' | '\u{2B00}'..='\u{2BFF}' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> String {
        let shown = looks(text).filter_map(|(c, look)| match look {
            Look::Itself => Some(c),
            Look::LineEnd => Some('\n'),
            Look::Blank => Some(' '),
            Look::Nothing => None,
        });
        shown.collect()
    }

    #[test]
    fn what_words_need_stays() {
        for text in [
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "ශ්\u{200D}රී",
            "👩🏽\u{200D}🚒 ❤\u{FE0F}\u{200D}🔥 1\u{FE0F}\u{20E3} 👨\u{200D}👩\u{200D}👧",
            "Sørvágur 10\u{A0}000 字 é e\u{301}",
        ] {
            assert_eq!(seen(text), text, "{text:?}");
        }
    }

    #[test]
    fn what_is_plain_is_what_it_seems() {
        for (text, plain) in [
            ("Blåbær – nei", false),
            ("Blåbær, ÀÿÆ.\n~", true),
            ("a\tb", false),
            ("\u{85}", false),
            ("\u{AD}", false),
        ] {
            assert_eq!(is_plain(text), plain, "{text:?}");
        }
        let all: Vec<char> = ('\0'..='\u{FFFF}')
            .filter(|c| is_plain(c.encode_utf8(&mut [0; 4])))
            .collect();
        assert!(
            all.iter().all(|c| *c == '\n' || look(None, *c, None) == Look::Itself),
            "{all:?}"
        );
        assert_eq!(all.len(), 1 + 95 + 64);
    }

    #[test]
    fn what_nobody_sees_goes() {
        for (text, shown) in [
            ("a\u{200D}b\u{200C}c", "abc"),
            ("a\u{200D}🚒", "a🚒"),
            ("می\u{200C}", "می"),
            ("a\u{FE0F}b ❤\u{FE0F}\u{FE0F}", "ab ❤\u{FE0F}"),
            ("🚒\u{200D}\u{200D}🚒", "🚒🚒"),
            ("a\u{202E}b\u{2067}c\u{2069}\u{61C}\u{200E}", "abc"),
            ("a\u{AD}b\u{34F}c\u{E0041}d\u{E0FFF}", "abcd"),
            ("a\u{2800}b\u{3164}c\u{FFA0}d\u{0}e\u{1B}f", "a b c d e f"),
            (
                "a\r\nb\rc\nd\u{B}e\u{C}f\u{85}g\u{2028}h\u{2029}i",
                "a\nb\nc\nd\ne\nf\ng\nh\ni",
            ),
        ] {
            assert_eq!(seen(text), shown, "{text:?}");
        }
    }
}
