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
    let one = |(i, value): (usize, &String)| match answer.normalised.get(i) {
        Some(normalised) if !answer.chosen && normalised != value => format!("{value} ({normalised})"),
        _ => value.clone(),
    };
    let lines: Vec<String> = answer.values.iter().enumerate().map(one).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordFile;

    const WORDS: Words = Words {
        reference: "Referanse",
        received: "Mottatt",
        language: "Språk",
        language_name: "Bokmål",
        files: "Vedlegg",
        no_files: "Ingen vedlegg",
        bytes: "{n} byte",
        not_answered: "Ikke besvart",
        contact_unanswered: "ikke besvart, ikke trygt",
        contact_unknown: "Skjemaet spør ikke.",
        test: "En test.",
    };

    fn answer(label: &str, values: &[&str], normalised: &[&str]) -> Answer {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Answer {
            name: "a".into(),
            kind: "of-no-interest".into(),
            label: label.into(),
            values: owned(values),
            normalised: owned(normalised),
            chosen: false,
            note: None,
            safe_contact: false,
        }
    }

    fn record(answers: Vec<Answer>) -> Record {
        Record {
            schema: crate::SCHEMA.into(),
            reference: "K7F-3K9Q-2MX".into(),
            id: String::new(),
            form: String::new(),
            title: String::new(),
            language: "nb".into(),
            received: String::new(),
            test: false,
            notices: Vec::new(),
            answers,
            files: Vec::new(),
        }
    }

    fn lines(record: &Record) -> Vec<String> {
        text(record, &WORDS, "1.2.2026").lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_was_typed_has_its_form_for_machines_behind_it_and_what_was_chosen_has_not() {
        let chosen = Answer {
            chosen: true,
            ..answer("Tema", &["Klage", "Annet"], &["klage", "annet"])
        };
        let answers = vec![
            answer("Telefon", &["75 02 17 11"], &["+4775021711"]),
            answer("Postnummer", &["0150"], &["0150"]),
            answer("Hva?", &["Fritt."], &[]),
            answer("Navn", &[], &[]),
            chosen,
        ];
        let lines = lines(&record(answers));
        let after = |label: &str| {
            let place = lines.iter().position(|line| line == label).unwrap();
            lines[place + 1].clone()
        };
        assert_eq!(after("Telefon:"), "75 02 17 11 (+4775021711)");
        assert_eq!(after("Postnummer:"), "0150");
        assert_eq!(after("Hva?"), "Fritt.");
        assert_eq!(after("Navn:"), "Ikke besvart");
        assert_eq!(after("Tema:"), "Klage");
        assert_eq!(after("Klage"), "Annet");
    }

    #[test]
    fn whether_contact_is_safe_stands_first_in_one_line() {
        assert_eq!(lines(&record(Vec::new()))[0], WORDS.contact_unknown);
        let safe = |values: &[&str]| Answer {
            safe_contact: true,
            ..answer("Trygt", values, &[])
        };
        assert_eq!(lines(&record(vec![safe(&[])]))[0], "Trygt: ikke besvart, ikke trygt");
        let last = record(vec![
            answer("Hva?", &["Fritt."], &[]),
            safe(&["Ring", "a\nReferanse: X"]),
        ]);
        assert_eq!(lines(&last)[0], "Trygt: Ring, a Referanse: X");
        let test = Record { test: true, ..last };
        assert_eq!(lines(&test)[..2], ["En test.", "Trygt: Ring, a Referanse: X"]);
    }

    #[test]
    fn files_stand_last_with_their_size_and_digest() {
        assert_eq!(lines(&record(Vec::new())).last().unwrap(), "Ingen vedlegg");
        let file = RecordFile {
            field: "f".into(),
            name: "brev.pdf".into(),
            media_type: "application/pdf".into(),
            size: 12,
            sha256: "ab".into(),
        };
        let with = Record {
            files: vec![file],
            notices: vec!["merk".into()],
            ..record(Vec::new())
        };
        let lines = lines(&with);
        assert!(
            lines.ends_with(&["Vedlegg:".into(), "brev.pdf (12 byte)".into(), "SHA-256 ab".into()]),
            "{lines:?}"
        );
        assert!(lines.contains(&"! merk".to_owned()));
    }
}
