//! What the finder finds, as values: sealed parts with where they lay, and what an input is that holds none.

use std::fmt;
use std::path::PathBuf;

use crate::trouble::Trouble;

/// One thing that was found in an input.
pub enum Found {
    /// A sealed part.
    Sealed(Sealed),
    /// Something that could hold a sealed part and was not looked at.
    NotLookedAt {
        /// Where it lies in its input.
        place: Vec<Step>,
        /// Why.
        why: Trouble,
        /// The `X-Konvolutt-Reference` of the mail that it lies in.
        reference: Option<String>,
    },
    /// An input, or one mail of an mbox, in which there is nothing sealed.
    Other {
        /// Which mail of an mbox; empty when it is the input.
        place: Vec<Step>,
        /// What it is.
        kind: Kind,
    },
}

/// A sealed part and what stood around it. It has no `Debug`: header fields and names of files are somebody's.
pub struct Sealed {
    /// The OpenPGP message.
    pub data: Data,
    /// Where it lies in its input, from the outside inwards; empty when it is the input.
    pub place: Vec<Step>,
    /// Header fields of the nearest mail around it, decoded, by lower-case name, as
    /// [`header_fields`](konvolutt_letter::header_fields) gives them; empty for a bare file.
    pub outer: Vec<(String, String)>,
    /// The mail's `X-Konvolutt-Reference`, when it is a reference.
    pub reference: Option<String>,
    /// What differs from how the form sent it.
    pub repaired: Vec<Repair>,
}

/// An OpenPGP message, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In memory: packets, without armor.
    Packets(Vec<u8>),
    /// In a file, as armor that stands between these bytes, undisturbed: large letters are not read into memory.
    Armor {
        /// The file.
        file: PathBuf,
        /// Where the line `-----BEGIN PGP MESSAGE-----` begins.
        start: u64,
        /// Behind the line `-----END PGP MESSAGE-----`, or the end of the file.
        end: u64,
    },
}

/// One step from an input towards what lies in it. Its `Debug` leaves names out: they are somebody's.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum Step {
    /// A mail of an mbox, counted from 1.
    Mail {
        /// Its number.
        number: u64,
    },
    /// A mail within a mail.
    Forwarded,
    /// A file with this name: an attachment, or one in an archive. Not made harmless yet.
    File {
        /// Its name.
        name: String,
    },
    /// One of several sealed parts that lie beside each other, counted from 1.
    Part {
        /// Its number.
        number: u64,
    },
}

/// A name of this many characters is cut: sources are told, kept and compared.
const LONGEST_NAME: usize = 200;

impl Step {
    /// Into a file of this name.
    pub fn file(name: &str) -> Self {
        let name = match name.char_indices().nth(LONGEST_NAME) {
            Some((at, _)) => format!("{}…", &name[..at]),
            None => name.to_owned(),
        };
        Self::File { name }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail { number } => f.debug_struct("Mail").field("number", number).finish(),
            Self::Forwarded => f.write_str("Forwarded"),
            Self::File { .. } => f.debug_struct("File").finish_non_exhaustive(),
            Self::Part { number } => f.debug_struct("Part").field("number", number).finish(),
        }
    }
}

/// What had to be put right before a sealed part could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// The mail is not `multipart/encrypted` any more.
    FormOfMail,
    /// The armor stood among other text, quoted, or in HTML.
    ArmorInText,
}

/// What an input is that holds no sealed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A mail that is not sealed.
    Mail,
    /// A mail sealed or signed with S/MIME.
    Smime,
    /// A mail that Outlook saved (`.msg`) without a sealed part.
    Outlook,
    /// A `winmail.dat` without a sealed part.
    Winmail,
    /// A picture.
    Picture,
    /// A PDF, a document of an office program, a sound, a video.
    Document,
    /// An archive without a sealed part.
    Archive,
    /// An OpenPGP key or certificate.
    Key,
    /// A detached OpenPGP signature, or a text that was signed and not sealed.
    Signature,
    /// A file of a mail program or mail server: an index, a list of folders.
    MailProgram,
    /// Other text.
    Text,
    /// No bytes at all.
    Empty,
    /// Something else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_does_not_show_whose_file_it_is() {
        let steps = [
            Step::Mail { number: 2 },
            Step::file("Kari Nordmann.pdf"),
            Step::Part { number: 1 },
        ];
        assert_eq!(
            format!("{steps:?}"),
            "[Mail { number: 2 }, File { .. }, Part { number: 1 }]"
        );
    }
}
