//! Pages about what went wrong: a heading for each; the sentence below it is that of the trouble itself.

use crate::i18n::Each;
use crate::trouble::Trouble;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct FaultTexts {
    pub damaged: &'static str,
    pub not_for_keys: &'static str,
    pub not_sealed: &'static str,
    pub too_large: &'static str,
    pub archive: &'static str,
    pub locked_archive: &'static str,
    pub missing: &'static str,
    pub unreadable: &'static str,
    pub disk: &'static str,
    pub ended: &'static str,
    pub mailbox: &'static str,
    pub other: &'static str,
    pub which: &'static str,
    pub lies_in: &'static str,
    pub to_operator: &'static str,
    pub please_resend: &'static str,
    pub copy_text: &'static str,
    pub not_found: &'static str,
    pub not_found_text: &'static str,
    pub bad_request: &'static str,
    pub bad_request_text: &'static str,
}

impl FaultTexts {
    /// What it is, in few words.
    pub fn heading(&self, trouble: &Trouble) -> &'static str {
        match trouble {
            Trouble::Damaged => self.damaged,
            Trouble::NotForKeys { .. } => self.not_for_keys,
            Trouble::NotSealed => self.not_sealed,
            Trouble::TooLarge { .. } | Trouble::TooDeep | Trouble::TooManyParts { .. } | Trouble::Bomb => {
                self.too_large
            }
            Trouble::BrokenArchive | Trouble::UnknownArchive => self.archive,
            Trouble::LockedArchive => self.locked_archive,
            Trouble::Missing => self.missing,
            Trouble::Unreadable { .. } | Trouble::NotAFile => self.unreadable,
            Trouble::Disk { .. } | Trouble::Ledger { .. } | Trouble::LedgerAway { .. } => self.disk,
            Trouble::Mailbox { .. } => self.mailbox,
            Trouble::Ended | Trouble::Stopped => self.ended,
            Trouble::TooManyRecipients { .. } => self.other,
        }
    }
}

/// In each language.
pub static TEXTS: Each<FaultTexts> = Each {
    nb: FaultTexts {
        damaged: "Brevet er skadet",
        not_for_keys: "Nøkkelen din åpner ikke dette brevet",
        not_sealed: "Dette er ikke kryptert",
        too_large: "Filen er for stor eller for mange ganger pakket inn",
        archive: "Den pakkede filen kan ikke leses",
        locked_archive: "Den pakkede filen har passord",
        missing: "E-posten ligger ikke der lenger",
        unreadable: "Filen kan ikke leses",
        disk: "Det kan ikke skrives til disken",
        ended: "Programmet som åpner brev, stoppet ved dette brevet",
        mailbox: "Postkassen kan ikke nås",
        other: "Brevet kan ikke åpnes",
        which: "Hvilket brev",
        lies_in: "Ligger i",
        to_operator: "Til driftsansvarlig",
        please_resend: "Brev {reference} er skadet hos oss. Kan dere sende det på nytt? (konvolutt queue retry {reference})",
        copy_text: "Kopier teksten",
        not_found: "Siden finnes ikke",
        not_found_text: "Brevet kan være flyttet, eller adressen kan være fra før postbordet ble låst.",
        bad_request: "Siden sendte noe som ikke kan leses",
        bad_request_text: "Gå tilbake og prøv på nytt.",
    },
    nn: FaultTexts {
        damaged: "Brevet er skadd",
        not_for_keys: "Nøkkelen din opnar ikkje dette brevet",
        not_sealed: "Dette er ikkje kryptert",
        too_large: "Fila er for stor eller for mange gonger pakka inn",
        archive: "Den pakka fila kan ikkje lesast",
        locked_archive: "Den pakka fila har passord",
        missing: "E-posten ligg ikkje der lenger",
        unreadable: "Fila kan ikkje lesast",
        disk: "Det kan ikkje skrivast til disken",
        ended: "Programmet som opnar brev, stoppa ved dette brevet",
        mailbox: "Postkassa kan ikkje nåast",
        other: "Brevet kan ikkje opnast",
        which: "Kva brev",
        lies_in: "Ligg i",
        to_operator: "Til driftsansvarleg",
        please_resend: "Brev {reference} er skadd hos oss. Kan de sende det på nytt? (konvolutt queue retry {reference})",
        copy_text: "Kopier teksten",
        not_found: "Sida finst ikkje",
        not_found_text: "Brevet kan vere flytta, eller adressa kan vere frå før postbordet vart låst.",
        bad_request: "Sida sende noko som ikkje kan lesast",
        bad_request_text: "Gå tilbake og prøv på nytt.",
    },
    en: FaultTexts {
        damaged: "The letter is damaged",
        not_for_keys: "Your key does not open this letter",
        not_sealed: "This is not sealed",
        too_large: "The file is too large, or wrapped too often",
        archive: "The packed file cannot be read",
        locked_archive: "The archive file has a password",
        missing: "The mail is not there any more",
        unreadable: "The file cannot be read",
        disk: "The disk cannot be written to",
        ended: "The program that opens letters stopped at this letter",
        mailbox: "The mailbox cannot be reached",
        other: "The letter cannot be opened",
        which: "Which letter",
        lies_in: "Lies in",
        to_operator: "To the operator",
        please_resend: "Letter {reference} is damaged at our end. Could you send it again? (konvolutt queue retry {reference})",
        copy_text: "Copy the text",
        not_found: "There is no such page",
        not_found_text: "The letter may have been moved, or the address may be from before the desk was locked.",
        bad_request: "The page sent something that cannot be read",
        bad_request_text: "Go back and try again.",
    },
};
