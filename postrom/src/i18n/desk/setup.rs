//! What the desk asks for when nobody said it, and what is wrong with an answer.

use std::path::Path;

use konvolutt_letter::{fill, printable};

use crate::desk::setup::draft::{Field, Why};
use crate::i18n::{Each, Lang, inputs, keys, settings};
use crate::trouble::Cause;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct SetupTexts {
    pub title: &'static str,
    pub intro: &'static str,
    pub problems: &'static str,
    mail: &'static str,
    mail_hint: &'static str,
    password: &'static str,
    password_hint: &'static str,
    token: &'static str,
    token_hint: &'static str,
    keys: &'static str,
    keys_hint: &'static str,
    relay: &'static str,
    relay_hint: &'static str,
    known: &'static str,
    known_hint: &'static str,
    out: &'static str,
    out_hint: &'static str,
    pub check: &'static str,
    pub found: &'static str,
    pub found_keys: &'static str,
    pub found_relays: &'static str,
    pub found_mail: &'static str,
    pub found_out: &'static str,
    pub compare: &'static str,
    /// Before the name of a file.
    pub saved_to: &'static str,
    pub aside: &'static str,
    pub save: &'static str,
    pub about_file: &'static str,
    pub nowhere: &'static str,
    empty: &'static str,
    /// `{said}`.
    not_whole: &'static str,
    too_many: &'static str,
    no_password: &'static str,
    /// `{path}`.
    not_a_folder: &'static str,
    /// `{path}`.
    out_in_mail: &'static str,
    /// `{file}`.
    exists: &'static str,
    /// `{file}`, `{why}`.
    not_written: &'static str,
}

