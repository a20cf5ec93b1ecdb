//! Texts about keys, passphrases and certificates: what is wrong with them and what to do.

use std::fmt;
use std::path::Path;

use konvolutt_letter::{fill, printable};

use super::{Count, Each, Lang, inputs};
use crate::keys::{Ask, KeyRemark, KeysError, Looks};
use crate::passphrase::PassphraseTrouble;
use crate::trouble::Cause;
use crate::trust::{NoTrust, TrustError};

/// The texts.
pub struct KeyTexts {
    missing: &'static str,
    denied: &'static str,
    unreadable: &'static str,
    no_key: &'static str,
    no_certificate: &'static str,
    only_public: &'static str,
    cannot_open: &'static str,
    hollow: &'static str,
    on_card: &'static str,
    nobody_to_ask: &'static str,
    passphrase: &'static str,
    read_by_others: &'static str,
    stays_locked: &'static str,
    ask: &'static str,
    tries_left: Count,
    no_tries_left: &'static str,
    empty_file: &'static str,
    empty_new_file: &'static str,
    /// Asks for the passphrase of a new key.
    pub new_passphrase: &'static str,
    /// Asks for it once more.
    pub once_more: &'static str,
    /// No passphrase was typed.
    pub empty_passphrase: &'static str,
    /// The second was not the first.
    pub differ: &'static str,
    /// There is no terminal to ask at.
    pub no_terminal: &'static str,
    cannot_sign: &'static str,
    takes_letters: &'static str,
    own_key: &'static str,
    also_known: &'static str,
    relay_with_secret: &'static str,
    looks: LooksTexts,
}

/// What a file is that holds no key.
struct LooksTexts {
    empty: &'static str,
    sealed: &'static str,
    revocation: &'static str,
    signature: &'static str,
    mail: &'static str,
    picture: &'static str,
    document: &'static str,
    broken_key: &'static str,
    other: &'static str,
}

