//! Where newer copies of the certificates are looked for.

use std::path::PathBuf;

use super::inspector::Inspector;
use super::overrides::Role;
use crate::diagnostic::Table;
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
