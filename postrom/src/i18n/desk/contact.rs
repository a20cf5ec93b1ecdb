//! Whether contact is safe, in few words. Who reads them in a hurry must never ring where that is not safe.

use konvolutt_letter::{NO_CONTACT, Record, RecordAnswer, fill, printable};

use crate::i18n::{Each, Lang};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct ContactTexts {
    pub heading: &'static str,
    pub none: &'static str,
    pub none_more: &'static str,
    pub unwanted: &'static str,
    pub no_phone: &'static str,
    pub phone: &'static str,
    pub read_first: &'static str,
    pub only: &'static str,
    pub typed: &'static str,
    pub not_asked: &'static str,
    pub not_asked_more: &'static str,
    pub unknown: &'static str,
    pub ring: &'static str,
    pub sms: &'static str,
    pub epost: &'static str,
    pub brev: &'static str,
}

/// How a citizen may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// In no way.
    Never,
    /// In some way, and not by telephone.
    NotByPhone,
    /// By telephone, maybe in other ways too.
    Phone,
    /// What was typed says it.
    ReadFirst,
    /// The form does not ask.
    NotAsked,
}

impl Way {
    /// Its class in the stylesheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::NotByPhone => "no-phone",
            Self::Phone => "phone",
            Self::ReadFirst => "read-first",
            Self::NotAsked => "not-asked",
        }
    }
}

/// The way, in two words.
pub fn words(way: Way, lang: Lang) -> &'static str {
    let t = TEXTS.of(lang);
    match way {
        Way::Never => t.none,
        Way::NotByPhone => t.no_phone,
        Way::Phone => t.phone,
        Way::ReadFirst => t.read_first,
        Way::NotAsked => t.not_asked,
    }
}

/// What the shipped forms call the ways. Whoever wrote another form may mean anything by other words: those are to be read.
const KNOWN: [&str; 4] = [RING, "sms", "epost", "brev"];
const RING: &str = "ring";

/// As the form's rule is: what is not ticked is not safe, whatever was typed beside it.
pub fn way(record: &Record) -> Way {
    let contact = record.contact();
    let words: Vec<&str> = words_of(record).collect();
    if contact.questions().next().is_none() {
        Way::NotAsked
    } else if contact.silent().is_some() || is_unwanted(record) {
        Way::Never
    } else if words.is_empty() || !words.iter().all(|word| KNOWN.contains(word)) {
        Way::ReadFirst
    } else if words.contains(&RING) {
        Way::Phone
    } else {
        Way::NotByPhone
    }
}

/// The sender said so, whatever else is ticked: of two that do not go together the safe one counts.
fn is_unwanted(record: &Record) -> bool {
    words_of(record).any(|word| word == NO_CONTACT)
}

/// What machines compare of the ways that were ticked.
fn words_of(record: &Record) -> impl Iterator<Item = &str> {
    let ticked = record
        .answers
        .iter()
        .filter(|answer| answer.safe_contact && answer.chosen);
    ticked.flat_map(|answer| &answer.normalised).map(String::as_str)
}

/// The rest in a sentence or two: which ways are left, and that there is more to be read.
pub fn more(record: &Record, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let ways = ticked(record, t).join(", ");
    let typed = |answer: &RecordAnswer| answer.safe_contact && !answer.chosen && !answer.values.is_empty();
    let first = match way(record) {
        Way::Never if is_unwanted(record) => t.unwanted.to_owned(),
        Way::Never => t.none_more.to_owned(),
        Way::NotAsked => t.not_asked_more.to_owned(),
        Way::NotByPhone => fill(t.only, &[("ways", &ways)]),
        Way::Phone | Way::ReadFirst if ways.is_empty() => String::new(),
        Way::Phone | Way::ReadFirst => format!("{ways}."),
    };
    let second = if record.answers.iter().any(typed) { t.typed } else { "" };
    format!("{first} {second}").trim().to_owned()
}

fn ticked(record: &Record, t: &ContactTexts) -> Vec<String> {
    let mut ways = Vec::new();
    for answer in record
        .answers
        .iter()
        .filter(|answer| answer.safe_contact && answer.chosen)
    {
        for (at, value) in answer.values.iter().enumerate() {
            ways.push(match answer.normalised.get(at).map(String::as_str) {
                Some(RING) => t.ring.to_owned(),
                Some("sms") => t.sms.to_owned(),
                Some("epost") => t.epost.to_owned(),
                Some("brev") => t.brev.to_owned(),
                _ => printable(value),
            });
        }
    }
    ways
}