/// In each language.
pub static TEXTS: Each<KeyTexts> = Each {
    nb: KeyTexts {
        missing: "Filen {file} finnes ikke. Se etter om navnet er riktig skrevet.",
        denied: "Du har ikke lov til å lese {file}. Be den som har ansvar for maskinen, om lesetilgang.",
        unreadable: "{file} kan ikke leses: {why}.",
        no_key: "Det er ingen nøkkel i {file}: {what}. Nøkkelfilen slutter vanligvis på .key.asc.",
        no_certificate: "Det er ikke noe sertifikat i {file}: {what}. Sertifikatfilen slutter vanligvis på .cert.asc.",
        only_public: "{file} inneholder bare den offentlige delen av en nøkkel. For å åpne brev trenger du filen som slutter på .key.asc.",
        cannot_open: "Nøkkelen i {file} kan bare signere, ikke åpne brev. Oppgi postmottakets nøkkel.",
        hollow: "{file} inneholder ikke den hemmelige delen som åpner brev. Eksporter nøkkelen på nytt fra programmet den ligger i, med alle undernøkler.",
        on_card: "Den hemmelige delen av nøkkelen i {file} ligger på et smartkort, som postrom ikke kan lese. Åpne brevene i programmet som bruker kortet, eller oppgi gjenopprettingsnøkkelen.",
        nobody_to_ask: "Nøkkelen i {file} har en passfrase, og det er ingen terminal å spørre i. Oppgi den med --passphrase-file.",
        passphrase: "Passfrasen passer ikke til nøkkelen i {file}. Se etter store og små bokstaver, og om det er riktig nøkkel.",
        read_by_others: "Andre brukere på maskinen kan lese nøkkelfilen {file}. Steng filen for andre (chmod 600).",
        stays_locked: "Nøkkelen {key} i {file} er fortsatt låst, fordi ingen passfrase passet. Brev som bare er kryptert til den, blir ikke åpnet.",
        ask: "Passfrase for {key} ({file}): ",
        tries_left: Count {
            one: "Passfrasen passer ikke. Du har ett forsøk igjen.",
            other: "Passfrasen passer ikke. Du har {n} forsøk igjen.",
        },
        no_tries_left: "Passfrasen passer ikke. Nøkkelen er fortsatt låst.",
        empty_file: "Den første linjen i {file} er tom. Skriv passfrasen til nøkkelen der. Har nøkkelen ingen passfrase, så ta bort --passphrase-file.",
        empty_new_file: "Den første linjen i {file} er tom. Skriv passfrasen for den nye nøkkelen der. En ny nøkkel uten passfrase lages med --no-passphrase.",
        new_passphrase: "Passfrase for den nye nøkkelen: ",
        once_more: "Én gang til: ",
        empty_passphrase: "Passfrasen er tom, og ingen nøkkel ble laget. Velg en passfrase, eller bruk --no-passphrase hvis nøkkelen skal være uten.",
        differ: "De to passfrasene er ikke like, og ingen nøkkel ble laget. Prøv igjen.",
        no_terminal: "Det er ingen terminal å spørre om passfrasen i. Bruk --passphrase-file eller --no-passphrase.",
        cannot_sign: "{file} kan ikke brukes med --relay: {key} kan ikke signere. Be driftsansvarlig om skjemaets sertifikat.",
        takes_letters: "{file} kan ikke brukes med --relay: {key} tar imot brev og er altså sertifikatet til et postmottak, ikke til et skjema. Be driftsansvarlig om skjemaets sertifikat.",
        own_key: "{file} kan ikke brukes med --relay: {key} er din egen nøkkel. Be driftsansvarlig om skjemaets sertifikat.",
        also_known: "{file} kan ikke brukes med --relay: {key} er også oppgitt med --known. Skjemaets sertifikat er ikke det samme som en mottakers.",
        relay_with_secret: "{file} inneholder også den hemmelige delen av skjemaets nøkkel. Den hører bare hjemme på serveren: Si fra til driftsansvarlig, og slett filen her. Bare den offentlige delen blir brukt.",
        looks: LooksTexts {
            empty: "filen er tom",
            sealed: "dette er et kryptert brev",
            revocation: "dette er en tilbaketrekking av en nøkkel",
            signature: "dette er en signatur, eller noe som er signert og ikke kryptert",
            mail: "dette er en e-post",
            picture: "dette er et bilde",
            document: "dette er et dokument eller et arkiv",
            broken_key: "nøkkelen er skadet eller ufullstendig",
            other: "filen er av et annet slag",
        },
    },
    nn: KeyTexts {
        missing: "Fila {file} finst ikkje. Sjå etter om namnet er rett skrive.",
        denied: "Du har ikkje lov til å lese {file}. Be den som har ansvar for maskina, om lesetilgang.",
        unreadable: "{file} kan ikkje lesast: {why}.",
        no_key: "Det er ingen nøkkel i {file}: {what}. Nøkkelfila sluttar vanlegvis på .key.asc.",
        no_certificate: "Det er ikkje noko sertifikat i {file}: {what}. Sertifikatfila sluttar vanlegvis på .cert.asc.",
        only_public: "{file} inneheld berre den offentlege delen av ein nøkkel. For å opne brev treng du fila som sluttar på .key.asc.",
        cannot_open: "Nøkkelen i {file} kan berre signere, ikkje opne brev. Oppgi nøkkelen til postmottaket.",
        hollow: "{file} inneheld ikkje den hemmelege delen som opnar brev. Eksporter nøkkelen på nytt frå programmet han ligg i, med alle undernøklar.",
        on_card: "Den hemmelege delen av nøkkelen i {file} ligg på eit smartkort, som postrom ikkje kan lese. Opne breva i programmet som bruker kortet, eller oppgi gjenopprettingsnøkkelen.",
        nobody_to_ask: "Nøkkelen i {file} har ein passfrase, og det er ingen terminal å spørje i. Oppgi han med --passphrase-file.",
        passphrase: "Passfrasen passar ikkje til nøkkelen i {file}. Sjå etter store og små bokstavar, og om det er rett nøkkel.",
        read_by_others: "Andre brukarar på maskina kan lese nøkkelfila {file}. Steng fila for andre (chmod 600).",
        stays_locked: "Nøkkelen {key} i {file} er framleis låst, fordi ingen passfrase passa. Brev som berre er krypterte til han, blir ikkje opna.",
        ask: "Passfrase for {key} ({file}): ",
        tries_left: Count {
            one: "Passfrasen passar ikkje. Du har eitt forsøk att.",
            other: "Passfrasen passar ikkje. Du har {n} forsøk att.",
        },
        no_tries_left: "Passfrasen passar ikkje. Nøkkelen er framleis låst.",
        empty_file: "Den første linja i {file} er tom. Skriv passfrasen til nøkkelen der. Har nøkkelen ingen passfrase, så ta bort --passphrase-file.",
        empty_new_file: "Den første linja i {file} er tom. Skriv passfrasen for den nye nøkkelen der. Ein ny nøkkel utan passfrase blir laga med --no-passphrase.",
        new_passphrase: "Passfrase for den nye nøkkelen: ",
        once_more: "Ein gong til: ",
        empty_passphrase: "Passfrasen er tom, og ingen nøkkel vart laga. Vel ein passfrase, eller bruk --no-passphrase om nøkkelen skal vere utan.",
        differ: "Dei to passfrasane er ikkje like, og ingen nøkkel vart laga. Prøv igjen.",
        no_terminal: "Det er ingen terminal å spørje om passfrasen i. Bruk --passphrase-file eller --no-passphrase.",
        cannot_sign: "{file} kan ikkje brukast med --relay: {key} kan ikkje signere. Be driftsansvarleg om sertifikatet til skjemaet.",
        takes_letters: "{file} kan ikkje brukast med --relay: {key} tek imot brev og er altså sertifikatet til eit postmottak, ikkje til eit skjema. Be driftsansvarleg om sertifikatet til skjemaet.",
        own_key: "{file} kan ikkje brukast med --relay: {key} er din eigen nøkkel. Be driftsansvarleg om sertifikatet til skjemaet.",
        also_known: "{file} kan ikkje brukast med --relay: {key} er òg oppgitt med --known. Sertifikatet til skjemaet er ikkje det same som det til ein mottakar.",
        relay_with_secret: "{file} inneheld òg den hemmelege delen av nøkkelen til skjemaet. Han høyrer berre heime på serveren: Sei frå til driftsansvarleg, og slett fila her. Berre den offentlege delen blir brukt.",
        looks: LooksTexts {
            empty: "fila er tom",
            sealed: "dette er eit kryptert brev",
            revocation: "dette er ei tilbaketrekking av ein nøkkel",
            signature: "dette er ein signatur, eller noko som er signert og ikkje kryptert",
            mail: "dette er ein e-post",
            picture: "dette er eit bilete",
            document: "dette er eit dokument eller eit arkiv",
            broken_key: "nøkkelen er skadd eller ufullstendig",
            other: "fila er av eit anna slag",
        },
    },
    en: KeyTexts {
        missing: "{file} does not exist. See whether its name is right.",
        denied: "You may not read {file}. Ask whoever looks after the machine for the right to read it.",
        unreadable: "{file} cannot be read: {why}.",
        no_key: "There is no key in {file}: {what}. The file of a key usually ends in .key.asc.",
        no_certificate: "There is no certificate in {file}: {what}. The file of a certificate usually ends in .cert.asc.",
        only_public: "{file} holds only the public half of a key. To open letters the file that ends in .key.asc is needed.",
        cannot_open: "The key in {file} can only sign, not open letters. Name the key of the post room.",
        hollow: "{file} does not hold the secret half that opens letters. Export the key once more from the program that has it, with all its subkeys.",
        on_card: "The secret half of the key in {file} is on a smart card, which postrom cannot read. Open the letters in the program that uses the card, or name the recovery key.",
        nobody_to_ask: "The key in {file} has a passphrase, and there is no terminal to ask for it. Give it with --passphrase-file.",
        passphrase: "The passphrase does not fit the key in {file}. Look at capital letters, and whether it is the right key.",
        read_by_others: "Other users of this machine can read the key file {file}. Close it to them (chmod 600).",
        stays_locked: "The key {key} in {file} stays locked, since no passphrase fitted. Letters that are sealed to it alone will not be opened.",
        ask: "Passphrase for {key} ({file}): ",
        tries_left: Count {
            one: "The passphrase does not fit. One try is left.",
            other: "The passphrase does not fit. {n} tries are left.",
        },
        no_tries_left: "The passphrase does not fit. The key stays locked.",
        empty_file: "The first line of {file} is empty. Write the passphrase of the key there. If the key has none, leave --passphrase-file out.",
        empty_new_file: "The first line of {file} is empty. Write the passphrase for the new key there. A new key without one is made with --no-passphrase.",
        new_passphrase: "Passphrase for the new key: ",
        once_more: "Once more: ",
        empty_passphrase: "The passphrase is empty, and no key was made. Choose a passphrase, or use --no-passphrase if the key is to have none.",
        differ: "The two passphrases differ, and no key was made. Try again.",
        no_terminal: "There is no terminal to ask for the passphrase. Use --passphrase-file or --no-passphrase.",
        cannot_sign: "{file} cannot be used with --relay: {key} cannot sign. Ask the operator for the form's certificate.",
        takes_letters: "{file} cannot be used with --relay: {key} takes letters, so it is the certificate of a post room and not of a form. Ask the operator for the form's certificate.",
        own_key: "{file} cannot be used with --relay: {key} is your own key. Ask the operator for the form's certificate.",
        also_known: "{file} cannot be used with --relay: {key} is named with --known as well. The form's certificate is another than a recipient's.",
        relay_with_secret: "{file} holds the secret half of the form's key too. That belongs on the server alone: tell the operator, and delete the file here. Only its public half is used.",
        looks: LooksTexts {
            empty: "the file is empty",
            sealed: "this is a sealed letter",
            revocation: "this is the withdrawal of a key",
            signature: "this is a signature, or something that is signed and not sealed",
            mail: "this is a mail",
            picture: "this is a picture",
            document: "this is a document or an archive",
            broken_key: "the key is damaged or cut short",
            other: "it is a file of another kind",
        },
    },
};