/// In three languages.
pub static TEXTS: Each<SetupTexts> = Each {
    nb: SetupTexts {
        title: "Gjør postbordet klart",
        intro: "Ingen har sagt ennå hvor posten ligger og hvilken nøkkel som åpner den. Driftsansvarlig vet det. Svarene skrives i \
                din egen fil med innstillinger, og ingenting sendes noe sted.",
        problems: "Dette er ikke riktig ennå",
        mail: "Hvor posten ligger",
        mail_hint: "Én på hver linje: en Maildir, en mbox, en mappe eller en fil, eller en postkasse på en server: \
                    imaps://BRUKER@SERVER/MAPPE.",
        password: "Fil med passordet til postkassen",
        password_hint: "Bare for en postkasse på en server. Passordet står på den første linjen i filen.",
        token: "Fil med tilgangstoken til postkassen",
        token_hint: "I stedet for et passord, der serveren krever det (XOAUTH2).",
        keys: "Postmottakets nøkkel",
        keys_hint: "Filen med den hemmelige nøkkelen, én på hver linje. Ta med tidligere nøkler også: eldre brev er kryptert til dem.",
        relay: "Skjemaets sertifikat",
        relay_hint: "Filen med skjemaets åpne sertifikat, én på hver linje. Uten det vises ingen brev som ekte.",
        known: "Andre sertifikater",
        known_hint: "Andre som brev er kryptert til, for eksempel gjenopprettingsnøkkelens sertifikat. Kan stå tomt.",
        out: "Mappe for brev som lagres",
        out_hint: "Ingenting skrives dit før du lagrer et brev. Mappen bør ligge på en kryptert disk.",
        check: "Kontroller",
        found: "Dette ble funnet",
        found_keys: "Åpner brev med",
        found_relays: "Kontrollert mot",
        found_mail: "Leter etter post i",
        found_out: "Lagrer brev i",
        compare: "Sammenlign fingeravtrykkene med dem du har fått oppgitt, gruppe for gruppe, før du lagrer.",
        saved_to: "Innstillingene skrives i",
        aside: "Filen finnes fra før. Gi den et annet navn, og skriv en ny.",
        save: "Lagre og gå videre",
        about_file: "Skrevet av postrom desk. Hva mer som kan stå her, forklares i config/postrom.toml.",
        nowhere: "Det er ikke kjent hvor innstillingene dine ligger på denne maskinen. Start postrom desk med --config og en fil.",
        empty: "Postbordet trenger dette. Skriv hvor det ligger.",
        not_whole: "«{said}» er ikke en hel sti. Skriv hele, fra begynnelsen av disken.",
        too_many: "Her skal det stå bare én. Ta bort resten.",
        no_password: "En postkasse på en server trenger en fil med passord eller tilgangstoken. Skriv hvor den ligger.",
        not_a_folder: "{path} er en fil. Oppgi en mappe.",
        out_in_mail: "Lagrede brev ville ligge sammen med posten i {path}. Velg en annen mappe.",
        exists: "{file} finnes fra før og er ikke endret. Kryss av for å gi den et annet navn, eller rett den selv.",
        not_written: "{file} kunne ikke skrives: {why}. Rett opp årsaken, og lagre på nytt.",
    },
    nn: SetupTexts {
        title: "Gjer postbordet klart",
        intro: "Ingen har sagt enno kvar posten ligg og kva nøkkel som opnar han. Driftsansvarleg veit det. Svara blir skrivne i di \
                eiga fil med innstillingar, og ingenting blir sendt nokon stad.",
        problems: "Dette er ikkje rett enno",
        mail: "Kvar posten ligg",
        mail_hint: "Éin på kvar linje: ein Maildir, ein mbox, ei mappe eller ei fil, eller ei postkasse på ein server: \
                    imaps://BRUKAR@SERVER/MAPPE.",
        password: "Fil med passordet til postkassa",
        password_hint: "Berre for ei postkasse på ein server. Passordet står på den første linja i fila.",
        token: "Fil med tilgangstoken til postkassa",
        token_hint: "I staden for eit passord, der serveren krev det (XOAUTH2).",
        keys: "Nøkkelen til postmottaket",
        keys_hint: "Fila med den hemmelege nøkkelen, éi på kvar linje. Ta med tidlegare nøklar òg: eldre brev er krypterte til dei.",
        relay: "Sertifikatet til skjemaet",
        relay_hint: "Fila med det opne sertifikatet til skjemaet, éi på kvar linje. Utan det blir ingen brev viste som ekte.",
        known: "Andre sertifikat",
        known_hint: "Andre som brev er krypterte til, til dømes sertifikatet til gjenopprettingsnøkkelen. Kan stå tomt.",
        out: "Mappe for brev som blir lagra",
        out_hint: "Ingenting blir skrive dit før du lagrar eit brev. Mappa bør liggje på ein kryptert disk.",
        check: "Kontroller",
        found: "Dette vart funne",
        found_keys: "Opnar brev med",
        found_relays: "Kontrollert mot",
        found_mail: "Leitar etter post i",
        found_out: "Lagrar brev i",
        compare: "Samanlikn fingeravtrykka med dei du har fått oppgitt, gruppe for gruppe, før du lagrar.",
        saved_to: "Innstillingane blir skrivne i",
        aside: "Fila finst frå før. Gi ho eit anna namn, og skriv ei ny.",
        save: "Lagre og gå vidare",
        about_file: "Skrive av postrom desk. Kva meir som kan stå her, er forklart i config/postrom.toml.",
        nowhere: "Det er ikkje kjent kvar innstillingane dine ligg på denne maskina. Start postrom desk med --config og ei fil.",
        empty: "Postbordet treng dette. Skriv kvar det ligg.",
        not_whole: "«{said}» er ikkje ein heil sti. Skriv heile, frå byrjinga av disken.",
        too_many: "Her skal det stå berre éin. Ta bort resten.",
        no_password: "Ei postkasse på ein server treng ei fil med passord eller tilgangstoken. Skriv kvar ho ligg.",
        not_a_folder: "{path} er ei fil. Oppgi ei mappe.",
        out_in_mail: "Lagra brev ville liggje saman med posten i {path}. Vel ei anna mappe.",
        exists: "{file} finst frå før og er ikkje endra. Kryss av for å gi ho eit anna namn, eller rett ho sjølv.",
        not_written: "{file} kunne ikkje skrivast: {why}. Rett opp årsaka, og lagre på nytt.",
    },
    en: SetupTexts {
        title: "Set up the desk",
        intro: "Nobody has said yet where the mail lies and which key opens it. Whoever runs the system knows. The answers are written \
                into a settings file of your own, and nothing is sent anywhere.",
        problems: "This is not right yet",
        mail: "Where the mail lies",
        mail_hint: "One on each line: a Maildir, an mbox, a folder or a file, or a mailbox on a server: imaps://USER@SERVER/BOX.",
        password: "File with the password of the mailbox",
        password_hint: "Only for a mailbox on a server. The password is the first line of the file.",
        token: "File with an access token for the mailbox",
        token_hint: "In place of a password, where the server wants one (XOAUTH2).",
        keys: "The post room's key",
        keys_hint: "The file with the secret key, one on each line. Former keys too: older letters are sealed to them.",
        relay: "The form's certificate",
        relay_hint: "The file with the form's public certificate, one on each line. Without it no letter shows as genuine.",
        known: "Other certificates",
        known_hint: "Others that letters are sealed to, such as the recovery key's. May be left empty.",
        out: "Folder for letters that are saved",
        out_hint: "Nothing is written there before you save a letter. It should lie on an encrypted disk.",
        check: "Check",
        found: "This was found",
        found_keys: "Opens letters with",
        found_relays: "Checked against",
        found_mail: "Looks for mail in",
        found_out: "Saves letters in",
        compare: "Compare the fingerprints with those you were given, group by group, before you save.",
        saved_to: "The settings are written to",
        aside: "The file is there already. Give it another name, and write a new one.",
        save: "Save and go on",
        about_file: "Written by postrom desk. What else may stand here is explained in config/postrom.toml.",
        nowhere: "It is not known where your settings are kept on this machine. Start postrom desk with --config and a file.",
        empty: "The desk needs this. Write where it is.",
        not_whole: "“{said}” is not a whole path. Write all of it, from the beginning of the disk.",
        too_many: "Only one belongs here. Take the rest away.",
        no_password: "A mailbox on a server needs a file with a password or an access token. Write where it is.",
        not_a_folder: "{path} is a file. Name a folder.",
        out_in_mail: "Saved letters would lie together with the mail in {path}. Choose another folder.",
        exists: "{file} is there already and was not changed. Tick the box to give it another name, or correct it yourself.",
        not_written: "{file} could not be written: {why}. Put right what is wrong, and save again.",
    },
};

