//! The files of a letter as they come, each under the name that it got.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use konvolutt_letter::Shelf;

use super::rights::Rights;
use super::web_mark;

/// Puts files into a folder, in order.
pub(crate) struct Attachments<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) names: std::vec::IntoIter<&'a str>,
    pub(crate) rights: Rights,
    /// One of them could not be marked as come from outside.
    pub(crate) unmarked: bool,
}

impl Shelf for Attachments<'_> {
    fn begin(&mut self, _: &str) -> io::Result<Box<dyn Write>> {
        // More files than before: the input was changed in between.
        let name = self.names.next().ok_or(io::ErrorKind::InvalidData)?;
        let (file, marked) = from_outside(&self.folder.join(name), self.rights)?;
        self.unmarked |= !marked;
        Ok(Box::new(BufWriter::new(file)))
    }
}

/// A new file for what a stranger sent, and whether it could be marked as such.
pub(crate) fn from_outside(path: &Path, rights: Rights) -> io::Result<(File, bool)> {
    let file = rights.make_file(path)?;
    Ok((file, web_mark::mark(path)))
}