/// In English, for logs and for other programs; people get [`error`] in their own language.
impl fmt::Display for KeysError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&error(self, Lang::En))
    }
}

impl std::error::Error for KeysError {}

/// Why no key of a file can be used.
pub fn error(error: &KeysError, lang: Lang) -> String {
    let words = TEXTS.of(lang);
    match error {
        KeysError::Unreadable(path, cause) => unreadable(path, cause, lang),
        KeysError::NotAKey(path, kind) => with(words.no_key, path, "what", words.looks.of(*kind)),
        KeysError::OnlyPublic(path) => named(words.only_public, path),
        KeysError::CannotOpen(path) => named(words.cannot_open, path),
        KeysError::Hollow(path) => named(words.hollow, path),
        KeysError::OnCard(path) => named(words.on_card, path),
        KeysError::NobodyToAsk(path) => named(words.nobody_to_ask, path),
        KeysError::Passphrase(path) => named(words.passphrase, path),
    }
}

/// A word about a key that can be used.
pub fn remark(remark: &KeyRemark, lang: Lang) -> String {
    let words = TEXTS.of(lang);
    match remark {
        KeyRemark::ReadByOthers(path) => named(words.read_by_others, path),
        KeyRemark::NotUsed(why) => error(why, lang),
        KeyRemark::StaysLocked { path, key } => with(words.stays_locked, path, "key", key),
    }
}

