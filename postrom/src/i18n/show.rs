//! Texts of `postrom show`.

use konvolutt_letter::{fill, printable};

use super::{Count, Each, Lang};
use crate::judged::HIDDEN;
use crate::keys::Holds;
use crate::show::{CertShown, KeyShown, SealedShown, State, Use};

/// The texts.
pub struct ShowTexts {
    certificate: &'static str,
    key: &'static str,
    sealed: &'static str,
    nobody: &'static str,
    name: &'static str,
    address: &'static str,
    fingerprint: &'static str,
    made: &'static str,
    valid: &'static str,
    until: &'static str,
    never: &'static str,
    expired: &'static str,
    withdrawn: &'static str,
    unsound: &'static str,
    used: &'static str,
    recipient: &'static str,
    relay: &'static str,
    neither: &'static str,
    primary: &'static str,
    subkey: &'static str,
    signs: &'static str,
    opens: &'static str,
    no_use: &'static str,
    open: &'static str,
    locked: &'static str,
    nothing: &'static str,
    card: &'static str,
    reference: &'static str,
    no_reference: &'static str,
    size: &'static str,
    bytes: Count,
    sealed_to: &'static str,
    hidden: &'static str,
    passphrase: &'static str,
    more: &'static str,
    nothing_to_show: &'static str,
}

/// In each language.
pub static TEXTS: Each<ShowTexts> = Each {
    nb: ShowTexts {
        certificate: "Sertifikat",
        key: "Nøkkel med hemmelig del: Del ikke filen med noen",
        sealed: "Kryptert brev",
        nobody: "(ikke noe navn å stole på)",
        name: "Navn",
        address: "Adresse",
        fingerprint: "Fingeravtrykk",
        made: "Laget",
        valid: "Gyldig",
        until: "til {date}",
        never: "uten sluttdato",
        expired: "utløpt {date}",
        withdrawn: "trukket tilbake av eieren",
        unsound: "nei: sertifikatet er skadet, eller for svakt etter dagens krav",
        used: "Brukes til",
        recipient: "å ta imot brev: postmottakets nøkkel eller en gjenopprettingsnøkkel",
        relay: "å signere: sertifikatet til et skjema (--relay)",
        neither: "verken brev eller signaturer",
        primary: "Hovednøkkel",
        subkey: "Undernøkkel",
        signs: "signerer",
        opens: "åpner brev",
        no_use: "brukes ikke",
        open: "hemmelig del uten passfrase",
        locked: "hemmelig del med passfrase",
        nothing: "hemmelig del ligger et annet sted",
        card: "hemmelig del ligger på et smartkort",
        reference: "Referanse",
        no_reference: "ingen utenpå brevet",
        size: "Størrelse",
        bytes: Count {
            one: "1 byte",
            other: "{n} byte",
        },
        sealed_to: "Kryptert til",
        hidden: "(en nøkkel som ikke er navngitt)",
        passphrase: "en passfrase",
        more: "… og flere, langt flere enn noe skjema bruker",
        nothing_to_show: "{file}: Her er verken sertifikat, nøkkel eller kryptert brev: {what}.",
    },
    nn: ShowTexts {
        certificate: "Sertifikat",
        key: "Nøkkel med hemmeleg del: Del ikkje fila med nokon",
        sealed: "Kryptert brev",
        nobody: "(ikkje noko namn å stole på)",
        name: "Namn",
        address: "Adresse",
        fingerprint: "Fingeravtrykk",
        made: "Laga",
        valid: "Gyldig",
        until: "til {date}",
        never: "utan sluttdato",
        expired: "gjekk ut {date}",
        withdrawn: "trekt tilbake av eigaren",
        unsound: "nei: sertifikatet er skadd, eller for svakt etter krava i dag",
        used: "Blir brukt til",
        recipient: "å ta imot brev: nøkkelen til postmottaket eller ein gjenopprettingsnøkkel",
        relay: "å signere: sertifikatet til eit skjema (--relay)",
        neither: "verken brev eller signaturar",
        primary: "Hovudnøkkel",
        subkey: "Undernøkkel",
        signs: "signerer",
        opens: "opnar brev",
        no_use: "blir ikkje brukt",
        open: "hemmeleg del utan passfrase",
        locked: "hemmeleg del med passfrase",
        nothing: "hemmeleg del ligg ein annan stad",
        card: "hemmeleg del ligg på eit smartkort",
        reference: "Referanse",
        no_reference: "ingen utanpå brevet",
        size: "Storleik",
        bytes: Count {
            one: "1 byte",
            other: "{n} byte",
        },
        sealed_to: "Kryptert til",
        hidden: "(ein nøkkel som ikkje er namngitt)",
        passphrase: "ein passfrase",
        more: "… og fleire, langt fleire enn noko skjema bruker",
        nothing_to_show: "{file}: Her er verken sertifikat, nøkkel eller kryptert brev: {what}.",
    },
    en: ShowTexts {
        certificate: "Certificate",
        key: "Key with its secret half: keep the file to yourself",
        sealed: "Sealed letter",
        nobody: "(no name that can be trusted)",
        name: "Name",
        address: "Address",
        fingerprint: "Fingerprint",
        made: "Made",
        valid: "Valid",
        until: "until {date}",
        never: "without an end",
        expired: "expired on {date}",
        withdrawn: "withdrawn by its owner",
        unsound: "no: the certificate is damaged, or too weak for today",
        used: "Used for",
        recipient: "taking letters: a post room's key or a recovery key",
        relay: "signing: a form's certificate (--relay)",
        neither: "neither letters nor signatures",
        primary: "Primary key",
        subkey: "Subkey",
        signs: "signs",
        opens: "opens letters",
        no_use: "not used",
        open: "secret half without a passphrase",
        locked: "secret half with a passphrase",
        nothing: "secret half is elsewhere",
        card: "secret half is on a smart card",
        reference: "Reference",
        no_reference: "none outside the letter",
        size: "Size",
        bytes: Count {
            one: "1 byte",
            other: "{n} bytes",
        },
        sealed_to: "Sealed to",
        hidden: "(a key that is not named)",
        passphrase: "a passphrase",
        more: "… and more, far more than any form has",
        nothing_to_show: "{file}: This is neither a certificate, a key nor a sealed letter: {what}.",
    },
};

