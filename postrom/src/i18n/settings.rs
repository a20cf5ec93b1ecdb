//! Sentences for a mistake in `postrom.toml`: which file, which line, what is wrong, what to write instead.

use std::path::Path;

use konvolutt_letter::{fill, printable};

use super::{Each, Lang};
use crate::settings::{BadServer, Kind, Mistake, NAMES, SettingsError};
use crate::trouble::Cause;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct SettingsTexts {
    /// `{file}`.
    pub file: &'static str,
    /// `{file}`, line `{line}`.
    pub file_line: &'static str,
    pub missing: &'static str,
    pub denied: &'static str,
    pub unreadable: &'static str,
    pub not_utf8: &'static str,
    /// `{cause}`, in English.
    pub syntax: &'static str,
    pub backslash: &'static str,
    /// `{name}`, `{meant}`.
    pub unknown_meant: &'static str,
    /// `{name}`, `{names}`.
    pub unknown: &'static str,
    /// `{name}`.
    pub wants_paths: &'static str,
    /// `{name}`.
    pub wants_path: &'static str,
    pub wants_language: &'static str,
    pub wants_ledger: &'static str,
    /// `{name}`.
    pub empty: &'static str,
    /// `{said}`.
    pub unknown_language: &'static str,
    /// `{name}`.
    pub no_home: &'static str,
    /// `{name}`.
    pub wants_text: &'static str,
    /// `{name}`.
    pub wants_yes_no: &'static str,
    /// `{name}`.
    pub wants_minutes: &'static str,
    pub not_encrypted: &'static str,
    pub password_in_address: &'static str,
    pub incomplete_address: &'static str,
    /// `{said}`.
    pub unknown_form: &'static str,
    /// `{server}`: which mailbox was left out.
    pub not_opened: &'static str,
    /// `{file}`: which settings are used.
    pub used: &'static str,
}

