//! Texts of a letter as a document, which an archive keeps.

use crate::i18n::{Count, Each};
use crate::judged::Verdict;

/// The texts in one language.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct DocumentTexts {
    /// `{n}`, `{m}`.
    pub page: &'static str,
    /// Heading of a letter that has no title.
    pub letter: &'static str,
    /// Heading of a letter that was not shown to be the form's.
    pub unconfirmed: &'static str,
    /// Stands before what such a letter says of itself.
    pub claims: &'static str,
    pub mail: &'static str,
    pub mail_content: &'static str,
    pub form: &'static str,
    pub reference: &'static str,
    pub received: &'static str,
    pub language: &'static str,
    pub authority: &'static str,
    pub contact: &'static str,
    pub contact_unanswered: &'static str,
    pub contact_unknown: &'static str,
    pub answers: &'static str,
    pub no_answers: &'static str,
    pub not_answered: &'static str,
    /// Heading over the readable text of a letter whose `letter.json` is not understood.
    pub text: &'static str,
    pub files: &'static str,
    pub no_files: &'static str,
    pub file_name: &'static str,
    pub file_kind: &'static str,
    pub file_size: &'static str,
    /// `{name}`.
    pub file_in_letter: &'static str,
    pub bytes: Count,
    pub readers: &'static str,
    /// `{key}`.
    pub unknown_key: &'static str,
    pub hidden_key: &'static str,
    pub passphrase: &'static str,
    pub remarks: &'static str,
    /// `{signs}`.
    pub missing: &'static str,
    /// Stands in `{signs}` for those that are not listed.
    pub more: Count,
    pub cut: &'static str,
    /// The document could not be made.
    pub refused: &'static str,
    /// `{day}`, `{month}`, `{year}`, `{hour}`, `{minute}`.
    pub date: &'static str,
    pub months: [&'static str; 12],
    pub verdicts: ShortVerdicts,
    pub languages: Languages,
}

/// Verdicts in a few words, for the foot of a page.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct ShortVerdicts {
    pub genuine: &'static str,
    pub not_checked: &'static str,
    pub after_your_clock: &'static str,
    pub unsigned: &'static str,
    pub signed_by_another: &'static str,
    pub key_not_valid: &'static str,
    pub not_for_you: &'static str,
    pub broken: &'static str,
    pub mail: &'static str,
}

/// Names of languages that a form may have.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Languages {
    pub nb: &'static str,
    pub nn: &'static str,
    pub en: &'static str,
    pub se: &'static str,
}

impl DocumentTexts {
    /// A verdict on a letter in a few words.
    pub const fn verdict(&self, verdict: Verdict) -> &'static str {
        let texts = &self.verdicts;
        match verdict {
            Verdict::Genuine => texts.genuine,
            Verdict::NotChecked => texts.not_checked,
            Verdict::AfterYourClock => texts.after_your_clock,
            Verdict::Unsigned => texts.unsigned,
            Verdict::SignedByAnother => texts.signed_by_another,
            Verdict::KeyNotValid => texts.key_not_valid,
            Verdict::NotForYou => texts.not_for_you,
            Verdict::Broken => texts.broken,
        }
    }

    /// The name of a language, when it is one of those that forms are written in.
    pub fn language_name(&self, code: &str) -> Option<&'static str> {
        match code {
            "nb" => Some(self.languages.nb),
            "nn" => Some(self.languages.nn),
            "en" => Some(self.languages.en),
            "se" => Some(self.languages.se),
            _ => None,
        }
    }
}

