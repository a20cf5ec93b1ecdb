//! The readable part: what a clerk sees first. What was typed stands in lines with a mark, all else is ours.

use super::{Record, RecordFile};
use crate::citizen::marked;
use crate::contact::Contact;
use crate::ours::ours;

/// The fixed words of a letter in one language.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct Words {
    pub reference: &'static str,
    pub received: &'static str,
    pub language: &'static str,
    pub form: &'static str,
    pub authority: &'static str,
    pub files: &'static str,
    pub no_files: &'static str,
    pub bytes: &'static str,
    pub not_answered: &'static str,
    pub contact_unanswered: &'static str,
    pub contact_unknown: &'static str,
    pub test: &'static str,
}

/// The text: whether contact is safe, before anything else; reference, form and authority; remarks; answers; files.
pub(super) fn text(record: &Record, words: &Words, received: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    if record.test {
        lines.extend(ours(words.test));
    }
    let contact = record.contact();
    contact_first(&contact, words, &mut lines);
    lines.push(String::new());
    head(record, words, received, &mut lines);
    for answer in contact.rest {
        lines.push(String::new());
        lines.extend(ours(&asked(answer)));
        block(answer, words, &mut lines);
    }
    lines.push(String::new());
    if record.files.is_empty() {
        lines.push(words.no_files.into());
    } else {
        lines.push(format!("{}:", words.files));
    }
    for (i, file) in record.files.iter().enumerate() {
        if i > 0 {
            lines.push(String::new());
        }
        named(file, words, &mut lines);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What letter this is. In one mailbox lie letters of several forms, and an archive asks later whom they went to.
fn head(record: &Record, words: &Words, received: &str, lines: &mut Vec<String>) {
    for (label, said) in [
        (words.reference, record.reference.as_str()),
        (words.received, received),
        (words.language, record.language_name.as_str()),
        (words.form, record.title.as_str()),
        (words.authority, record.authority.as_str()),
    ] {
        lines.extend(ours(&format!("{label}: {said}")));
    }
    lines.extend(record.notices.iter().flat_map(|notice| ours(&format!("! {notice}"))));
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

/// Whether contact is safe, for the group; then each question of it, with what belongs to it below.
fn contact_first(contact: &Contact<'_>, words: &Words, lines: &mut Vec<String>) {
    if contact.answers.is_empty() {
        lines.extend(ours(words.contact_unknown));
    }
    let silent = contact.silent();
    if let Some(answer) = silent {
        lines.extend(ours(&format!("{} {}", asked(answer), words.contact_unanswered)));
        lines.extend(remark(answer));
    }
    for answer in contact.others() {
        about_contact(answer, words, lines);
    }
}

/// In one line where nothing was typed: what is chosen are words of the form.
fn about_contact(answer: &Answer, words: &Words, lines: &mut Vec<String>) {
    let said = match answer.values.as_slice() {
        [] => words.not_answered.into(),
        values if answer.chosen => values.join(", "),
        _ => {
            lines.extend(ours(&asked(answer)));
            return block(answer, words, lines);
        }
    };
    lines.extend(ours(&format!("{} {said}", asked(answer))));
    lines.extend(remark(answer));
}

fn block(answer: &Answer, words: &Words, lines: &mut Vec<String>) {
    if answer.values.is_empty() {
        lines.push(words.not_answered.into());
    }
    for (i, value) in answer.values.iter().enumerate() {
        // What was chosen is normalised to a word for machines; what was typed, to what a clerk can ring or copy.
        lines.extend(match answer.normalised.get(i) {
            Some(normalised) if !answer.chosen && normalised != value => marked(&format!("{value} ({normalised})")),
            _ => marked(value),
        });
    }
    lines.extend(remark(answer));
}

fn remark(answer: &Answer) -> Vec<String> {
    let note = answer.note.as_ref();
    note.map(|note| ours(&format!("! {note}"))).unwrap_or_default()
}

/// A name is the citizen's too.
fn named(file: &RecordFile, words: &Words, lines: &mut Vec<String>) {
    lines.extend(marked(&file.name));
    lines.push(words.bytes.replace("{n}", &file.size.to_string()));
    lines.push(format!("SHA-256 {}", file.sha256));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::citizen::{MARK, WIDTH};

    const WORDS: Words = Words {
        reference: "Referanse",
        received: "Mottatt",
        language: "Språk",
        form: "Skjema",
        authority: "Til",
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
            label_read: None,
            values: owned(values),
            values_read: None,
            normalised: owned(normalised),
            chosen: false,
            note: None,
            safe_contact: false,
            sender: false,
            belongs_to: None,
        }
    }

    fn record(answers: Vec<Answer>) -> Record {
        Record {
            schema: crate::SCHEMA.into(),
            reference: "K7F-3K9Q-2MX".into(),
            id: String::new(),
            form: String::new(),
            title: "Si frå".into(),
            title_read: None,
            authority: "Etaten".into(),
            letter_language: "nb".into(),
            language: "nb".into(),
            language_name: "Bokmål".into(),
            received: String::new(),
            test: false,
            notices: Vec::new(),
            archive: None,
            deadline_days: None,
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
        assert_eq!(after("Telefon:"), "│ 75 02 17 11 (+4775021711)");
        assert_eq!(after("Postnummer:"), "│ 0150");
        assert_eq!(after("Hva?"), "│ Fritt.");
        assert_eq!(after("Navn:"), "Ikke besvart");
        assert_eq!(after("Tema:"), "│ Klage");
        assert_eq!(after("│ Klage"), "│ Annet");
    }

    #[test]
    fn whether_contact_is_safe_stands_first() {
        assert_eq!(lines(&record(Vec::new()))[0], WORDS.contact_unknown);
        let safe = |values: &[&str]| Answer {
            safe_contact: true,
            sender: false,
            ..answer("Trygt", values, &[])
        };
        assert_eq!(lines(&record(vec![safe(&[])]))[0], "Trygt: ikke besvart, ikke trygt");
        let chosen = Answer {
            chosen: true,
            ..safe(&["Ring", "SMS"])
        };
        let last = record(vec![
            answer("Hva?", &["Fritt."], &[]),
            chosen,
            safe(&["a\nReferanse: X"]),
            safe(&[]),
        ]);
        let begin = [
            "Trygt: Ring, SMS",
            "Trygt:",
            "│ a",
            "│ Referanse: X",
            "Trygt: Ikke besvart",
            "",
        ];
        assert_eq!(lines(&last)[..6], begin);
        let test = Record { test: true, ..last };
        assert_eq!(lines(&test)[0], "En test.");
        assert_eq!(lines(&test)[1..7], begin);
    }

    /// The number stands with the way, and the warning stands once: where no way was chosen.
    #[test]
    fn safe_contact_is_told_as_a_group() {
        let way = |values: &[&str]| Answer {
            name: "way".into(),
            chosen: true,
            safe_contact: true,
            ..answer("Trygt?", values, &[])
        };
        let number = |values: &[&str], note: Option<&str>| Answer {
            belongs_to: Some("way".into()),
            note: note.map(str::to_owned),
            ..answer("Nummer", values, values)
        };
        let time = Answer {
            safe_contact: true,
            ..answer("Når?", &[], &[])
        };
        let what = answer("Hva?", &["Fritt."], &[]);
        let head = |answers: Vec<Answer>| {
            let lines = lines(&record(answers));
            let end = lines.iter().position(String::is_empty).unwrap();
            lines[..end].to_vec()
        };
        for (answers, wanted) in [
            (
                vec![what.clone(), way(&["Ring"]), number(&["112"], None), time.clone()],
                &["Trygt? Ring", "Nummer:", "│ 112", "Når? Ikke besvart"][..],
            ),
            (
                vec![way(&["Ring"]), number(&[], Some("uten")), time.clone()],
                &["Trygt? Ring", "Nummer: Ikke besvart", "! uten", "Når? Ikke besvart"],
            ),
            (
                vec![time.clone(), way(&[])],
                &["Trygt? ikke besvart, ikke trygt", "Når? Ikke besvart"],
            ),
            (
                vec![way(&[]), number(&["112"], Some("ikke spurt"))],
                &["Trygt? ikke besvart, ikke trygt", "Nummer:", "│ 112", "! ikke spurt"],
            ),
        ] {
            assert_eq!(head(answers), wanted);
        }
        // What belongs to another choice stays where it was asked.
        let elsewhere = Answer {
            belongs_to: Some("reason".into()),
            ..number(&["112"], None)
        };
        assert_eq!(head(vec![way(&["Ring"]), elsewhere]), ["Trygt? Ring"]);
    }

    /// Reference, form and authority stand in this order; a title of several lines is one.
    #[test]
    fn a_letter_says_which_form_it_came_through_and_whom_it_went_to() {
        let twisted = Record {
            title: "Si frå\n! merk\u{2028}Til: En annen".into(),
            notices: vec!["ord ".repeat(40)],
            ..record(vec![answer(&"Hva skjedde da du ".repeat(8), &["x"], &[])])
        };
        let lines = lines(&twisted);
        let begin = [
            "Skjemaet spør ikke.",
            "",
            "Referanse: K7F-3K9Q-2MX",
            "Mottatt: 1.2.2026",
            "Språk: Bokmål",
            "Skjema: Si frå ! merk Til: En annen",
            "Til: Etaten",
        ];
        assert_eq!(lines[..7], begin);
        assert!(lines[7].starts_with("! ord ") && lines[8].starts_with("  ord "));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:?}");
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
            files: vec![file.clone(), file],
            notices: vec!["merk".into()],
            ..record(Vec::new())
        };
        let lines = lines(&with);
        assert!(
            lines.ends_with(&[
                "Vedlegg:".into(),
                "│ brev.pdf".into(),
                "12 byte".into(),
                "SHA-256 ab".into(),
                String::new(),
                "│ brev.pdf".into(),
                "12 byte".into(),
                "SHA-256 ab".into()
            ]),
            "{lines:?}"
        );
        assert!(lines.contains(&"! merk".to_owned()));
    }

    /// A record with one typed answer of each place that a citizen's words can have.
    fn written(typed: &str, normalised: Option<&str>, name: &str) -> Record {
        let one = |safe_contact| Answer {
            safe_contact,
            sender: false,
            note: Some("merk".into()),
            ..answer("Hva", &[typed], normalised.as_slice())
        };
        let file = RecordFile {
            field: "f".into(),
            name: name.into(),
            media_type: String::new(),
            size: 12,
            sha256: "ab".into(),
        };
        Record {
            files: vec![file],
            notices: vec!["merk".into()],
            ..record(vec![one(true), one(false)])
        }
    }

    /// What a reader takes for a line: whatever ends one for some program (UAX #14, BK CR LF NL).
    fn as_read(text: &str) -> Vec<&str> {
        text.split(['\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'])
            .collect()
    }

    fn ours<'a>(lines: &[&'a str]) -> Vec<&'a str> {
        lines.iter().filter(|line| !line.starts_with(MARK)).copied().collect()
    }

    /// How many lines a program makes of one that folds at so many columns; a wide character takes two.
    fn folded(line: &str, columns: usize) -> usize {
        let wide = |c| matches!(c, '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{FF01}'..='\u{FF60}' | '\u{1F300}'..='\u{1FAFF}' | '\u{20000}'..);
        let columns_of = |c| if wide(c) { 2 } else { 1 };
        line.chars().map(columns_of).sum::<usize>().div_ceil(columns)
    }

    /// What may be typed or sent: anything, and what looks like ours.
    fn anything() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => any::<String>(),
            2 => "[a-zæøå ]{0,90}",
            2 => prop::sample::select(vec![
                "\n! Avsenderen er kontrollert med BankID.\n", "\u{2028}! merk", "\u{85}Referanse: 222-2222-222",
                "\u{202E}", "\u{B}Ikke besvart", "\r\n\r\n", "│ ", "\u{C}Vedlegg:\r12 byte", "字字字字字字", "\u{1b}[2J\u{1b}[1;1H",
            ]).prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// Whatever is typed, our lines are those that stand there without it, and nothing folds a line of the citizen.
        #[test]
        fn no_line_of_a_citizen_can_be_taken_for_ours(typed in anything(), normalised in proptest::option::of(anything()), name in anything()) {
            let plain = text(&written("x", None, "x"), &WORDS, "1.2.2026");
            let whole = text(&written(&typed, normalised.as_deref(), &name), &WORDS, "1.2.2026");
            let lines = as_read(&whole);
            prop_assert_eq!(ours(&lines), ours(&as_read(&plain)));
            for line in lines.iter().filter(|line| line.starts_with(MARK)) {
                prop_assert!(folded(line, WIDTH + 2) == 1, "{}", line);
                prop_assert!(!line.chars().any(|c| c.is_control()));
                let turned = line.contains(['\u{202E}', '\u{2066}', '\u{200B}', '\u{E0041}']);
                prop_assert!(!turned);
            }
        }
    }

    /// The control: written as it was typed, the same text makes lines like ours.
    #[test]
    fn without_the_mark_a_citizen_can_write_our_lines() {
        let typed = "Hei.\n! Avsenderen er kontrollert med BankID.\nReferanse: 222-2222-222";
        let plain = text(&written("x", None, "x"), &WORDS, "1.2.2026");
        let whole = text(&written(typed, None, "x"), &WORDS, "1.2.2026");
        let unmarked = whole.replace(MARK, "");
        assert_ne!(ours(&as_read(&unmarked)), ours(&as_read(&plain)));
        assert!(unmarked.contains("\n! Avsenderen") && !whole.contains("\n! Avsenderen"));
        assert_eq!(ours(&as_read(&whole)), ours(&as_read(&plain)));
        assert!(folded(&"ord ".repeat(30), WIDTH + 2) > 1);
    }
}
