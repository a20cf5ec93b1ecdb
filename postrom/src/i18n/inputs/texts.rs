//! The texts about inputs, in three languages.

use crate::i18n::Each;

/// Sentences for what stood in the way.
pub struct TroubleTexts {
    /// The input is not there.
    pub missing: &'static str,
    /// A queue, a socket or a device.
    pub not_a_file: &'static str,
    /// `{cause}`.
    pub unreadable: &'static str,
    /// Wrapped too often.
    pub too_deep: &'static str,
    /// `{n}` megabytes.
    pub too_large: &'static str,
    /// `{n}` parts.
    pub too_many_parts: &'static str,
    /// A damaged archive.
    pub broken_archive: &'static str,
    /// A password.
    pub locked_archive: &'static str,
    /// `.7z` and the like.
    pub unknown_archive: &'static str,
    /// `{n}` keys.
    pub too_many_recipients: &'static str,
    /// The reference is not known.
    pub damaged: &'static str,
    /// `{reference}` is.
    pub damaged_letter: &'static str,
    /// `{keys}`.
    pub not_for_keys: &'static str,
    /// A key that the seal does not name.
    pub hidden_key: &'static str,
    /// A passphrase in the place of a key.
    pub passphrase: &'static str,
    /// Never encrypted.
    pub not_sealed: &'static str,
    /// Unfolds to far more than was sent.
    pub bomb: &'static str,
    /// `{cause}`.
    pub disk: &'static str,
    /// `{file}`, `{cause}`.
    pub ledger: &'static str,
    /// `{file}`.
    pub ledger_away: &'static str,
    /// The program that was opening it ended.
    pub ended: &'static str,
    /// Said behind the others, with `{reference}`.
    pub letter: &'static str,
}