/// A question, and what helps to answer it.
pub fn question(field: Field, lang: Lang) -> (&'static str, &'static str) {
    let t = TEXTS.of(lang);
    match field {
        Field::Mail => (t.mail, t.mail_hint),
        Field::Password => (t.password, t.password_hint),
        Field::Token => (t.token, t.token_hint),
        Field::Keys => (t.keys, t.keys_hint),
        Field::Relay => (t.relay, t.relay_hint),
        Field::Known => (t.known, t.known_hint),
        Field::Out => (t.out, t.out_hint),
    }
}

/// What is wrong with an answer. For keys and certificates as everywhere else.
pub fn mistake(why: &Why, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match why {
        Why::Empty => t.empty.into(),
        Why::NotWhole(said) => fill(t.not_whole, &[("said", &printable(said))]),
        Why::TooMany => t.too_many.into(),
        Why::Unreadable(path, cause) => keys::unreadable(path, cause, lang),
        Why::Server(why) => settings::bad_server(*why, lang).into(),
        Why::NoPassword => t.no_password.into(),
        Why::Key(error) => keys::error(error, lang),
        Why::Trust(error) => keys::trust_error(error, lang),
        Why::NotAFolder(path) => fill(t.not_a_folder, &[("path", &shown(path))]),
        Why::OutInMail(path) => fill(t.out_in_mail, &[("path", &shown(path))]),
    }
}

/// There are settings already.
pub fn exists(file: &Path, lang: Lang) -> String {
    fill(TEXTS.of(lang).exists, &[("file", &shown(file))])
}

/// The settings cannot be written.
pub fn not_written(file: &Path, cause: &Cause, lang: Lang) -> String {
    let why = inputs::cause(lang, cause);
    fill(TEXTS.of(lang).not_written, &[("file", &shown(file)), ("why", &why)])
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
