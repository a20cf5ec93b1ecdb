//! What is wrong with a configuration: said once, with file, line and what to do about it.
//!
//! Modules that read files return *all* their diagnostics together, so that an operator corrects a file in one
//! round and not in ten. A diagnostic never stops the search for the next one.

mod encoding;
mod table;
mod toml_file;

pub use table::Table;
pub use toml_file::TomlFile;

use std::fmt;
use std::path::{Path, PathBuf};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Looked at and found in order.
    Good,
    /// Works today, and will hurt one day.
    Warning,
    /// Does not work.
    Problem,
}

/// One diagnostic: what is so, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The file it was found in, when there is one.
    pub file: Option<PathBuf>,
    /// Line in that file, counted from 1.
    pub line: Option<usize>,
    /// Dotted path of the key, `section.0.title`.
    pub key: Option<String>,
    /// What was found, a full sentence.
    pub what: String,
    /// What to do, a full sentence; empty when nothing is to be done.
    pub remedy: String,
}

impl Diagnostic {
    /// Something that does not work.
    pub fn problem(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Problem, what.into(), remedy.into())
    }

    /// Something that will hurt one day.
    pub fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Warning, what.into(), remedy.into())
    }

    /// Something that was looked at and is in order.
    pub fn good(what: impl Into<String>) -> Self {
        Self::new(Severity::Good, what.into(), String::new())
    }

    fn new(severity: Severity, what: String, remedy: String) -> Self {
        Self {
            severity,
            file: None,
            line: None,
            key: None,
            what,
            remedy,
        }
    }

    /// The same diagnostic, placed in a file.
    pub fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// The same diagnostic, placed at a line.
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same diagnostic, about a key.
    pub fn about(mut self, key: &str) -> Self {
        self.key = (!key.is_empty()).then(|| key.to_owned());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.severity {
            Severity::Good => "✓",
            Severity::Warning => "!",
            Severity::Problem => "✗",
        };
        write!(out, "{mark} ")?;
        if let Some(file) = &self.file {
            write!(out, "{}", file.display())?;
            if let Some(line) = self.line {
                write!(out, ":{line}")?;
            }
            write!(out, ": ")?;
        }
        write!(out, "{}", self.what)?;
        // Where the sentence does not name its key by itself.
        if let Some(key) = self.key.as_ref().filter(|key| !self.what.contains(key.as_str())) {
            write!(out, " ({key})")?;
        }
        if !self.remedy.is_empty() {
            write!(out, "\n  → {}", self.remedy)?;
        }
        Ok(())
    }
}

/// True when nothing in the list stops the program.
pub fn passes(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .all(|diagnostic| diagnostic.severity != Severity::Problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_says_where_what_and_what_to_do() {
        let placed = Diagnostic::problem("It is wrong.", "Mend it.").in_file(Path::new("a.toml"));
        let placed = placed.at_line(3).about("mail.from");
        assert_eq!(placed.to_string(), "✗ a.toml:3: It is wrong. (mail.from)\n  → Mend it.");
        // A sentence that names its key does not name it twice.
        let named = Diagnostic::warning("`mail.from` is old.", "").about("mail.from");
        assert_eq!(named.to_string(), "! `mail.from` is old.");
        assert_eq!(Diagnostic::good("in order").about("").to_string(), "✓ in order");
    }

    #[test]
    fn only_a_problem_stops_the_program() {
        let (good, warning) = (Diagnostic::good("a"), Diagnostic::warning("b", "c"));
        assert!(passes(&[]) && passes(&[good.clone(), warning.clone()]));
        assert!(!passes(&[good, warning, Diagnostic::problem("d", "e")]));
    }
}
