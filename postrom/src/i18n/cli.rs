//! Sentences of a run on a terminal: what letters are held against, how far it has come, what it came to.

use konvolutt_letter::{fill, printable};

use super::{Count, Each, Lang};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct CliTexts {
    /// `{name}`, `{fingerprint}`.
    pub checked_against: &'static str,
    /// `{name}`, `{fingerprint}`.
    pub checked_against_former: &'static str,
    pub not_checked: &'static str,
    /// `{signers}`.
    pub no_relay_fits: &'static str,
    pub no_mail: &'static str,
    /// `{done}`, `{all}`.
    pub progress: &'static str,
    pub removed_unfinished: Count,
    pub stopped_by_you: &'static str,
    pub stopped_by_system: &'static str,
    /// `{when}`, `{who}`.
    pub opened_before_by: &'static str,
    /// `{when}`.
    pub opened_before: &'static str,
    /// `{folder}`.
    pub moved_away: &'static str,
    /// `{why}`.
    pub server_not_told: &'static str,
    /// `{file}`.
    pub weak_passphrase: &'static str,
    /// `{file}`.
    pub no_passphrase: &'static str,

    pub new_letters: Count,
    pub letters_before: Count,
    pub not_opened: Count,
    pub not_genuine: Count,
    pub unchecked: Count,
    pub tests: Count,
    pub other_mails: Count,
    pub not_looked_at: Count,
    pub other_files: Count,
    pub nothing: &'static str,
}

