//! The clerk's languages. As in the form's own catalogs, a text that is missing in one of them does not compile. Each
//! topic has a file of its own with its texts in all three.
//!
//! Places in braces are filled by [`fill`]. Sentences end with a full stop.

pub mod ack;
pub mod cli;
#[cfg(feature = "desk")]
pub mod desk;
pub mod help;
pub mod inputs;
pub mod keygen;
pub mod keys;
pub mod letters;
pub mod locale;
pub mod mailbox;
pub mod open;
pub mod settings;
pub mod show;
pub mod usage;
pub mod wkd;

use konvolutt_letter::fill;

/// A language that the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Norwegian bokmål.
    Nb,
    /// Norwegian nynorsk.
    Nn,
    /// English.
    En,
}

/// One value for each language.
#[derive(Debug, Clone, Copy)]
pub struct Each<T: 'static> {
    /// Norwegian bokmål.
    pub nb: T,
    /// Norwegian nynorsk.
    pub nn: T,
    /// English.
    pub en: T,
}

impl<T> Each<T> {
    /// The one of a language.
    pub const fn of(&self, lang: Lang) -> &T {
        match lang {
            Lang::Nb => &self.nb,
            Lang::Nn => &self.nn,
            Lang::En => &self.en,
        }
    }
}

/// A text with a count, `{n}`, in it.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// For 1.
    pub one: &'static str,
    /// For all the rest.
    pub other: &'static str,
}

impl Count {
    /// The text for a count, with `{n}` filled.
    pub fn of(&self, n: u64) -> String {
        let text = if n == 1 { self.one } else { self.other };
        fill(text, &[("n", &n.to_string())])
    }
}
