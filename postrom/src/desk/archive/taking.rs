//! Takes a letter's files as they come, and holds them against what was read before.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use konvolutt_letter::hex;
use sha2::{Digest, Sha256};

use super::parts::Part;
use crate::folder::no_disk;
use crate::folder::rights::Rights;
use crate::folder::shelf::from_outside;
use crate::trouble::Trouble;

/// What comes of a letter's files.
pub enum Piece {
    /// The next file begins.
    File,
    /// Bytes of it.
    Bytes(Vec<u8>),
    /// What came is void: the first file comes once more.
    Again,
}

/// The files on their way to a folder. What is there is good only after [`Taking::end`].
pub(super) struct Taking<'a> {
    folder: &'a Path,
    parts: &'a [Part],
    rights: Rights,
    taken: usize,
    open: Option<Open>,
}

struct Open {
    path: PathBuf,
    file: BufWriter<fs::File>,
    digest: Sha256,
    size: u64,
}

impl<'a> Taking<'a> {
    /// Into this folder, under the names of these parts, in their order.
    pub(super) fn into(folder: &'a Path, parts: &'a [Part], rights: Rights) -> Self {
        Self {
            folder,
            parts,
            rights,
            taken: 0,
            open: None,
        }
    }

    /// What came next.
    pub(super) fn take(&mut self, piece: Piece) -> Result<(), Trouble> {
        match piece {
            Piece::File => {
                self.close()?;
                // More than were read when the letter was opened.
                let part = self.parts.get(self.taken).ok_or(Trouble::Damaged)?;
                let path = self.folder.join(&part.name);
                // The archive's own machine marks what it takes by its own rules.
                let (file, _) = from_outside(&path, self.rights).map_err(no_disk)?;
                self.open = Some(Open {
                    path,
                    file: BufWriter::new(file),
                    digest: Sha256::new(),
                    size: 0,
                });
            }
            Piece::Bytes(bytes) => {
                let open = self.open.as_mut().ok_or(Trouble::Damaged)?;
                open.digest.update(&bytes);
                open.size += bytes.len() as u64;
                open.file.write_all(&bytes).map_err(no_disk)?;
            }
            Piece::Again => {
                let begun = self.open.take().map(|open| open.path);
                let whole = self.parts[..self.taken].iter().map(|part| self.folder.join(&part.name));
                for path in whole.chain(begun) {
                    fs::remove_file(path).map_err(no_disk)?;
                }
                self.taken = 0;
            }
        }
        Ok(())
    }

    /// All came, and as it was read before.
    pub(super) fn end(mut self) -> Result<(), Trouble> {
        self.close()?;
        if self.taken == self.parts.len() {
            Ok(())
        } else {
            Err(Trouble::Damaged)
        }
    }

    fn close(&mut self) -> Result<(), Trouble> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        open.file.flush().map_err(no_disk)?;
        let part = &self.parts[self.taken];
        if open.size != part.size || hex(open.digest.finalize()) != part.sha256 {
            return Err(Trouble::Damaged);
        }
        self.taken += 1;
        Ok(())
    }
}