/// In three languages.
pub static TEXTS: Each<CliTexts> = Each {
    nb: CliTexts {
        checked_against: "Kontrollerer mot: {name}, {fingerprint}",
        checked_against_former: "Kontrollerer mot: {name}, {fingerprint} (tidligere nøkkel)",
        not_checked: "Ikke kontrollert: Skjemaets sertifikat er ikke oppgitt, så ingen brev kan vises som ekte. Oppgi det \
                      med --relay, eller som relay i postrom.toml.",
        no_relay_fits: "Ingen brev passer til sertifikatet du oppga med --relay. De er signert av: {signers}. Er dette den \
                        rette filen? Spør driftsansvarlig om skjemaet har fått ny nøkkel.",
        no_mail: "Det er ingen e-post her. Kontroller at du har valgt riktig mappe eller fil.",
        progress: "{done} av {all} …",
        removed_unfinished: Count {
            one: "Ryddet bort 1 uferdig mappe etter en kjøring som ble avbrutt.",
            other: "Ryddet bort {n} uferdige mapper etter en kjøring som ble avbrutt.",
        },
        stopped_by_you: "Stoppet av deg. Brevene som er åpnet, ligger der de skal. Kjør kommandoen på nytt for å åpne resten.",
        stopped_by_system: "Stoppet av systemet. Brevene som er åpnet, ligger der de skal. Kjør kommandoen på nytt for å \
                            åpne resten.",
        opened_before_by: "Åpnet før, {when} av {who}.",
        opened_before: "Åpnet før, {when}.",
        moved_away: "Mappen {folder} er flyttet eller slettet siden. Trenger du brevet igjen, kjør kommandoen med --ledger off.",
        server_not_told: "Skjemaet har ikke fått vite at brevet er åpnet: {why} Si fra til driftsansvarlig, ellers blir brevet \
                          meldt som uåpnet.",
        weak_passphrase: "Passordet til {file} er kort eller lett å gjette. Lag en ny nøkkel med et lengre passord, og si fra \
                          til driftsansvarlig.",
        no_passphrase: "Nøkkelen {file} har ikke noe passord. Alle som får tak i filen, kan lese brevene. Pass på hvem som har \
                        tilgang til den.",
        new_letters: Count {
            one: "1 nytt brev",
            other: "{n} nye brev",
        },
        letters_before: Count {
            one: "1 åpnet før",
            other: "{n} åpnet før",
        },
        not_opened: Count {
            one: "1 kunne ikke åpnes",
            other: "{n} kunne ikke åpnes",
        },
        not_genuine: Count {
            one: "1 ikke ekte",
            other: "{n} ikke ekte",
        },
        unchecked: Count {
            one: "1 ikke kontrollert",
            other: "{n} ikke kontrollert",
        },
        tests: Count {
            one: "1 testbrev",
            other: "{n} testbrev",
        },
        other_mails: Count {
            one: "1 annen e-post, ikke fra et skjema",
            other: "{n} andre e-poster, ikke fra et skjema",
        },
        not_looked_at: Count {
            one: "1 ikke undersøkt",
            other: "{n} ikke undersøkt",
        },
        other_files: Count {
            one: "1 annen fil",
            other: "{n} andre filer",
        },
        nothing: "Ingenting nytt.",
    },
    nn: CliTexts {
        checked_against: "Kontrollerer mot: {name}, {fingerprint}",
        checked_against_former: "Kontrollerer mot: {name}, {fingerprint} (tidlegare nøkkel)",
        not_checked: "Ikkje kontrollert: Sertifikatet til skjemaet er ikkje oppgitt, så ingen brev kan visast som ekte. Oppgi \
                      det med --relay, eller som relay i postrom.toml.",
        no_relay_fits: "Ingen brev passar til sertifikatet du oppgav med --relay. Dei er signerte av: {signers}. Er dette den \
                        rette fila? Spør driftsansvarleg om skjemaet har fått ny nøkkel.",
        no_mail: "Det er ingen e-post her. Kontroller at du har valt rett mappe eller fil.",
        progress: "{done} av {all} …",
        removed_unfinished: Count {
            one: "Rydda bort 1 uferdig mappe etter ei køyring som vart avbroten.",
            other: "Rydda bort {n} uferdige mapper etter ei køyring som vart avbroten.",
        },
        stopped_by_you: "Stoppa av deg. Breva som er opna, ligg der dei skal. Køyr kommandoen på nytt for å opne resten.",
        stopped_by_system: "Stoppa av systemet. Breva som er opna, ligg der dei skal. Køyr kommandoen på nytt for å opne resten.",
        opened_before_by: "Opna før, {when} av {who}.",
        opened_before: "Opna før, {when}.",
        moved_away: "Mappa {folder} er flytta eller sletta sidan. Treng du brevet igjen, køyr kommandoen med --ledger off.",
        server_not_told: "Skjemaet har ikkje fått vite at brevet er opna: {why} Sei frå til driftsansvarleg, elles blir brevet \
                          meldt som uopna.",
        weak_passphrase: "Passordet til {file} er kort eller lett å gjette. Lag ein ny nøkkel med eit lengre passord, og sei \
                          frå til driftsansvarleg.",
        no_passphrase: "Nøkkelen {file} har ikkje noko passord. Alle som får tak i fila, kan lese breva. Pass på kven som har \
                        tilgang til ho.",
        new_letters: Count {
            one: "1 nytt brev",
            other: "{n} nye brev",
        },
        letters_before: Count {
            one: "1 opna før",
            other: "{n} opna før",
        },
        not_opened: Count {
            one: "1 kunne ikkje opnast",
            other: "{n} kunne ikkje opnast",
        },
        not_genuine: Count {
            one: "1 ikkje ekte",
            other: "{n} ikkje ekte",
        },
        unchecked: Count {
            one: "1 ikkje kontrollert",
            other: "{n} ikkje kontrollerte",
        },
        tests: Count {
            one: "1 testbrev",
            other: "{n} testbrev",
        },
        other_mails: Count {
            one: "1 annan e-post, ikkje frå eit skjema",
            other: "{n} andre e-postar, ikkje frå eit skjema",
        },
        not_looked_at: Count {
            one: "1 ikkje undersøkt",
            other: "{n} ikkje undersøkte",
        },
        other_files: Count {
            one: "1 anna fil",
            other: "{n} andre filer",
        },
        nothing: "Ingenting nytt.",
    },
    en: CliTexts {
        checked_against: "Checked against: {name}, {fingerprint}",
        checked_against_former: "Checked against: {name}, {fingerprint} (former key)",
        not_checked: "Not checked: no relay certificate was given, so that no letter can show as genuine. Name the form's \
                      certificate with --relay, or as relay in postrom.toml.",
        no_relay_fits: "No letter fits the relay certificate that you gave. They are signed by: {signers}. Is it the right \
                        file? Ask the operator whether the form has a new key.",
        no_mail: "No mail was found. Check that this is the right folder or file.",
        progress: "{done} of {all} …",
        removed_unfinished: Count {
            one: "1 half-finished folder of an interrupted run was removed.",
            other: "{n} half-finished folders of an interrupted run were removed.",
        },
        stopped_by_you: "Stopped by you. The letters that were opened are in place. Run the command again for the rest.",
        stopped_by_system: "Stopped by the system. The letters that were opened are in place. Run the command again for the \
                            rest.",
        opened_before_by: "Opened before, {when} by {who}.",
        opened_before: "Opened before, {when}.",
        moved_away: "Its folder {folder} has been moved away or deleted since. If you need the letter again, run the command \
                     with --ledger off.",
        server_not_told: "The form was not told that this letter was opened: {why} Tell the operator, or else the letter will \
                          be reported as unopened.",
        weak_passphrase: "The passphrase of {file} is short or easy to guess. Make a new key with a longer one, and tell the \
                          operator.",
        no_passphrase: "The key {file} has no passphrase. Whoever gets hold of the file can read the letters. Mind who has \
                        access to it.",
        new_letters: Count {
            one: "1 new letter",
            other: "{n} new letters",
        },
        letters_before: Count {
            one: "1 opened before",
            other: "{n} opened before",
        },
        not_opened: Count {
            one: "1 could not be opened",
            other: "{n} could not be opened",
        },
        not_genuine: Count {
            one: "1 not genuine",
            other: "{n} not genuine",
        },
        unchecked: Count {
            one: "1 not checked",
            other: "{n} not checked",
        },
        tests: Count {
            one: "1 test letter",
            other: "{n} test letters",
        },
        other_mails: Count {
            one: "1 other mail, not from a form",
            other: "{n} other mails, not from a form",
        },
        not_looked_at: Count {
            one: "1 not looked at",
            other: "{n} not looked at",
        },
        other_files: Count {
            one: "1 other file",
            other: "{n} other files",
        },
        nothing: "Nothing new.",
    },
};

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Letters that were put in place now and are in none of the counts below.
    pub new_letters: u64,
    /// Known from before.
    pub letters_before: u64,
    /// Sealed, and not opened.
    pub not_opened: u64,
    /// Opened, and not the form's.
    pub not_genuine: u64,
    /// Opened, and held against nothing.
    pub unchecked: u64,
    /// Test letters.
    pub tests: u64,
    /// Mail that is not sealed, or sealed by somebody else.
    pub other_mails: u64,
    /// What could hold a letter and was not looked at.
    pub not_looked_at: u64,
    /// Files that are no mail.
    pub other_files: u64,
}

