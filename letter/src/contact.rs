//! Safe contact: what the answers about it say together.
//!
//! A form asks in several questions: which ways are safe, where they lead, when. A clerk who rings where nobody may answer
//! does harm, and one who does not ring somebody who asked for it does too. So what is said of the group is said once, for
//! the group: that silence is no permission holds where no way was chosen, and not where one was and its hour was left open.

use crate::{Record, RecordAnswer};

/// The value of the option that says that nobody shall make contact. The other words that the post room knows are its ways.
pub const NO_CONTACT: &str = "ikke";

/// The answers of a letter, parted.
pub struct Contact<'a> {
    /// The questions about safe contact with what belongs to them, such as a number, in the order of the form.
    pub answers: Vec<&'a RecordAnswer>,
    /// All others.
    pub rest: Vec<&'a RecordAnswer>,
}

impl Record {
    /// The answers about safe contact, and the rest.
    pub fn contact(&self) -> Contact<'_> {
        let is_asked = |name: &String| self.answers.iter().any(|one| one.safe_contact && one.name == *name);
        let belongs = |answer: &&RecordAnswer| answer.safe_contact || answer.belongs_to.as_ref().is_some_and(is_asked);
        let (answers, rest) = self.answers.iter().partition(belongs);
        Contact { answers, rest }
    }
}

impl<'a> Contact<'a> {
    /// The questions about safe contact, without what belongs to them.
    pub fn questions(&self) -> impl Iterator<Item = &'a RecordAnswer> + '_ {
        self.answers.iter().copied().filter(|answer| answer.safe_contact)
    }

    /// The question whose silence is no permission: the one for the ways when none was chosen, whatever was typed beside
    /// it; where nothing can be chosen, the first when nothing was typed.
    pub fn silent(&self) -> Option<&'a RecordAnswer> {
        let answered = |answer: &RecordAnswer| !answer.values.is_empty();
        let mut ways = self.questions().filter(|answer| answer.chosen).peekable();
        if ways.peek().is_some() {
            let any = self.questions().any(|answer| answer.chosen && answered(answer));
            return ways.next().filter(|_| !any);
        }
        let any = self.questions().any(answered);
        self.questions().next().filter(|_| !any)
    }

    /// What else is said about contact: all but the silent one, with what belongs to it below each.
    pub fn others(&self) -> impl Iterator<Item = &'a RecordAnswer> {
        let silent = self.silent();
        let is_told = move |answer: &RecordAnswer| silent.is_some_and(|silent| std::ptr::eq(silent, answer));
        self.answers.iter().copied().filter(move |answer| !is_told(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(name: &str, chosen: bool, values: &[&str]) -> RecordAnswer {
        RecordAnswer {
            name: name.into(),
            kind: String::new(),
            label: String::new(),
            label_read: None,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            values_read: None,
            normalised: Vec::new(),
            chosen,
            note: None,
            safe_contact: true,
            sender: false,
            belongs_to: None,
        }
    }

    fn record(answers: Vec<RecordAnswer>) -> Record {
        Record {
            schema: String::new(),
            reference: String::new(),
            id: String::new(),
            form: String::new(),
            title: String::new(),
            title_read: None,
            authority: String::new(),
            letter_language: String::new(),
            language: String::new(),
            language_name: String::new(),
            received: String::new(),
            test: false,
            notices: Vec::new(),
            archive: None,
            deadline_days: None,
            answers,
            files: Vec::new(),
        }
    }

    #[test]
    fn silence_is_told_once_and_only_where_no_way_was_chosen() {
        let (way, no_way) = (answer("way", true, &["Ring"]), answer("way", true, &[]));
        let (time, no_time) = (answer("time", false, &["9-14"]), answer("time", false, &[]));
        for (answers, silent) in [
            (vec![&way, &time], None),
            (vec![&way, &no_time], None),
            (vec![&no_way, &no_time], Some("way")),
            (vec![&no_time, &no_way], Some("way")),
            (vec![&no_way, &time], Some("way")),
            (vec![&no_way, &way], None),
            (vec![&no_time], Some("time")),
            (vec![&no_time, &no_time], Some("time")),
            (vec![&no_time, &time], None),
            (vec![], None),
        ] {
            let record = record(answers.into_iter().cloned().collect());
            let found = record.contact().silent().map(|answer| answer.name.clone());
            assert_eq!(found.as_deref(), silent);
        }
    }

    #[test]
    fn what_belongs_to_a_way_stands_with_it() {
        let of = |name: &str, choice: &str| RecordAnswer {
            safe_contact: false,
            belongs_to: Some(choice.into()),
            ..answer(name, false, &["x"])
        };
        let record = record(vec![
            of("date", "reason"),
            answer("way", true, &["Ring"]),
            of("number", "way"),
        ]);
        let contact = record.contact();
        let names = |answers: &[&RecordAnswer]| answers.iter().map(|answer| answer.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&contact.answers), names(&contact.rest)),
            (vec!["way".into(), "number".into()], vec!["date".into()])
        );
        assert_eq!(contact.questions().count(), 1);
    }
}
