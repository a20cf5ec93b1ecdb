//! A sealed part that was opened: all of it is authenticated, and nothing of it was written anywhere yet.

use std::io::Write;

use konvolutt_letter::{Document, Shelf};

use crate::judged::Judged;
use crate::trouble::Trouble;

/// An opened letter or mail. It has no `Debug`: it is what a citizen wrote.
pub struct Opened {
    /// Whose hand it came through, and who can open it.
    pub judged: Judged,
    /// SHA-256 of the whole sealed document.
    pub sha256: [u8; 32],
    /// What was sealed.
    pub content: Content,
    pub(crate) body: Box<dyn Body>,
}

/// What was sealed.
pub enum Content {
    /// A letter of a form, or what looks like one. `Document::files` names its files in order.
    Letter(Box<Document>),
    /// Something else: a mail that somebody sealed to this post room.
    Foreign,
}

/// The bytes behind what was opened: in memory, or to be decrypted once more.
pub(crate) trait Body: Send {
    /// Puts the files of a letter onto a shelf, in order.
    fn files(&self, shelf: &mut dyn Shelf) -> Result<(), Trouble>;
    /// Writes the sealed document as it is.
    fn whole(&self, out: &mut dyn Write) -> Result<(), Trouble>;
}

impl Opened {
    /// Puts the files of a letter onto a shelf, in order. What lies there is good only when this is `Ok`: files that were
    /// too large for memory are decrypted once more, and held against what was read before.
    ///
    /// # Errors
    /// [`Trouble::Disk`] when the shelf fails, [`Trouble::Damaged`] when the input changed meanwhile.
    pub fn files(&self, shelf: &mut dyn Shelf) -> Result<(), Trouble> {
        self.body.files(shelf)
    }

    /// Writes the sealed document as it is; as for [`Opened::files`].
    ///
    /// # Errors
    /// As there.
    pub fn whole(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        self.body.whole(out)
    }
}
