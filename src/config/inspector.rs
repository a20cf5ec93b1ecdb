//! Collects what is wrong while the sections of a configuration are looked at.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::overrides::Role;
use crate::diagnostic::{Diagnostic, TomlFile};

pub(super) struct Inspector<'a> {
    pub(super) file: TomlFile,
    pub(super) base: PathBuf,
    pub(super) role: Role,
    /// Files that systemd hands over, by `$CREDENTIALS_DIRECTORY`.
    pub(super) handed_over: RefCell<Vec<PathBuf>>,
    /// A language has other texts than those that this process speaks already.
    pub(super) other_texts: bool,
    /// False once something is wrong that no form could work with.
    pub(super) shape_is_good: bool,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Inspector<'_> {
    /// A path of the file: from the file's own directory, or from where systemd puts credentials.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        let Ok(name) = path.strip_prefix("$CREDENTIALS_DIRECTORY") else {
            return self.base.join(path);
        };
        let file = credentials(std::env::var_os("CREDENTIALS_DIRECTORY"), &self.base).join(name);
        self.handed_over.borrow_mut().push(file.clone());
        file
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

/// Where systemd put what it loaded for this unit. In a shell it loaded nothing: then the files are those that the units load,
/// in the folder `secret` beside the configuration.
fn credentials(loaded: Option<OsString>, base: &Path) -> PathBuf {
    match loaded.filter(|loaded| !loaded.is_empty()) {
        Some(loaded) => loaded.into(),
        None => base.join("secret"),
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
            handed_over: RefCell::default(),
            other_texts: false,
            shape_is_good: true,
            diagnostics: &mut diagnostics,
        };
        let answer = question(&mut inspector);
        (answer, diagnostics)
    }

    #[test]
    fn what_systemd_loads_is_found_in_a_shell_too() {
        let base = Path::new("/etc/konvolutt");
        let found = |loaded: Option<&str>| credentials(loaded.map(Into::into), base).join("relay.key.asc");
        let loaded = found(Some("/run/credentials/konvolutt-web.service"));
        assert_eq!(
            loaded,
            Path::new("/run/credentials/konvolutt-web.service/relay.key.asc")
        );
        for none in [None, Some("")] {
            assert_eq!(found(none), Path::new("/etc/konvolutt/secret/relay.key.asc"));
        }
    }
}
