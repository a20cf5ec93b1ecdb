//! Sentences of a run on a terminal: what letters are held against, how far it has come, what it came to.

mod texts;

use konvolutt_letter::{fill, printable};

use super::{Lang, inputs};
use crate::names::groups;
use crate::trouble::Cause;
pub use texts::{CliTexts, TEXTS};

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Letters that were put in place now and are in none of the counts below.
    pub new_letters: u64,
    /// Known from before.
    pub letters_before: u64,
    /// Sealed, and not opened.
    pub not_opened: u64,
    /// Opened, and not the form's.
    pub not_genuine: u64,
    /// Opened, and held against nothing.
    pub unchecked: u64,
    /// Test letters.
    pub tests: u64,
    /// Mail that is not sealed, or sealed by somebody else.
    pub other_mails: u64,
    /// What could hold a letter and was not looked at.
    pub not_looked_at: u64,
    /// Files that are no mail.
    pub other_files: u64,
}

/// The lines at the end of a run: each count that is not nothing, what the clerk must look after first.
pub fn summary(tally: &Tally, lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let lines: Vec<String> = [
        (t.new_letters, tally.new_letters),
        (t.not_opened, tally.not_opened),
        (t.not_genuine, tally.not_genuine),
        (t.unchecked, tally.unchecked),
        (t.not_looked_at, tally.not_looked_at),
        (t.tests, tally.tests),
        (t.letters_before, tally.letters_before),
        (t.other_mails, tally.other_mails),
        (t.other_files, tally.other_files),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(count, n)| count.of(n))
    .collect();
    if lines.is_empty() {
        vec![t.no_mail.into()]
    } else {
        lines
    }
}

/// What letters are held against, once for each certificate, before the first letter.
pub fn checked_against(name: &str, fingerprint: &str, former: bool, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let text = if former {
        t.checked_against_former
    } else {
        t.checked_against
    };
    fill(
        text,
        &[
            ("name", &printable(name)),
            ("fingerprint", &groups(&printable(fingerprint))),
        ],
    )
}

/// Said once, when letters were signed and no certificate fits any of them. The signers are fingerprints or names.
pub fn no_relay_fits(signers: &[String], lang: Lang) -> String {
    let signers: Vec<_> = signers.iter().map(|signer| printable(signer)).collect();
    fill(TEXTS.of(lang).no_relay_fits, &[("signers", &signers.join(", "))])
}

/// How far a run has come.
pub fn progress(done: u64, all: u64, lang: Lang) -> String {
    let (done, all) = (done.to_string(), all.to_string());
    fill(TEXTS.of(lang).progress, &[("done", &done), ("all", &all)])
}

/// What an earlier run left behind, and this one removed.
pub fn removed_unfinished(n: u64, lang: Lang) -> String {
    TEXTS.of(lang).removed_unfinished.of(n)
}

/// The last line of a run that was ended, by the clerk or by the system: the signals are not told apart.
pub fn stopped(lang: Lang) -> &'static str {
    TEXTS.of(lang).stopped
}

/// A letter that the ledger knows. The time is ready to be read.
pub fn opened_before(when: &str, who: &str, lang: Lang) -> String {
    let values = [("when", when), ("who", &printable(who))];
    fill(TEXTS.of(lang).opened_before, &values)
}

/// The folder of a letter that the ledger knows is not where it was put.
pub fn moved_away(folder: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).moved_away, &[("folder", &printable(folder))])
}

/// Standard output takes no more.
pub fn not_printed(why: &Cause, lang: Lang) -> String {
    fill(TEXTS.of(lang).not_printed, &[("why", &inputs::cause(lang, why))])
}

/// An acknowledgement that could not be written. The reason is a phrase.
pub fn server_not_told(why: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).server_not_told, &[("why", &printable(why))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_tells_what_there_is_and_nothing_else() {
        let tally = Tally {
            new_letters: 3,
            letters_before: 37,
            not_opened: 1,
            other_mails: 38,
            ..Tally::default()
        };
        assert_eq!(
            summary(&tally, Lang::En),
            [
                "3 new letters",
                "1 could not be opened",
                "37 opened before",
                "38 other mails, not from a form"
            ]
        );
        assert_eq!(
            summary(&tally, Lang::Nn),
            [
                "3 nye brev",
                "1 kunne ikkje opnast",
                "37 opna før",
                "38 andre e-postar, ikkje frå eit skjema"
            ]
        );
        assert_eq!(summary(&Tally::default(), Lang::Nb), [TEXTS.nb.no_mail]);
    }

    #[test]
    fn what_letters_are_held_against_is_named_and_cannot_act() {
        assert_eq!(
            checked_against("Sikkert skjema\n\u{1b}[2J", "0123456789ABCDEF0123", true, Lang::En),
            "Checked against: Sikkert skjema [2J, 0123 4567 89AB CDEF 0123 (former key)"
        );
        assert_eq!(
            opened_before("2.3.2026 kl. 09.14", "Kari", Lang::Nn),
            "Opna før, 2.3.2026 kl. 09.14 av Kari."
        );
    }
}
