//! Texts of `postrom ack`.

use super::Each;

/// The texts.
#[derive(Debug, Clone, Copy)]
pub struct AckTexts {
    /// `{file}`, `{why}`.
    pub unreadable: &'static str,
    /// `{file}`.
    pub not_ours: &'static str,
    /// The letter is not genuine, or not one of a form.
    pub not_genuine: &'static str,
    /// It was not held against the form's certificate.
    pub not_checked: &'static str,
    /// `{folder}`, `{why}`.
    pub not_written: &'static str,
    /// `{address}`.
    pub no_address: &'static str,
    /// Where it goes was not said.
    pub no_way: &'static str,
}

/// In three languages.
pub static TEXTS: Each<AckTexts> = Each {
    nb: AckTexts {
        unreadable: "{file} kan ikke leses: {why}. Oppgi mappen til et brev som postrom har åpnet.",
        not_ours: "{file} er ikke skrevet av postrom. Oppgi mappen til et brev som postrom har åpnet.",
        not_genuine: "Dette brevet kom ikke gjennom skjemaet, så ingen venter på å få vite at det er åpnet.",
        not_checked: "Dette brevet er ikke kontrollert. Åpne det på nytt med --relay; bare ekte brev blir bekreftet.",
        not_written: "Kunne ikke skrive til {folder}: {why}. Kontroller mappen, og kjør kommandoen på nytt.",
        no_address: "{address} er ikke en e-postadresse.",
        no_way: "Oppgi --to MAPPE, eller --mail ADRESSE med --from ADRESSE.",
    },
    nn: AckTexts {
        unreadable: "{file} kan ikkje lesast: {why}. Oppgi mappa til eit brev som postrom har opna.",
        not_ours: "{file} er ikkje skriven av postrom. Oppgi mappa til eit brev som postrom har opna.",
        not_genuine: "Dette brevet kom ikkje gjennom skjemaet, så ingen ventar på å få vite at det er opna.",
        not_checked: "Dette brevet er ikkje kontrollert. Opne det på nytt med --relay; berre ekte brev blir stadfesta.",
        not_written: "Kunne ikkje skrive til {folder}: {why}. Kontroller mappa, og køyr kommandoen på nytt.",
        no_address: "{address} er ikkje ei e-postadresse.",
        no_way: "Oppgi --to MAPPE, eller --mail ADRESSE med --from ADRESSE.",
    },
    en: AckTexts {
        unreadable: "{file} cannot be read: {why}. Name the folder of a letter that postrom has opened.",
        not_ours: "{file} was not written by postrom. Name the folder of a letter that postrom has opened.",
        not_genuine: "This letter did not come through the form, so that nobody waits for its acknowledgement.",
        not_checked: "This letter was not checked. Open it again with --relay; only genuine letters are acknowledged.",
        not_written: "Nothing could be written to {folder}: {why}. Look at the folder, and run the command again.",
        no_address: "{address} is not a mail address.",
        no_way: "Name --to DIR, or --mail ADDRESS with --from ADDRESS.",
    },
};