/// Those sentences.
pub static TROUBLES: Each<TroubleTexts> = Each {
    nb: TroubleTexts {
        missing: "Filen eller mappen finnes ikke. Se etter om navnet er riktig skrevet, og om nettverksdisken er koblet til.",
        not_a_file: "Dette er verken en fil eller en mappe, og ble ikke lest. Oppgi filen eller mappen der e-posten ligger.",
        unreadable: "Dette kunne ikke leses: {cause}. Resten er lest. Rett opp årsaken, og prøv igjen.",
        too_deep: "Her ligger noe som er pakket inn i så mange lag at det ikke ble lest. Lagre det innerste vedlegget som en egen fil, og åpne den.",
        too_large: "Dette er større enn {n} MB og ble ikke lest i sin helhet. Lagre e-posten eller vedlegget som en egen fil, og åpne den.",
        too_many_parts: "Her er det flere enn {n} deler, og resten ble ikke lest. Fordel innholdet på flere filer, og åpne dem hver for seg.",
        broken_archive: "En pakket fil eller en fil fra Outlook er skadet eller ufullstendig, og ikke alt i den kunne leses. Be avsenderen om å sende den på nytt.",
        locked_archive: "En pakket fil er låst med passord og ble ikke lest. Pakk den ut med passordet, og åpne filene som lå i den.",
        unknown_archive: "En pakket fil er av et slag som ikke kan leses her. Pakk den ut, og åpne filene som lå i den.",
        too_many_recipients: "Dette er kryptert til flere enn {n} nøkler og ble ikke åpnet. Skjemaet lager ikke slike brev; behandle det som vanlig e-post fra en ukjent avsender.",
        damaged: "Brevet er skadet, ble avkortet på veien eller er kryptert på en utrygg måte. Ta vare på e-posten, og be driftsansvarlig om å sende brevet på nytt.",
        damaged_letter: "Brevet {reference} er skadet, ble avkortet på veien eller er kryptert på en utrygg måte. Ta vare på e-posten, og be driftsansvarlig om å sende {reference} på nytt (queue retry).",
        not_for_keys: "Ingen av nøklene som er oppgitt, åpner dette. Det er kryptert til {keys}. Be en kollega som har en av de nøklene, om å åpne det, eller spør driftsansvarlig.",
        hidden_key: "en nøkkel som ikke er nevnt",
        passphrase: "en passfrase",
        not_sealed: "Denne e-posten ble aldri kryptert; alle på veien kunne lese den. Skjemaet sender ikke slik e-post; behandle den som vanlig e-post fra en ukjent avsender.",
        bomb: "Pakket ut blir dette langt større enn det som ble sendt, og det ble ikke åpnet. Skjemaet lager ikke slike brev; si fra til driftsansvarlig.",
        disk: "Det åpnede brevet kunne ikke lagres: {cause}. Rett opp årsaken, og åpne brevet på nytt.",
        ledger: "Listen over åpnede brev, {file}, kan ikke brukes: {cause}. Ingenting er åpnet. Oppgi en annen fil med --ledger, eller rett opp årsaken.",
        ledger_away: "Listen over åpnede brev, {file}, er ikke der lenger. Koble til den delte mappen eller disken igjen. Er listen fjernet med vilje, så start postrom på nytt; da begynner en ny.",
        ended: "Programmet som skulle åpne dette, stoppet. Det som ligger bak dette i samme fil, er ikke lest; alle andre brev er åpnet. Ta vare på e-posten, og si fra til driftsansvarlig.",
        letter: "Det gjelder brevet {reference}.",
    },
    nn: TroubleTexts {
        missing: "Fila eller mappa finst ikkje. Sjå etter om namnet er rett skrive, og om nettverksdisken er kopla til.",
        not_a_file: "Dette er verken ei fil eller ei mappe, og vart ikkje lese. Oppgi fila eller mappa der e-posten ligg.",
        unreadable: "Dette kunne ikkje lesast: {cause}. Resten er lesen. Rett opp årsaka, og prøv igjen.",
        too_deep: "Her ligg noko som er pakka inn i så mange lag at det ikkje vart lese. Lagre det inste vedlegget som ei eiga fil, og opne ho.",
        too_large: "Dette er større enn {n} MB og vart ikkje lese i sin heilskap. Lagre e-posten eller vedlegget som ei eiga fil, og opne ho.",
        too_many_parts: "Her er det fleire enn {n} delar, og resten vart ikkje lesen. Fordel innhaldet på fleire filer, og opne dei kvar for seg.",
        broken_archive: "Ei pakka fil eller ei fil frå Outlook er skadd eller ufullstendig, og ikkje alt i ho kunne lesast. Be avsendaren om å sende ho på nytt.",
        locked_archive: "Ei pakka fil er låst med passord og vart ikkje lesen. Pakk ho ut med passordet, og opne filene som låg i ho.",
        unknown_archive: "Ei pakka fil er av eit slag som ikkje kan lesast her. Pakk ho ut, og opne filene som låg i ho.",
        too_many_recipients: "Dette er kryptert til fleire enn {n} nøklar og vart ikkje opna. Skjemaet lagar ikkje slike brev; behandle det som vanleg e-post frå ein ukjend avsendar.",
        damaged: "Brevet er skadd, vart avkorta på vegen eller er kryptert på ein utrygg måte. Ta vare på e-posten, og be driftsansvarleg om å sende brevet på nytt.",
        damaged_letter: "Brevet {reference} er skadd, vart avkorta på vegen eller er kryptert på ein utrygg måte. Ta vare på e-posten, og be driftsansvarleg om å sende {reference} på nytt (queue retry).",
        not_for_keys: "Ingen av nøklane som er oppgitte, opnar dette. Det er kryptert til {keys}. Be ein kollega som har ein av dei nøklane, om å opne det, eller spør driftsansvarleg.",
        hidden_key: "ein nøkkel som ikkje er nemnd",
        passphrase: "ein passfrase",
        not_sealed: "Denne e-posten vart aldri kryptert; alle på vegen kunne lese han. Skjemaet sender ikkje slik e-post; behandle han som vanleg e-post frå ein ukjend avsendar.",
        bomb: "Pakka ut blir dette langt større enn det som vart sendt, og det vart ikkje opna. Skjemaet lagar ikkje slike brev; sei frå til driftsansvarleg.",
        disk: "Det opna brevet kunne ikkje lagrast: {cause}. Rett opp årsaka, og opne brevet på nytt.",
        ledger: "Lista over opna brev, {file}, kan ikkje brukast: {cause}. Ingenting er opna. Oppgi ei anna fil med --ledger, eller rett opp årsaka.",
        ledger_away: "Lista over opna brev, {file}, er ikkje der lenger. Kople til den delte mappa eller disken igjen. Er lista fjerna med vilje, så start postrom på nytt; då tek ei ny til.",
        ended: "Programmet som skulle opne dette, stoppa. Det som ligg bak dette i same fil, er ikkje lese; alle andre brev er opna. Ta vare på e-posten, og sei frå til driftsansvarleg.",
        letter: "Det gjeld brevet {reference}.",
    },
    en: TroubleTexts {
        missing: "The file or folder is not there. Look whether its name is spelled right, and whether the network drive is connected.",
        not_a_file: "This is neither a file nor a folder, and was not read. Name the file or folder that the mail is in.",
        unreadable: "This could not be read: {cause}. Everything else was read. Mend the cause, and try again.",
        too_deep: "Something is wrapped here in so many layers that it was not read. Save the innermost attachment as a file of its own, and open that.",
        too_large: "This is larger than {n} MB and was not read to its end. Save the mail or the attachment as a file of its own, and open that.",
        too_many_parts: "There are more than {n} parts here, and the rest was not read. Spread them over several files, and open each.",
        broken_archive: "An archive or a file of Outlook is damaged or was cut short, and not all of it could be read. Ask its sender to send it again.",
        locked_archive: "An archive has a password and was not read. Unpack it with the password, and open the files that were in it.",
        unknown_archive: "An archive is of a kind that cannot be read here. Unpack it, and open the files that were in it.",
        too_many_recipients: "This is sealed to more than {n} keys and was not opened. No form makes such letters; treat it as mail from an unknown sender.",
        damaged: "The letter is damaged, was cut short on its way, or is sealed in a way that is not safe. Keep the mail, and ask the operator to send the letter again.",
        damaged_letter: "The letter {reference} is damaged, was cut short on its way, or is sealed in a way that is not safe. Keep the mail, and ask the operator to send {reference} again (queue retry).",
        not_for_keys: "None of the keys given opens this. It is sealed to {keys}. Ask a colleague who has one of these keys to open it, or ask the operator.",
        hidden_key: "a key that is not named",
        passphrase: "a passphrase",
        not_sealed: "This mail was never sealed: everybody on its way could read it. No form sends such mail; treat it as ordinary mail from an unknown sender.",
        bomb: "This unfolds to far more than was sent, and was not opened. No form makes such letters; tell the operator.",
        disk: "The opened letter could not be saved: {cause}. Mend the cause, and open the letter again.",
        ledger: "The list of opened letters, {file}, cannot be used: {cause}. Nothing was opened. Name another file with --ledger, or mend the cause.",
        ledger_away: "The list of opened letters, {file}, is not there any more. Connect the share or disk again. If the list was removed on purpose, start postrom again; that begins a new one.",
        ended: "The program that was opening this stopped. What lies behind it in the same file was not read; all other letters were opened. Keep the mail, and tell the operator.",
        letter: "This is about the letter {reference}.",
    },
};

