//! Long lines, broken where a reader would break them.

use unicode_segmentation::UnicodeSegmentation;

/// The line in pieces, with so many columns for the first and for each one more; at least one piece. Broken between words; a
/// word that fills a line by itself is cut.
pub fn wrap(line: &str, first: usize, more: usize) -> impl Iterator<Item = &str> {
    let (mut rest, mut room) = (Some(line), first);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_line(text, std::mem::replace(&mut room, more));
        rest = end.map(|end| text[end..].trim_start_matches(' '));
        Some(text[..end.unwrap_or(text.len())].trim_end_matches(' '))
    })
}

/// Where the first line ends, if not all fits into one. Blanks may stand over the edge.
fn end_of_line(text: &str, room: usize) -> Option<usize> {
    let (mut columns, mut blank, mut begun) = (0, None, false);
    for (at, c) in text.char_indices() {
        columns += width(c);
        if c != ' ' && columns > room {
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
