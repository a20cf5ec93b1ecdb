//! The bytes behind what was opened: small files wait in memory, larger ones are decrypted once more.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use konvolutt_letter::Shelf;
use sha2::{Digest, Sha256};

use super::pass::{decrypted, on_disk};
use super::session::{Pass, Session, With};
use super::{Digested, Plain, copied, files_of};
use crate::found::Data;
use crate::opened::Body;
use crate::trouble::{Cause, Trouble};
use crate::trust::Trust;

/// A shelf in memory. When it is full it forgets everything, and takes no more.
pub(super) struct Held {
    files: Rc<RefCell<Files>>,
}

struct Files {
    /// `None` when they were too much.
    kept: Option<Vec<(String, Vec<u8>)>>,
    room: usize,
}

impl Held {
    pub(super) fn new(room: usize) -> Self {
        let kept = Some(Vec::new());
        Self {
            files: Rc::new(RefCell::new(Files { kept, room })),
        }
    }

    /// The files in their order, unless they were too much.
    pub(super) fn taken(self) -> Option<Vec<(String, Vec<u8>)>> {
        self.files.borrow_mut().kept.take()
    }
}

impl Shelf for Held {
    fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>> {
        if let Some(kept) = &mut self.files.borrow_mut().kept {
            kept.push((name.to_owned(), Vec::new()));
        }
        Ok(Box::new(Last(Rc::clone(&self.files))))
    }
}

/// Writes to the last file.
struct Last(Rc<RefCell<Files>>);

impl Write for Last {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.0.borrow_mut();
        match files.room.checked_sub(bytes.len()) {
            Some(room) => files.room = room,
            None => files.kept = None,
        }
        if let Some((_, last)) = files.kept.as_mut().and_then(|kept| kept.last_mut()) {
            last.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was opened, to be read again.
pub(super) struct Again {
    data: Data,
    sessions: Vec<Session>,
    sha256: [u8; 32],
    files: Option<Vec<(String, Vec<u8>)>>,
}

impl Again {
    pub(super) fn new(
        data: Data,
        sessions: Vec<Session>,
        sha256: [u8; 32],
        files: Option<Vec<(String, Vec<u8>)>>,
    ) -> Self {
        Self {
            data,
            sessions,
            sha256,
            files,
        }
    }

    /// Decrypts it once more. Signatures were judged before: the digest says that it is the same.
    fn read(&self, take: impl FnOnce(&mut Plain<'_>) -> io::Result<()>) -> Result<(), Trouble> {
        let nobody = Trust::default();
        let with = With::Sessions {
            sessions: &self.sessions,
            addressed: false,
        };
        let pass = Pass {
            with,
            trust: &nobody,
            at: None,
        };
        let mut digest = Sha256::new();
        decrypted(&self.data, pass, &|| false, |plain| {
            let mut plain = io::BufReader::new(Digested(plain, &mut digest));
            take(&mut plain)?;
            io::copy(&mut plain, &mut io::sink())?;
            Ok(())
        })?;
        if <[u8; 32]>::from(digest.finalize()) == self.sha256 {
            Ok(())
        } else {
            // The file was changed between the two readings.
            Err(Trouble::Damaged)
        }
    }
}

impl Body for Again {
    fn files(&self, shelf: &mut dyn Shelf) -> Result<(), Trouble> {
        let Some(files) = &self.files else {
            return self.read(|plain| files_of(plain, shelf));
        };
        let put = |(name, bytes): &(String, Vec<u8>)| {
            let mut file = shelf.begin(name)?;
            file.write_all(bytes)?;
            file.flush()
        };
        files.iter().try_for_each(put).map_err(|error| Trouble::Disk {
            cause: Cause::from(&error),
        })
    }

    fn whole(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        self.read(|plain| copied(plain, out))?;
        out.flush().map_err(on_disk).map_err(|error| Trouble::Disk {
            cause: Cause::from(&error),
        })
    }
}
