//! What is said of inputs: what stood in the way, what they are, where in them something lay, what had to be put right.
//!
//! A sentence for a trouble says what happened and what to do, and names the letter when its reference is known. Names of
//! files come out as they are: whoever prints them makes them harmless.

mod texts;

use konvolutt_letter::fill;

use super::Lang;
use crate::found::{Kind, Repair, Step};
use crate::judged::{HIDDEN, PASSPHRASE};
use crate::trouble::{Cause, Trouble};
use texts::TroubleTexts;
pub use texts::{CAUSES, KINDS, PLACES, TROUBLES};

/// What happened, and what to do.
pub fn trouble(lang: Lang, trouble: &Trouble, reference: Option<&str>) -> String {
    let texts = TROUBLES.of(lang);
    let number = |text, limit: &u64| fill(text, &[("n", &limit.to_string())]);
    let said = match trouble {
        Trouble::Missing => texts.missing.to_owned(),
        Trouble::NotAFile => texts.not_a_file.to_owned(),
        Trouble::Unreadable { cause: why } => fill(texts.unreadable, &[("cause", &cause(lang, why))]),
        Trouble::TooDeep => texts.too_deep.to_owned(),
        Trouble::TooLarge { limit } => number(texts.too_large, limit),
        Trouble::TooManyParts { limit } => number(texts.too_many_parts, limit),
        Trouble::BrokenArchive => texts.broken_archive.to_owned(),
        Trouble::LockedArchive => texts.locked_archive.to_owned(),
        Trouble::UnknownArchive => texts.unknown_archive.to_owned(),
        Trouble::TooManyRecipients { limit } => number(texts.too_many_recipients, limit),
        Trouble::Damaged => {
            return reference.map_or_else(
                || texts.damaged.to_owned(),
                |reference| fill(texts.damaged_letter, &[("reference", reference)]),
            );
        }
        Trouble::NotForKeys { sealed_to } => {
            let keys: Vec<&str> = sealed_to.iter().map(|key| shown(key, texts)).collect();
            fill(texts.not_for_keys, &[("keys", &keys.join(", "))])
        }
        Trouble::NotSealed => texts.not_sealed.to_owned(),
        Trouble::Bomb => texts.bomb.to_owned(),
        Trouble::Disk { cause: why } => fill(texts.disk, &[("cause", &cause(lang, why))]),
        Trouble::Ledger { file, cause: why } => fill(texts.ledger, &[("file", file), ("cause", &cause(lang, why))]),
        Trouble::LedgerAway { file } => fill(texts.ledger_away, &[("file", file)]),
        Trouble::Mailbox { mailbox, why } => super::mailbox::sentence(lang, mailbox, why, &|why| cause(lang, why)),
        // Nobody is told of what was only not reached any more.
        Trouble::Ended | Trouble::Stopped => texts.ended.to_owned(),
    };
    match reference {
        Some(reference) => format!("{said} {}", fill(texts.letter, &[("reference", reference)])),
        None => said,
    }
}

/// A key as people read it, also one that the seal does not name.
fn shown<'a>(key: &'a str, texts: &'a TroubleTexts) -> &'a str {
    match key {
        HIDDEN => texts.hidden_key,
        PASSPHRASE => texts.passphrase,
        key => key,
    }
}

/// What the operating system said, as part of a sentence.
pub fn cause(lang: Lang, cause: &Cause) -> String {
    let texts = CAUSES.of(lang);
    match cause {
        Cause::Full => texts.full.to_owned(),
        Cause::Denied => texts.denied.to_owned(),
        Cause::ReadOnly => texts.read_only.to_owned(),
        Cause::Missing => texts.missing.to_owned(),
        Cause::TooManyOpen => texts.too_many_open.to_owned(),
        Cause::Exists => texts.exists.to_owned(),
        Cause::WrongKind => texts.wrong_kind.to_owned(),
        Cause::BadName => texts.bad_name.to_owned(),
        Cause::SomethingElse => texts.something_else.to_owned(),
        Cause::Other { text } => text.clone(),
    }
}

/// A short phrase without a full stop.
pub fn kind(lang: Lang, kind: Kind) -> &'static str {
    let texts = KINDS.of(lang);
    match kind {
        Kind::Mail => texts.mail,
        Kind::Smime => texts.smime,
        Kind::Outlook => texts.outlook,
        Kind::Winmail => texts.winmail,
        Kind::Picture => texts.picture,
        Kind::Document => texts.document,
        Kind::Archive => texts.archive,
        Kind::Key => texts.key,
        Kind::Signature => texts.signature,
        Kind::MailProgram => texts.mail_program,
        Kind::Text => texts.text,
        Kind::Empty => texts.empty,
        Kind::Other => texts.other,
    }
}

/// One step, as a short phrase.
pub fn step(lang: Lang, step: &Step) -> String {
    let texts = PLACES.of(lang);
    match step {
        Step::Mail { number } => fill(texts.mail, &[("n", &number.to_string())]),
        Step::Forwarded => texts.forwarded.to_owned(),
        Step::File { name } => fill(texts.file, &[("name", name)]),
        Step::Part { number } => fill(texts.part, &[("n", &number.to_string())]),
    }
}

/// The way from an input to what lies in it; empty when it is the input.
pub fn place(lang: Lang, steps: &[Step]) -> String {
    let words: Vec<String> = steps.iter().map(|one| step(lang, one)).collect();
    words.join(", ")
}

/// What was put right.
pub fn repair(lang: Lang, repair: Repair) -> &'static str {
    let texts = PLACES.of(lang);
    match repair {
        Repair::FormOfMail => texts.form_of_mail,
        Repair::ArmorInText => texts.armor_in_text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn troubles() -> Vec<Trouble> {
        let cause = Cause::Denied;
        vec![
            Trouble::Missing,
            Trouble::NotAFile,
            Trouble::Unreadable { cause: cause.clone() },
            Trouble::TooDeep,
            Trouble::TooLarge { limit: 100 },
            Trouble::TooManyParts { limit: 10_000 },
            Trouble::BrokenArchive,
            Trouble::LockedArchive,
            Trouble::UnknownArchive,
            Trouble::TooManyRecipients { limit: 64 },
            Trouble::Damaged,
            Trouble::NotForKeys {
                sealed_to: vec!["4B0B".to_owned()],
            },
            Trouble::NotSealed,
            Trouble::Bomb,
            Trouble::Disk { cause },
            Trouble::LedgerAway {
                file: "list".to_owned(),
            },
            Trouble::Ended,
        ]
    }

    #[test]
    fn each_sentence_is_whole_and_names_the_letter() {
        for lang in [Lang::Nb, Lang::Nn, Lang::En] {
            for one in troubles() {
                let said = trouble(lang, &one, None);
                assert!(said.ends_with(['.', ')']) && !said.contains(['{', '}']), "{said}");
                assert!(
                    said.matches(['.', ';']).count() >= 2,
                    "says what happened and what to do: {said}"
                );
                assert!(
                    trouble(lang, &one, Some("K7F-3K9Q-2MX")).contains("K7F-3K9Q-2MX"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn a_place_reads_from_the_outside_inwards() {
        let steps = [
            Step::Mail { number: 3 },
            Step::Forwarded,
            Step::File {
                name: "brev.zip".to_owned(),
            },
        ];
        assert_eq!(place(Lang::Nn, &steps), "e-post 3, vidaresend e-post, i «brev.zip»");
        assert_eq!(place(Lang::En, &[]), "");
    }
}
