//! Text as lines of a width.
//!
//! Comes in: any text. Goes out: lines of set signs. What always holds: no line is wider than asked, but for a single sign
//! that is; a line ends between words, and inside of one only where it fills a line alone; nothing that is seen is lost.

use konvolutt_letter::printable_lines;

use super::font::{Fonts, Sign, Weight};
use super::tokens::{Token, Tokens};

/// So many empty lines in a row are drawn. More would be pages of nothing.
const EMPTY: usize = 3;
/// More lines than any document has room for.
const MOST: usize = 60_000;

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    pub(super) weight: Weight,
    /// Points.
    pub(super) size: f32,
}

/// A line, ready to be drawn. It has no `Debug`: it is what a citizen wrote.
#[derive(Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) signs: Vec<Sign>,
    /// Points.
    pub(super) width: f32,
}

impl Line {
    fn push(&mut self, text: &str, signs: &[Sign], size: f32) {
        let before = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.signs.extend(signs.iter().map(|sign| sign.moved(before)));
        self.width += width(signs, size);
    }
}

fn width(signs: &[Sign], size: f32) -> f32 {
    signs.iter().map(|sign| sign.advance * size).sum()
}

/// Sets texts, and remembers what could not be shown.
pub(super) struct Setter {
    pub(super) fonts: Fonts,
    pub(super) tokens: Tokens,
}

impl Setter {
    pub(super) fn new(fonts: Fonts) -> Self {
        Self {
            fonts,
            tokens: Tokens::default(),
        }
    }

    /// The lines of a text; at least one.
    pub(super) fn lines(&mut self, text: &str, face: Face, room: f32) -> Vec<Line> {
        let mut out = Vec::new();
        let seen = printable_lines(text);
        let mut empty = 0;
        for line in seen.trim_end_matches('\n').split('\n') {
            if line.trim().is_empty() {
                empty += 1;
                continue;
            }
            self.gap(std::mem::take(&mut empty), face, &mut out);
            self.line(line, face, room, &mut out);
            if out.len() > MOST {
                break;
            }
        }
        if out.is_empty() {
            out.push(Line::default());
        }
        out
    }

    /// Empty lines. When they are many, a code says how many.
    fn gap(&mut self, lines: usize, face: Face, out: &mut Vec<Line>) {
        if lines <= EMPTY {
            out.extend((0..lines).map(|_| Line::default()));
            return;
        }
        let mut line = Line::default();
        let text = format!("[U+000A × {lines}]");
        line.push(&text, &self.fonts.set(&text, face.weight), face.size);
        out.extend([Line::default(), line, Line::default()]);
    }

    fn line(&mut self, text: &str, face: Face, room: f32, out: &mut Vec<Line>) {
        let blank = self.fonts.set(" ", face.weight);
        let mut line = Line::default();
        let mut gap = String::new();
        for token in self.tokens.of(text, &self.fonts) {
            let word = match token {
                Token::Blank(blank) => {
                    gap = blank;
                    continue;
                }
                Token::Word(word) => word,
            };
            let signs = self.fonts.set(&word, face.weight);
            let before = width(&blank, face.size) * gap.len() as f32;
            if line.width + before + width(&signs, face.size) > room {
                // The blank is there for those who copy the text, or have it read to them.
                if !gap.is_empty() && !line.text.is_empty() {
                    line.push(" ", &blank, 0.0);
                }
                if !line.text.is_empty() {
                    out.push(std::mem::take(&mut line));
                }
            } else {
                (0..gap.len()).for_each(|_| line.push(" ", &blank, face.size));
            }
            gap.clear();
            cut(&word, &signs, face, room, &mut line, out);
        }
        out.push(line);
    }

    /// One line of at most this width; what is too long ends with a sign that says so.
    pub(super) fn short(&mut self, text: &str, face: Face, room: f32) -> Line {
        let mut lines = self.lines(&konvolutt_letter::printable(text), face, room).into_iter();
        let first = lines.next().unwrap_or_default();
        if lines.next().is_none() {
            return first;
        }
        let more = self.fonts.set("…", face.weight);
        let mut short = Line::default();
        let room = room - width(&more, face.size);
        let mut kept = 0;
        let mut filled = 0.0;
        for sign in &first.signs {
            filled += sign.advance * face.size;
            if filled > room {
                break;
            }
            kept = sign.end as usize;
        }
        let kept = first.text.get(..kept).unwrap_or_default().trim_end();
        short.push(kept, &self.fonts.set(kept, face.weight), face.size);
        short.push("…", &more, face.size);
        short
    }
}

