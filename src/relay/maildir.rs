//! Delivery into a Maildir on this host: for the demo, and for post rooms whose mailbox lies here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::spool::Letter;

/// A Maildir (`tmp`, `new`, `cur`).
#[derive(Debug, Clone)]
pub struct Maildir {
    /// Its directory; made when it is missing.
    pub directory: PathBuf,
}

impl Maildir {
    /// Stores a letter as durably as the spool: write, fsync, rename, fsync of the directory. A repeat bears
    /// the same name and replaces the same bytes.
    ///
    /// # Errors
    /// What the disk says; the letter stays in the spool.
    pub fn store(&self, letter: &Letter) -> io::Result<()> {
        for room in ["tmp", "new", "cur"] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(self.directory.join(room))?;
        }
        // The same letter has the same name, another one another: by its own bytes, not by the reference alone.
        let digest = Sha256::digest(&letter.mail);
        let short: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!(
            "{}.{}-{short}.konvolutt",
            letter.envelope.accepted, letter.envelope.reference
        );
        let unfinished = self.directory.join("tmp").join(&name);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        // In a Maildir lines end with a line feed alone, as local mail programs expect.
        for line in letter.mail.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\r\n") {
                Some(text) => {
                    file.write_all(text)?;
                    file.write_all(b"\n")?;
                }
                None => file.write_all(line)?,
            }
        }
        file.sync_all()?;
        fs::rename(&unfinished, self.directory.join("new").join(&name))?;
        File::open(self.directory.join("new"))?.sync_all()
    }
}
