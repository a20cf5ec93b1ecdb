//! The lock screen.

use crate::i18n::{Count, Each};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct LockTexts {
    pub heading: &'static str,
    pub by_itself: &'static str,
    pub nothing_stays: &'static str,
    pub your_key: &'static str,
    pub passphrase: &'static str,
    pub no_passphrase: &'static str,
    pub open: &'static str,
    pub wrong: &'static str,
    pub wait: Count,
    pub checked: &'static str,
    pub former: &'static str,
    pub unchecked: &'static str,
    pub ends: Count,
    pub ended: &'static str,
    pub fingerprint: &'static str,
    pub not_opened: &'static str,
}

/// In each language.
pub static TEXTS: Each<LockTexts> = Each {
    nb: LockTexts {
        heading: "Postbordet er låst",
        by_itself: "Det låste seg selv fordi ingen brukte det på en stund.",
        nothing_stays: "Brevene leses bare i minnet på denne maskinen. Når du låser, er de borte derfra.",
        your_key: "Nøkkel som åpner brevene",
        passphrase: "Passfrase",
        no_passphrase: "Nøkkelen har ingen passfrase.",
        open: "Lås opp",
        wrong: "Passfrasen passer ikke til nøkkelen. Se etter store og små bokstaver, og prøv igjen.",
        wait: Count {
            one: "Vent ett sekund før du prøver igjen.",
            other: "Vent {n} sekunder før du prøver igjen.",
        },
        checked: "Brevene kontrolleres mot",
        former: "tidligere nøkkel",
        unchecked: "Ingen av sertifikatene til skjemaene er oppgitt. Da kan ikke programmet se hvilke brev som kom gjennom skjemaet. Be driftsansvarlig om sertifikatet.",
        ends: Count {
            one: "Nøkkelen går ut om én dag. Be driftsansvarlig om hjelp til å fornye den: Etterpå kan ingen sende dere brev.",
            other: "Nøkkelen går ut om {n} dager. Be driftsansvarlig om hjelp til å fornye den: Etterpå kan ingen sende dere brev.",
        },
        ended: "Nøkkelen er gått ut eller trukket tilbake. Den åpner fortsatt gamle brev, men skjemaet kan ikke sende nye til den. Si fra til driftsansvarlig.",
        fingerprint: "Fingeravtrykk",
        not_opened: "Postbordet kan ikke åpnes",
    },
    nn: LockTexts {
        heading: "Postbordet er låst",
        by_itself: "Det låste seg sjølv fordi ingen brukte det på ei stund.",
        nothing_stays: "Breva blir berre lesne i minnet på denne maskina. Når du låser, er dei borte derfrå.",
        your_key: "Nøkkel som opnar breva",
        passphrase: "Passfrase",
        no_passphrase: "Nøkkelen har ingen passfrase.",
        open: "Lås opp",
        wrong: "Passfrasen passar ikkje til nøkkelen. Sjå etter store og små bokstavar, og prøv igjen.",
        wait: Count {
            one: "Vent eitt sekund før du prøver igjen.",
            other: "Vent {n} sekund før du prøver igjen.",
        },
        checked: "Breva blir kontrollerte mot",
        former: "tidlegare nøkkel",
        unchecked: "Ingen av sertifikata til skjemaa er oppgitte. Då kan ikkje programmet sjå kva brev som kom gjennom skjemaet. Be driftsansvarleg om sertifikatet.",
        ends: Count {
            one: "Nøkkelen går ut om éin dag. Be driftsansvarleg om hjelp til å fornye han: Etterpå kan ingen sende dykk brev.",
            other: "Nøkkelen går ut om {n} dagar. Be driftsansvarleg om hjelp til å fornye han: Etterpå kan ingen sende dykk brev.",
        },
        ended: "Nøkkelen er gått ut eller trekt tilbake. Han opnar framleis gamle brev, men skjemaet kan ikkje sende nye til han. Sei frå til driftsansvarleg.",
        fingerprint: "Fingeravtrykk",
        not_opened: "Postbordet kan ikkje opnast",
    },
    en: LockTexts {
        heading: "The desk is locked",
        by_itself: "It locked itself because nobody used it for a while.",
        nothing_stays: "Letters are read in the memory of this machine only. When you lock, they are gone from it.",
        your_key: "Key that opens the letters",
        passphrase: "Passphrase",
        no_passphrase: "The key has no passphrase.",
        open: "Unlock",
        wrong: "The passphrase does not fit the key. Look at capital and small letters, and try again.",
        wait: Count {
            one: "Wait one second before you try again.",
            other: "Wait {n} seconds before you try again.",
        },
        checked: "Letters are checked against",
        former: "former key",
        unchecked: "No certificate of a form was given. So the program cannot tell which letters came through the form. Ask the operator for the certificate.",
        ends: Count {
            one: "The key ends in one day. Ask the operator to help you renew it: after that nobody can send you letters.",
            other: "The key ends in {n} days. Ask the operator to help you renew it: after that nobody can send you letters.",
        },
        ended: "The key has ended or was withdrawn. It still opens old letters, but the form cannot send new ones to it. Tell the operator.",
        fingerprint: "Fingerprint",
        not_opened: "The desk cannot be opened",
    },
};
