//! The list as a clerk sees it: which rows, in which order, and how many there are of each sort.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::Post;
use super::row::{Content, Row, RowId};
use crate::ledger::{Standing, State};
use crate::status::Kind;

/// What a chip shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Everything that is to be done, and what stands in its way.
    #[default]
    ToDo,
    /// Nobody has seen it.
    New,
    /// This clerk has it.
    Mine,
    /// A colleague has it.
    Others,
    /// It is in the archive, or put away.
    Registered,
    /// Its signature is not that of the form.
    NotFromTheForm,
    /// It could not be opened or looked at.
    CouldNotBeOpened,
    /// Made by `send-test`.
    Tests,
}

impl Sort {
    /// In the order of the chips.
    pub const ALL: [Self; 8] = [
        Self::ToDo,
        Self::New,
        Self::Mine,
        Self::Others,
        Self::Registered,
        Self::NotFromTheForm,
        Self::CouldNotBeOpened,
        Self::Tests,
    ];

    /// Its word in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToDo => "to-do",
            Self::New => "new",
            Self::Mine => "mine",
            Self::Others => "others",
            Self::Registered => "registered",
            Self::NotFromTheForm => "not-from-the-form",
            Self::CouldNotBeOpened => "could-not-be-opened",
            Self::Tests => "tests",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    fn holds(self, of: &Listed<'_>, me: &str) -> bool {
        let sealed_by_the_form = !of.could_not_be_opened() && !of.is_not_from_the_form();
        let letter = sealed_by_the_form && !of.row.is_test();
        let state = of.standing.state;
        let mine = of.standing.holder.as_deref() == Some(me);
        match self {
            Self::ToDo => !is_done(state) && !of.row.is_test(),
            Self::New => letter && state == State::New,
            Self::Mine => state == State::Taken && mine,
            Self::Others => state == State::Taken && !mine,
            Self::Registered => is_done(state),
            Self::NotFromTheForm => of.is_not_from_the_form(),
            Self::CouldNotBeOpened => of.could_not_be_opened(),
            Self::Tests => of.row.is_test(),
        }
    }
}

fn is_done(state: State) -> bool {
    matches!(state, State::SetAside | State::Registered | State::Deleted)
}

/// One row of the list.
pub struct Listed<'a> {
    /// The letter.
    pub row: &'a Row,
    /// How it stands.
    pub standing: Standing,
    /// Another letter has its number and says something else.
    pub contradicted: bool,
}

impl Listed<'_> {
    fn is_not_from_the_form(&self) -> bool {
        self.row.kind() == Some(Kind::Mail) || self.row.verdict().is_some_and(crate::Verdict::is_forgery)
    }

    fn could_not_be_opened(&self) -> bool {
        matches!(self.row.content, Content::NotRead(_) | Content::NotLookedAt(_))
    }
}

/// A part of the list.
pub struct List<'a> {
    /// Its rows: what nobody has seen first, the oldest first; letters of one number beside each other.
    pub rows: Vec<Listed<'a>>,
    /// How many there are behind each chip.
    pub counts: HashMap<Sort, usize>,
}

impl Post {
    /// What a chip shows of what was looked for.
    pub fn list(&self, sort: Sort, search: &str, me: &str, standing: &dyn Fn(&str) -> Standing) -> List<'_> {
        let contradicted = self.contradicted();
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let found = self.rows().filter(|row| words.iter().all(|word| row.says(word)));
        let listed = found.map(|row| Listed {
            row,
            standing: row.document().map(standing).unwrap_or_default(),
            contradicted: contradicted.contains(&row.id),
        });
        let mut counts = HashMap::new();
        let mut rows = Vec::new();
        for one in listed {
            let holding = Sort::ALL.into_iter().filter(|sort| sort.holds(&one, me));
            holding.for_each(|sort| *counts.entry(sort).or_insert(0) += 1);
            if sort.holds(&one, me) {
                rows.push(one);
            }
        }
        in_order(&mut rows);
        List { rows, counts }
    }

    /// Letters that have the number of another one, and other content. One of them may be forged.
    fn contradicted(&self) -> HashSet<RowId> {
        let mut by_reference: HashMap<&str, Vec<RowId>> = HashMap::new();
        for row in self.rows().filter(|row| row.kind() == Some(Kind::Letter)) {
            if let Some(reference) = row.reference() {
                by_reference.entry(reference).or_default().push(row.id);
            }
        }
        by_reference
            .into_values()
            .filter(|rows| rows.len() > 1)
            .flatten()
            .collect()
    }
}

fn in_order(rows: &mut [Listed<'_>]) {
    // Those of one number stand where the first of them does.
    let mut first: HashMap<String, _> = HashMap::new();
    for one in rows.iter() {
        let key = own_place(one);
        if let Some(reference) = one.row.reference().filter(|_| one.contradicted) {
            let first = first.entry(reference.to_owned()).or_insert(key);
            if key < *first {
                *first = key;
            }
        }
    }
    rows.sort_by_cached_key(|one| {
        let own = own_place(one);
        let place = one
            .row
            .reference()
            .filter(|_| one.contradicted)
            .and_then(|reference| first.get(reference));
        (*place.unwrap_or(&own), own)
    });
}

type Order = (
    u8,
    Result<Option<jiff::Timestamp>, Reverse<Option<jiff::Timestamp>>>,
    RowId,
);

/// What is done with goes last, the latest of it first.
fn own_place(one: &Listed<'_>) -> Order {
    let received = one.row.received();
    match one.standing.state {
        State::New => (0, Ok(received), one.row.id),
        State::Opened | State::Taken => (1, Ok(received), one.row.id),
        State::SetAside | State::Registered | State::Deleted => (2, Err(Reverse(received)), one.row.id),
    }
}

impl Row {
    /// Whether it holds a word, in lower case: in its number, form, answers, names of files, or text.
    fn says(&self, word: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(word);
        if self.reference().is_some_and(has) {
            return true;
        }
        let Some(reading) = self.reading() else { return false };
        let status = &reading.status;
        let of_form = [&status.form, &status.form_title, &status.authority];
        of_form.into_iter().flatten().any(|text| has(text))
            || status.files.iter().any(|file| has(&file.name))
            || reading
                .record
                .iter()
                .flat_map(|record| &record.answers)
                .any(|answer| answer.values.iter().chain(&answer.normalised).any(|value| has(value)))
            || reading.record.is_none() && has(&reading.text)
    }
}
