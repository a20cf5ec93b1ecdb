//! The list of letters.

use konvolutt_letter::{Record, printable};

use crate::desk::post::Sort;
use crate::i18n::{Count, Each, Lang};

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct ListTexts {
    pub heading: &'static str,
    pub chips: &'static str,
    pub to_do: &'static str,
    pub new: &'static str,
    pub mine: &'static str,
    pub others: &'static str,
    pub done: &'static str,
    pub not_from_the_form: &'static str,
    pub could_not_be_opened: &'static str,
    pub tests: &'static str,
    pub letter: &'static str,
    pub received: &'static str,
    pub contact: &'static str,
    pub verdict: &'static str,
    pub state: &'static str,
    pub search: &'static str,
    pub search_button: &'static str,
    pub clear: &'static str,
    pub found: Count,
    pub still_reading: &'static str,
    pub progress: &'static str,
    pub looked: &'static str,
    pub not_looked: &'static str,
    pub away: &'static str,
    pub not_remembered: &'static str,
    pub nothing: &'static str,
    pub nothing_at_all: &'static str,
    pub other_mail: Count,
    pub times: Count,
    pub contradicted: &'static str,
    pub days_left: Count,
    pub due_today: &'static str,
    pub overdue: Count,
    pub files: Count,
    pub no_number: &'static str,
    pub drop: &'static str,
    pub drop_hint: &'static str,
    pub drop_button: &'static str,
}

impl ListTexts {
    /// What a chip is called.
    pub fn sort(&self, sort: Sort) -> &'static str {
        match sort {
            Sort::ToDo => self.to_do,
            Sort::New => self.new,
            Sort::Mine => self.mine,
            Sort::Others => self.others,
            Sort::Registered => self.done,
            Sort::NotFromTheForm => self.not_from_the_form,
            Sort::CouldNotBeOpened => self.could_not_be_opened,
            Sort::Tests => self.tests,
        }
    }
}

/// Languages of forms by their code, as bokmål, nynorsk and English call them.
const LANGUAGES: [(&str, [&str; 3]); 4] = [
    ("nb", ["bokmål", "bokmål", "bokmål"]),
    ("nn", ["nynorsk", "nynorsk", "nynorsk"]),
    ("en", ["engelsk", "engelsk", "English"]),
    ("se", ["nordsamisk", "nordsamisk", "Northern Sámi"]),
];

/// The citizen's language in the clerk's own; one that the form brought along as the letter calls it.
pub fn language(record: &Record, lang: Lang) -> String {
    let named = LANGUAGES.iter().find(|(known, _)| *known == record.language);
    let at = match lang {
        Lang::Nb => 0,
        Lang::Nn => 1,
        Lang::En => 2,
    };
    match named {
        Some((_, names)) => names[at].to_owned(),
        None if record.language_name.is_empty() => printable(&record.language),
        None => printable(&record.language_name),
    }
}

