//! A TOML table taken apart key by key. Unlike serde it does not stop at the first mistake: one run finds them all.

use std::cell::RefCell;
use std::path::PathBuf;

use toml::Value;

use super::{Diagnostic, TomlFile, passes};

/// One table of a file. What is still in it when it is dropped is an unknown key and becomes a diagnostic.
pub struct Table<'a> {
    file: &'a TomlFile,
    diagnostics: &'a RefCell<Vec<Diagnostic>>,
    path: String,
    left: toml::Table,
}

impl<'a> Table<'a> {
    /// What `read` makes of a whole file, and whether nothing in it stops the program. Whatever is wrong is told in the
    /// order of the lines.
    pub fn read_all<T>(
        file: &TomlFile,
        diagnostics: &mut Vec<Diagnostic>,
        read: impl FnOnce(Table<'_>) -> Option<T>,
    ) -> (Option<T>, bool) {
        let own = RefCell::default();
        let taken = Table::of(file, &own).and_then(read);
        let mut own = own.into_inner();
        own.sort_by_key(|diagnostic| diagnostic.line);
        let good = passes(&own);
        diagnostics.append(&mut own);
        (taken, good)
    }

    /// The whole of a file as a table to take apart; `None`, with every mistake of syntax told, when it is not TOML.
    fn of(file: &'a TomlFile, diagnostics: &'a RefCell<Vec<Diagnostic>>) -> Option<Self> {
        Some(Self {
            file,
            diagnostics,
            path: String::new(),
            left: file.values(diagnostics)?,
        })
    }

    /// The dotted path of a key in this table, as operators read it.
    pub fn key(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path if name.is_empty() => path.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// Places a diagnostic at a key of this table, or at the table itself when the name is empty.
    pub fn tell(&self, name: &str, diagnostic: Diagnostic) {
        let placed = self.file.at(&self.key(name), diagnostic);
        self.diagnostics.borrow_mut().push(placed);
    }

    /// Something at a key that does not work.
    pub fn problem(&self, name: &str, what: impl Into<String>, remedy: impl Into<String>) {
        self.tell(name, Diagnostic::problem(what, remedy));
    }

    /// Whether the key is there.
    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    fn take<T>(&mut self, name: &str, wanted: &str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let value = self.left.remove(name)?;
        let found = value.type_str();
        let taken = read(value);
        if taken.is_none() {
            let what = format!("`{}` must be {wanted}; here it is of the type {found}.", self.key(name));
            self.problem(name, what, "Correct the value; `config/` has working examples.");
        }
        taken
    }

    /// A text that may be left out.
    pub fn string(&mut self, name: &str) -> Option<String> {
        self.take(name, "a text in quotes", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// A text that must be there.
    pub fn needed(&mut self, name: &str) -> Option<String> {
        self.must_have(name);
        self.string(name)
    }

    /// `true` or `false`, or the default where the file says nothing.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        let read = |value: Value| value.as_bool();
        self.take(name, "`true` or `false`", read).unwrap_or(default)
    }

    /// A whole number that fits: not below 0 for all that is counted here.
    pub fn whole<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        let number = self.take(name, "a whole number", |value| value.as_integer())?;
        let fitting = T::try_from(number).ok();
        self.rule(name, fitting.is_some(), "is too large, or below 0");
        fitting
    }

    /// A path that may be left out.
    pub fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.string(name).map(PathBuf::from)
    }

    /// A path that must be there.
    pub fn needed_path(&mut self, name: &str) -> Option<PathBuf> {
        self.needed(name).map(PathBuf::from)
    }

    /// A list of paths.
    pub fn paths(&mut self, name: &str) -> Option<Vec<PathBuf>> {
        let paths = self.strings(name)?;
        Some(paths.into_iter().map(PathBuf::from).collect())
    }

    /// One text, or a list of them.
    pub fn one_or_more(&mut self, name: &str) -> Option<Vec<String>> {
        if self.is_text(name) {
            return self.string(name).map(|one| vec![one]);
        }
        self.strings(name)
    }

    /// Whether a text stands at the key.
    pub fn is_text(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(Value::is_str)
    }

    /// Whether a table stands at the key.
    pub fn is_table(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(Value::is_table)
    }

    /// A table inside this one that must be there.
    pub fn needed_table(&mut self, name: &str) -> Option<Table<'a>> {
        self.must_have(name);
        self.table(name)
    }

