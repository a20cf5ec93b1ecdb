//! Texts of `postrom export`, and of a hand-over from the desk.

use std::path::Path;

use konvolutt_letter::{fill, printable};

use crate::desk::archive::{NoOfficer, NoPackage};
use crate::i18n::{Count, Each, Lang, inputs, keys};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct ExportTexts {
    /// `{said}`.
    pub not_a_reference: &'static str,
    pub no_mail: &'static str,
    pub no_form: &'static str,
    /// `{reference}`.
    pub unknown: &'static str,
    /// So many things of the mailbox could not be opened: one of them may be the letter.
    pub perhaps_among: Count,
    /// `{reference}`.
    pub contradicted: &'static str,
    /// `{reference}`, `{verdict}`.
    pub not_genuine: &'static str,
    /// `{reference}`.
    pub not_a_letter: &'static str,
    /// `{reference}`, `{folder}`.
    pub packed: &'static str,
    /// `{reference}`, `{folder}`.
    pub packed_before: &'static str,
    /// `{reference}`, `{file}`.
    pub resealed: &'static str,
    /// `{reference}`: signs that the document names instead of showing them.
    pub missing: &'static str,
    /// `{done}`, `{all}`.
    pub progress: &'static str,
    /// `{file}`, `{whose}`.
    pub not_alive: &'static str,
    /// `{file}`, `{whose}`.
    pub revoked: &'static str,
    /// `{file}`, `{whose}`.
    pub bad_binding: &'static str,
    /// `{file}`, `{whose}`.
    pub no_encryption: &'static str,
    /// `{file}`, `{what}`.
    pub no_certificate: &'static str,
    /// `{file}`.
    pub several: &'static str,
    /// Subject of a mail with a letter that was sealed again: `{reference}`. It stands outside the seal and names no topic.
    pub subject: &'static str,
}

/// In three languages.
pub static TEXTS: Each<ExportTexts> = Each {
    nb: ExportTexts {
        not_a_reference: "{said} er ikke en referanse. En referanse ser slik ut: K7F-3K9Q-2MJ. Se etter om et tegn er feil.",
        no_mail: "Det er ikke sagt hvor brevet ligger. Oppgi postkassen med --mail, eller som mail i postrom.toml.",
        no_form: "Oppgi med --arkivmelding hvilken form meldingen skal ha: efm, fiks1 eller fiks2.",
        unknown: "{reference} finnes ikke i postkassen. Kontroller referansen, og at brevet ikke er flyttet.",
        perhaps_among: Count {
            one: "Én ting i postkassen kunne ikke åpnes. Brevet kan være den; postrom open sier hva som er i veien.",
            other: "{n} ting i postkassen kunne ikke åpnes. Brevet kan være blant dem; postrom open sier hva som er i veien.",
        },
        contradicted: "{reference} står på flere brev med ulikt innhold. Ingen av dem er overført. Åpne dem og finn ut hvilket som \
                       gjelder.",
        not_genuine: "{reference} er ikke overført: {verdict} Skal det likevel i arkivet, så bruk --also-not-genuine.",
        not_a_letter: "{reference} er en vanlig e-post, ikke et brev fra skjemaet. Før den inn i arkivet på vanlig måte.",
        packed: "{reference} ligger klar i {folder}",
        packed_before: "{reference} lå klar fra før i {folder}",
        resealed: "{reference} er kryptert på nytt i {file}",
        missing: "{reference}: Dokumentet kan ikke vise alle tegn i brevet. Det nevner dem, og de står i letter.json.",
        progress: "{done} av {all} åpnet",
        not_alive: "{file}: Sertifikatet til {whose} gjelder ikke nå. Be om et nytt, eller kontroller klokken på denne maskinen.",
        revoked: "{file}: Sertifikatet til {whose} er trukket tilbake. Be om et nytt.",
        bad_binding: "{file}: Sertifikatet til {whose} kan ikke brukes, for signaturene i det er ikke til å stole på. Be om et \
                      nytt.",
        no_encryption: "{file}: Sertifikatet til {whose} har ingen nøkkel som et brev kan krypteres med. Be om et nytt.",
        no_certificate: "{file} er ikke et sertifikat, men {what}. Be saksbehandleren om sertifikatet sitt (.asc).",
        several: "{file} inneholder flere sertifikater. Oppgi en fil med bare saksbehandlerens.",
        subject: "Brev {reference}",
    },
    nn: ExportTexts {
        not_a_reference: "{said} er ikkje ein referanse. Ein referanse ser slik ut: K7F-3K9Q-2MJ. Sjå etter om eit teikn er feil.",
        no_mail: "Det er ikkje sagt kvar brevet ligg. Oppgi postkassa med --mail, eller som mail i postrom.toml.",
        no_form: "Oppgi med --arkivmelding kva form meldinga skal ha: efm, fiks1 eller fiks2.",
        unknown: "{reference} finst ikkje i postkassa. Kontroller referansen, og at brevet ikkje er flytta.",
        perhaps_among: Count {
            one: "Éin ting i postkassa kunne ikkje opnast. Brevet kan vere den; postrom open seier kva som er i vegen.",
            other: "{n} ting i postkassa kunne ikkje opnast. Brevet kan vere blant dei; postrom open seier kva som er i vegen.",
        },
        contradicted: "{reference} står på fleire brev med ulikt innhald. Ingen av dei er overførte. Opne dei og finn ut kva for eit \
                       som gjeld.",
        not_genuine: "{reference} er ikkje overført: {verdict} Skal det likevel i arkivet, så bruk --also-not-genuine.",
        not_a_letter: "{reference} er ein vanleg e-post, ikkje eit brev frå skjemaet. Før han inn i arkivet på vanleg måte.",
        packed: "{reference} ligg klart i {folder}",
        packed_before: "{reference} låg klart frå før i {folder}",
        resealed: "{reference} er kryptert på nytt i {file}",
        missing: "{reference}: Dokumentet kan ikkje vise alle teikn i brevet. Det nemner dei, og dei står i letter.json.",
        progress: "{done} av {all} opna",
        not_alive: "{file}: Sertifikatet til {whose} gjeld ikkje no. Be om eit nytt, eller kontroller klokka på denne maskina.",
        revoked: "{file}: Sertifikatet til {whose} er trekt tilbake. Be om eit nytt.",
        bad_binding: "{file}: Sertifikatet til {whose} kan ikkje brukast, for signaturane i det er ikkje til å stole på. Be om eit \
                      nytt.",
        no_encryption: "{file}: Sertifikatet til {whose} har ingen nøkkel som eit brev kan krypterast med. Be om eit nytt.",
        no_certificate: "{file} er ikkje eit sertifikat, men {what}. Be saksbehandlaren om sertifikatet sitt (.asc).",
        several: "{file} inneheld fleire sertifikat. Oppgi ei fil med berre det til saksbehandlaren.",
        subject: "Brev {reference}",
    },
    en: ExportTexts {
        not_a_reference: "{said} is not a reference. A reference looks like this: K7F-3K9Q-2MJ. Look whether a symbol is wrong.",
        no_mail: "Where the letter lies was not said. Name the mailbox with --mail, or as mail in postrom.toml.",
        no_form: "Name with --arkivmelding which form the message is to have: efm, fiks1 or fiks2.",
        unknown: "{reference} is not in the mailbox. Check the reference, and that the letter was not moved.",
        perhaps_among: Count {
            one: "One thing in the mailbox could not be opened. The letter may be that one; postrom open says what is in the way.",
            other: "{n} things in the mailbox could not be opened. The letter may be among them; postrom open says what is in the way.",
        },
        contradicted: "{reference} stands on several letters that say different things. None of them was handed over. Open them and \
                       find out which one counts.",
        not_genuine: "{reference} was not handed over: {verdict} If it belongs into the archive all the same, use --also-not-genuine.",
        not_a_letter: "{reference} is an ordinary mail, not a letter from the form. Put it into the archive in the usual way.",
        packed: "{reference} lies ready in {folder}",
        packed_before: "{reference} lay ready in {folder} before",
        resealed: "{reference} is sealed again in {file}",
        missing: "{reference}: The document cannot show all signs of the letter. It names them, and they are in letter.json.",
        progress: "{done} of {all} opened",
        not_alive: "{file}: The certificate of {whose} is not valid now. Ask for a new one, or look at the clock of this machine.",
        revoked: "{file}: The certificate of {whose} was withdrawn. Ask for a new one.",
        bad_binding: "{file}: The certificate of {whose} cannot be used, since its own signatures cannot be trusted. Ask for a new one.",
        no_encryption: "{file}: The certificate of {whose} has no key that a letter can be sealed to. Ask for a new one.",
        no_certificate: "{file} is not a certificate, but {what}. Ask the case officer for their certificate (.asc).",
        several: "{file} holds several certificates. Name a file with the case officer's alone.",
        subject: "Letter {reference}",
    },
};

