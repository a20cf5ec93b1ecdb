//! What a command beside the service needs of a configuration: where the letters are, and how the operator is told. It is
//! found also where the rest has mistakes: at three in the morning the queue is looked at whatever is wrong elsewhere.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::AlarmSettings;
use super::alarm::AlarmSection;
use super::database::{DatabaseSection, store_section};
use super::inspector::Inspector;
use super::logins::Side;
use super::look::Name;
use super::overrides::{Overrides, Role};
use super::written::SpoolSection;
use crate::diagnostic::{Diagnostic, Table, TomlFile};
use crate::store::{files, postgres};

/// These things, as the service has them.
#[derive(Clone)]
pub struct Essentials {
    /// Where letters wait.
    pub spool: files::Settings,
    /// Where they wait instead, if several nodes share them.
    pub database: Option<postgres::Settings>,
    /// How the operator is notified of alarms.
    pub alarm: AlarmSettings,
}

struct Sections {
    service: String,
    spool: SpoolSection,
    database: Option<DatabaseSection>,
    alarm: AlarmSection,
}

/// Reads them, and no key, certificate or form.
///
/// # Errors
/// What is wrong with the file, or with the spool, when there is no spool to work with.
pub fn essentials(path: &Path, overrides: &Overrides) -> Result<Essentials, Vec<Diagnostic>> {
    read(path, |inspector, raw| inspector.spool(raw, overrides))
}

/// As [`essentials`], also of a spool that cannot be used: its disk is not asked, and so may hang.
///
/// # Errors
/// What is wrong with the file, when it names no spool.
pub fn essentials_unasked(path: &Path, overrides: &Overrides) -> Result<Essentials, Vec<Diagnostic>> {
    read(path, |inspector, raw| inspector.spool_unasked(raw, overrides))
}

fn read(
    path: &Path,
    spool: impl FnOnce(&mut Inspector<'_>, &SpoolSection) -> files::Settings,
) -> Result<Essentials, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let Some((file, sections)) = sections(path, &mut diagnostics) else {
        // What was not read here is no unknown key.
        diagnostics.retain(|found| {
            found
                .key
                .as_ref()
                .is_none_or(|key| key.starts_with("spool") || key.starts_with("store"))
        });
        return Err(diagnostics);
    };
    let mut told = Vec::new();
    let mut inspector = Inspector {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        file,
        role: Role::Relay,
        handed_over: RefCell::default(),
        other_texts: false,
        shape_is_good: true,
        diagnostics: &mut told,
    };
    let spool = spool(&mut inspector, &sections.spool);
    let database = sections.database;
    let database = database.and_then(|raw| inspector.database(raw, &spool, &[Side::Operator]));
    if !inspector.shape_is_good {
        return Err(told);
    }
    let alarm = inspector.alarm(sections.alarm, &sections.service, &spool);
    Ok(Essentials { spool, database, alarm })
}

/// Where the letters are, when the file says so at all.
pub fn spool_directory(path: &Path, overrides: &Overrides) -> Option<PathBuf> {
    let base = path.parent().unwrap_or(Path::new(""));
    let written = || Some(base.join(sections(path, &mut Vec::new())?.1.spool.directory));
    overrides.spool.clone().or_else(written)
}

fn sections(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<(TomlFile, Sections)> {
    let file = TomlFile::read(path, diagnostics)?.without_mistakes();
    let (sections, _) = Table::read_all(&file, diagnostics, |mut root| {
        let name = root.table("authority").and_then(|mut table| Name::read(&mut table));
        let spool = root.needed_table("spool").and_then(SpoolSection::read);
        let database = store_section(&mut root);
        let alarm = root.table("alarm").map(AlarmSection::read).unwrap_or_default();
        Some(Sections {
            service: name.map_or_else(String::new, |name| name.any()),
            spool: spool?,
            database: database?,
            alarm,
        })
    });
    Some((file, sections?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[authority]
name = "Etaten"
[spool]
directory = "spool"
[alarm]
command = ["/bin/true"]
"#;

    fn of(text: &str) -> Option<(PathBuf, Vec<String>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("konvolutt.toml");
        std::fs::write(&path, text).unwrap();
        let found = essentials(&path, &Overrides::default()).ok()?;
        let spool = found.spool.directory.strip_prefix(dir.path()).unwrap().to_owned();
        Some((
            spool,
            found
                .alarm
                .contact
                .command
                .map(|command| command.argv)
                .unwrap_or_default(),
        ))
    }

    #[test]
    fn they_are_found_whatever_is_wrong_elsewhere() {
        let whole = Some((PathBuf::from("spool"), vec!["/bin/true".to_owned()]));
        assert_eq!(of(FILE), whole);
        for wrong in [
            "[forms\nfiles = []\n",
            "[forms]\nfiles = \n",
            "[mail]\nsubject = \"Melding\nfrom_name = \"x\"\n",
            "[signing]\nkey = 1\nkey = 2\n",
            "[signing]\nfingerprint = \"not one\"\n",
        ] {
            assert_eq!(of(&format!("{wrong}{FILE}")), whole, "{wrong}");
            assert_eq!(of(&format!("{FILE}{wrong}")), whole, "{wrong}");
        }
    }

    #[test]
    fn without_a_spool_there_is_nothing_to_work_with() {
        assert_eq!(of(&FILE.replace("directory", "place")), None);
    }
}
