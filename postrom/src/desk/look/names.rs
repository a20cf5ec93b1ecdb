//! What a file's name says, and what it hides.

use super::facts::{FileFacts, Warning};
use super::kinds::by_name;

/// What the form puts behind an ending that could act.
const INERT: &str = ".bin";

/// Notes what the name says.
pub(super) fn look(name: &str, facts: &mut FileFacts) {
    if name.chars().any(turns) {
        facts.warn(Warning::TurnedName);
    }
    let seen = without_inert(name);
    facts.ending = konvolutt_letter::ending(seen);
    facts.by_name = by_name(&facts.ending);
    let Some(kind) = facts.by_name else { return };
    if kind.is_executable() {
        facts.warn(Warning::Executable);
    }
    if kind.acts() && has_another(seen) {
        facts.warn(Warning::DoubleEnding);
    }
}

/// `bilde.jpg.exe.bin` as the citizen called it. A plain `.bin` stays.
fn without_inert(name: &str) -> &str {
    let Some(cut) = name.len().checked_sub(INERT.len()) else {
        return name;
    };
    match (name.get(..cut), name.get(cut..)) {
        (Some(before), Some(last)) if last.eq_ignore_ascii_case(INERT) && before.contains('.') => unnumbered(before),
        _ => name,
    }
}

/// Two equal names are told apart by a number, before what was the last ending then: `x.exe (2).bin`.
fn unnumbered(name: &str) -> &str {
    let number = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    match number {
        Some((before, number)) if !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) => before,
        _ => name,
    }
}

/// Whether an ending of what is only shown stands before the last one.
fn has_another(name: &str) -> bool {
    let before = name.trim_end().rsplit_once('.').map_or("", |(before, _)| before);
    // What was not seen is a `_` or a blank by now.
    let before = before.trim_end_matches(['_', ' ']);
    let ending = konvolutt_letter::ending(before);
    before.contains('.') && by_name(&ending).is_some_and(|kind| !kind.acts())
}

/// Embeddings, overrides and isolates of the reading direction.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::look::kinds::FileKind;

    fn of(name: &str) -> FileFacts {
        let mut facts = FileFacts::default();
        look(name, &mut facts);
        facts
    }

    #[test]
    fn a_name_says_what_it_said_before_it_was_made_harmless() {
        for (name, kind, warnings) in [
            ("bilde.jpg", Some(FileKind::Jpeg), vec![]),
            ("Bilde.JPEG", Some(FileKind::Jpeg), vec![]),
            ("data.bin", None, vec![]),
            ("README", None, vec![]),
            ("", None, vec![]),
            (".bin", None, vec![]),
            ("notat v2.1.txt", Some(FileKind::Text), vec![]),
            ("brev.docx.pdf", Some(FileKind::Pdf), vec![]),
            ("x.exe", Some(FileKind::Exe), vec![Warning::Executable]),
            ("x.exe.bin", Some(FileKind::Exe), vec![Warning::Executable]),
            ("x.exe (2).bin", Some(FileKind::Exe), vec![Warning::Executable]),
            (
                "bilde.jpg.exe.bin",
                Some(FileKind::Exe),
                vec![Warning::Executable, Warning::DoubleEnding],
            ),
            (
                "faktura.pdf__.exe.bin",
                Some(FileKind::Exe),
                vec![Warning::Executable, Warning::DoubleEnding],
            ),
            ("side.pdf.html", Some(FileKind::Html), vec![Warning::DoubleEnding]),
            (
                "bilde\u{202E}gpj.exe",
                Some(FileKind::Exe),
                vec![Warning::Executable, Warning::TurnedName],
            ),
        ] {
            let facts = of(name);
            assert_eq!((facts.by_name, facts.warnings), (kind, warnings), "{name:?}");
        }
    }
}