/// Adds a word to a line; one that is wider than a line is cut between characters.
fn cut(word: &str, signs: &[Sign], face: Face, room: f32, line: &mut Line, out: &mut Vec<Line>) {
    let mut from = 0;
    let mut filled = line.width;
    for at in 0..signs.len() {
        let starts = at > from && signs[at].start != signs[at - 1].start;
        let advance = signs[at].advance * face.size;
        if starts && filled + advance > room {
            piece(word, &signs[from..at], face, line);
            out.push(std::mem::take(line));
            (from, filled) = (at, 0.0);
        }
        filled += advance;
    }
    piece(word, &signs[from..], face, line);
}

fn piece(word: &str, signs: &[Sign], face: Face, line: &mut Line) {
    let (Some(first), Some(last)) = (signs.first(), signs.last()) else {
        return;
    };
    let text = word.get(first.start as usize..last.end as usize).unwrap_or_default();
    let own: Vec<Sign> = signs
        .iter()
        .map(|sign| {
            let mut sign = *sign;
            sign.start -= first.start;
            sign.end -= first.start;
            sign
        })
        .collect();
    line.push(text, &own, face.size);
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face {
        weight: Weight::Regular,
        size: 10.0,
    };

    fn lines(text: &str, room: f32) -> Vec<Line> {
        Setter::new(Fonts::new().unwrap()).lines(text, FACE, room)
    }

    fn texts(text: &str, room: f32) -> Vec<String> {
        lines(text, room).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_end_between_words_and_long_words_are_cut() {
        assert_eq!(texts("", 100.0), [""]);
        assert_eq!(texts("Ein og to", 500.0), ["Ein og to"]);
        assert_eq!(texts("Ein og to", 20.0), ["Ein ", "og ", "to"]);
        assert_eq!(texts("  Ein\n\tog  to", 500.0), ["  Ein", "    og  to"]);
        assert_eq!(texts("a\r\nb\u{2028}c\n\n\n", 500.0), ["a", "b", "c"]);
        assert_eq!(texts("a\n\n\nb", 500.0), ["a", "", "", "b"]);
        assert_eq!(
            texts(&format!("a{}b", "\n".repeat(900)), 500.0),
            ["a", "", "[U+000A × 899]", "", "b"]
        );
        assert_eq!(texts(&format!("a{}b", " ".repeat(900)), 500.0), ["a ", "b"]);
        let cut = texts(&format!("Å {}", "š".repeat(300)), 100.0);
        assert!(cut.len() > 5 && cut[0] == "Å " && cut[1..].concat() == "š".repeat(300));
    }

    /// Nothing is lost, nothing is too wide, and each sign stands for the text at its place.
    #[test]
    fn what_is_seen_stays_and_fits() {
        let accents = "e\u{301}\u{323}a".repeat(100);
        let mixed = format!("{SAMI} ").repeat(20);
        for text in [
            accents.as_str(),
            &mixed,
            "Жук і їжак — «так»/ні-ні. ",
            "W".repeat(500).as_str(),
            "ffi fl Tó AVAVA",
        ] {
            for room in [15.0, 60.0, 333.0] {
                let lines = lines(text, room);
                let solid = |text: &str| text.replace(' ', "");
                let shown: String = lines.iter().map(|line| line.text.as_str()).collect();
                assert_eq!(solid(&shown), solid(text));
                for line in &lines {
                    assert!(line.width <= room + 0.01, "{}: {}", line.width, line.text.len());
                    let mut at = 0;
                    for sign in &line.signs {
                        let (start, end) = (sign.start as usize, sign.end as usize);
                        assert!(line.text.get(start..end).is_some_and(|text| !text.is_empty()));
                        assert!(start <= at && at <= end);
                        at = end;
                    }
                    assert_eq!(at, line.text.len());
                }
            }
        }
    }

    const SAMI: &str = "Čálán dutnje: š č đ ŋ ŧ ž á æ ø å – čállit.";

    #[test]
    fn what_is_too_long_for_one_line_says_so() {
        let mut setter = Setter::new(Fonts::new().unwrap());
        assert_eq!(setter.short("Etaten · K7F", FACE, 200.0).text, "Etaten · K7F");
        let short = setter.short(&"Etaten for mangt ".repeat(20), FACE, 90.0);
        assert!(short.text.starts_with("Etaten") && short.text.ends_with('…') && short.width <= 90.0);
        let one = setter.short(&"x".repeat(100), FACE, 50.0);
        assert!(one.text.ends_with("x…") && one.width <= 50.0);
    }
}
