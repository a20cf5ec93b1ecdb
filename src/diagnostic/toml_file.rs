//! A TOML file read so that every mistake in it has a line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Diagnostic;
use super::encoding::text_of;
use crate::explain::{self, sentence};

/// Of a file with more mistakes than this nothing is read.
const MISTAKES: usize = 20;

/// A TOML file and its text; turns dotted paths (`section.0.title`) into line numbers.
pub struct TomlFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl TomlFile {
    /// Reads the file; `None`, with the reason told, when it cannot be read.
    pub fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let read = std::fs::read(path).map_err(|error| {
            let wrong = explain::cannot_read(path, &error);
            Diagnostic::problem(sentence(&wrong.what), sentence(&wrong.remedy))
        });
        let text = read
            .and_then(text_of)
            .map_err(|wrong| diagnostics.push(wrong.in_file(path)));
        Some(Self {
            path: path.to_owned(),
            text: text.ok()?,
        })
    }

    /// A file whose text was read before.
    pub fn of(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// The same file without the lines in which mistakes of syntax are, for what must be read all the same.
    pub fn without_mistakes(mut self) -> Self {
        // One mistake can hide the next.
        for _ in 0..MISTAKES {
            let (_, errors) = DeTable::parse_recoverable(&self.text);
            let spans = errors.iter().filter_map(toml::de::Error::span);
            let wrong: BTreeSet<usize> = spans.map(|span| self.line_at(span.start)).collect();
            if wrong.is_empty() {
                break;
            }
            let lines = self.text.lines().enumerate();
            let kept = lines.map(|(at, line)| if wrong.contains(&(at + 1)) { "" } else { line });
            self.text = kept.collect::<Vec<_>>().join("\n");
        }
        self
    }

    /// Its table without places; `None`, with every mistake of syntax told, when it is not TOML.
    pub(super) fn values(&self, diagnostics: &RefCell<Vec<Diagnostic>>) -> Option<toml::Table> {
        let (_, errors) = DeTable::parse_recoverable(&self.text);
        diagnostics
            .borrow_mut()
            .extend(errors.iter().map(|error| self.syntax(error)));
        self.text.parse().ok()
    }

    /// A diagnostic placed at the line of a dotted path, or of the nearest table above it that exists.
    pub fn at(&self, key: &str, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = diagnostic.in_file(&self.path).about(key);
        match self.line_of(key) {
            Some(line) => diagnostic.at_line(line),
            None => diagnostic,
        }
    }

    fn syntax(&self, error: &toml::de::Error) -> Diagnostic {
        let diagnostic = Diagnostic::problem(
            format!("{}.", error.message().trim_end_matches('.')),
            "Correct this line; `config/` has working examples.",
        )
        .in_file(&self.path);
        match error.span() {
            Some(span) => diagnostic.at_line(self.line_at(span.start)),
            None => diagnostic,
        }
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut found = None;
        let mut here = DeValue::Table(table.into_inner());
        for step in key.split('.') {
            let next = match here {
                DeValue::Table(mut table) => {
                    let name = table.keys().find(|name| name.get_ref() == step).cloned();
                    found = name.as_ref().map(|name| name.span().start).or(found);
                    name.and_then(|name| table.remove(&name))
                }
                DeValue::Array(list) => {
                    let index: usize = step.parse().ok()?;
                    list.into_iter().nth(index)
                }
                _ => None,
            };
            match next {
                Some(value) => {
                    // An element of an array of tables has a place of its own, its key does not.
                    if step.parse::<usize>().is_ok() {
                        found = Some(value.span().start);
                    }
                    here = value.into_inner();
                }
                None => break,
            }
        }
        found.map(|offset| self.line_at(offset))
    }

    fn line_at(&self, offset: usize) -> usize {
        let upto = &self.text.as_bytes()[..offset.min(self.text.len())];
        upto.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_line_and_what_is_missing_that_of_its_table() {
        let file = TomlFile {
            path: "x.toml".into(),
            text: "name = 'a'\n[[item]]\nsize = 1\n\n[[item]]\nsize = { nb = 2 }\n".into(),
        };
        let line = |key| file.at(key, Diagnostic::good("x")).line;
        assert_eq!(line("name"), Some(1));
        assert_eq!(line("item.0.size"), Some(3));
        assert_eq!(line("item.1.size.nb"), Some(6));
        assert_eq!(line("item.1.label"), Some(5));
        assert_eq!(line("nowhere"), None);
    }

    #[test]
    fn every_mistake_of_syntax_is_told() {
        let file = TomlFile {
            path: "x.toml".into(),
            text: "a = \nb = 1\nc = [1,\n".into(),
        };
        let diagnostics = RefCell::default();
        assert!(file.values(&diagnostics).is_none());
        assert!(diagnostics.borrow().len() >= 2, "{diagnostics:?}");
    }
}
