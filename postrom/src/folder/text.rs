//! `letter.txt` as it lies in the folder.
//!
//! Comes in: the sealed text and the verdict. Goes out: the same text, with names of files as on the disk and a foot. What
//! always holds: what is not the form's says so in its first line; what a citizen or a stranger wrote is marked.

use konvolutt_letter::{MARK, Record, marked, printable};

use super::foot::foot;
use super::letter::{Letter, LetterFile};
use super::lines::{foreign, ours, sealed};
use crate::i18n::letters::{TEXTS, code};
use crate::judged::Verdict;
use crate::status::Status;

/// The whole file.
pub(crate) fn letter_text(letter: &Letter<'_>, status: &Status) -> String {
    let mut out = Vec::new();
    let text = renamed(&letter.document.text, &letter.files);
    let text = text.iter().map(String::as_str);
    let first = match status.verdict {
        Verdict::Genuine => {
            first_lines(letter, status, &mut out);
            if is_unmarked(letter) {
                foreign(text, &mut out);
            } else {
                sealed(text, &mut out);
            }
            out.extend(foot(status));
            return out.join("\n");
        }
        Verdict::NotChecked | Verdict::AfterYourClock => '?',
        _ => '!',
    };
    ours(&format!("{first} {}", status.sentence), &mut out);
    out.push(String::new());
    foreign(text, &mut out);
    out.extend(foot(status));
    out.join("\n")
}

/// What a clerk must know of a genuine letter before reading it.
fn first_lines(letter: &Letter<'_>, status: &Status, out: &mut Vec<String>) {
    let texts = TEXTS.of(status.language);
    let written = letter.document.record.as_ref().map(Record::letter_language);
    // The form says it in the letter's language.
    if status.test && written != Some(code(status.language)) {
        ours(texts.test, out);
        out.push(String::new());
    }
    if is_unmarked(letter) {
        ours(texts.unmarked, out);
        out.push(String::new());
    }
}

/// Letters of the first version: nothing tells what was typed from what is ours.
fn is_unmarked(letter: &Letter<'_>) -> bool {
    let Some(record) = &letter.document.record else {
        return false;
    };
    let typed = record
        .answers
        .iter()
        .any(|answer| !answer.chosen && !answer.values.is_empty());
    (typed || !record.files.is_empty()) && !letter.document.text.lines().any(|line| line.starts_with(MARK))
}

/// The lines, with each file called as on the disk. A file's block ends with its digest.
fn renamed(text: &str, files: &[LetterFile]) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(|line| line.replace('\r', "")).collect();
    let mut from = 0;
    for file in files {
        let digest = format!("SHA-256 {}", file.sha256);
        let Some(at) = lines[from..].iter().position(|line| *line == digest) else {
            continue;
        };
        let at = from + at;
        from = at + 1;
        if file.is_renamed() && at > 0 {
            from = rename(&mut lines, at - 1, file) + 1;
        }
    }
    lines
}

/// Gives the new name to the file whose size stands in this line; where its digest stands then.
fn rename(lines: &mut Vec<String>, size: usize, file: &LetterFile) -> usize {
    let begin = lines[..size].iter().rposition(|line| !line.starts_with(MARK));
    let begin = begin.map_or(0, |before| before + 1);
    if begin < size {
        let name = marked(&file.name);
        let digest = begin + name.len() + 1;
        lines.splice(begin..size, name);
        return digest;
    }
    // The first version had name and size in one line.
    if let Some(rest) = lines[size].strip_prefix(&format!("{} (", file.said)) {
        lines[size] = format!("{} ({rest}", printable(&file.name));
    }
    size + 1
}