/// Who ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The clerk, by Ctrl-C.
    ByYou,
    /// The system: the session or the machine ends.
    BySystem,
}

/// The lines at the end of a run: each count that is not nothing, what the clerk must look after first.
pub fn summary(tally: &Tally, lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let lines: Vec<String> = [
        (t.new_letters, tally.new_letters),
        (t.not_opened, tally.not_opened),
        (t.not_genuine, tally.not_genuine),
        (t.unchecked, tally.unchecked),
        (t.not_looked_at, tally.not_looked_at),
        (t.tests, tally.tests),
        (t.letters_before, tally.letters_before),
        (t.other_mails, tally.other_mails),
        (t.other_files, tally.other_files),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(count, n)| count.of(n))
    .collect();
    if lines.is_empty() {
        vec![t.nothing.into()]
    } else {
        lines
    }
}

/// What letters are held against, once for each certificate, before the first letter.
pub fn checked_against(name: &str, fingerprint: &str, former: bool, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let text = if former {
        t.checked_against_former
    } else {
        t.checked_against
    };
    fill(
        text,
        &[("name", &printable(name)), ("fingerprint", &grouped(fingerprint))],
    )
}

/// Said once, when letters were signed and no certificate fits any of them. The signers are fingerprints or names.
pub fn no_relay_fits(signers: &[String], lang: Lang) -> String {
    let signers: Vec<_> = signers.iter().map(|signer| printable(signer)).collect();
    fill(TEXTS.of(lang).no_relay_fits, &[("signers", &signers.join(", "))])
}

