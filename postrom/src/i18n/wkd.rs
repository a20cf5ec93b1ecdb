//! Texts of `postrom wkd`.

use super::Each;

/// The texts.
pub struct WkdTexts {
    /// No name with an address of the domain.
    pub no_address: &'static str,
    /// Several domains, none chosen: `{domains}`.
    pub domains: &'static str,
    /// A file cannot be written: `{file}`, `{why}`.
    pub no_file: &'static str,
    /// What is done with the folder.
    pub publish: &'static str,
}

/// In each language.
pub static TEXTS: Each<WkdTexts> = Each {
    nb: WkdTexts {
        no_address: "Ingen av sertifikatene har et navn med en adresse i domenet. Skriv --domain med domenet til postkassen.",
        domains: "Adressene er i flere domener ({domains}). Velg ett med --domain; hvert domene har en mappe for seg.",
        no_file: "Filen {file} kan ikke skrives: {why}. Rydd plass, eller velg en annen mappe med --out.",
        publish: "Legg innholdet av mappen i roten på nettstedet til domenet. Gjør det samme på nytt når sertifikatet er forlenget eller trukket tilbake.",
    },
    nn: WkdTexts {
        no_address: "Ingen av sertifikata har eit namn med ei adresse i domenet. Skriv --domain med domenet til postkassa.",
        domains: "Adressene er i fleire domene ({domains}). Vel eitt med --domain; kvart domene har ei mappe for seg.",
        no_file: "Fila {file} kan ikkje skrivast: {why}. Rydd plass, eller vel ei anna mappe med --out.",
        publish: "Legg innhaldet av mappa i rota på nettstaden til domenet. Gjer det same på nytt når sertifikatet er forlengt eller trekt tilbake.",
    },
    en: WkdTexts {
        no_address: "None of the certificates has a name with an address of the domain. Write --domain with the mailbox's domain.",
        domains: "The addresses are of several domains ({domains}). Choose one with --domain; each has a folder of its own.",
        no_file: "The file {file} cannot be written: {why}. Make room, or choose another folder with --out.",
        publish: "Put what is in the folder below the root of the domain's web site. Do the same again when the certificate was extended or revoked.",
    },
};
