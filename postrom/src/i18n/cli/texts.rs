//! The texts of a run.

use crate::i18n::{Count, Each};

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
    pub stopped: &'static str,
    /// `{when}`, `{who}`.
    pub opened_before: &'static str,
    /// `{folder}`.
    pub moved_away: &'static str,
    /// `{why}`.
    pub server_not_told: &'static str,
    /// `{why}`.
    pub not_printed: &'static str,

    pub new_letters: Count,
    pub letters_before: Count,
    pub not_opened: Count,
    pub not_genuine: Count,
    pub unchecked: Count,
    pub tests: Count,
    pub other_mails: Count,
    pub not_looked_at: Count,
    pub other_files: Count,
}

/// In three languages.
pub static TEXTS: Each<CliTexts> = Each {
    nb: CliTexts {
        checked_against: "Kontrollerer mot: {name}, {fingerprint}",
        checked_against_former: "Kontrollerer mot: {name}, {fingerprint} (tidligere nøkkel)",
        not_checked: "Ikke kontrollert: Skjemaets sertifikat er ikke oppgitt, så ingen brev kan vises som ekte. Oppgi det \
                      med --relay, eller som relay i postrom.toml.",
        no_relay_fits: "Ingen av brevene passer til skjemaets sertifikat slik det er oppgitt. De er signert av: {signers}. Er \
                        det riktig fil? Spør driftsansvarlig om skjemaet har fått ny nøkkel.",
        no_mail: "Det er ingen e-post her. Se etter om det er riktig mappe eller fil.",
        progress: "{done} av {all} …",
        removed_unfinished: Count {
            one: "1 uferdig mappe etter en avbrutt kjøring er ryddet bort.",
            other: "{n} uferdige mapper etter en avbrutt kjøring er ryddet bort.",
        },
        stopped: "Kjøringen ble stoppet. Brevene som er åpnet, ligger der de skal. Kjør kommandoen på nytt for å åpne resten.",
        opened_before: "Åpnet før, {when} av {who}.",
        moved_away: "Mappen {folder} er flyttet eller slettet siden. Trenger du brevet igjen, kjør \
                     kommandoen med --ledger off og en ny mappe med --out.",
        server_not_told: "Skjemaet har ikke fått vite at brevet er åpnet: {why}. Si fra til driftsansvarlig, ellers blir brevet \
                          meldt som uåpnet.",
        not_printed: "Det som skulle stå her, kunne ikke skrives ut: {why}. Kommandoen er avbrutt; det den har gjort, står ved lag.",
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
    },
    nn: CliTexts {
        checked_against: "Kontrollerer mot: {name}, {fingerprint}",
        checked_against_former: "Kontrollerer mot: {name}, {fingerprint} (tidlegare nøkkel)",
        not_checked: "Ikkje kontrollert: Sertifikatet til skjemaet er ikkje oppgitt, så ingen brev kan visast som ekte. Oppgi \
                      det med --relay, eller som relay i postrom.toml.",
        no_relay_fits: "Ingen av breva passar til det oppgitte sertifikatet for skjemaet. Dei er signerte av: {signers}. Er \
                        det rett fil? Spør driftsansvarleg om skjemaet har fått ny nøkkel.",
        no_mail: "Det er ingen e-post her. Sjå etter om det er rett mappe eller fil.",
        progress: "{done} av {all} …",
        removed_unfinished: Count {
            one: "1 uferdig mappe etter ei avbroten køyring er rydda bort.",
            other: "{n} uferdige mapper etter ei avbroten køyring er rydda bort.",
        },
        stopped: "Køyringa vart stoppa. Breva som er opna, ligg der dei skal. Køyr kommandoen på nytt for å opne resten.",
        opened_before: "Opna før, {when} av {who}.",
        moved_away: "Mappa {folder} er flytta eller sletta sidan. Treng du brevet igjen, køyr \
                     kommandoen med --ledger off og ei ny mappe med --out.",
        server_not_told: "Skjemaet har ikkje fått vite at brevet er opna: {why}. Sei frå til driftsansvarleg, elles blir brevet \
                          meldt som uopna.",
        not_printed: "Det som skulle stå her, kunne ikkje skrivast ut: {why}. Kommandoen er avbroten; det han har gjort, står ved lag.",
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
    },
    en: CliTexts {
        checked_against: "Checked against: {name}, {fingerprint}",
        checked_against_former: "Checked against: {name}, {fingerprint} (former key)",
        not_checked: "Not checked: no certificate of the form was given, so that no letter can show as genuine. Name it \
                      with --relay, or as relay in postrom.toml.",
        no_relay_fits: "No letter fits the form's certificate that was given. They are signed by: {signers}. Is it the right \
                        file? Ask the operator whether the form has a new key.",
        no_mail: "No mail was found. Check that this is the right folder or file.",
        progress: "{done} of {all} …",
        removed_unfinished: Count {
            one: "1 half-finished folder of an interrupted run was removed.",
            other: "{n} half-finished folders of an interrupted run were removed.",
        },
        stopped: "The run was stopped. The letters that were opened are in place. Run the command again for the rest.",
        opened_before: "Opened before, {when} by {who}.",
        moved_away: "Its folder {folder} has been moved away or deleted since. If you need the letter again, run the command \
                     with --ledger off and a new folder for --out.",
        server_not_told: "The form was not told that this letter was opened: {why}. Tell the operator, or else the letter will \
                          be reported as unopened.",
        not_printed: "What should stand here could not be printed: {why}. The command was broken off; what it has done stays done.",
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
    },
};
