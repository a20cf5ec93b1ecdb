//! Tells the server that a letter was opened: reference and time, nothing else. Never of one that is forged, or that was
//! not held against the form's key: whoever makes letters disappear could confirm others in their place.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use konvolutt_letter::{Acknowledgement, Reference, private_file};

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

/// The server is another user. It learns a reference and a time, which it knows anyway.
const FOR_THE_SERVER: u32 = 0o644;

/// Writes a drop file: whole, or not at all, since the server may look at any moment.
///
/// # Errors
/// What the disk says.
pub fn drop_file(acknowledgement: &Acknowledgement, directory: &Path) -> io::Result<()> {
    let name = acknowledgement.reference.to_string();
    // Two clerks may open one letter at once.
    let fresh = directory.join(format!(".{name}.{}.fresh", std::process::id()));
    let written =
        fresh_file(&fresh, acknowledgement).and_then(|()| fs::rename(&fresh, directory.join(format!("{name}.ack"))));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn fresh_file(path: &Path, acknowledgement: &Acknowledgement) -> io::Result<()> {
    match fs::remove_file(path) {
        // What a start that was killed left behind.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut out = private_file::create(path, FOR_THE_SERVER)?;
    writeln!(out, "{acknowledgement}")?;
    out.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Acknowledgement {
        let reference = Reference::from_random(b"0123456789abcdef");
        Acknowledgement::new(reference, "id", jiff::Timestamp::UNIX_EPOCH)
    }

    fn names(directory: &Path) -> Vec<String> {
        let all = fs::read_dir(directory).unwrap();
        all.map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_letter_may_be_told_twice_and_after_a_kill() {
        let dir = tempfile::tempdir().unwrap();
        let acknowledgement = opened();
        let left = dir
            .path()
            .join(format!(".{}.{}.fresh", acknowledgement.reference, std::process::id()));
        fs::write(left, "half a li").unwrap();
        drop_file(&acknowledgement, dir.path()).unwrap();
        drop_file(&acknowledgement, dir.path()).unwrap();
        assert_eq!(names(dir.path()), [format!("{}.ack", acknowledgement.reference)]);
        let told = fs::read_to_string(dir.path().join(format!("{}.ack", acknowledgement.reference))).unwrap();
        assert_eq!(told, format!("{acknowledgement}\n"));
    }

    #[cfg(unix)]
    #[test]
    fn the_servers_user_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let acknowledgement = opened();
        drop_file(&acknowledgement, dir.path()).unwrap();
        let file = dir.path().join(format!("{}.ack", acknowledgement.reference));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    }

    /// In place of the file stands a folder: the name cannot be given.
    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let acknowledgement = opened();
        let name = format!("{}.ack", acknowledgement.reference);
        fs::create_dir(dir.path().join(&name)).unwrap();
        assert!(drop_file(&acknowledgement, dir.path()).is_err());
        assert_eq!(names(dir.path()), [name]);
    }
}
