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
    "må være en e-postadresse, for eksempel",
    "må vere ei e-postadresse, til dømes",
    "must be an e-mail address, for example",
];
pub const PHONE: Sentence = [
    "må være et telefonnummer.",
    "må vere eit telefonnummer.",
    "must be a telephone number.",
];
pub const ID: Sentence = ["må ha 11 siffer.", "må ha 11 siffer.", "must have 11 digits."];
pub const CODE: Sentence = [
    "må ha 4 siffer, for eksempel 0150.",
    "må ha 4 siffer, til dømes 0150.",
    "must have 4 digits, for example 0150.",
];
pub const DAY: Sentence = [
    "må dag være et tall fra 1 til 31.",
    "må dag vere eit tal frå 1 til 31.",
    "the day must be a number from 1 to 31.",
];
pub const MONTH: Sentence = [
    "må måned være et tall fra 1 til 12.",
    "må månad vere eit tal frå 1 til 12.",
    "the month must be a number from 1 to 12.",
];
pub const NO_MONTH: Sentence = ["mangler måned.", "manglar månad.", "lacks the month."];
pub const YEAR: Sentence = [
    "må år skrives med fire siffer",
    "må år skrivast med fire siffer",
    "the year must have four digits",
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
pub const TWICE: Sentence = ["kom to ganger.", "kom to gonger.", "came twice."];
pub const FILES: Sentence = [
    "Du kan sende én fil om gangen.",
    "Du kan sende éi fil om gongen.",
    "You can send one at a time.",
];
pub const EMPTY_FILE: Sentence = ["er en tom fil.", "er ei tom fil.", "is an empty file."];
