//! Tells the server that a letter was opened: reference and time, nothing else. Never of one that is forged, or that was
//! not held against the form's key: whoever makes letters disappear could confirm others in their place.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use konvolutt_letter::{Acknowledgement, Reference};

use crate::judged::Verdict;
use crate::ledger::Entry;
use crate::status::Status;

/// What can be said of a letter.
pub fn acknowledgement(status: &Status) -> Option<Acknowledgement> {
    let now = jiff::Timestamp::now();
    said(status.verdict, status.reference.as_deref(), status.id.as_deref(), now)
}

/// What is still to be said of one that was opened before: the server could not be told then, or nobody had said where.
pub fn overdue(entry: &Entry) -> Option<Acknowledgement> {
    let opened = entry.opened.parse().unwrap_or_else(|_| jiff::Timestamp::now());
    let said = said(entry.verdict, entry.reference.as_deref(), entry.id.as_deref(), opened);
    said.filter(|_| !entry.acknowledged)
}

fn said(
    verdict: Verdict,
    reference: Option<&str>,
    id: Option<&str>,
    opened: jiff::Timestamp,
) -> Option<Acknowledgement> {
    let reference = Reference::parse(reference?).filter(|_| verdict == Verdict::Genuine)?;
    Some(Acknowledgement::new(reference, id?, opened))
}

/// Writes a drop file: whole, or not at all, since the server may look at any moment.
///
/// # Errors
/// What the disk says.
pub fn drop_file(acknowledgement: &Acknowledgement, directory: &Path) -> io::Result<()> {
    let name = acknowledgement.reference.to_string();
    let fresh = directory.join(format!(".{name}.fresh"));
    let file = directory.join(format!("{name}.ack"));
    let mut out = File::create(&fresh)?;
    writeln!(out, "{acknowledgement}")?;
    out.sync_all()?;
    fs::rename(&fresh, &file)
}
