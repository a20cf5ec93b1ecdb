//! A TOML table taken apart key by key. Unlike serde it does not stop at the first mistake: one run finds them all.

use std::cell::RefCell;
use std::path::PathBuf;

use toml::Value;

use super::{Diagnostic, TomlFile, passes};

/// One table of a file. What is still in it when it is dropped is an unknown key and becomes a diagnostic.
pub struct Table<'a> {
    file: &'a TomlFile,
    found: &'a Found,
    path: String,
    left: toml::Table,
}

/// What comes out while a file is taken apart.
#[derive(Default)]
struct Found {
    diagnostics: RefCell<Vec<Diagnostic>>,
    /// Every key that something asked for, with the table that it was looked for in.
    asked: RefCell<Vec<(String, String)>>,
    /// Keys that nothing asked for. They are told at the end, when it is known whether another table has such a key.
    unknown: RefCell<Vec<(String, String)>>,
}

impl Found {
    /// A key that belongs to another table most often stands below that table's last line, where the next one has begun.
    fn tell_unknown(&self, file: &TomlFile) {
        for (table, name) in self.unknown.take() {
            let key = join(&table, &name);
            let asked = self.asked.borrow();
            let owner = asked
                .iter()
                .find(|(other, asked)| *asked == name && header(other) != header(&table));
            let remedy = match owner {
                Some((owner, _)) => format!(
                    "It belongs to {}: move the line there, before the next line that begins with `[`.",
                    header(owner)
                ),
                None => "Correct the spelling, or remove the line.".to_owned(),
            };
            let what = format!("`{key}` is not a key that Konvolutt knows here.");
            let placed = file.at(&key, Diagnostic::problem(what, remedy));
            self.diagnostics.borrow_mut().push(placed);
        }
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path if name.is_empty() => path.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// How a table begins in the file. The elements of a list have the same beginning.
fn header(path: &str) -> String {
    let steps = path.split('.').collect::<Vec<_>>();
    let is_number = |step: &&str| step.bytes().all(|byte| byte.is_ascii_digit());
    let names: Vec<&str> = steps.iter().copied().filter(|step| !is_number(step)).collect();
    match (path, steps.last().is_some_and(is_number)) {
        ("", _) => "the top of the file".to_owned(),
        (_, true) => format!("[[{}]]", names.join(".")),
        (_, false) => format!("[{}]", names.join(".")),
    }
}

impl<'a> Table<'a> {
    /// What `read` makes of a whole file, and whether nothing in it stops the program. Whatever is wrong is told in the
    /// order of the lines.
    pub fn read_all<T>(
        file: &TomlFile,
        diagnostics: &mut Vec<Diagnostic>,
        read: impl FnOnce(Table<'_>) -> Option<T>,
    ) -> (Option<T>, bool) {
        let found = Found::default();
        let taken = Table::of(file, &found).and_then(read);
        found.tell_unknown(file);
        let mut own = found.diagnostics.into_inner();
        own.sort_by_key(|diagnostic| diagnostic.line);
        let good = passes(&own);
        diagnostics.append(&mut own);
        (taken, good)
    }

    /// The whole of a file as a table to take apart; `None`, with every mistake of syntax told, when it is not TOML.
    fn of(file: &'a TomlFile, found: &'a Found) -> Option<Self> {
        Some(Self {
            file,
            found,
            path: String::new(),
            left: file.values(&found.diagnostics)?,
        })
    }

    /// The dotted path of a key in this table, as operators read it.
    pub fn key(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// Places a diagnostic at a key of this table, or at the table itself when the name is empty.
    pub fn tell(&self, name: &str, diagnostic: Diagnostic) {
        let placed = self.file.at(&self.key(name), diagnostic);
        self.found.diagnostics.borrow_mut().push(placed);
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
        self.found.asked.borrow_mut().push((self.path.clone(), name.to_owned()));
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
            found: self.found,
            path,
            left: table,
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let left = self.left.keys().map(|name| (self.path.clone(), name.clone()));
        self.found.unknown.borrow_mut().extend(left);
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
        let mut diagnostics = Vec::new();
        Table::read_all(&file, &mut diagnostics, |mut table| {
            assert!(table.whole::<usize>("size").is_none() && table.needed("name").is_none());
            for mut item in table.tables("item") {
                item.texts("label");
            }
            Some(())
        });
        let mut lines: Vec<_> = diagnostics.into_iter().map(|diagnostic| diagnostic.line).collect();
        lines.sort();
        // The missing name has no line of its own, and no table above it.
        assert_eq!(lines, [None, Some(1), Some(2), Some(4), Some(6)]);
    }

    /// The line is right, it only stands too low: "remove it" would be the wrong advice.
    #[test]
    fn a_key_of_another_table_is_told_where_it_belongs() {
        let file = TomlFile {
            path: "x.toml".into(),
            text: "[listen]\n[listen.tls]\nnames = 1\nnmaes = 1\ntitle = 'x'\n[[box]]\nkind = 1\n[box.more]\nkind = 1\n[other]\nsize = 1\n".into(),
        };
        let mut diagnostics = Vec::new();
        Table::read_all(&file, &mut diagnostics, |mut root| {
            root.string("title");
            let mut listen = root.table("listen")?;
            drop(listen.table("tls"));
            // Asked for after the table that holds it by mistake is done with.
            listen.string("names");
            for mut one in root.tables("box") {
                one.whole::<u8>("kind");
                drop(one.table("more"));
                one.whole::<u8>("size");
            }
            drop(root.table("other"));
            Some(())
        });
        let told: Vec<_> = diagnostics
            .iter()
            .map(|one| (one.line.unwrap(), one.remedy.as_str()))
            .collect();
        let belongs =
            |to: &str| format!("It belongs to {to}: move the line there, before the next line that begins with `[`.");
        let spelling = "Correct the spelling, or remove the line.".to_owned();
        let wanted = [
            (3, belongs("[listen]")),
            (4, spelling),
            (5, belongs("the top of the file")),
            (9, belongs("[[box]]")),
            (11, belongs("[[box]]")),
        ];
        assert_eq!(told, wanted.each_ref().map(|(line, remedy)| (*line, remedy.as_str())));
    }
}
