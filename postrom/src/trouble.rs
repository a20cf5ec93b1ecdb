//! Why something was not opened, or not looked at. A value: its sentence, in the clerk's language, is in
//! [`i18n`](crate::i18n).

mod away;
mod ledger_away;

use std::io;

pub use away::Away;
pub(crate) use ledger_away::LedgerAway;

/// What stood in the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub enum Trouble {
    /// The input is not there.
    Missing,
    /// A queue, a socket or a device: reading it could wait for ever.
    NotAFile,
    /// A file or folder that could not be read.
    Unreadable {
        /// Why.
        cause: Cause,
    },
    /// Wrapped more often than is looked at.
    TooDeep,
    /// More than is read into memory.
    TooLarge {
        /// The limit in megabytes.
        limit: u64,
    },
    /// More parts, or more files in an archive, than are looked at.
    TooManyParts {
        /// The limit.
        limit: u64,
    },
    /// An archive or a compressed file that is damaged or cut short.
    BrokenArchive,
    /// An archive, or a file in one, that has a password.
    LockedArchive,
    /// An archive of a kind that is not looked into, as `.7z` and `.rar`.
    UnknownArchive,
    /// Sealed to more keys than any form seals to.
    TooManyRecipients {
        /// The limit.
        limit: u64,
    },
    /// Cut short, changed, or sealed in a way that is not safe.
    Damaged,
    /// None of the clerk's keys opens it.
    NotForKeys {
        /// Key IDs or names of the keys that do.
        sealed_to: Vec<String>,
    },
    /// Signed or packed, but never encrypted.
    NotSealed,
    /// Unfolds to far more than was sent.
    Bomb,
    /// The opened letter could not be written.
    Disk {
        /// Why.
        cause: Cause,
    },
    /// The list of what was opened cannot be used.
    Ledger {
        /// Its file.
        file: String,
        /// Why.
        cause: Cause,
    },
    /// The list of what was opened was there, and is not any more.
    LedgerAway {
        /// Its file.
        file: String,
    },
    /// A mailbox on a server cannot be used.
    Mailbox {
        /// Which.
        mailbox: String,
        /// Why.
        why: Away,
    },
    /// The program that was opening it ended.
    Ended,
    /// Whoever runs the program wants it to end.
    Stopped,
}

impl Trouble {
    /// Of an error of the disk.
    pub(crate) fn of_disk(error: &io::Error) -> Self {
        LedgerAway::of(error).unwrap_or_else(|| Self::Disk {
            cause: Cause::from(error),
        })
    }
}

/// What the operating system said, as far as a clerk can act on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Cause {
    /// No room is left.
    Full,
    /// Rights are missing.
    Denied,
    /// The disk or folder takes no writing.
    ReadOnly,
    /// It is gone.
    Missing,
    /// Too many files are open.
    TooManyOpen,
    /// Something else has that name already.
    Exists,
    /// A folder where a file should be, or the other way round.
    WrongKind,
    /// The name or the path is too long, or has characters that this disk does not take.
    BadName,
    /// The file holds something else than what it is named for.
    SomethingElse,
    /// Anything else, in the system's words, without its error number.
    Other {
        /// Those words.
        text: String,
    },
}

impl From<&io::Error> for Cause {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => Self::WrongKind,
            io::ErrorKind::InvalidFilename => Self::BadName,
            // EMFILE and ENFILE; Windows has no such limit.
            _ if cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24)) => Self::TooManyOpen,
            _ => Self::Other {
                text: without_number(&error.to_string()),
            },
        }
    }
}

/// `No such device (os error 19)` without what is in brackets.
fn without_number(text: &str) -> String {
    let end = text.find(" (os error ").unwrap_or(text.len());
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_has_no_number() {
        let cause = |code| Cause::from(&io::Error::from_raw_os_error(code));
        assert_eq!(cause(28), Cause::Full);
        assert_eq!(cause(13), Cause::Denied);
        assert_eq!(cause(24), Cause::TooManyOpen);
        let Cause::Other { text } = cause(19) else { panic!() };
        assert!(!text.contains("os error") && !text.is_empty(), "{text}");
    }
}