    /// Tells of a value that does not keep its rule, in words that follow the key.
    pub fn rule(&self, name: &str, holds: bool, says: &str) {
        if !holds {
            let what = format!("`{}` {says}.", self.key(name));
            self.problem(name, what, "Correct the value.");
        }
    }

    /// A list of texts.
    pub fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            _ => None,
        };
        self.take(name, "a list of texts in quotes", |value| match value {
            Value::Array(list) => list.into_iter().map(text).collect(),
            _ => None,
        })
    }

    /// Every key and text of a table of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<(String, String)>> {
        self.take(name, "a table of texts, one for each language", |value| match value {
            Value::Table(table) => table
                .into_iter()
                .map(|(key, value)| match value {
                    Value::String(text) => Some((key, text)),
                    _ => None,
                })
                .collect(),
            _ => None,
        })
    }

    /// A table inside this one.
    pub fn table(&mut self, name: &str) -> Option<Table<'a>> {
        let table = self.take(name, "a table", |value| match value {
            Value::Table(table) => Some(table),
            _ => None,
        })?;
        Some(self.inner(self.key(name), table))
    }

    /// The tables of a list; without the key there are none.
    pub fn tables(&mut self, name: &str) -> Vec<Table<'a>> {
        let list = self.take(name, "a list of tables", |value| match value {
            Value::Array(list) => list
                .into_iter()
                .map(|value| match value {
                    Value::Table(table) => Some(table),
                    _ => None,
                })
                .collect(),
            _ => None,
        });
        let list: Vec<toml::Table> = list.unwrap_or_default();
        let path = self.key(name);
        let tables = list.into_iter().enumerate();
        tables
            .map(|(i, table)| self.inner(format!("{path}.{i}"), table))
            .collect()
    }

    /// Tells of a key that must be there and is not.
    pub fn must_have(&self, name: &str) {
        if !self.has(name) {
            let what = format!("`{}` is missing.", self.key(name));
            self.problem(name, what, "Add it; `config/` has working examples.");
        }
    }

    /// Reports every key that nothing asked for in other words than those of a problem.
    pub fn rest(&mut self, words: impl Fn(&str) -> Diagnostic) {
        for (name, _) in std::mem::take(&mut self.left) {
            self.tell(&name, words(&self.key(&name)));
        }
    }

    fn inner(&self, path: String, table: toml::Table) -> Table<'a> {
        Table {
            file: self.file,
            diagnostics: self.diagnostics,
            path,
            left: table,
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        for name in self.left.keys() {
            let what = format!("`{}` is not a key that Konvolutt knows here.", self.key(name));
            self.problem(name, what, "Correct the spelling, or remove the line.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_finds_every_mistake_with_its_line() {
        let file = TomlFile {
            path: "x.toml".into(),
            text: "size = 'big'\nnmae = 1\n[[item]]\nlabel = { nb = 2 }\n[[item]]\nsise = 3\n".into(),
        };
        let diagnostics = RefCell::new(Vec::new());
        let mut table = Table::of(&file, &diagnostics).unwrap();
        assert!(table.whole::<usize>("size").is_none() && table.needed("name").is_none());
        for mut item in table.tables("item") {
            item.texts("label");
        }
        drop(table);
        let mut lines: Vec<_> = diagnostics
            .take()
            .into_iter()
            .map(|diagnostic| diagnostic.line)
            .collect();
        lines.sort();
        // The missing name has no line of its own, and no table above it.
        assert_eq!(lines, [None, Some(1), Some(2), Some(4), Some(6)]);
    }
}
