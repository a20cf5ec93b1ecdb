//! The help of the command line: one row for each command and argument, by the name of the command and, behind a dot, the
//! argument's. `*` stands for every command. A test holds the rows against the command line itself.

mod desk;

use super::{Each, Lang};

/// A text of the help.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `open`, `open.key`, `*.lang`; empty for the program.
    pub place: &'static str,
    text: Each<&'static str>,
}

const fn row(place: &'static str, nb: &'static str, nn: &'static str, en: &'static str) -> Row {
    Row {
        place,
        text: Each { nb, nn, en },
    }
}

/// The text for a command, or for an argument of it.
pub fn text(command: &str, argument: Option<&str>, lang: Lang) -> Option<&'static str> {
    let places = match argument {
        Some(argument) => vec![format!("{command}.{argument}"), format!("*.{argument}")],
        None => vec![command.to_owned()],
    };
    let found = places.iter().find_map(|place| rows().find(|row| row.place == place));
    found.map(|row| *row.text.of(lang))
}

/// All of them.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(desk::ROWS)
}

/// Names of values in the usage, in bokmål, nynorsk and English.
const VALUES: [(&str, [&str; 3]); 18] = [
    ("INPUT", ["E-POST", "E-POST", "MAIL"]),
    ("FILE", ["FIL", "FIL", "FILE"]),
    ("MAIL", ["E-POST", "E-POST", "MAIL"]),
    ("DIR", ["MAPPE", "MAPPE", "DIR"]),
    ("KEY", ["NØKKEL", "NØKKEL", "KEY"]),
    ("CERT", ["SERTIFIKAT", "SERTIFIKAT", "CERT"]),
    ("ADDRESS", ["ADRESSE", "ADRESSE", "ADDRESS"]),
    ("LETTER", ["BREV", "BREV", "LETTER"]),
    ("LANG", ["SPRÅK", "SPRÅK", "LANG"]),
    ("NAME", ["NAVN", "NAMN", "NAME"]),
    ("EMAIL", ["ADRESSE", "ADRESSE", "ADDRESS"]),
    ("PROFILE", ["PROFIL", "PROFIL", "PROFILE"]),
    ("YEARS", ["ÅR", "ÅR", "YEARS"]),
    ("WHAT", ["HVA", "KVA", "WHAT"]),
    ("REF", ["REFERANSE", "REFERANSE", "REF"]),
    ("FORM", ["FORM", "FORM", "FORM"]),
    ("DOMAIN", ["DOMENE", "DOMENE", "DOMAIN"]),
    ("LEDGER", ["FIL|off", "FIL|off", "FILE|off"]),
];

/// The name of a value, when there is one of ours.
pub fn value(name: &str, lang: Lang) -> Option<&'static str> {
    let found = VALUES.iter().find(|(known, _)| *known == name);
    let place = match lang {
        Lang::Nb => 0,
        Lang::Nn => 1,
        Lang::En => 2,
    };
    found.map(|(_, names)| names[place])
}

