//! What `postrom open` says besides its letters.

use std::path::Path;

use konvolutt_letter::{fill, printable};

use super::{Count, Each, Lang, inputs};
use crate::apart::Failure;
use crate::judged::Reader;
use crate::trouble::{Cause, Trouble};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct OpenTexts {
    pub no_input: &'static str,
    pub no_key: &'static str,
    pub no_out: &'static str,
    /// `{folder}`, `{why}`.
    pub no_folder: &'static str,
    /// Behind the name of a folder.
    pub opened_before: &'static str,
    /// `{folder}`.
    pub renamed: &'static str,
    /// `{why}`.
    pub output_broken: &'static str,
    /// `{why}`.
    pub not_started: &'static str,
    pub ended: &'static str,
    /// `{why}`.
    pub not_remembered: &'static str,
    /// `{key}`.
    pub stranger: &'static str,
    /// So many more.
    pub more_strangers: Count,
}

/// In three languages.
pub static TEXTS: Each<OpenTexts> = Each {
    nb: OpenTexts {
        no_input: "Det er ikke sagt hva som skal åpnes. Oppgi en postkasse, en mappe eller en fil, eller før den opp som \
                   mail i postrom.toml.",
        no_key: "Det er ikke sagt hvilken nøkkel brevene skal åpnes med. Oppgi den med --key, eller som keys i postrom.toml.",
        no_out: "Det er ikke sagt hvor brevene skal legges. Oppgi en mappe med --out, eller som out i postrom.toml.",
        no_folder: "Brevene kan ikke legges i {folder}: {why}. Ingenting er åpnet. Oppgi en annen mappe med --out, eller rett opp \
                    årsaken.",
        opened_before: "åpnet før",
        renamed: "Mappen het {folder} til nå.",
        output_broken: "Meldingene kunne ikke skrives ut: {why}. Brevene er åpnet og ligger der de skal; se etter i mappen.",
        not_started: "Programmet fikk ikke startet den delen som åpner brev: {why}. Prøv på nytt, og si fra til den som har \
                      ansvar for maskinen, hvis det ikke hjelper.",
        ended: "Den delen av programmet som åpner brev, stoppet av seg selv. Det som er åpnet, ligger der det skal. Kjør \
                kommandoen på nytt, og si fra til driftsansvarlig hvis det skjer igjen.",
        not_remembered: "Brevene ligger der de skal, men listen over åpnede brev ble ikke skrevet: {why}. Kjør kommandoen på \
                         nytt når feilen er rettet.",
        stranger: "{key} kan også åpne dette brevet og er ikke kjent her. Oppgi sertifikatet med --known hvis det er riktig, \
                   ellers spør driftsansvarlig.",
        more_strangers: Count {
            one: "1 ukjent nøkkel til kan åpne det.",
            other: "{n} ukjente nøkler til kan åpne det.",
        },
    },
    nn: OpenTexts {
        no_input: "Det er ikkje sagt kva som skal opnast. Oppgi ei postkasse, ei mappe eller ei fil, eller før ho opp som \
                   mail i postrom.toml.",
        no_key: "Det er ikkje sagt kva nøkkel breva skal opnast med. Oppgi han med --key, eller som keys i postrom.toml.",
        no_out: "Det er ikkje sagt kvar breva skal leggjast. Oppgi ei mappe med --out, eller som out i postrom.toml.",
        no_folder: "Breva kan ikkje leggjast i {folder}: {why}. Ingenting er opna. Oppgi ei anna mappe med --out, eller rett \
                    opp årsaka.",
        opened_before: "opna før",
        renamed: "Mappa heitte {folder} til no.",
        output_broken: "Meldingane kunne ikkje skrivast ut: {why}. Breva er opna og ligg der dei skal; sjå etter i mappa.",
        not_started: "Programmet fekk ikkje starta den delen som opnar brev: {why}. Prøv på nytt, og sei frå til den som har \
                      ansvar for maskina, om det ikkje hjelper.",
        ended: "Den delen av programmet som opnar brev, stoppa av seg sjølv. Det som er opna, ligg der det skal. Køyr \
                kommandoen på nytt, og sei frå til driftsansvarleg om det skjer igjen.",
        not_remembered: "Breva ligg der dei skal, men lista over opna brev vart ikkje skriven: {why}. Køyr kommandoen på nytt \
                         når feilen er retta.",
        stranger: "{key} kan òg opne dette brevet og er ikkje kjend her. Oppgi sertifikatet med --known om det er rett, \
                   elles spør driftsansvarleg.",
        more_strangers: Count {
            one: "1 ukjend nøkkel til kan opne det.",
            other: "{n} ukjende nøklar til kan opne det.",
        },
    },
    en: OpenTexts {
        no_input: "Nothing to open was named. Name a mailbox, a folder or a file, or write it as mail in postrom.toml.",
        no_key: "No key to open letters with was named. Name it with --key, or as keys in postrom.toml.",
        no_out: "No folder for the letters was named. Name it with --out, or as out in postrom.toml.",
        no_folder: "Letters cannot be put into {folder}: {why}. Nothing was opened. Name another folder with --out, or mend \
                    the cause.",
        opened_before: "opened before",
        renamed: "The folder was called {folder} until now.",
        output_broken: "What was to be told could not be written: {why}. The letters were opened and are in place; look in \
                        their folder.",
        not_started: "The part of the program that opens letters could not be started: {why}. Try again, and tell whoever \
                      looks after the machine if that does not help.",
        ended: "The part of the program that opens letters ended by itself. What was opened is in place. Run the command \
                again, and tell the operator if it happens again.",
        not_remembered: "The letters are in place, but the list of opened letters could not be written: {why}. Run the \
                         command again once that is put right.",
        stranger: "{key} can open this letter too and is not known here. Name its certificate with --known if it should, else \
                   ask the operator.",
        more_strangers: Count {
            one: "1 further unknown key can open it.",
            other: "{n} further unknown keys can open it.",
        },
    },
};