/// The subject of a mail with a letter that was sealed again.
pub fn resealed_subject(reference: &str, lang: Lang) -> String {
    about(TEXTS.of(lang).subject, reference)
}

/// A text about one letter.
pub fn about(text: &str, reference: &str) -> String {
    fill(text, &[("reference", reference)])
}

/// A text about one letter and where it is now.
pub fn placed(text: &str, reference: &str, place: &Path) -> String {
    let place = shown(place);
    fill(text, &[("reference", reference), ("folder", &place), ("file", &place)])
}

/// Why there is no package of a letter; `verdict` is its sentence.
pub fn no_package(why: &NoPackage, reference: &str, verdict: &str, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match why {
        NoPackage::NotALetter => about(t.not_a_letter, reference),
        NoPackage::NotGenuine => fill(t.not_genuine, &[("reference", reference), ("verdict", verdict)]),
        NoPackage::Document(why) => format!("{reference}: {}", why.sentence(lang)),
        NoPackage::Trouble(trouble) => format!("{reference}: {}", inputs::trouble(lang, trouble, None)),
    }
}

/// Why nobody of a file can be sealed to.
pub fn no_officer(file: &Path, why: &NoOfficer, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let file_shown = shown(file);
    let of = |text: &str, whose: &str| fill(text, &[("file", &file_shown), ("whose", whose)]);
    match why {
        NoOfficer::Unreadable(cause) => keys::unreadable(file, cause, lang),
        NoOfficer::NotACertificate(kind) => {
            let what = keys::looks(*kind, lang);
            fill(t.no_certificate, &[("file", &file_shown), ("what", what)])
        }
        NoOfficer::NotAlive(whose) => of(t.not_alive, whose),
        NoOfficer::Revoked(whose) => of(t.revoked, whose),
        NoOfficer::BadBinding(whose) => of(t.bad_binding, whose),
        NoOfficer::NoEncryption(whose) => of(t.no_encryption, whose),
    }
}

/// A file that holds more certificates than the one that is meant.
pub fn several(file: &Path, lang: Lang) -> String {
    fill(TEXTS.of(lang).several, &[("file", &shown(file))])
}

/// How far the mailbox was read.
pub fn progress(done: usize, all: usize, lang: Lang) -> String {
    let (done, all) = (done.to_string(), all.to_string());
    fill(TEXTS.of(lang).progress, &[("done", &done), ("all", &all)])
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
