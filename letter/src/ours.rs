//! Lines of ours in a letter: labels, remarks, the form's title. They come from the program or from the operator's files.
//!
//! One text is one line for whoever reads it: it is broken at 78 columns, what follows stands in from the edge, and nothing
//! in it begins a line of its own or bears the mark of a citizen's line.

use crate::citizen::MARK;
use crate::printable;
use crate::wrap::wrap;

/// RFC 5322 asks for no more than 78; quoted once, a line still stays within 80.
pub(crate) const OURS: usize = 78;
/// A piece that follows cannot be taken for a line of ours.
const INDENT: &str = "  ";

/// The text as lines; at least one.
pub(crate) fn ours(text: &str) -> Vec<String> {
    let text = printable(text);
    let text = match text.strip_prefix(MARK.trim_end()) {
        Some(rest) => format!("|{rest}"),
        None => text,
    };
    let pieces = wrap(&text, OURS, OURS - INDENT.len()).enumerate();
    pieces
        .map(|(i, piece)| format!("{}{piece}", if i == 0 { "" } else { INDENT }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_is_one_line_that_may_go_on() {
        assert_eq!(ours(""), [""]);
        assert_eq!(ours("Skjema: Si frå"), ["Skjema: Si frå"]);
        assert_eq!(ours("Skjema: Si\n! frå\u{2028}nå\t."), ["Skjema: Si ! frå nå ."]);
        assert_eq!(ours("│ a │ b"), ["| a │ b"]);
        assert_eq!(ours("\u{200B}│a"), ["|a"]);
        assert_eq!(
            ours(&format!("! {} slutt", "x".repeat(71))),
            [format!("! {}", "x".repeat(71)), "  slutt".into()]
        );
        let long = ours(&"ord ! │ ".repeat(60));
        assert!(long.len() > 5 && long[1..].iter().all(|line| line.starts_with("  ")));
        assert!(
            long.iter()
                .all(|line| line.chars().count() <= OURS && !line.starts_with(MARK))
        );
    }
}