/// In three languages.
pub static TEXTS: Each<SettingsTexts> = Each {
    nb: SettingsTexts {
        file: "{file}:",
        file_line: "{file}, linje {line}:",
        missing: "Filen finnes ikke. Kontroller stien du oppga.",
        denied: "Du har ikke lov til å lese filen. Be den som har ansvar for maskinen, om tilgang.",
        unreadable: "Filen kan ikke leses. Kontroller at det er en fil og ikke en mappe, og at disken er tilgjengelig.",
        not_utf8: "Filen er ikke lagret som tekst i UTF-8. Åpne den i Notisblokk, velg «Lagre som» og kodingen UTF-8.",
        syntax: "Linjen er ikke skrevet slik den skal ({cause}). Skriv navn, likhetstegn og verdi, for eksempel out = \"brev\".",
        backslash: "Omvendt skråstrek har en annen betydning mellom doble anførselstegn. Skriv stien mellom enkle: 'C:\\Postrom\\brev'.",
        unknown_meant: "«{name}» er ikke en innstilling. Skriv «{meant}», hvis det var det du mente.",
        unknown: "«{name}» er ikke en innstilling. Disse finnes: {names}.",
        wants_paths: "«{name}» skal være filer eller mapper. Skriv {name} = [\"sti\", \"en sti til\"].",
        wants_path: "«{name}» skal være én mappe. Skriv {name} = \"sti\".",
        wants_language: "«language» skal være et språk. Skriv language = \"nb\", \"nn\" eller \"en\".",
        wants_ledger: "«ledger» skal være en fil. Skriv ledger = \"sti\", eller ledger = \"off\" for ingen liste.",
        empty: "«{name}» er tom. Skriv en verdi, eller fjern linjen.",
        unknown_language: "Programmet snakker ikke «{said}». Skriv language = \"nb\", \"nn\" eller \"en\".",
        no_home: "«{name}» begynner med ~/, men brukeren har ingen egen mappe på denne maskinen. Skriv hele stien.",
        wants_text: "«{name}» skal være ord. Skriv {name} = \"ord\".",
        wants_yes_no: "«{name}» skal være ja eller nei. Skriv {name} = true eller {name} = false.",
        wants_minutes: "«{name}» skal være et helt tall på minutter fra 1 til 120. Skriv {name} = 10.",
        not_encrypted: "Postkasser på servere leses bare kryptert, over IMAP. Skriv imaps://BRUKER@SERVER/MAPPE.",
        password_in_address: "Det står et passord i adressen til postkassen, der andre kan lese det. Ta det bort, og legg det i en fil som \
                              mail_password_file nevner.",
        incomplete_address: "Adressen til postkassen er ikke hel. Skriv imaps://BRUKER@SERVER/MAPPE, for eksempel \
                             imaps://postmottak@epost.example/INBOX.",
        unknown_form: "«{said}» er ikke en form for arkivmelding. Skriv \"efm\", \"fiks1\" eller \"fiks2\".",
        not_opened: "{server} er en postkasse på en server, og slike leses av postrom desk og postrom export. Resten åpnes.",
        used: "Innstillinger: {file}",
    },
    nn: SettingsTexts {
        file: "{file}:",
        file_line: "{file}, linje {line}:",
        missing: "Fila finst ikkje. Kontroller stien du oppgav.",
        denied: "Du har ikkje lov til å lese fila. Be den som har ansvar for maskina, om tilgang.",
        unreadable: "Fila kan ikkje lesast. Kontroller at det er ei fil og ikkje ei mappe, og at disken er tilgjengeleg.",
        not_utf8: "Fila er ikkje lagra som tekst i UTF-8. Opne ho i Notisblokk, vel «Lagre som» og kodinga UTF-8.",
        syntax: "Linja er ikkje skriven slik ho skal ({cause}). Skriv namn, likskapsteikn og verdi, til dømes out = \"brev\".",
        backslash: "Omvend skråstrek tyder noko anna mellom doble hermeteikn. Skriv stien mellom enkle: 'C:\\Postrom\\brev'.",
        unknown_meant: "«{name}» er ikkje ei innstilling. Skriv «{meant}», om det var det du meinte.",
        unknown: "«{name}» er ikkje ei innstilling. Desse finst: {names}.",
        wants_paths: "«{name}» skal vere filer eller mapper. Skriv {name} = [\"sti\", \"ein sti til\"].",
        wants_path: "«{name}» skal vere éi mappe. Skriv {name} = \"sti\".",
        wants_language: "«language» skal vere eit språk. Skriv language = \"nb\", \"nn\" eller \"en\".",
        wants_ledger: "«ledger» skal vere ei fil. Skriv ledger = \"sti\", eller ledger = \"off\" for inga liste.",
        empty: "«{name}» er tom. Skriv ein verdi, eller fjern linja.",
        unknown_language: "Programmet snakkar ikkje «{said}». Skriv language = \"nb\", \"nn\" eller \"en\".",
        no_home: "«{name}» byrjar med ~/, men brukaren har inga eiga mappe på denne maskina. Skriv heile stien.",
        wants_text: "«{name}» skal vere ord. Skriv {name} = \"ord\".",
        wants_yes_no: "«{name}» skal vere ja eller nei. Skriv {name} = true eller {name} = false.",
        wants_minutes: "«{name}» skal vere eit heilt tal på minutt frå 1 til 120. Skriv {name} = 10.",
        not_encrypted: "Postkasser på serverar blir berre lesne kryptert, over IMAP. Skriv imaps://BRUKAR@SERVER/MAPPE.",
        password_in_address: "Det står eit passord i adressa til postkassa, der andre kan lese det. Ta det bort, og legg det i ei fil som \
                              mail_password_file nemner.",
        incomplete_address: "Adressa til postkassa er ikkje heil. Skriv imaps://BRUKAR@SERVER/MAPPE, til dømes \
                             imaps://postmottak@epost.example/INBOX.",
        unknown_form: "«{said}» er ikkje ei form for arkivmelding. Skriv \"efm\", \"fiks1\" eller \"fiks2\".",
        not_opened: "{server} er ei postkasse på ein server, og slike blir lesne av postrom desk og postrom export. Resten blir opna.",
        used: "Innstillingar: {file}",
    },
    en: SettingsTexts {
        file: "{file}:",
        file_line: "{file}, line {line}:",
        missing: "The file is not there. Check the path that you gave.",
        denied: "You may not read the file. Ask whoever looks after the machine for access.",
        unreadable: "The file cannot be read. Check that it is a file and not a folder, and that its disk can be reached.",
        not_utf8: "The file is not saved as text in UTF-8. Open it in Notepad, choose “Save as” and the encoding UTF-8.",
        syntax: "The line is not written as it should be ({cause}). Write name, equals sign and value, such as out = \"letters\".",
        backslash: "A backslash means something else between double quotes. Write the path between single ones: 'C:\\Postrom\\letters'.",
        unknown_meant: "“{name}” is not a setting. Write “{meant}”, if that is what you meant.",
        unknown: "“{name}” is not a setting. These are: {names}.",
        wants_paths: "“{name}” takes files or folders. Write {name} = [\"path\", \"another path\"].",
        wants_path: "“{name}” takes one folder. Write {name} = \"path\".",
        wants_language: "“language” takes a language. Write language = \"nb\", \"nn\" or \"en\".",
        wants_ledger: "“ledger” takes a file. Write ledger = \"path\", or ledger = \"off\" for no list.",
        empty: "“{name}” is empty. Write a value, or remove the line.",
        unknown_language: "The program does not speak “{said}”. Write language = \"nb\", \"nn\" or \"en\".",
        no_home: "“{name}” begins with ~/, but the user has no folder of their own on this machine. Write the whole path.",
        wants_text: "“{name}” takes words. Write {name} = \"words\".",
        wants_yes_no: "“{name}” takes yes or no. Write {name} = true or {name} = false.",
        wants_minutes: "“{name}” takes a whole number of minutes from 1 to 120. Write {name} = 10.",
        not_encrypted: "Mailboxes on servers are read encrypted only, over IMAP. Write imaps://USER@SERVER/BOX.",
        password_in_address: "A password stands in the address of the mailbox, where others can read it. Take it out, and put it into a \
                              file that mail_password_file names.",
        incomplete_address: "The address of the mailbox is not whole. Write imaps://USER@SERVER/BOX, such as \
                             imaps://postmottak@mail.example/INBOX.",
        unknown_form: "“{said}” is no form of arkivmelding. Write \"efm\", \"fiks1\" or \"fiks2\".",
        not_opened: "{server} is a mailbox on a server, which postrom desk and postrom export read. The rest is opened.",
        used: "Settings: {file}",
    },
};

