//! The languages that are spoken: those that are built in, and those out of files.

use std::fmt;
use std::sync::OnceLock;

use super::{BUILT_IN, Catalog, Entry, Language};

/// A language with texts. Only [`Lang::from_code`] and the constants of the built-in languages give one out.
#[derive(Clone, Copy)]
pub struct Lang(pub(super) &'static Language);

impl Lang {
    /// The languages whose texts are constants of the program.
    pub fn built_in() -> impl Iterator<Item = Lang> {
        BUILT_IN.iter().map(|catalog| catalog.lang)
    }

    /// Every language that there are texts in, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Lang> {
        Self::built_in().chain(LOADED.each().map(|texts| texts.catalog.lang))
    }

    /// Their codes.
    pub fn spoken() -> Vec<&'static str> {
        Self::all().map(Self::code).collect()
    }

    /// BCP 47 code, as in addresses and in `lang`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// The language of a code, when there are texts in it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|lang| lang.code() == code)
    }

    /// The language's name in itself.
    pub fn own_name(self) -> &'static str {
        self.0.own_name
    }

    /// Its name for somebody who reads another language, and may not know this one by its own name: «arabisk (العربية)». The
    /// built-in languages are known to everybody in the house.
    pub fn name_for(self, reader: Lang) -> String {
        let called = self.0.called.iter().find(|(code, _)| *code == reader.code());
        match called {
            _ if self == reader => self.own_name().to_owned(),
            Some((_, name)) => format!("{name} ({})", self.own_name()),
            None if Self::built_in().any(|own| own == self) => self.own_name().to_owned(),
            None => format!("{} ({})", self.own_name(), self.code()),
        }
    }

    /// What is to be known of it besides its texts.
    pub fn language(self) -> &'static Language {
        self.0
    }

    /// Its texts.
    pub fn catalog(self) -> &'static Catalog {
        let built_in = BUILT_IN.iter().copied();
        let mut all = built_in.chain(LOADED.each().map(|texts| &texts.catalog));
        // A language is given out once its texts are there, so the search ends well.
        all.find(|catalog| catalog.lang == self).unwrap_or(BUILT_IN[0])
    }
}

impl PartialEq for Lang {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Lang {}

impl fmt::Debug for Lang {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// Texts out of a file.
#[derive(Debug)]
pub struct FileTexts {
    pub(super) catalog: Catalog,
    /// What the file lacks, and what therefore stands in bokmål.
    pub(super) missing: Vec<&'static str>,
}

impl FileTexts {
    /// The language that they are in.
    pub fn code(&self) -> &'static str {
        self.catalog.lang.code()
    }
}

/// Texts out of files. They are as constant as the others: a language's texts are those that were read first, before anything
/// is served or when a configuration that is read again brings the language.
static LOADED: Texts = Texts(OnceLock::new());

/// A list that only grows, so that it is read without a lock.
struct Texts(OnceLock<(FileTexts, Box<Texts>)>);

impl Texts {
    fn each(&'static self) -> impl Iterator<Item = &'static FileTexts> {
        let first = self.0.get();
        std::iter::successors(first, |(_, next)| next.0.get()).map(|(texts, _)| texts)
    }

    fn push(&'static self, texts: FileTexts) {
        let mut place = self;
        let mut new = (texts, Box::new(Texts(OnceLock::new())));
        // Another thread may have taken the place in between.
        while let Err(back) = place.0.set(new) {
            new = back;
            match place.0.get() {
                Some((_, next)) => place = next,
                None => return,
            }
        }
    }
}

/// Gives a language its texts, for as long as the process lives. The first ones stay: false when these are others.
pub fn speak(texts: FileTexts) -> bool {
    let Some(spoken) = Lang::from_code(texts.code()) else {
        LOADED.push(texts);
        return true;
    };
    let (new, own) = (&texts.catalog, spoken.catalog());
    new.lang.language() == own.lang.language() && entries(new) == entries(own)
}

fn entries(catalog: &Catalog) -> Vec<Entry> {
    let mut all = Vec::new();
    catalog.each(|_, _, entry| all.push(entry));
    all
}

/// Each language whose file lacks texts, with their names: what a new version of the program brought and nobody has
/// translated yet.
pub fn lacking() -> impl Iterator<Item = (Lang, &'static [&'static str])> {
    LOADED
        .each()
        .filter(|texts| !texts.missing.is_empty())
        .map(|texts| (texts.catalog.lang, texts.missing.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::super::nb;
    use super::*;

    static CALLED: Language = Language {
        code: "ar",
        own_name: "العربية",
        called: &[("nn", "arabisk"), ("en", "Arabic")],
        ..nb::LANGUAGE
    };
    static NOT_CALLED: Language = Language {
        code: "pl",
        own_name: "Polski",
        ..nb::LANGUAGE
    };

    /// A clerk who cannot read the name that a language has for itself knows all the same which one to answer in.
    #[test]
    fn a_language_is_named_for_its_reader() {
        for (lang, reader, name) in [
            (Lang(&CALLED), Lang::NN, "arabisk (العربية)"),
            (Lang(&CALLED), Lang::EN, "Arabic (العربية)"),
            (Lang(&CALLED), Lang::NB, "العربية (ar)"),
            (Lang(&CALLED), Lang(&CALLED), "العربية"),
            (Lang(&NOT_CALLED), Lang::NN, "Polski (pl)"),
            (Lang::EN, Lang::NN, "English"),
            (Lang::NN, Lang::NN, "Nynorsk"),
        ] {
            assert_eq!(lang.name_for(reader), name);
        }
    }
}
