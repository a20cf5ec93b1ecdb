//! What a citizen answered, made ready for a page: nothing in it can turn a line around or hide.

use konvolutt_letter::{Record, RecordAnswer, hides_something, printable, printable_lines};

/// One question with its answer. It has no `Debug`.
pub(super) struct Answer {
    pub(super) label: String,
    pub(super) values: Vec<Value>,
    /// The form's remark for the clerk.
    pub(super) note: Option<String>,
    /// Something was left out that nobody would see.
    pub(super) hides: bool,
    /// Chosen from a list, so in the form's words.
    pub(super) chosen: bool,
}

/// A question that the sender read in another language than the letter's, with what was chosen there. It has no `Debug`.
pub(super) struct Read {
    pub(super) label: String,
    pub(super) chosen: Vec<String>,
}

impl Read {
    /// All that differs from the letter, in its order.
    pub(super) fn of(record: &Record) -> Vec<Self> {
        let differs = |answer: &&RecordAnswer| answer.label_read.is_some() || answer.values_read.is_some();
        let read = record.answers.iter().filter(differs).map(|answer| Self {
            label: printable(answer.label_read.as_ref().unwrap_or(&answer.label)),
            chosen: answer
                .values_read
                .iter()
                .flatten()
                .map(|value| printable(value))
                .collect(),
        });
        read.collect()
    }
}

/// One value.
pub(super) struct Value {
    pub(super) text: String,
    /// What a clerk can ring or copy, where that is another text.
    pub(super) normalised: Option<String>,
}

/// All answers but those about contact, and those, with the numbers and addresses that belong to them. Remarks are the form's only in a letter that it signed: `ours` says whether.
pub(super) fn of(record: &Record, ours: bool) -> (Vec<Answer>, Vec<Answer>) {
    let contact = record.contact();
    let all = |some: Vec<&RecordAnswer>| some.into_iter().map(|one| answer(one, ours)).collect();
    (all(contact.rest), all(contact.answers))
}

fn answer(answer: &RecordAnswer, ours: bool) -> Answer {
    let normalised = |at: usize, text: &str| {
        let other = answer
            .normalised
            .get(at)
            .filter(|other| !answer.chosen && *other != text)?;
        Some(printable(other))
    };
    let values = answer.values.iter().enumerate().map(|(at, text)| Value {
        text: printable_lines(text).trim_end().to_owned(),
        normalised: normalised(at, text),
    });
    Answer {
        label: printable(&answer.label),
        values: values.collect(),
        note: answer.note.as_ref().filter(|_| ours).map(|note| printable(note)),
        hides: answer.values.iter().any(|text| hides_something(text)),
        chosen: answer.chosen,
    }
}