/// In three languages.
pub static TEXTS: Each<DocumentTexts> = Each {
    nb: DocumentTexts {
        page: "Side {n} av {m}",
        letter: "Brev",
        unconfirmed: "Ubekreftet brev",
        claims: "Dette sier brevet om seg selv:",
        mail: "E-post, ikke et brev fra et skjema",
        mail_content: "Innholdet i e-posten er ikke tatt med i dette dokumentet.",
        form: "Skjema",
        reference: "Referanse",
        received: "Mottatt",
        language: "Språk i skjemaet",
        authority: "Til",
        contact: "Trygg kontakt",
        contact_unanswered: "Ikke besvart. Gå ut fra at det IKKE er trygt å ta kontakt.",
        contact_unknown: "Skjemaet spør ikke om det er trygt å ta kontakt. Tenk over det før du ringer eller skriver \
            til avsenderen.",
        answers: "Svar",
        no_answers: "Brevet har ingen svar.",
        not_answered: "Ikke besvart",
        text: "Teksten i brevet",
        files: "Vedlegg",
        no_files: "Ingen vedlegg.",
        file_name: "Navn",
        file_kind: "Type",
        file_size: "Størrelse",
        file_in_letter: "I brevet: {name}",
        bytes: Count {
            one: "{n} byte",
            other: "{n} byte",
        },
        readers: "Kan åpnes av",
        unknown_key: "Ukjent nøkkel {key}",
        hidden_key: "En nøkkel som brevet ikke navngir",
        passphrase: "Alle som har passordet",
        remarks: "Merknader",
        missing: "Tegn som dette dokumentet ikke kan vise: {signs}. De står i letter.json.",
        more: Count {
            one: "og {n} til",
            other: "og {n} til",
        },
        cut: "Brevet er for langt for dette dokumentet. Resten står i letter.json.",
        refused: "Brevet kunne ikke skrives som PDF. Ta vare på letter.json og filene, og si fra til driftsansvarlig.",
        date: "{day}. {month} {year} kl. {hour}.{minute}",
        months: [
            "januar",
            "februar",
            "mars",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        verdicts: ShortVerdicts {
            genuine: "Kontrollert: kom gjennom skjemaet og er ikke endret",
            not_checked: "Ikke kontrollert",
            after_your_clock: "Datert fram i tid",
            unsigned: "IKKE signert av skjemaet",
            signed_by_another: "IKKE fra skjemaet: signert av noen andre",
            key_not_valid: "IKKE bekreftet: nøkkelen til skjemaet gjaldt ikke",
            not_for_you: "IKKE bekreftet: signert til en annen mottaker",
            broken: "ENDRET etter at skjemaet signerte",
            mail: "Ikke et brev fra et skjema",
        },
        languages: Languages {
            nb: "Bokmål",
            nn: "Nynorsk",
            en: "Engelsk",
            se: "Nordsamisk",
        },
    },
    nn: DocumentTexts {
        page: "Side {n} av {m}",
        letter: "Brev",
        unconfirmed: "Ustadfesta brev",
        claims: "Dette seier brevet om seg sjølv:",
        mail: "E-post, ikkje eit brev frå eit skjema",
        mail_content: "Innhaldet i e-posten er ikkje teke med i dette dokumentet.",
        form: "Skjema",
        reference: "Referanse",
        received: "Motteke",
        language: "Språk i skjemaet",
        authority: "Til",
        contact: "Trygg kontakt",
        contact_unanswered: "Ikkje svart på. Gå ut frå at det IKKJE er trygt å ta kontakt.",
        contact_unknown: "Skjemaet spør ikkje om det er trygt å ta kontakt. Tenk over det før du ringjer eller skriv \
            til avsendaren.",
        answers: "Svar",
        no_answers: "Brevet har ingen svar.",
        not_answered: "Ikkje svart på",
        text: "Teksten i brevet",
        files: "Vedlegg",
        no_files: "Ingen vedlegg.",
        file_name: "Namn",
        file_kind: "Type",
        file_size: "Storleik",
        file_in_letter: "I brevet: {name}",
        bytes: Count {
            one: "{n} byte",
            other: "{n} byte",
        },
        readers: "Kan opnast av",
        unknown_key: "Ukjend nøkkel {key}",
        hidden_key: "Ein nøkkel som brevet ikkje nemner ved namn",
        passphrase: "Alle som har passordet",
        remarks: "Merknader",
        missing: "Teikn som dette dokumentet ikkje kan vise: {signs}. Dei står i letter.json.",
        more: Count {
            one: "og {n} til",
            other: "og {n} til",
        },
        cut: "Brevet er for langt for dette dokumentet. Resten står i letter.json.",
        refused: "Brevet kunne ikkje skrivast som PDF. Ta vare på letter.json og filene, og sei frå til driftsansvarleg.",
        date: "{day}. {month} {year} kl. {hour}.{minute}",
        months: [
            "januar",
            "februar",
            "mars",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        verdicts: ShortVerdicts {
            genuine: "Kontrollert: kom gjennom skjemaet og er ikkje endra",
            not_checked: "Ikkje kontrollert",
            after_your_clock: "Datert fram i tid",
            unsigned: "IKKJE signert av skjemaet",
            signed_by_another: "IKKJE frå skjemaet: signert av nokon andre",
            key_not_valid: "IKKJE stadfesta: nøkkelen til skjemaet gjaldt ikkje",
            not_for_you: "IKKJE stadfesta: signert til ein annan mottakar",
            broken: "ENDRA etter at skjemaet signerte",
            mail: "Ikkje eit brev frå eit skjema",
        },
        languages: Languages {
            nb: "Bokmål",
            nn: "Nynorsk",
            en: "Engelsk",
            se: "Nordsamisk",
        },
    },
    en: DocumentTexts {
        page: "Page {n} of {m}",
        letter: "Letter",
        unconfirmed: "Unconfirmed letter",
        claims: "This is what the letter says of itself:",
        mail: "A mail, not a letter from a form",
        mail_content: "What the mail says is not part of this document.",
        form: "Form",
        reference: "Reference",
        received: "Received",
        language: "Language of the form",
        authority: "To",
        contact: "Safe contact",
        contact_unanswered: "Not answered. Assume that it is NOT safe to make contact.",
        contact_unknown: "The form does not ask whether it is safe to make contact. Consider that before you phone or \
            write to the sender.",
        answers: "Answers",
        no_answers: "The letter has no answers.",
        not_answered: "Not answered",
        text: "The letter's text",
        files: "Attachments",
        no_files: "No attachments.",
        file_name: "Name",
        file_kind: "Type",
        file_size: "Size",
        file_in_letter: "In the letter: {name}",
        bytes: Count {
            one: "{n} byte",
            other: "{n} bytes",
        },
        readers: "Can be opened by",
        unknown_key: "Unknown key {key}",
        hidden_key: "A key that the letter does not name",
        passphrase: "Everyone who has the passphrase",
        remarks: "Remarks",
        missing: "Signs that this document cannot show: {signs}. They are in letter.json.",
        more: Count {
            one: "and {n} more",
            other: "and {n} more",
        },
        cut: "The letter is too long for this document. The rest is in letter.json.",
        refused: "The letter could not be written as a PDF. Keep letter.json and the files, and tell the operator.",
        date: "{day} {month} {year}, {hour}:{minute}",
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        verdicts: ShortVerdicts {
            genuine: "Checked: came through the form and was not changed",
            not_checked: "Not checked",
            after_your_clock: "Dated in the future",
            unsigned: "NOT signed by the form",
            signed_by_another: "NOT from the form: signed by somebody else",
            key_not_valid: "NOT confirmed: the form's key was not valid",
            not_for_you: "NOT confirmed: signed for another recipient",
            broken: "CHANGED after the form signed it",
            mail: "Not a letter from a form",
        },
        languages: Languages {
            nb: "Norwegian Bokmål",
            nn: "Norwegian Nynorsk",
            en: "English",
            se: "Northern Sámi",
        },
    },
};