/// What the operating system said.
pub struct CauseTexts {
    /// No room.
    pub full: &'static str,
    /// No rights.
    pub denied: &'static str,
    /// No writing.
    pub read_only: &'static str,
    /// Gone.
    pub missing: &'static str,
    /// Too many open files.
    pub too_many_open: &'static str,
    /// The name is taken.
    pub exists: &'static str,
    /// A folder for a file, or the other way round.
    pub wrong_kind: &'static str,
    /// A name that cannot be.
    pub bad_name: &'static str,
    /// Not what it is named for.
    pub something_else: &'static str,
}

/// Those words.
pub static CAUSES: Each<CauseTexts> = Each {
    nb: CauseTexts {
        full: "det er ikke mer plass på disken",
        denied: "du har ikke tilgang",
        read_only: "disken eller mappen kan ikke skrives til",
        missing: "filen eller mappen finnes ikke",
        too_many_open: "for mange filer er åpne",
        exists: "det ligger noe annet der med samme navn",
        wrong_kind: "det er en mappe der det skulle vært en fil, eller en fil der det skulle vært en mappe",
        bad_name: "navnet er for langt, eller har tegn som disken ikke tar imot",
        something_else: "filen inneholder noe annet",
    },
    nn: CauseTexts {
        full: "det er ikkje meir plass på disken",
        denied: "du har ikkje tilgang",
        read_only: "disken eller mappa kan ikkje skrivast til",
        missing: "fila eller mappa finst ikkje",
        too_many_open: "for mange filer er opne",
        exists: "det ligg noko anna der med same namn",
        wrong_kind: "det er ei mappe der det skulle vore ei fil, eller ei fil der det skulle vore ei mappe",
        bad_name: "namnet er for langt, eller har teikn som disken ikkje tek imot",
        something_else: "fila inneheld noko anna",
    },
    en: CauseTexts {
        full: "there is no room left on the disk",
        denied: "you have no access",
        read_only: "the disk or folder cannot be written to",
        missing: "the file or folder is not there",
        too_many_open: "too many files are open",
        exists: "something else there has that name",
        wrong_kind: "a folder is where a file should be, or a file where a folder should be",
        bad_name: "the name is too long, or has characters that the disk does not take",
        something_else: "the file holds something else",
    },
};