/// The sentence for a mistake: where it is, what it is, what to write.
pub fn mistake(error: &SettingsError, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let file = shown(&error.file);
    let place = match error.line {
        Some(line) => fill(t.file_line, &[("file", &file), ("line", &line.to_string())]),
        None => fill(t.file, &[("file", &file)]),
    };
    format!("{place} {}", what(&error.mistake, t))
}

/// Which settings are used. In a folder that somebody else made may lie a file of theirs: the clerk sees that it was read.
pub fn used(file: &Path, lang: Lang) -> String {
    fill(TEXTS.of(lang).used, &[("file", &shown(file))])
}

fn what(mistake: &Mistake, t: &SettingsTexts) -> String {
    match mistake {
        Mistake::Unreadable(Cause::Missing) => t.missing.into(),
        Mistake::Unreadable(Cause::Denied) => t.denied.into(),
        Mistake::Unreadable(_) => t.unreadable.into(),
        Mistake::NotUtf8 => t.not_utf8.into(),
        Mistake::Syntax(cause) => fill(t.syntax, &[("cause", &printable(cause))]),
        Mistake::Backslash => t.backslash.into(),
        Mistake::UnknownName {
            name,
            meant: Some(meant),
        } => fill(t.unknown_meant, &[("name", &printable(name)), ("meant", meant)]),
        Mistake::UnknownName { name, meant: None } => {
            fill(t.unknown, &[("name", &printable(name)), ("names", &NAMES.join(", "))])
        }
        Mistake::WrongKind { name, kind } => fill(wanted(*kind, t), &[("name", name)]),
        Mistake::Empty { name } => fill(t.empty, &[("name", name)]),
        Mistake::UnknownLanguage { said } => fill(t.unknown_language, &[("said", &printable(said))]),
        Mistake::NoHome { name } => fill(t.no_home, &[("name", name)]),
        Mistake::BadServer(why) => of_server(*why, t).into(),
        Mistake::UnknownForm { said } => fill(t.unknown_form, &[("said", &printable(said))]),
        Mistake::OutOfBounds { name } => fill(t.wants_minutes, &[("name", name)]),
    }
}

fn wanted(kind: Kind, t: &SettingsTexts) -> &'static str {
    match kind {
        Kind::Paths => t.wants_paths,
        Kind::Path => t.wants_path,
        Kind::Language => t.wants_language,
        Kind::Ledger => t.wants_ledger,
        Kind::Text => t.wants_text,
        Kind::YesNo => t.wants_yes_no,
        Kind::Minutes => t.wants_minutes,
    }
}

fn of_server(why: BadServer, t: &SettingsTexts) -> &'static str {
    match why {
        BadServer::NotEncrypted => t.not_encrypted,
        BadServer::Password => t.password_in_address,
        BadServer::Incomplete => t.incomplete_address,
    }
}

/// Why the address of a mailbox on a server cannot be used.
pub fn bad_server(why: BadServer, lang: Lang) -> &'static str {
    of_server(why, TEXTS.of(lang))
}

/// A mailbox that is not read by `postrom open`.
pub fn not_opened(server: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).not_opened, &[("server", &printable(server))])
}

fn shown(file: &Path) -> String {
    printable(&file.to_string_lossy())
}
