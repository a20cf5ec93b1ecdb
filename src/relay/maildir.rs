//! Delivery into a Maildir on this host: for the demo, and for post rooms whose mailbox lies here.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Needs;
use super::outgoing::Outgoing;
use crate::unix_time::file_times;
use konvolutt_letter::hex;

/// A Maildir (`tmp`, `new`, `cur`).
#[derive(Debug, Clone)]
pub struct Maildir {
    /// Its directory; made when it is missing.
    pub directory: PathBuf,
}

impl Maildir {
    /// Stores a letter as durably as the spool: write, fsync, rename, fsync of the directory. A letter that the mailbox
    /// has already is not stored again, whether a clerk has seen it or not.
    ///
    /// # Errors
    /// What the disk says; the letter stays in the spool.
    pub fn store(&self, letter: &Outgoing) -> io::Result<()> {
        self.make()?;
        let [tmp, new, cur] = ["tmp", "new", "cur"].map(|part| self.directory.join(part));
        let name = name(letter);
        if !new.join(&name).exists() && !has_been_seen(&cur, &name)? {
            let unfinished = tmp.join(&name);
            write(letter, &unfinished, readers(&new)?).inspect_err(|_| {
                // On a full disk half a letter would only be in the way.
                let _ = fs::remove_file(&unfinished);
            })?;
            fs::rename(&unfinished, new.join(&name))?;
        }
        // Also when it was there: the name may not be on the disk yet.
        sync(&new)
    }

    /// What delivery needs of the machine. A mailbox may be for a group to read: so modes too.
    pub(super) fn needs(&self) -> Needs {
        Needs {
            change: Some(self.directory.clone()),
            ..Needs::default()
        }
    }

    pub(super) fn make(&self) -> io::Result<()> {
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        for part in ["tmp", "new", "cur"].map(|part| self.directory.join(part)) {
            if !part.exists() {
                private.create(&part)?;
                sync(&self.directory)?;
                let above = self.directory.parent().unwrap_or(Path::new("/"));
                // Of a bare name in the working directory the parent is empty.
                sync(if above.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    above
                })?;
            }
        }
        Ok(())
    }
}

/// The same letter has the same name, another one another: by its own bytes, not by the reference alone.
fn name(letter: &Outgoing) -> String {
    let short = hex(&letter.letter().digest()[..8]);
    let envelope = &letter.letter().envelope;
    format!("{}.{}-{short}.konvolutt", envelope.accepted, envelope.reference)
}

/// A mail program moves what it has shown to `cur/`, and adds its marks to the name.
fn has_been_seen(cur: &Path, name: &str) -> io::Result<bool> {
    for entry in fs::read_dir(cur)? {
        let there = entry?.file_name();
        if there.to_string_lossy().split(':').next() == Some(name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A post room that is another user reads by its group: whoever may read the directory may read the letter. Never everybody.
fn readers(new: &Path) -> io::Result<u32> {
    Ok(0o600 | (fs::metadata(new)?.permissions().mode() & 0o060))
}

fn write(letter: &Outgoing, path: &Path, mode: u32) -> io::Result<()> {
    // What an earlier attempt left may have other rights.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = BufWriter::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?);
    let mut mail = BufReader::with_capacity(64 * 1024, letter.mail());
    // In a Maildir lines end with a line feed alone, as local mail programs expect. No mail of ours has a lone CR.
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = mail.read(&mut piece)?;
        if read == 0 {
            break;
        }
        let text: Vec<u8> = piece[..read].iter().copied().filter(|byte| *byte != b'\r').collect();
        file.write_all(&text)?;
    }
    let file = file.into_inner()?;
    // A clerk's copy of the mailbox must not say when somebody wrote.
    file.set_times(file_times(SystemTime::now()))?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
