//! From what a browser sent to an [`Answer`] for each question, or to [`Problem`]s that people can mend.
//!
//! Comes in: [`Typed`] text, and facts about the files. Goes out: answers in the order of the form, or every problem at once, in the reader's language.

mod asked;
mod date;
mod locked;
mod rules;

pub use asked::{Reply, reply};
pub use locked::Lock;
pub use rules::{judge, judge_without_files, unanswered};

use zeroize::Zeroize;

use crate::form::Kind;
use crate::form::values::{is_unseen, legible, seen};

/// The name under which a citizen confirms that a section or a field that was not asked for shall be sent, or that a
/// field that was asked for is left out; the value is its name.
pub const CONFIRM: &str = "_confirm";

/// What was typed, in the order in which it came; wiped from memory when dropped.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// Adds one value.
    pub fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }

    /// The first value of a name, or nothing.
    pub fn first(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter();
        values
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// True when this value was sent under this name: for ticks and drop-downs.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// True when the citizen said of a section or field that it shall be sent as it is: though it was not asked for, or
    /// without an answer.
    pub fn confirms(&self, name: &str) -> bool {
        self.has(CONFIRM, name)
    }

    /// The same as it was meant, without what nobody can see, and so nobody could take away: control characters, and the
    /// marks that turn the order of letters around. A page that shows a text again shows this one.
    pub fn seen(mut self) -> Self {
        for (_, value) in &mut self.0 {
            // Also '\u{2028}' and '\u{2029}', which a box would not show as lines.
            if value.contains(|c| is_unseen(c) || matches!(c, '\u{2028}' | '\u{2029}')) {
                let mut meant = legible(value);
                std::mem::replace(value, seen(&meant)).zeroize();
                meant.zeroize();
            }
        }
        self
    }

    /// True when nothing was typed or chosen.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, value)| value.is_empty())
    }

    /// Every name and value as sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        for (name, value) in &mut self.0 {
            name.zeroize();
            value.zeroize();
        }
    }
}

/// Something to correct, said in the reader's language.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// The field it belongs to; `None` for the form as a whole.
    pub field: Option<String>,
    /// What of the field, when it has several boxes.
    pub part: Option<Part>,
    /// What happened and how to mend it.
    pub text: String,
}

impl Problem {
    /// The id of the element on the page that the problem leads to.
    pub fn place(&self) -> Option<String> {
        let field = self.field.as_ref()?;
        Some(match self.part {
            None => field.clone(),
            Some(part) => format!("{field}-{}", part.name()),
        })
    }
}

/// A box of a question that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Part {
    /// Second box of a date; the first one stands for the whole question.
    Month,
    /// Third box of a date.
    Year,
    /// The box that confirms a section or a field that was not asked for; of a section the field is its first.
    Confirm,
}

impl Part {
    /// As in ids of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
            Self::Confirm => "confirm",
        }
    }
}

/// The answer to one question.
#[derive(Clone)]
pub struct Answer {
    /// Name of the field.
    pub name: String,
    /// Kind of the field.
    pub kind: Kind,
    /// The question, as the citizen read it.
    pub label: String,
    /// As typed or chosen, one entry per tick; empty when not answered.
    pub values: Vec<String>,
    /// The form that machines compare, one entry per value; empty for free text.
    pub normalised: Vec<String>,
    /// A remark for the clerk.
    pub note: Option<String>,
    /// Says whether contact is safe: stands first in the letter.
    pub safe_contact: bool,
    /// Names the sender, for the archive.
    pub sender: bool,
    /// Name of the choice that it was asked because of.
    pub belongs_to: Option<String>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.values.zeroize();
        self.normalised.zeroize();
    }
}

/// What is known of a file before its content matters.
#[derive(Clone)]
pub struct FileFact {
    /// Field that it was chosen in.
    pub field: String,
    /// Its name as the browser sent it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// More came than may be sent; the rest was not kept.
    pub too_large: bool,
    /// Needs a password that the post room does not have.
    pub locked: bool,
}

/// How much a letter of this mailbox may carry.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all files together.
    pub files_total: u64,
}
