//! What the desk asks the process that opens, and what it says.

use std::path::PathBuf;

use crate::desk::reading::Reading;
use crate::found::Kind;
use crate::i18n::Lang;
use crate::ledger::LedgerPlace;
use crate::status::Status;
use crate::trouble::Trouble;

/// Said once, first. It has no `Debug`: it holds unlocked keys.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Begin {
    /// Keys without passphrases, as `Keys::to_bytes` gives them, in base64.
    pub keys: String,
    /// Certificates of the relays, one after the other, in base64.
    pub relays: String,
    /// Other certificates that letters may be sealed to, in base64.
    pub known: String,
    /// The clerk's language.
    pub lang: Lang,
    /// The clerk's name on this machine.
    pub who: String,
}

/// Something to be looked through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Given {
    /// Which of the desk's mailboxes it is in.
    pub mailbox: usize,
    /// What it is called, for people.
    pub name: String,
    /// The clerk named it, as against one that lay in a folder.
    pub named: bool,
    /// Where its bytes are.
    pub body: Body,
}

/// Where the bytes of a [`Given`] are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// In a file.
    File(PathBuf),
    /// They follow the question.
    Follows,
}

/// A sealed part: where it lies, and by the SHA-256 of its packets which one it is. One that lies within a sealed mail has the seals
/// around it before it, from the outside inwards.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct At {
    /// The input.
    pub given: Given,
    /// Seals in hexadecimal; the last one is the part's own.
    pub seals: Vec<String>,
}

impl At {
    /// The part's own seal.
    pub fn seal(&self) -> &str {
        self.seals.last().map_or("", String::as_str)
    }
}

/// A question.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// What is in this? Nothing is decrypted.
    Find(Given),
    /// What do the sealed parts of it say, and those within them?
    Read(Given),
    /// The same for a clerk who waits for it.
    ReadNow(Given),
    /// The bytes of a letter's files, in order; of a mail that is no letter, the whole of it as one.
    Files(At),
    /// As `postrom open` does it: a folder of its own with everything in it.
    Save {
        /// The letter.
        at: At,
        /// The folder for letters.
        out: PathBuf,
        /// The list of what was opened.
        ledger: LedgerPlace,
    },
    /// A mail file with all of it, which a case officer alone can open.
    Reseal {
        /// The letter.
        at: At,
        /// Their certificate, in base64.
        cert: String,
        /// The folder for the file.
        to: PathBuf,
    },
}

/// One thing in an input.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    /// A sealed part.
    Sealed {
        /// Its seal, in hexadecimal.
        seal: String,
        /// Where it came from, for people.
        source: String,
        /// Its number, where the mail around it says one.
        reference: Option<String>,
        /// The `Date` of the mail around it.
        date: Option<String>,
    },
    /// Something that could hold a letter and was not looked at.
    NotLookedAt {
        /// Where it lies, for people.
        source: String,
        /// Why.
        why: Trouble,
        /// The number of the mail that it lies in.
        reference: Option<String>,
    },
    /// Nothing sealed.
    Other(Kind),
}

/// An answer, or a part of one. It has no `Debug`.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Found.
    Thing(Thing),
    /// A sealed part was opened.
    Read {
        /// The seals around it, from the outside inwards, and its own.
        seals: Vec<String>,
        /// What it says.
        reading: Box<Reading>,
    },
    /// A sealed part was not opened.
    NotRead {
        /// As above.
        seals: Vec<String>,
        /// Where it came from, for people.
        source: String,
        /// Its number, where the mail around it says one.
        reference: Option<String>,
        /// Why.
        why: Trouble,
    },
    /// Another file begins, with this name in the letter.
    File(String),
    /// Bytes of it follow.
    Bytes,
    /// The letter was saved.
    Saved {
        /// Its folder.
        folder: PathBuf,
        /// What is known of it.
        status: Box<Status>,
    },
    /// The letter was sealed once more, into this file.
    Resealed(PathBuf),
    /// Nothing more comes.
    Done,
    /// It could not be done.
    Failed(Trouble),
    /// The process that opens ended and was started again; the answer begins anew.
    Again,
}