/// What an input is, for the grey line.
pub struct KindTexts {
    /// An ordinary mail.
    pub mail: &'static str,
    /// S/MIME.
    pub smime: &'static str,
    /// `.msg`.
    pub outlook: &'static str,
    /// `winmail.dat`.
    pub winmail: &'static str,
    /// A picture.
    pub picture: &'static str,
    /// A document.
    pub document: &'static str,
    /// An archive.
    pub archive: &'static str,
    /// A key.
    pub key: &'static str,
    /// A signature.
    pub signature: &'static str,
    /// Of a mail program.
    pub mail_program: &'static str,
    /// Text.
    pub text: &'static str,
    /// Nothing.
    pub empty: &'static str,
    /// Anything else.
    pub other: &'static str,
}

/// Those phrases.
pub static KINDS: Each<KindTexts> = Each {
    nb: KindTexts {
        mail: "en vanlig e-post",
        smime: "en e-post som er kryptert eller signert med S/MIME; åpne den i e-postprogrammet",
        outlook: "en e-post lagret fra Outlook, uten brev i",
        winmail: "en winmail.dat fra Outlook, uten brev i",
        picture: "et bilde",
        document: "et dokument",
        archive: "en pakket fil uten brev i",
        key: "en OpenPGP-nøkkel",
        signature: "en OpenPGP-signatur, eller en tekst som er signert og ikke kryptert",
        mail_program: "en fil som tilhører e-postprogrammet",
        text: "en tekst uten brev i",
        empty: "en tom fil",
        other: "en fil av et annet slag",
    },
    nn: KindTexts {
        mail: "ein vanleg e-post",
        smime: "ein e-post som er kryptert eller signert med S/MIME; opne han i e-postprogrammet",
        outlook: "ein e-post lagra frå Outlook, utan brev i",
        winmail: "ein winmail.dat frå Outlook, utan brev i",
        picture: "eit bilete",
        document: "eit dokument",
        archive: "ei pakka fil utan brev i",
        key: "ein OpenPGP-nøkkel",
        signature: "ein OpenPGP-signatur, eller ein tekst som er signert og ikkje kryptert",
        mail_program: "ei fil som høyrer til e-postprogrammet",
        text: "ein tekst utan brev i",
        empty: "ei tom fil",
        other: "ei fil av eit anna slag",
    },
    en: KindTexts {
        mail: "an ordinary mail",
        smime: "a mail that is encrypted or signed with S/MIME; open it in the mail program",
        outlook: "a mail saved by Outlook, without a letter in it",
        winmail: "a winmail.dat of Outlook, without a letter in it",
        picture: "a picture",
        document: "a document",
        archive: "an archive without a letter in it",
        key: "an OpenPGP key",
        signature: "an OpenPGP signature, or a text that is signed and not sealed",
        mail_program: "a file of the mail program",
        text: "a text without a letter in it",
        empty: "an empty file",
        other: "a file of another kind",
    },
};

/// Where something lay, and what was put right.
pub struct PlaceTexts {
    /// `{n}`.
    pub mail: &'static str,
    /// A mail within a mail.
    pub forwarded: &'static str,
    /// `{name}`.
    pub file: &'static str,
    /// `{n}`.
    pub part: &'static str,
    /// The form of the mail was changed.
    pub form_of_mail: &'static str,
    /// The armor stood in text.
    pub armor_in_text: &'static str,
}

/// Those phrases and sentences.
pub static PLACES: Each<PlaceTexts> = Each {
    nb: PlaceTexts {
        mail: "e-post {n}",
        forwarded: "videresendt e-post",
        file: "i «{name}»",
        part: "del {n}",
        form_of_mail: "E-posten er bygget om på veien: en e-postserver har endret den, eller noen har videresendt brevet. Det krypterte brevet i den er helt.",
        armor_in_text: "Det krypterte brevet sto inne i annen tekst og ble tatt ut av den.",
    },
    nn: PlaceTexts {
        mail: "e-post {n}",
        forwarded: "vidaresend e-post",
        file: "i «{name}»",
        part: "del {n}",
        form_of_mail: "E-posten er bygd om på vegen: ein e-postserver har endra han, eller nokon har vidaresendt brevet. Det krypterte brevet i han er heilt.",
        armor_in_text: "Det krypterte brevet stod inne i annan tekst og vart teke ut av han.",
    },
    en: PlaceTexts {
        mail: "mail {n}",
        forwarded: "forwarded mail",
        file: "in “{name}”",
        part: "part {n}",
        form_of_mail: "The mail was rebuilt on its way: a mail server changed it, or somebody forwarded the letter. The sealed letter in it is whole.",
        armor_in_text: "The sealed letter stood among other text and was taken out of it.",
    },
};
