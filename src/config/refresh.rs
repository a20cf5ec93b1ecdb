//! Where newer copies of the certificates are looked for.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::Certificates;
use super::inspector::Inspector;
use super::overrides::Role;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Table, TomlFile};
use crate::explain::sentence;
use crate::https::Address;
use crate::refresh::Settings;

/// As written; `timeout` is text, such as `10s`.
#[derive(Default)]
pub(super) struct RefreshSection {
    wkd: Option<bool>,
    wkd_address: Option<String>,
    key_server: Option<String>,
    ca_file: Option<PathBuf>,
    timeout: Option<String>,
}

impl RefreshSection {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        Self {
            wkd: Some(table.flag("wkd", true)),
            wkd_address: table.string("wkd_address"),
            key_server: table.string("key_server"),
            ca_file: table.path("ca_file"),
            timeout: table.string("timeout"),
        }
    }
}

/// Reads what the search for newer certificates needs, and nothing else: it runs where neither the spool nor a secret is in reach.
/// Everything that was found is told only when nothing can work with it; `check` tells the rest.
///
/// # Errors
/// All that is wrong.
pub fn certificates(path: &Path) -> Result<Certificates, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let read = read_certificates(path, &mut diagnostics);
    read.ok_or(diagnostics)
}

fn read_certificates(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Certificates> {
    let file = TomlFile::read(path, diagnostics)?;
    let (raw, shape_is_good) = Table::read_all(&file, diagnostics, Written::read);
    let raw = raw?;
    let mut inspector = Inspector {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        file,
        role: Role::All,
        handed_over: RefCell::default(),
        shape_is_good,
        diagnostics,
    };
    inspector.mailbox_names(&raw.mailbox);
    let read = Certificates {
        mailboxes: inspector.mailboxes(&raw.mailbox),
        refresh: inspector.refresh(raw.refresh),
    };
    inspector.shape_is_good.then_some(read)
}

impl Inspector<'_> {
    /// For a command alone: neither half of the service asks anybody.
    pub(super) fn refresh(&mut self, raw: RefreshSection) -> Settings {
        let own = Settings::default();
        if self.role != Role::All {
            return own;
        }
        let ca_file = raw.ca_file.map(|file| self.path(&file));
        if let Some(Err(wrong)) = ca_file.as_deref().map(|file| crate::relay::client_config(Some(file))) {
            let what = format!("The servers of [refresh] could not be checked: {wrong}.");
            self.problem("refresh.ca_file", what, &sentence(&wrong.remedy));
        }
        Settings {
            wkd: raw.wkd.unwrap_or(own.wkd),
            wkd_address: self.server("refresh.wkd_address", raw.wkd_address.as_deref()),
            key_server: self.server("refresh.key_server", raw.key_server.as_deref()),
            timeout: self.duration("refresh.timeout", raw.timeout.as_deref(), own.timeout),
            ca_file,
        }
    }

    fn server(&mut self, key: &str, text: Option<&str>) -> Option<Address> {
        let read = Address::parse(text?).map_err(|why| {
            let what = format!("The address of `{key}` {why}.");
            self.problem(key, what, "Write for example `https://keys.openpgp.org`.");
        });
        read.ok()
    }
}