/// How far a run has come.
pub fn progress(done: u64, all: u64, lang: Lang) -> String {
    let (done, all) = (done.to_string(), all.to_string());
    fill(TEXTS.of(lang).progress, &[("done", &done), ("all", &all)])
}

/// What an earlier run left behind, and this one removed.
pub fn removed_unfinished(n: u64, lang: Lang) -> String {
    TEXTS.of(lang).removed_unfinished.of(n)
}

/// The last line of a run that was ended.
pub fn stopped(by: Stopped, lang: Lang) -> &'static str {
    match by {
        Stopped::ByYou => TEXTS.of(lang).stopped_by_you,
        Stopped::BySystem => TEXTS.of(lang).stopped_by_system,
    }
}

/// A letter that the ledger knows. The time is ready to be read.
pub fn opened_before(when: &str, who: Option<&str>, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match who {
        Some(who) => fill(t.opened_before_by, &[("when", when), ("who", &printable(who))]),
        None => fill(t.opened_before, &[("when", when)]),
    }
}

/// The folder of a letter that the ledger knows is not where it was put.
pub fn moved_away(folder: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).moved_away, &[("folder", &printable(folder))])
}

/// An acknowledgement that could not be written. The reason is a sentence.
pub fn server_not_told(why: &str, lang: Lang) -> String {
    fill(TEXTS.of(lang).server_not_told, &[("why", &printable(why))])
}

/// A hint for a key whose passphrase is weak, or that has none.
pub fn weak_key(file: &str, has_passphrase: bool, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    let text = if has_passphrase {
        t.weak_passphrase
    } else {
        t.no_passphrase
    };
    fill(text, &[("file", &printable(file))])
}

/// A fingerprint in groups of four, as it is read over the telephone.
pub fn grouped(fingerprint: &str) -> String {
    let symbols: Vec<char> = printable(fingerprint).chars().filter(|c| *c != ' ').collect();
    let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_tells_what_there_is_and_nothing_else() {
        let tally = Tally {
            new_letters: 3,
            letters_before: 37,
            not_opened: 1,
            other_mails: 38,
            ..Tally::default()
        };
        assert_eq!(
            summary(&tally, Lang::En),
            [
                "3 new letters",
                "1 could not be opened",
                "37 opened before",
                "38 other mails, not from a form"
            ]
        );
        assert_eq!(
            summary(&tally, Lang::Nn),
            [
                "3 nye brev",
                "1 kunne ikkje opnast",
                "37 opna før",
                "38 andre e-postar, ikkje frå eit skjema"
            ]
        );
        assert_eq!(summary(&Tally::default(), Lang::Nb), ["Ingenting nytt."]);
    }

    #[test]
    fn what_letters_are_held_against_is_named_and_cannot_act() {
        assert_eq!(
            checked_against("Sikkert skjema\n\u{1b}[2J", "0123456789ABCDEF0123", true, Lang::En),
            "Checked against: Sikkert skjema [2J, 0123 4567 89AB CDEF 0123 (former key)"
        );
        assert_eq!(
            opened_before("2.3.2026 kl. 09.14", Some("Kari"), Lang::Nn),
            "Opna før, 2.3.2026 kl. 09.14 av Kari."
        );
    }
}