/// A label and what is said under it.
type Line = (&'static str, String);

/// A certificate or key: its title and its lines.
pub fn certificate(shown: &CertShown, lang: Lang) -> (&'static str, Vec<Line>) {
    let words = TEXTS.of(lang);
    let name = shown.name.clone().unwrap_or_else(|| words.nobody.to_owned());
    let mut lines = vec![(words.name, name)];
    lines.extend(
        shown
            .addresses
            .iter()
            .map(|address| (words.address, printable(address))),
    );
    lines.push((words.fingerprint, shown.fingerprint.clone()));
    lines.push((words.made, date(shown.created)));
    lines.push((words.valid, valid(shown, words)));
    let used = match shown.used {
        Use::Recipient => words.recipient,
        Use::Relay => words.relay,
        Use::Neither => words.neither,
    };
    lines.push((words.used, used.to_owned()));
    for key in &shown.keys {
        let label = if key.primary { words.primary } else { words.subkey };
        lines.push((label, format!("{}: {}", key.id, uses(key, words))));
    }
    let title = if shown.secret { words.key } else { words.certificate };
    (title, lines)
}

/// Until when a certificate can be used, or why not.
pub fn validity(shown: &CertShown, lang: Lang) -> String {
    valid(shown, TEXTS.of(lang))
}

fn valid(shown: &CertShown, words: &ShowTexts) -> String {
    let until = || date(shown.expires);
    match shown.state {
        State::Valid if shown.expires.is_none() => words.never.to_owned(),
        State::Valid => fill(words.until, &[("date", &until())]),
        State::Expired => fill(words.expired, &[("date", &until())]),
        State::Withdrawn => words.withdrawn.to_owned(),
        State::Unsound => words.unsound.to_owned(),
    }
}

fn uses(key: &KeyShown, words: &ShowTexts) -> String {
    let mut uses = Vec::new();
    if key.signs {
        uses.push(words.signs);
    }
    if key.opens {
        uses.push(words.opens);
    }
    if uses.is_empty() {
        uses.push(words.no_use);
    }
    if key.withdrawn {
        uses.push(words.withdrawn);
    }
    uses.extend(key.secret.map(|holds| match holds {
        Holds::Open => words.open,
        Holds::Locked => words.locked,
        Holds::Nothing => words.nothing,
        Holds::Card => words.card,
    }));
    uses.join(", ")
}

/// A sealed letter: its title and its lines.
pub fn sealed(shown: &SealedShown, lang: Lang) -> (&'static str, Vec<Line>) {
    let words = TEXTS.of(lang);
    let reference = shown.reference.clone().unwrap_or_else(|| words.no_reference.to_owned());
    let mut lines = vec![
        (words.reference, reference),
        (words.size, words.bytes.of(shown.size)),
        ("SHA-256", shown.sha256.clone()),
    ];
    let named = |key: &String| {
        let key = if key == HIDDEN { words.hidden } else { key.as_str() };
        (words.sealed_to, key.to_owned())
    };
    lines.extend(shown.sealed_to.iter().map(named));
    if shown.passphrase {
        lines.push((words.sealed_to, words.passphrase.to_owned()));
    }
    if shown.more {
        lines.push((words.sealed_to, words.more.to_owned()));
    }
    (words.sealed, lines)
}

/// A file that holds nothing of the kind.
pub fn nothing(file: &str, what: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).nothing_to_show, &[("file", file), ("what", what)])
}

fn date(time: Option<jiff::Timestamp>) -> String {
    let zone = jiff::tz::TimeZone::system();
    time.map(|time| time.to_zoned(zone).date().to_string())
        .unwrap_or_default()
}