/// In each language.
pub static TEXTS: Each<ListTexts> = Each {
    nb: ListTexts {
        heading: "Brev",
        chips: "Hvilke brev",
        to_do: "Å gjøre",
        new: "Nye",
        mine: "Mine",
        others: "Andres",
        done: "Journalført",
        not_from_the_form: "Ikke fra skjemaet",
        could_not_be_opened: "Kunne ikke åpnes",
        tests: "Tester",
        letter: "Brev",
        received: "Mottatt og frist",
        contact: "Trygg kontakt og vedlegg",
        verdict: "Kontroll",
        state: "Status",
        search: "Søk i brevene",
        search_button: "Søk",
        clear: "Vis alle",
        found: Count {
            one: "Ett treff på «{words}».",
            other: "{n} treff på «{words}».",
        },
        still_reading: "Det letes bare i brev som er lest.",
        progress: "{read} av {all} er lest",
        looked: "Postkassen er sett gjennom kl. {time}.",
        not_looked: "Ser gjennom postkassen …",
        away: "Postkassen kan ikke nås nå: {why} Listen er slik den var kl. {time}.",
        not_remembered: "Det som er lest, kan ikke huskes til neste gang: {why}",
        nothing: "Ingen brev her.",
        nothing_at_all: "Det er ingen brev i postkassen ennå. De vises her når de kommer.",
        other_mail: Count {
            one: "Én annen e-post i postkassen, ikke fra noe skjema",
            other: "{n} andre e-poster i postkassen, ikke fra noe skjema",
        },
        times: Count {
            one: "kom én gang",
            other: "kom {n} ganger",
        },
        contradicted: "Samme referanse, annet innhold",
        days_left: Count {
            one: "1 dag igjen",
            other: "{n} dager igjen",
        },
        due_today: "Fristen er i dag",
        overdue: Count {
            one: "1 dag over fristen",
            other: "{n} dager over fristen",
        },
        files: Count {
            one: "1 fil",
            other: "{n} filer",
        },
        no_number: "Uten referanse",
        drop: "Les flere filer",
        drop_hint: "Slipp e-poster og brev på siden, eller velg dem her: .eml, .msg, .asc, .pgp, .mbox, .zip.",
        drop_button: "Les filen",
    },
    nn: ListTexts {
        heading: "Brev",
        chips: "Kva brev",
        to_do: "Å gjere",
        new: "Nye",
        mine: "Mine",
        others: "Andre sine",
        done: "Journalført",
        not_from_the_form: "Ikkje frå skjemaet",
        could_not_be_opened: "Kunne ikkje opnast",
        tests: "Testar",
        letter: "Brev",
        received: "Motteke og frist",
        contact: "Trygg kontakt og vedlegg",
        verdict: "Kontroll",
        state: "Status",
        search: "Søk i breva",
        search_button: "Søk",
        clear: "Vis alle",
        found: Count {
            one: "Eitt treff på «{words}».",
            other: "{n} treff på «{words}».",
        },
        still_reading: "Det blir berre leita i brev som er lesne.",
        progress: "{read} av {all} er lesne",
        looked: "Postkassa er sett gjennom kl. {time}.",
        not_looked: "Ser gjennom postkassa …",
        away: "Postkassa kan ikkje nåast no: {why} Lista er slik ho var kl. {time}.",
        not_remembered: "Det som er lese, kan ikkje hugsast til neste gong: {why}",
        nothing: "Ingen brev her.",
        nothing_at_all: "Det er ingen brev i postkassa enno. Dei blir viste her når dei kjem.",
        other_mail: Count {
            one: "Éin annan e-post i postkassa, ikkje frå noko skjema",
            other: "{n} andre e-postar i postkassa, ikkje frå noko skjema",
        },
        times: Count {
            one: "kom éin gong",
            other: "kom {n} gonger",
        },
        contradicted: "Same referanse, anna innhald",
        days_left: Count {
            one: "1 dag att",
            other: "{n} dagar att",
        },
        due_today: "Fristen er i dag",
        overdue: Count {
            one: "1 dag over fristen",
            other: "{n} dagar over fristen",
        },
        files: Count {
            one: "1 fil",
            other: "{n} filer",
        },
        no_number: "Utan referanse",
        drop: "Les fleire filer",
        drop_hint: "Slepp e-postar og brev på sida, eller vel dei her: .eml, .msg, .asc, .pgp, .mbox, .zip.",
        drop_button: "Les fila",
    },
    en: ListTexts {
        heading: "Letters",
        chips: "Which letters",
        to_do: "To do",
        new: "New",
        mine: "Mine",
        others: "Others’",
        done: "Registered",
        not_from_the_form: "Not from the form",
        could_not_be_opened: "Could not be opened",
        tests: "Tests",
        letter: "Letter",
        received: "Received and deadline",
        contact: "Safe contact and files",
        verdict: "Check",
        state: "State",
        search: "Search the letters",
        search_button: "Search",
        clear: "Show all",
        found: Count {
            one: "One match for “{words}”.",
            other: "{n} matches for “{words}”.",
        },
        still_reading: "Only letters that were read are searched.",
        progress: "{read} of {all} read",
        looked: "The mailbox was looked through at {time}.",
        not_looked: "Looking through the mailbox …",
        away: "The mailbox cannot be reached now: {why} The list is as it was at {time}.",
        not_remembered: "What was read cannot be remembered for the next time: {why}",
        nothing: "No letters here.",
        nothing_at_all: "There are no letters in the mailbox yet. They show here when they come.",
        other_mail: Count {
            one: "One other mail in this mailbox, not from a form",
            other: "{n} other mails in this mailbox, not from a form",
        },
        times: Count {
            one: "came once",
            other: "came {n} times",
        },
        contradicted: "Same reference, other content",
        days_left: Count {
            one: "1 day left",
            other: "{n} days left",
        },
        due_today: "Due today",
        overdue: Count {
            one: "1 day overdue",
            other: "{n} days overdue",
        },
        files: Count {
            one: "1 file",
            other: "{n} files",
        },
        no_number: "Without a reference",
        drop: "Read more files",
        drop_hint: "Drop mails and letters on the page, or choose them here: .eml, .msg, .asc, .pgp, .mbox, .zip.",
        drop_button: "Read the file",
    },
};
