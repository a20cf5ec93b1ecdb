//! What a configuration says of certificates, without the rest.

use std::cell::RefCell;
use std::path::Path;

use super::Certificates;
use super::inspector::Inspector;
use super::overrides::Role;
use super::written::Written;
use crate::diagnostic::{Diagnostic, Table, TomlFile};

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
        other_texts: false,
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
