//! Texts of `postrom keygen`.

use super::Each;

/// The texts.
pub struct KeygenTexts {
    /// Name that is none.
    pub bad_name: &'static str,
    /// Address that is none: `{address}`.
    pub bad_address: &'static str,
    /// A number of years that no key should last.
    pub bad_years: &'static str,
    /// A file lies there already: `{file}`.
    pub exists: &'static str,
    /// The folder cannot be made: `{file}`, `{why}`.
    pub no_folder: &'static str,
    /// The new files cannot be written: `{file}`, `{why}`.
    pub no_files: &'static str,
    /// The new key failed its trial: `{why}`.
    pub failed: &'static str,
    /// A passphrase that is easily guessed.
    pub weak: &'static str,
    /// What each file is for: label and purpose.
    pub certificate: (&'static str, &'static str),
    /// As above.
    pub key: (&'static str, &'static str),
    /// As above.
    pub revocation: (&'static str, &'static str),
    /// Stands above the fingerprint.
    pub fingerprint: &'static str,
    /// The key has opened a trial message; until when it is valid: `{date}`.
    pub tried: &'static str,
}

/// In each language.
pub static TEXTS: Each<KeygenTexts> = Each {
    nb: KeygenTexts {
        bad_name: "Navnet kan ikke brukes: --name må ha minst ett tegn, og verken <, > eller linjeskift, for sammen med adressen blir det «Navn <adresse>» i nøkkelen.",
        bad_address: "«{address}» er ikke en e-postadresse. Skriv --email med én adresse, som postmottak@kommune.example.",
        bad_years: "En nøkkel lages for 1 til 20 år, og byttes ut før de er omme. Skriv --years med et tall fra 1 til 20.",
        exists: "{file} finnes fra før, og ingen nøkkel ble laget. Velg et annet --name eller en annen mappe med --out.",
        no_folder: "Mappen {file} kan ikke lages: {why}. Velg en annen med --out.",
        no_files: "Filene kan ikke skrives i {file}, og ingen nøkkel ble laget: {why}. Rydd plass, eller velg en annen mappe med --out.",
        failed: "Nøkkelen kunne ikke lages, og ingen filer ble skrevet: {why}.",
        weak: "Passfrasen er lett å gjette for den som får tak i nøkkelfilen. Fire eller fem tilfeldige ord er bedre. Lag nøkkelen på nytt før du sender sertifikatet videre.",
        certificate: ("sertifikat", "send det til driftsansvarlig"),
        key: ("nøkkel", "ta vare på den, og legg en kopi i safen"),
        revocation: ("tilbaketrekking", "til den dagen nøkkelen er tapt eller stjålet"),
        fingerprint: "Les dette fingeravtrykket opp for driftsansvarlig over telefon:",
        tried: "Nøkkelen har åpnet et prøvebrev og er gyldig til {date}.",
    },
    nn: KeygenTexts {
        bad_name: "Namnet kan ikkje brukast: --name må ha minst eitt teikn, og verken <, > eller linjeskift, for saman med adressa blir det «Namn <adresse>» i nøkkelen.",
        bad_address: "«{address}» er ikkje ei e-postadresse. Skriv --email med éi adresse, som postmottak@kommune.example.",
        bad_years: "Ein nøkkel blir laga for 1 til 20 år, og bytt ut før dei er omme. Skriv --years med eit tal frå 1 til 20.",
        exists: "{file} finst frå før, og ingen nøkkel vart laga. Vel eit anna --name eller ei anna mappe med --out.",
        no_folder: "Mappa {file} kan ikkje lagast: {why}. Vel ei anna med --out.",
        no_files: "Filene kan ikkje skrivast i {file}, og ingen nøkkel vart laga: {why}. Rydd plass, eller vel ei anna mappe med --out.",
        failed: "Nøkkelen kunne ikkje lagast, og ingen filer vart skrivne: {why}.",
        weak: "Passfrasen er lett å gjette for den som får tak i nøkkelfila. Fire eller fem tilfeldige ord er betre. Lag nøkkelen på nytt før du sender sertifikatet vidare.",
        certificate: ("sertifikat", "send det til driftsansvarleg"),
        key: ("nøkkel", "ta vare på han, og legg ein kopi i safen"),
        revocation: ("tilbaketrekking", "til den dagen nøkkelen er tapt eller stolen"),
        fingerprint: "Les dette fingeravtrykket opp for driftsansvarleg over telefon:",
        tried: "Nøkkelen har opna eit prøvebrev og er gyldig til {date}.",
    },
    en: KeygenTexts {
        bad_name: "The name cannot be used: --name needs one symbol at least, and neither <, > nor a line end, since together with the address it becomes `Name <address>` in the key.",
        bad_address: "\u{201C}{address}\u{201D} is not a mail address. Write --email with one address, such as postmottak@authority.example.",
        bad_years: "A key is made for 1 to 20 years, and replaced before they are over. Write --years with a number from 1 to 20.",
        exists: "{file} exists already, and no key was made. Choose another --name, or another folder with --out.",
        no_folder: "The folder {file} cannot be made: {why}. Choose another one with --out.",
        no_files: "The files cannot be written to {file}, and no key was made: {why}. Make room, or choose another folder with --out.",
        failed: "The key could not be made, and no files were written: {why}.",
        weak: "The passphrase is easily guessed by whoever gets hold of the key file. Four or five words at random are better. Make the key once more before you hand on its certificate.",
        certificate: ("certificate", "send it to the operator"),
        key: ("key", "keep it, with a copy in a safe"),
        revocation: ("revocation", "for the day the key is lost or stolen"),
        fingerprint: "Fingerprint, to be read to the operator over the telephone:",
        tried: "The key has opened a trial letter, and is valid until {date}.",
    },
};