/// Why a passphrase file gives none for a key that there is.
pub fn passphrase_trouble(trouble: &PassphraseTrouble, lang: Lang) -> String {
    no_passphrase(trouble, TEXTS.of(lang).empty_file, lang)
}

/// Why a passphrase file gives none for a new key.
pub fn new_passphrase_trouble(trouble: &PassphraseTrouble, lang: Lang) -> String {
    no_passphrase(trouble, TEXTS.of(lang).empty_new_file, lang)
}

fn no_passphrase(trouble: &PassphraseTrouble, empty: &str, lang: Lang) -> String {
    match trouble {
        PassphraseTrouble::Unreadable(path, cause) => unreadable(path, cause, lang),
        PassphraseTrouble::Empty(path) => named(empty, path),
    }
}

/// Why a certificate cannot serve.
pub fn trust_error(error: &TrustError, lang: Lang) -> String {
    let words = TEXTS.of(lang);
    let path = &error.path;
    match &error.why {
        NoTrust::Unreadable(cause) => unreadable(path, cause, lang),
        NoTrust::NotACertificate(kind) => with(words.no_certificate, path, "what", words.looks.of(*kind)),
        NoTrust::CannotSign(key) => with(words.cannot_sign, path, "key", key),
        NoTrust::TakesLetters(key) => with(words.takes_letters, path, "key", key),
        NoTrust::OwnKey(key) => with(words.own_key, path, "key", key),
        NoTrust::AlsoKnown(key) => with(words.also_known, path, "key", key),
    }
}

/// A form's certificate came with its secret half.
pub fn relay_with_secret(path: &Path, lang: Lang) -> String {
    named(TEXTS.of(lang).relay_with_secret, path)
}

/// Asks for the passphrase of a key.
pub fn ask(asked: &Ask<'_>, lang: Lang) -> String {
    let key = asked.name.as_deref().unwrap_or(&asked.fingerprint);
    with(TEXTS.of(lang).ask, asked.path, "key", key)
}

/// The last passphrase did not fit.
pub fn does_not_fit(tries_left: u64, lang: Lang) -> String {
    let words = TEXTS.of(lang);
    if tries_left == 0 {
        words.no_tries_left.to_owned()
    } else {
        words.tries_left.of(tries_left)
    }
}

/// A file that cannot be read.
pub fn unreadable(path: &Path, cause: &Cause, lang: Lang) -> String {
    let words = TEXTS.of(lang);
    match cause {
        Cause::Missing => named(words.missing, path),
        Cause::Denied => named(words.denied, path),
        cause => with(words.unreadable, path, "why", &inputs::cause(lang, cause)),
    }
}

/// What a file is that holds no key.
pub fn looks(kind: Looks, lang: Lang) -> &'static str {
    TEXTS.of(lang).looks.of(kind)
}

impl LooksTexts {
    fn of(&self, looks: Looks) -> &'static str {
        match looks {
            Looks::Empty => self.empty,
            Looks::Sealed => self.sealed,
            Looks::Revocation => self.revocation,
            Looks::Signature => self.signature,
            Looks::Mail => self.mail,
            Looks::Picture => self.picture,
            Looks::Document => self.document,
            Looks::BrokenKey => self.broken_key,
            Looks::Other => self.other,
        }
    }
}

fn named(text: &str, path: &Path) -> String {
    fill(text, &[("file", &shown(path))])
}

fn with(text: &str, path: &Path, place: &str, value: &str) -> String {
    fill(text, &[("file", &shown(path)), (place, value)])
}

/// A path for a line of a terminal.
fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
