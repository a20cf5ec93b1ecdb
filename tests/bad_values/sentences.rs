//! The sentences, as they stand on the pages.

use crate::support::LANGS;

/// What a page says, in bokmål, nynorsk and English: in the order of [`LANGS`].
pub type Sentence = [&'static str; LANGS.len()];

/// Before the title of a page with problems.
pub const ERROR: Sentence = ["Feil: ", "Feil: ", "Error: "];

pub const FILL_IN: Sentence = [
    "må fylles ut. Skriv inn et svar.",
    "må fyllast ut. Skriv inn eit svar.",
    "must be filled in. Write an answer.",
];
pub const FILL_IN_DATE: Sentence = [
    "må fylles ut. Skriv dag, måned og år",
    "må fyllast ut. Skriv dag, månad og år",
    "must be filled in. Write the day, month and year",
];
pub const CHOOSE: Sentence = [
    "må ha et svar. Velg blant alternativene.",
    "må ha eit svar. Vel blant alternativa.",
    "needs an answer. Choose from the alternatives.",
];
pub const CHOOSE_FILE: Sentence = ["mangler en fil.", "manglar ei fil.", "needs a file."];
pub const TOO_LONG: Sentence = [
    "kan ha høyst 10 tegn, og nå er det 11.",
    "kan ha høgst 10 teikn, og no er det 11.",
    "can have at most 10 characters, and now has 11.",
];
pub const TOO_LONG_30: Sentence = [
    "kan ha høyst 30 tegn, og nå er det 31.",
    "kan ha høgst 30 teikn, og no er det 31.",
    "can have at most 30 characters, and now has 31.",
];
pub const MUCH_TOO_LONG: Sentence = [
    "1\u{a0}000\u{a0}000. Kort ned",
    "1\u{a0}000\u{a0}000. Kort ned",
    "1,000,000. Shorten",
];
pub const UNSEEN: Sentence = [
    "hadde et usynlig tegn",
    "hadde eit usynleg teikn",
    "had an invisible character",
];
pub const EMAIL: Sentence = [
    "Skriv hele e-postadressen, for eksempel",
    "Skriv heile e-postadressa, til dømes",
    "Write the whole e-mail address, for example",
];
pub const ENDING: Sentence = [
    "Adressen mangler slutten, for eksempel .no.",
    "Adressa manglar slutten, til dømes .no.",
    "The address is missing its ending, for example .no.",
];
pub const PHONE: Sentence = [
    "Skriv telefonnummeret med 8 siffer.",
    "Skriv telefonnummeret med 8 siffer.",
    "Write the telephone number with 8 digits.",
];
pub const ID: Sentence = [
    "Skriv alle de 11 sifrene.",
    "Skriv alle dei 11 siffera.",
    "Write all 11 digits.",
];
pub const CODE: Sentence = [
    "Skriv postnummeret med 4 siffer, for eksempel 0150.",
    "Skriv postnummeret med 4 siffer, til dømes 0150.",
    "Write the postal code with 4 digits, for example 0150.",
];
pub const REFERENCE: Sentence = [
    "Skriv referansen slik den sto på kvitteringen, for eksempel K7F-3K9Q-2MX.",
    "Skriv referansen slik han stod på kvitteringa, til dømes K7F-3K9Q-2MX.",
    "Write the reference as it is on the receipt, for example K7F-3K9Q-2MX.",
];
pub const DAY: Sentence = [
    "Skriv dag som et tall fra 1 til 31.",
    "Skriv dag som eit tal frå 1 til 31.",
    "Write the day as a number from 1 to 31.",
];
pub const MONTH: Sentence = [
    "Skriv måned som et tall fra 1 til 12.",
    "Skriv månad som eit tal frå 1 til 12.",
    "Write the month as a number from 1 to 12.",
];
pub const NO_MONTH: Sentence = ["mangler måned.", "manglar månad.", "is missing the month."];
pub const YEAR: Sentence = [
    "Skriv året med fire siffer",
    "Skriv året med fire siffer",
    "Write the year with four digits",
];
pub const NO_DAY: Sentence = [
    "31.2.2026 er ikke en dag som finnes.",
    "31.2.2026 er ikkje ein dag som finst.",
    "31.2.2026 is not a day that exists.",
];
pub const CHOICE: Sentence = [
    "har et svar som ikke står på listen.",
    "har eit svar som ikkje står på lista.",
    "has an answer that is not on the list.",
];
pub const TWICE: Sentence = ["kom to ganger.", "kom to gonger.", "was sent twice."];
pub const FILES: Sentence = [
    "Du kan sende én fil om gangen.",
    "Du kan sende éi fil om gongen.",
    "You can send one at a time.",
];
pub const EMPTY_FILE: Sentence = ["er en tom fil.", "er ei tom fil.", "is an empty file."];
