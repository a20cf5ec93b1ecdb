//! The help of `postrom desk` and `postrom export`.

use super::{Row, row};

/// All of it.
pub(super) static ROWS: &[Row] = &[
    // export
    row(
        "export",
        "Gjør brev klare for arkivet, eller krypterer dem på nytt til en saksbehandler",
        "Gjer brev klare for arkivet, eller krypterer dei på nytt til ein saksbehandlar",
        "Makes letters ready for the archive, or seals them again to a case officer",
    ),
    row(
        "export.reference",
        "Referansene til brevene",
        "Referansane til breva",
        "References of the letters",
    ),
    row(
        "export.to",
        "Mappen som brevene blir lagt i, hvert i en mappe med referansen som navn",
        "Mappa som breva blir lagde i, kvart i ei mappe med referansen som namn",
        "Folder for the letters, each in a folder named by its reference",
    ),
    row(
        "export.arkivmelding",
        "Legger ved en arkivmelding i denne formen: efm for eFormidling, fiks1 eller fiks2 for Fiks Arkiv",
        "Legg ved ei arkivmelding i denne forma: efm for eFormidling, fiks1 eller fiks2 for Fiks Arkiv",
        "Adds an arkivmelding of this form: efm for eFormidling, fiks1 or fiks2 for Fiks Arkiv",
    ),
    row(
        "export.officer",
        "Krypterer brevet på nytt til denne saksbehandleren, i en e-postfil, i stedet for å gjøre det klart for arkivet",
        "Krypterer brevet på nytt til denne saksbehandlaren, i ei e-postfil, i staden for å gjere det klart for arkivet",
        "Seals the letter again to this case officer, as a mail file, instead of making it ready for the archive",
    ),
    row(
        "export.also_not_genuine",
        "Tar også med brev som ikke er vist å være ekte. Arkivet får ingenting av det som står i dem, som tittel",
        "Tek òg med brev som ikkje er viste å vere ekte. Arkivet får ingenting av det som står i dei, som tittel",
        "Takes letters too that are not shown to be genuine. The archive gets nothing that stands in them as a title",
    ),
    row(
        "export.mail",
        "Postkassen som brevene ligger i, også imaps://BRUKER@SERVER/MAPPE. Kan oppgis flere ganger",
        "Postkassa som breva ligg i, òg imaps://BRUKAR@SERVER/MAPPE. Kan oppgivast fleire gonger",
        "The mailbox that the letters are in, also imaps://USER@SERVER/BOX. May be given several times",
    ),
    row(
        "export.json",
        "Skriver én linje JSON for hvert brev",
        "Skriv éi linje JSON for kvart brev",
        "Writes one line of JSON for each letter",
    ),
    row(
        "export.dry_run",
        "Viser arkivmeldingen, og skriver ingenting til disken",
        "Viser arkivmeldinga, og skriv ingenting til disken",
        "Prints the arkivmelding, and writes nothing to the disk",
    ),
    // desk
    row(
        "desk",
        "Viser postbordet i nettleseren: brevene, hvem som har hva, og det som er gjort",
        "Viser postbordet i nettlesaren: breva, kven som har kva, og det som er gjort",
        "Shows the desk in the browser: the letters, who has what, and what was done",
    ),
    row(
        "desk.demo",
        "Mappen som konvolutt demo laget: innstillingene der brukes",
        "Mappa som konvolutt demo laga: innstillingane der gjeld",
        "Folder that konvolutt demo made: its settings are used",
    ),
    row(
        "desk.mail",
        "Maildir, mbox, mappe, fil, eller imaps://BRUKER@SERVER/MAPPE; kan oppgis flere ganger",
        "Maildir, mbox, mappe, fil, eller imaps://BRUKAR@SERVER/MAPPE; kan oppgivast fleire gonger",
        "Maildir, mbox, folder, file, or imaps://USER@SERVER/BOX; may be given several times",
    ),
    row(
        "desk.out",
        "Mappe for brev som lagres. Uten at noen lagrer, skrives ingenting dit",
        "Mappe for brev som blir lagra. Utan at nokon lagrar, blir ingenting skrive dit",
        "Folder for letters that are saved. Nothing is written there unless somebody saves",
    ),
    row(
        "desk.ledger",
        "Listen over åpnede brev og hvem som har dem, eller off",
        "Lista over opna brev og kven som har dei, eller off",
        "The list of opened letters and who has them, or off",
    ),
    row(
        "desk.listen",
        "Hvor siden er, bare på denne maskinen. Port 0 er en som er ledig",
        "Kvar sida er, berre på denne maskina. Port 0 er ein som er ledig",
        "Where the page is, on this machine only. Port 0 is one that is free",
    ),
    row(
        "desk.no_browser",
        "Starter ikke nettleseren; skriver bare adressen",
        "Startar ikkje nettlesaren; skriv berre adressa",
        "Does not start the browser; only prints the address",
    ),
];
