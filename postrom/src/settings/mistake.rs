//! What can be wrong with a `postrom.toml`. Values: their sentences are in [`i18n::settings`](crate::i18n::settings).

use std::path::{Path, PathBuf};

use super::BadServer;
use crate::trouble::Cause;

/// A mistake, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub mistake: Mistake,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// The file cannot be read.
    Unreadable(Cause),
    /// It is not text in UTF-8.
    NotUtf8,
    /// The line is not TOML, in the words of its reader.
    Syntax(String),
    /// A path of Windows stands in double quotes, where `\` begins an escape.
    Backslash,
    /// A name that nothing here has.
    UnknownName {
        /// As it stands in the file.
        name: String,
        /// What may have been meant.
        meant: Option<&'static str>,
    },
    /// A value of another kind than the name takes.
    WrongKind {
        /// The name.
        name: &'static str,
        /// What it takes.
        kind: Kind,
    },
    /// The value is empty.
    Empty {
        /// The name.
        name: &'static str,
    },
    /// The program does not speak this language.
    UnknownLanguage {
        /// What the file says.
        said: String,
    },
    /// A path begins with `~/`, and nobody knows where the user's folder is.
    NoHome {
        /// The name.
        name: &'static str,
    },
    /// The address of a mailbox on a server that cannot be used.
    BadServer(BadServer),
    /// An archive takes no message of this form.
    UnknownForm {
        /// What the file says.
        said: String,
    },
    /// A number outside of its bounds.
    OutOfBounds {
        /// The name.
        name: &'static str,
    },
}

/// What a name takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list of files or folders.
    Paths,
    /// One file or folder.
    Path,
    /// `nb`, `nn` or `en`.
    Language,
    /// A file, or `off`.
    Ledger,
    /// Words.
    Text,
    /// `true` or `false`.
    YesNo,
    /// A whole number of minutes.
    Minutes,
}

impl Mistake {
    pub(super) fn of(self, file: &Path, line: Option<usize>) -> SettingsError {
        SettingsError {
            file: file.to_owned(),
            line,
            mistake: self,
        }
    }
}

/// What the reader of TOML says. The commonest reason has a sentence of its own.
pub(super) fn syntax(file: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let at = error.span().map_or(0, |span| span.start);
    let number = line_at(text, at);
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let mistake = if line.contains('"') && line.contains('\\') {
        Mistake::Backslash
    } else {
        Mistake::Syntax(error.message().trim_end_matches('.').to_owned())
    };
    mistake.of(file, Some(number))
}

/// The line of a byte, counted from 1.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