/// All but those of the desk.
static ROWS: &[Row] = &[
    row(
        "",
        "Postmottaket: lager nøkler og åpner krypterte brev",
        "Postmottaket: lagar nøklar og opnar krypterte brev",
        "The post room: makes keys and opens sealed letters",
    ),
    row("*.help", "Viser denne hjelpen", "Viser denne hjelpa", "Shows this help"),
    row("*.version", "Viser versjonen", "Viser versjonen", "Shows the version"),
    row(
        "*.lang",
        "Språket i programmet",
        "Språket i programmet",
        "Language of the program",
    ),
    // open
    row(
        "open",
        "Åpner brev. Hvert brev blir en mappe med referansen som navn",
        "Opnar brev. Kvart brev blir ei mappe med referansen som namn",
        "Opens letters. Each becomes a folder named by its reference",
    ),
    row(
        "open.input",
        "E-post (.eml, .msg), krypterte filer (.asc, .pgp), mbox, Maildir, arkiv, mapper, eller - for standard inn",
        "E-post (.eml, .msg), krypterte filer (.asc, .pgp), mbox, Maildir, arkiv, mapper, eller - for standard inn",
        "Mails (.eml, .msg), sealed files (.asc, .pgp), mboxes, Maildirs, archives, folders, or - for standard input",
    ),
    row(
        "*.config",
        "Filen med innstillinger. Ellers brukes postrom.toml i denne mappen, blant dine egne innstillinger eller blant maskinens",
        "Fila med innstillingar. Elles gjeld postrom.toml i denne mappa, blant dine eigne innstillingar eller blant dei for maskina",
        "The file of settings. Otherwise postrom.toml in this folder, your own or the machine's",
    ),
    row(
        "*.key",
        "Nøkkelen til postmottaket. Kan oppgis flere ganger",
        "Nøkkelen til postmottaket. Kan oppgivast fleire gonger",
        "The post room's key. May be given several times",
    ),
    row(
        "*.relay",
        "Sertifikatet til skjemaet. Uten det vises ingen brev som ekte. Kan oppgis flere ganger, også for tidligere nøkler",
        "Sertifikatet til skjemaet. Utan det blir ingen brev viste som ekte. Kan oppgivast fleire gonger, òg for tidlegare \
         nøklar",
        "The form's certificate. Without it no letter shows as genuine. May be given several times, also for former keys",
    ),
    row(
        "*.known",
        "Andre sertifikater som brev blir kryptert til, for eksempel gjenopprettingsnøkkelens. Alle andre blir meldt som \
         ukjente",
        "Andre sertifikat som brev blir krypterte til, til dømes det til gjenopprettingsnøkkelen. Alle andre blir melde som \
         ukjende",
        "Another certificate that letters are sealed to, such as the recovery key's. Any further one is reported as unknown",
    ),
    row(
        "open.out",
        "Mappen som brevene blir lagt i",
        "Mappa som breva blir lagde i",
        "Folder for the opened letters",
    ),
    row(
        "*.passphrase_file",
        "Leser passfrasen til nøkkelen fra den første linjen i denne filen. Kan oppgis flere ganger",
        "Les passfrasen til nøkkelen frå den første linja i denne fila. Kan oppgivast fleire gonger",
        "Reads a key's passphrase from the first line of this file. May be given several times",
    ),
    row(
        "open.ack_to",
        "Melder til skjemaet at brevet er åpnet: en fil med referanse og tid i denne mappen",
        "Melder til skjemaet at brevet er opna: ei fil med referanse og tid i denne mappa",
        "Tells the form of each letter that it was opened: a file with reference and time in this folder",
    ),
    row(
        "open.ledger",
        "Listen over brev som er åpnet, eller off for ingen liste",
        "Lista over brev som er opna, eller off for inga liste",
        "The list of letters that were opened, or off for none",
    ),
    row(
        "open.watch",
        "Fortsetter, og åpner nye brev helt til du stopper det",
        "Held fram, og opnar nye brev heilt til du stoppar det",
        "Waits for new letters until you stop it",
    ),
    row(
        "open.json",
        "Skriver én linje JSON for hver ting, og til slutt en oppsummering",
        "Skriv éi linje JSON for kvar ting, og til slutt ei oppsummering",
        "Writes one line of JSON for each thing, and a summary at the end",
    ),
    row(
        "open.verbose",
        "Nevner også annen e-post og andre filer én for én",
        "Nemner òg annan e-post og andre filer éi for éi",
        "Names other mails and other files one by one as well",
    ),
    // keygen
    row(
        "keygen",
        "Lager en nøkkel til et postmottak",
        "Lagar ein nøkkel til eit postmottak",
        "Makes a key for a post room",
    ),
    row(
        "keygen.out",
        "Mappen som de nye filene blir lagt i",
        "Mappa som dei nye filene blir lagde i",
        "Folder for the new files",
    ),
    row(
        "keygen.name",
        "Navnet i nøkkelen og på filene",
        "Namnet i nøkkelen og på filene",
        "Name in the key, and of the files",
    ),
    row(
        "keygen.email",
        "E-postadressen til postkassen",
        "E-postadressa til postkassa",
        "Address of the mailbox",
    ),
    row(
        "keygen.profile",
        "Hvilke programmer nøkkelen er for: compat for alle, også GnuPG 2.2 og Thunderbird; rfc9580 for nyere programmer; pqc \
         for programmer med kvantesikker kryptering",
        "Kva program nøkkelen er for: compat for alle, òg GnuPG 2.2 og Thunderbird; rfc9580 for nyare program; pqc for program \
         med kvantesikker kryptering",
        "Which programs it is for: compat for all, GnuPG 2.2 and Thunderbird among them; rfc9580 for newer ones; pqc for \
         programs with post-quantum encryption",
    ),
    row(
        "keygen.years",
        "Antall år til nøkkelen utløper",
        "Talet på år til nøkkelen går ut",
        "Years until it expires",
    ),
    row(
        "keygen.passphrase_file",
        "Leser passfrasen fra den første linjen i denne filen",
        "Les passfrasen frå den første linja i denne fila",
        "Reads the passphrase from the first line of this file",
    ),
    row(
        "keygen.no_passphrase",
        "Lager nøkkelen uten passfrase",
        "Lagar nøkkelen utan passfrase",
        "Leaves the key without a passphrase",
    ),
    // show
    row(
        "show",
        "Sier hva et sertifikat, en nøkkel eller et brev er, uten å åpne noe",
        "Seier kva eit sertifikat, ein nøkkel eller eit brev er, utan å opne noko",
        "Says what a certificate, a key or a letter is, and opens nothing",
    ),
    row(
        "show.file",
        "Sertifikater, nøkler eller e-post",
        "Sertifikat, nøklar eller e-post",
        "Certificates, keys or mails",
    ),
    row("show.json", "Skriver JSON", "Skriv JSON", "Writes JSON"),
    // wkd
    row(
        "wkd",
        "Lager mappen der en etat legger ut sertifikatene sine (Web Key Directory)",
        "Lagar mappa der ein etat legg ut sertifikata sine (Web Key Directory)",
        "Makes the folder in which an authority publishes its certificates (Web Key Directory)",
    ),
    row(
        "wkd.out",
        "Mappen som alt blir lagt i",
        "Mappa som alt blir lagt i",
        "Folder for all of it",
    ),
    row(
        "wkd.domain",
        "Domenet som det er for, når sertifikatene har adresser i flere",
        "Domenet som det er for, når sertifikata har adresser i fleire",
        "The domain that it is for, when the certificates have addresses of several",
    ),
    row(
        "wkd.cert",
        "Sertifikatene, som både det daglige og det i safen",
        "Sertifikata, som både det daglege og det i safen",
        "The certificates, such as the daily one and the one in the safe",
    ),
    // ack
    row(
        "ack",
        "Melder til skjemaet at brev er åpnet: bare referanse og tid",
        "Melder til skjemaet at brev er opna: berre referanse og tid",
        "Tells the form that letters were opened: reference and time only",
    ),
    row(
        "ack.letter",
        "Mapper med åpnede brev, slik postrom open lager dem",
        "Mapper med opna brev, slik postrom open lagar dei",
        "Folders of opened letters, as postrom open makes them",
    ),
    row(
        "ack.to",
        "Legger en fil for hvert brev i denne mappen, som skjemaets server leser",
        "Legg ei fil for kvart brev i denne mappa, som serveren til skjemaet les",
        "Puts a file for each letter into this folder, which the form's server reads",
    ),
    row(
        "ack.mail",
        "Skriver en e-post til denne adressen for hvert brev, til et program som sender, for eksempel sendmail -t",
        "Skriv ein e-post til denne adressa for kvart brev, til eit program som sender, til dømes sendmail -t",
        "Writes a mail to this address for each letter, for a program that sends, such as sendmail -t",
    ),
    row(
        "ack.from",
        "Avsenderen av e-posten",
        "Avsendaren av e-posten",
        "Who sends that mail",
    ),
    // schema
    row(
        "schema",
        "Skriver JSON-skjemaet til status.json, letter.json eller manifest.json",
        "Skriv JSON-skjemaet til status.json, letter.json eller manifest.json",
        "Prints the JSON Schema of status.json, letter.json or manifest.json",
    ),
    row("schema.what", "Hvilket skjema", "Kva skjema", "Which schema"),
];