/// A verdict that became known has given a folder another name.
pub fn renamed(from: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).renamed, &[("folder", &printable(from))])
}

/// Standard output took no more.
pub fn output_broken(cause: &Cause, lang: Lang) -> String {
    fill(TEXTS.of(lang).output_broken, &[("why", &inputs::cause(lang, cause))])
}

/// Unknown keys that are named; of more there is only the number.
const NAMED: usize = 5;

/// Keys that can open a letter and that nobody here knows.
pub fn strangers(readers: &[Reader], lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let mut unknown = readers.iter().filter(|reader| reader.known_as.is_none());
    let named = unknown.by_ref().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|reader| fill(t.stranger, &[("key", &printable(&reader.key))]))
        .collect();
    let more = unknown.count() as u64;
    if more > 0 {
        lines.push(t.more_strangers.of(more));
    }
    lines
}

/// What is known of letters that are in place could not be written.
pub fn not_remembered(trouble: &Trouble, lang: Lang) -> String {
    let why = match trouble {
        Trouble::Disk { cause } => inputs::cause(lang, cause),
        other => inputs::trouble(lang, other, None),
    };
    fill(TEXTS.of(lang).not_remembered, &[("why", &why)])
}

/// Why there is no run: the folder for the letters, or the list of them, cannot be used.
pub fn no_run(folder: &Path, trouble: &Trouble, lang: Lang) -> String {
    let Trouble::Disk { cause } = trouble else {
        return printable(&inputs::trouble(lang, trouble, None));
    };
    let folder = printable(&folder.display().to_string());
    let values = [("folder", &*folder), ("why", &inputs::cause(lang, cause))];
    fill(TEXTS.of(lang).no_folder, &values)
}

/// There was no run, or only a part of one.
pub fn failure(failure: &Failure, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match failure {
        Failure::NotStarted(error) => fill(t.not_started, &[("why", &inputs::cause(lang, &Cause::from(error)))]),
        Failure::Ended => t.ended.into(),
    }
}
