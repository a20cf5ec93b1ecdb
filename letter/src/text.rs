//! The readable part: what a clerk sees first.

use super::Record;

/// The fixed words of a letter in one language.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct Words {
    pub reference: &'static str,
    pub received: &'static str,
    pub language: &'static str,
    pub language_name: &'static str,
    pub files: &'static str,
    pub no_files: &'static str,
    pub bytes: &'static str,
    pub not_answered: &'static str,
    pub contact_unanswered: &'static str,
    pub contact_unknown: &'static str,
    pub test: &'static str,
}

/// The text: whether contact is safe, before anything else; reference; remarks; answers; files.
pub(super) fn text(record: &Record, words: &Words, received: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    if record.test {
        lines.push(words.test.into());
    }
    let (safe, rest): (Vec<_>, Vec<_>) = record.answers.iter().partition(|a| a.safe_contact);
    match safe.as_slice() {
        [] => lines.push(words.contact_unknown.into()),
        safe => lines.extend(safe.iter().map(|a| format!("{} {}", asked(a), one_line(a, words)))),
    }
    lines.push(String::new());
    lines.push(format!("{}: {}", words.reference, record.reference));
    lines.push(format!("{}: {received}", words.received));
    lines.push(format!("{}: {}", words.language, words.language_name));
    lines.extend(record.notices.iter().map(|notice| format!("! {notice}")));
    for answer in rest {
        lines.push(String::new());
        lines.push(asked(answer));
        lines.push(block(answer, words));
        lines.extend(answer.note.iter().map(|note| format!("! {note}")));
    }
    lines.push(String::new());
    match record.files.as_slice() {
        [] => lines.push(words.no_files.into()),
        files => {
            lines.push(format!("{}:", words.files));
            for file in files {
                let bytes = words.bytes.replace("{n}", &file.size.to_string());
                lines.push(format!("{} ({bytes})", file.name));
                lines.push(format!("SHA-256 {}", file.sha256));
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

type Answer = super::RecordAnswer;

/// The question with a colon, unless it has a mark of its own.
fn asked(answer: &Answer) -> String {
    if answer.label.ends_with(['?', ':', '.', '!']) {
        answer.label.clone()
    } else {
        format!("{}:", answer.label)
    }
}

fn one_line(answer: &Answer, words: &Words) -> String {
    if answer.values.is_empty() {
        words.contact_unanswered.into()
    } else {
        // Nothing that was typed there begins a line of its own.
        answer
            .values
            .join(", ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn block(answer: &Answer, words: &Words) -> String {
    if answer.values.is_empty() {
        return words.not_answered.into();
    }
    // What was chosen is normalised to a word for machines; what was typed, to what a clerk can ring or copy.
    let chosen = matches!(answer.kind.as_str(), "select" | "radio" | "checkboxes");
    let one = |(i, value): (usize, &String)| match answer.normalised.get(i) {
        Some(normalised) if !chosen && normalised != value => format!("{value} ({normalised})"),
        _ => value.clone(),
    };
    let lines: Vec<String> = answer.values.iter().enumerate().map(one).collect();
    lines.join("\n")
}
