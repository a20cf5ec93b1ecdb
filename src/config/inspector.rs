//! Collects what is wrong while the sections of a configuration are looked at.

use std::path::{Path, PathBuf};

use super::overrides::Role;
use crate::diagnostic::{Diagnostic, TomlFile};

pub(super) struct Inspector<'a> {
    pub(super) file: TomlFile,
    pub(super) base: PathBuf,
    pub(super) role: Role,
    /// False once something is wrong that no form could work with.
    pub(super) shape_is_good: bool,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Inspector<'_> {
    /// A path of the file: from the file's own directory, or from where systemd puts credentials.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        if let Ok(name) = path.strip_prefix("$CREDENTIALS_DIRECTORY") {
            let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default();
            return PathBuf::from(credentials).join(name);
        }
        self.base.join(path)
    }

    pub(super) fn tell(&mut self, key: &str, diagnostic: Diagnostic) {
        let diagnostic = self.file.at(key, diagnostic);
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn problem(&mut self, key: &str, what: String, remedy: &str) {
        self.tell(key, Diagnostic::problem(what, remedy));
    }

    /// A problem that nothing can work with.
    pub(super) fn broken(&mut self, key: &str, what: String, remedy: &str) {
        self.shape_is_good = false;
        self.problem(key, what, remedy);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use super::*;

    /// What one question to the inspector of a file comes to, and what it told.
    pub(in super::super) fn ask<T>(text: &str, question: impl FnOnce(&mut Inspector<'_>) -> T) -> (T, Vec<Diagnostic>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("konvolutt.toml");
        fs::write(&path, text).unwrap();
        let mut diagnostics = Vec::new();
        let mut inspector = Inspector {
            file: TomlFile::read(&path, &mut diagnostics).unwrap(),
            base: dir.path().to_owned(),
            role: Role::All,
            shape_is_good: true,
            diagnostics: &mut diagnostics,
        };
        let answer = question(&mut inspector);
        (answer, diagnostics)
    }
}
