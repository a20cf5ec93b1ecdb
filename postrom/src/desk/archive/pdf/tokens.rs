//! A line of text in pieces that stay together, each of signs that the fonts have.
//!
//! Comes in: a line in which nothing can act ([`konvolutt_letter::printable_lines`]). Goes out: words, blanks, and codes
//! such as `[U+1F600]` for what cannot be drawn. What always holds: no character that is seen is lost; no tower of accents is
//! drawn over what stands above it.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::font::Fonts;

/// So many accents on one letter; no language has more.
const ACCENTS: usize = 3;
/// A piece has so many characters at most: the cost of setting one grows faster than its length.
const PIECE: usize = 64;
const TAB: &str = "    ";

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Stays in one line if it fits into one.
    Word(String),
    /// Blanks, which may vanish where a line ends.
    Blank(String),
}

/// Makes pieces, and remembers what could not be shown.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) missing: BTreeSet<char>,
}

impl Tokens {
    /// The pieces of one line.
    pub(super) fn of(&mut self, line: &str, fonts: &Fonts) -> Vec<Token> {
        let mut pieces = Pieces::default();
        for grapheme in line.graphemes(true) {
            self.grapheme(grapheme, fonts, &mut pieces);
        }
        pieces.end_word();
        pieces.end_blank();
        pieces.done
    }

    fn grapheme(&mut self, grapheme: &str, fonts: &Fonts, pieces: &mut Pieces) {
        let mut chars = grapheme.chars().filter(|c| !joins(*c));
        let Some(first) = chars.next() else { return };
        let mut carries = false;
        if is_blank(first, fonts) {
            pieces.blank(first);
        } else if fonts.has(first) && !fonts.is_mark(first) {
            pieces.letter(first);
            carries = true;
        } else {
            self.code(first, pieces);
        }
        let mut accents = 0;
        for accent in chars {
            // Not marks alone: some signs that enclose a letter are none to the font.
            accents += 1;
            if carries && accents <= ACCENTS && fonts.has(accent) {
                pieces.accent(accent);
            } else {
                self.code(accent, pieces);
            }
        }
        if matches!(first, '-' | '–' | '—' | '/') {
            pieces.end_word();
        }
    }

    fn code(&mut self, c: char, pieces: &mut Pieces) {
        self.missing.insert(c);
        pieces.end_word();
        pieces.end_blank();
        pieces.done.push(Token::Word(code(c)));
    }
}

/// How a character is named that cannot be drawn.
pub(super) fn code(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// Joiners and selectors of forms: the scripts and pictures that need them have no signs here.
fn joins(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
}

/// A blank where a line may end. Those that keep words together are not, as long as they can be drawn.
fn is_blank(c: char, fonts: &Fonts) -> bool {
    let keeps = matches!(c, '\u{A0}' | '\u{202F}') && fonts.has(c);
    c.is_whitespace() && !keeps
}

#[derive(Default)]
struct Pieces {
    done: Vec<Token>,
    word: String,
    letters: usize,
    blank: String,
}

impl Pieces {
    fn letter(&mut self, c: char) {
        self.end_blank();
        if self.letters >= PIECE {
            self.end_word();
        }
        self.accent(c);
    }

    fn accent(&mut self, c: char) {
        self.word.push(c);
        self.letters += 1;
    }

    fn blank(&mut self, c: char) {
        self.end_word();
        self.blank.push_str(if c == '\t' { TAB } else { " " });
    }

    fn end_word(&mut self) {
        self.letters = 0;
        if !self.word.is_empty() {
            self.done.push(Token::Word(std::mem::take(&mut self.word)));
        }
    }

    fn end_blank(&mut self) {
        if !self.blank.is_empty() {
            self.done.push(Token::Blank(std::mem::take(&mut self.blank)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> (String, Vec<char>) {
        let mut tokens = Tokens::default();
        let pieces = tokens.of(line, &Fonts::new().unwrap());
        let shown: Vec<String> = pieces
            .into_iter()
            .map(|piece| match piece {
                Token::Word(word) => word,
                Token::Blank(blank) => "_".repeat(blank.len()),
            })
            .collect();
        (shown.join("|"), tokens.missing.into_iter().collect())
    }

    #[test]
    fn a_line_falls_into_pieces() {
        for (line, pieces, missing) in [
            ("", "", &[][..]),
            ("Hei du", "Hei|_|du", &[]),
            ("  inn\tog ut ", "__|inn|____|og|_|ut|_", &[]),
            ("e-post og/eller", "e-|post|_|og/|eller", &[]),
            ("kl.\u{A0}10", "kl.\u{A0}10", &[]),
            ("a\u{3000}b", "a|_|b", &[]),
            ("😀a", "[U+1F600]|a", &['😀']),
            ("👩\u{200D}🚒", "[U+1F469]|[U+1F692]", &['👩', '🚒']),
            ("سلام", "[U+0633]|[U+0644]|[U+0627]|[U+0645]", &['ا', 'س', 'ل', 'م']),
            (" \u{301}a", "_|[U+0301]|a", &['\u{301}']),
            ("\u{301}", "[U+0301]", &['\u{301}']),
            ("😀\u{301}", "[U+1F600]|[U+0301]", &['\u{301}', '😀']),
        ] {
            assert_eq!(tokens(line), (pieces.to_owned(), missing.to_vec()), "{line:?}");
        }
    }

    #[test]
    fn a_tower_of_accents_is_not_drawn() {
        let (shown, missing) = tokens(&format!("e{}", "\u{301}".repeat(5)));
        assert_eq!(shown, "e\u{301}\u{301}\u{301}|[U+0301]|[U+0301]");
        assert_eq!(missing, ['\u{301}']);
    }

    #[test]
    fn no_piece_is_long() {
        let (shown, _) = tokens(&"x".repeat(1000));
        assert!(shown.split('|').all(|piece| piece.len() <= PIECE) && shown.replace('|', "").len() == 1000);
    }
}
