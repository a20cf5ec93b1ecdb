//! Tells the server that a letter was opened: reference and time, nothing else. Never of one that is forged, or that was
//! not held against the form's key: whoever makes letters disappear could confirm others in their place.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use konvolutt_letter::{Acknowledgement, Reference};

use crate::judged::Verdict;
use crate::status::Status;

/// What can be said of a letter.
pub fn acknowledgement(status: &Status) -> Option<Acknowledgement> {
    let genuine = status.verdict == Verdict::Genuine;
    let reference = Reference::parse(status.reference.as_deref()?).filter(|_| genuine)?;
    let now = jiff::Timestamp::now();
    Some(Acknowledgement::new(reference, status.id.as_deref()?, now))
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