/// In each language.
pub static TEXTS: Each<ContactTexts> = Each {
    nb: ContactTexts {
        heading: "Trygg kontakt",
        none: "IKKE ta kontakt",
        none_more: "Avsenderen har ikke krysset av for noe. Da er det ikke trygt å ta kontakt.",
        unwanted: "Avsenderen har bedt om at vi ikke tar kontakt.",
        no_phone: "IKKE ring",
        phone: "Kan ringes",
        read_first: "Les først",
        only: "Bare {ways}.",
        typed: "Les også det avsenderen skrev om dette.",
        not_asked: "Ikke spurt om",
        not_asked_more: "Skjemaet spør ikke om det er trygt å ta kontakt.",
        unknown: "Ikke kjent",
        ring: "telefon",
        sms: "SMS",
        epost: "e-post",
        brev: "brev",
    },
    nn: ContactTexts {
        heading: "Trygg kontakt",
        none: "IKKJE ta kontakt",
        none_more: "Avsendaren har ikkje kryssa av for noko. Då er det ikkje trygt å ta kontakt.",
        unwanted: "Avsendaren har bede om at vi ikkje tek kontakt.",
        no_phone: "IKKJE ring",
        phone: "Kan ringjast",
        read_first: "Les først",
        only: "Berre {ways}.",
        typed: "Les òg det avsendaren skreiv om dette.",
        not_asked: "Ikkje spurt om",
        not_asked_more: "Skjemaet spør ikkje om det er trygt å ta kontakt.",
        unknown: "Ikkje kjent",
        ring: "telefon",
        sms: "SMS",
        epost: "e-post",
        brev: "brev",
    },
    en: ContactTexts {
        heading: "Safe contact",
        none: "Do NOT contact",
        none_more: "The sender ticked nothing. So contact is not safe.",
        unwanted: "The sender asked us not to make contact.",
        no_phone: "Do NOT phone",
        phone: "May phone",
        read_first: "Read first",
        only: "Only {ways}.",
        typed: "Read what the sender wrote about it too.",
        not_asked: "Not asked",
        not_asked_more: "The form does not ask whether contact is safe.",
        unknown: "Not known",
        ring: "phone",
        sms: "text message",
        epost: "e-mail",
        brev: "post",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(chosen: bool, words: &[&str]) -> RecordAnswer {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        RecordAnswer {
            name: String::new(),
            kind: String::new(),
            label: String::new(),
            label_read: None,
            values: words.clone(),
            values_read: None,
            normalised: if chosen { words } else { Vec::new() },
            chosen,
            note: None,
            safe_contact: true,
            sender: false,
            belongs_to: None,
        }
    }

    fn of(answers: Vec<RecordAnswer>) -> Record {
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

    /// Where it is not sure that ringing is safe, nothing says that it is.
    #[test]
    fn only_what_was_ticked_is_safe() {
        for (answers, wanted, more) in [
            (vec![], Way::NotAsked, "The form does not ask whether contact is safe."),
            (
                vec![answer(true, &[])],
                Way::Never,
                "The sender ticked nothing. So contact is not safe.",
            ),
            (
                vec![answer(true, &[]), answer(false, &["Ring meg kl. 9"])],
                Way::Never,
                "The sender ticked nothing. So contact is not safe. Read what the sender wrote about it too.",
            ),
            (
                vec![answer(true, &["epost", "sms"])],
                Way::NotByPhone,
                "Only e-mail, text message.",
            ),
            (vec![answer(true, &["ring"])], Way::Phone, "phone."),
            (
                vec![answer(true, &["ring", "ikkje-kveld"])],
                Way::ReadFirst,
                "phone, ikkje-kveld.",
            ),
            (vec![answer(true, &["nei"])], Way::ReadFirst, "nei."),
            (
                vec![answer(true, &["ikke"])],
                Way::Never,
                "The sender asked us not to make contact.",
            ),
            (
                vec![answer(true, &["ring", "ikke"]), answer(false, &["Ring kl. 9"])],
                Way::Never,
                "The sender asked us not to make contact. Read what the sender wrote about it too.",
            ),
            (vec![answer(true, &["ring"]), answer(false, &[])], Way::Phone, "phone."),
            (
                vec![answer(false, &["Ja"])],
                Way::ReadFirst,
                "Read what the sender wrote about it too.",
            ),
            (
                vec![answer(false, &[])],
                Way::Never,
                "The sender ticked nothing. So contact is not safe.",
            ),
        ] {
            let record = of(answers);
            assert_eq!((way(&record), self::more(&record, Lang::En).as_str()), (wanted, more));
        }
    }
}
