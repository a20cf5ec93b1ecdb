//! The files of a letter as they come, each under the name that it got.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use konvolutt_letter::Shelf;

use super::rights::Rights;

/// Puts files into a folder, in order.
pub(crate) struct Attachments<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) names: std::vec::IntoIter<&'a str>,
    pub(crate) rights: Rights,
}

impl Shelf for Attachments<'_> {
    fn begin(&mut self, _: &str) -> io::Result<Box<dyn Write>> {
        // More files than before: the input was changed in between.
        let name = self.names.next().ok_or(io::ErrorKind::InvalidData)?;
        let path = self.folder.join(name);
        let file = self.rights.make_file(&path)?;
        #[cfg(windows)]
        mark_of_the_web(&path);
        Ok(Box::new(BufWriter::new(file)))
    }
}

/// Tells Windows that the file came from outside, so that Office and others open it with care. Where the disk has no
/// second streams there is nothing to mark.
#[cfg(windows)]
fn mark_of_the_web(path: &std::path::Path) {
    let mut stream = path.as_os_str().to_owned();
    stream.push(":Zone.Identifier");
    let _ = std::fs::write(stream, "[ZoneTransfer]\r\nZoneId=3\r\n");
}
