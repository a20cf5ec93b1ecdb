//! A TOML file read so that every mistake in it has a line.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{Diagnostic, Table};

/// A TOML file and its text; turns dotted paths (`section.0.title`) into line numbers.
pub struct TomlFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl TomlFile {
    /// Reads the file.
    ///
    /// # Errors
    /// A diagnostic that names the file, when it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Diagnostic::problem(
                format!("The file cannot be read: {error}."),
                "Check the path and that this user may read it.",
            )
            .in_file(path)
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Reads the whole file as a `T`. An unknown key is a diagnostic of its own and does not hide what else is
    /// wrong; `None` means that nothing could be made of the file.
    pub fn parse<T: DeserializeOwned>(&self, diagnostics: &mut Vec<Diagnostic>) -> Option<T> {
        let table = match DeTable::parse(&self.text) {
            Ok(table) => table,
            Err(error) => {
                diagnostics.push(self.syntax(&error));
                return None;
            }
        };
        let mut unknown = Vec::new();
        let parsed = serde_ignored::deserialize(Deserializer::from(table), |path| {
            unknown.push(path.to_string().replace(".?", ""));
        });
        let mut strange: Vec<_> = unknown.iter().map(|key| self.unknown(key)).collect();
        strange.sort_by_key(|diagnostic| diagnostic.line);
        diagnostics.append(&mut strange);
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                diagnostics.push(self.syntax(&error));
                None
            }
        }
    }

    /// The whole file as a table to take apart; `None`, with every mistake of syntax told, when it is not TOML.
    pub fn table<'a>(&'a self, diagnostics: &'a RefCell<Vec<Diagnostic>>) -> Option<Table<'a>> {
        let (_, errors) = DeTable::parse_recoverable(&self.text);
        diagnostics
            .borrow_mut()
            .extend(errors.iter().map(|error| self.syntax(error)));
        let table = self.text.parse().ok()?;
        Some(Table::whole(self, table, diagnostics))
    }

    /// A diagnostic placed at the line of a dotted path, or of the nearest table above it that exists.
    pub fn at(&self, key: &str, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = diagnostic.in_file(&self.path).about(key);
        match self.line_of(key) {
            Some(line) => diagnostic.at_line(line),
            None => diagnostic,
        }
    }

    fn unknown(&self, key: &str) -> Diagnostic {
        let name = key.rsplit('.').next().unwrap_or(key);
        let what = format!("`{name}` is not a key that Konvolutt knows (`{key}`).");
        self.at(
            key,
            Diagnostic::problem(what, "Correct the spelling, or remove the line."),
        )
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
                    let name = table.keys().find(|name| name.get_ref() == step)?.clone();
                    found = Some(name.span().start);
                    table.remove(&name)
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

    #[derive(serde::Deserialize)]
    #[allow(dead_code)] // only the shape matters here
    struct Sample {
        name: String,
        item: Vec<Item>,
    }

    #[derive(serde::Deserialize)]
    #[allow(dead_code)] // only the shape matters here
    struct Item {
        size: u32,
    }

    fn sample(text: &str) -> TomlFile {
        TomlFile {
            path: "x.toml".into(),
            text: text.into(),
        }
    }

    #[test]
    fn every_unknown_key_has_its_line() {
        let file = sample("name = 'a'\nnmae = 1\n[[item]]\nsize = 1\n[[item]]\nsize = 2\nsise = 3\n");
        let mut diagnostics = Vec::new();
        assert!(file.parse::<Sample>(&mut diagnostics).is_some());
        let lines: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.line).collect();
        assert_eq!(lines, [Some(2), Some(7)], "{diagnostics:?}");
    }

    #[test]
    fn a_wrong_type_names_its_line() {
        let mut diagnostics = Vec::new();
        let file = sample("name = 'a'\n[[item]]\nsize = 'big'\n");
        assert!(file.parse::<Sample>(&mut diagnostics).is_none());
        assert_eq!(diagnostics[0].line, Some(3));
    }
}
