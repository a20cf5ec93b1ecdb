//! The languages, each with its name in itself and its rule for counting.

use std::sync::OnceLock;

use super::{Catalog, en, nb, nn};

/// A language that the program can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Norwegian bokmål.
    Nb,
    /// Norwegian nynorsk.
    Nn,
    /// English.
    En,
    /// North Sámi. Of the three Sámi languages the program has no texts of its own: people who speak them write them
    /// into a file, see [`super::load()`].
    Se,
    /// Lule Sámi.
    Smj,
    /// South Sámi.
    Sma,
}

/// Texts out of files. They are as constant as the others: read once, before anything is served.
static LOADED: [OnceLock<Catalog>; 3] = [const { OnceLock::new() }; 3];

impl Lang {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Lang; 6] = [Lang::Nb, Lang::Nn, Lang::En, Lang::Se, Lang::Smj, Lang::Sma];

    /// The codes of the languages that there are texts in.
    pub fn spoken() -> Vec<&'static str> {
        let spoken = Self::ALL.into_iter().filter(|lang| lang.texts().is_some());
        spoken.map(Self::code).collect()
    }

    /// BCP 47 code, as in addresses and in `lang`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Nb => "nb",
            Lang::Nn => "nn",
            Lang::En => "en",
            Lang::Se => "se",
            Lang::Smj => "smj",
            Lang::Sma => "sma",
        }
    }

    /// The language of a code, when there are texts in it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::named(code).filter(|lang| lang.texts().is_some())
    }

    /// The language of a code, with texts or without.
    pub(super) fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The language's name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Lang::Nb => "Bokmål",
            Lang::Nn => "Nynorsk",
            Lang::En => "English",
            Lang::Se => "Davvisámegiella",
            Lang::Smj => "Julevsámegiella",
            Lang::Sma => "Åarjelsaemien gïele",
        }
    }

    /// Its texts. A language without any is never given out by [`Lang::from_code`].
    pub fn catalog(self) -> &'static Catalog {
        self.texts().unwrap_or(&nb::CATALOG)
    }

    /// Whether it has a form of its own for two, between one and many (CLDR: the Sámi languages do).
    pub(super) fn has_dual(self) -> bool {
        self.place().is_some()
    }

    fn texts(self) -> Option<&'static Catalog> {
        match self {
            Lang::Nb => Some(&nb::CATALOG),
            Lang::Nn => Some(&nn::CATALOG),
            Lang::En => Some(&en::CATALOG),
            _ => LOADED[self.place()?].get(),
        }
    }

    /// Among the loaded ones.
    fn place(self) -> Option<usize> {
        [Lang::Se, Lang::Smj, Lang::Sma].iter().position(|lang| *lang == self)
    }
}

/// Gives a language its texts, for as long as the process lives. The first ones stay.
pub fn speak(catalog: Catalog) {
    if let Some(place) = catalog.lang.place() {
        let _ = LOADED[place].set(catalog);
    }
}
