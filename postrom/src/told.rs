//! What became of one sealed part, or of one input that holds none: the value that a run tells, and a line of `--json`.

use crate::found::Kind;
use crate::judged::Verdict;
use crate::status::Status;
use crate::trouble::Trouble;

/// What became of one thing. It has no `Debug`: its status names the files of a citizen.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Told {
    /// Where it came from, for people: a path, and the way from there inwards.
    pub source: String,
    /// The input was given by name, not found in a folder or an mbox.
    pub named: bool,
    /// What it is.
    pub what: What,
    /// What an input is that holds no sealed part.
    pub kind: Option<Kind>,
    /// Number for people: of the letter, or of the mail that it came in.
    pub reference: Option<String>,
    /// Whose hand it came through.
    pub verdict: Option<Verdict>,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// Where it was put.
    pub folder: Option<String>,
    /// What that folder was called until now, when a verdict that became known gave it another name.
    pub renamed_from: Option<String>,
    /// Exactly this letter was opened before.
    pub repeat: bool,
    /// When and by whom, of what was opened before.
    pub before: Option<Before>,
    /// What is known of it. Of a letter that was opened before only while its folder is there.
    pub status: Option<Status>,
    /// What stood in the way.
    pub trouble: Option<Trouble>,
    /// The same as a sentence.
    pub error: Option<String>,
    /// Why the server was not told, although it should have been.
    pub not_acknowledged: Option<String>,
}

/// What one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A letter, or what claims to be one.
    Letter,
    /// A mail that somebody sealed to this post room, not a letter of a form.
    Foreign,
    /// A sealed part that was not opened.
    NotOpened,
    /// Something that could hold a letter and was not looked at.
    NotLookedAt,
    /// Holds nothing sealed.
    Other,
}

/// An earlier opening.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Before {
    /// When, RFC 3339.
    pub opened: String,
    /// The user who did.
    pub by: String,
    /// The folder is not where it was put: it was moved into its case, or deleted.
    pub moved: bool,
}

impl Told {
    /// Nothing known yet but where it came from.
    pub fn of(source: String, named: bool, what: What) -> Self {
        Self {
            source,
            named,
            what,
            kind: None,
            reference: None,
            verdict: None,
            test: false,
            folder: None,
            renamed_from: None,
            repeat: false,
            before: None,
            status: None,
            trouble: None,
            error: None,
            not_acknowledged: None,
        }
    }

    /// A letter that was not opened, is not genuine, or may be where nobody looked: somebody has to do something.
    pub fn is_problem(&self) -> bool {
        let done = match self.what {
            What::Letter => !self
                .verdict
                .is_none_or(|verdict| verdict.is_forgery() || verdict == Verdict::AfterYourClock),
            What::NotOpened => false,
            What::NotLookedAt => self.is_strangers_archive(),
            What::Foreign | What::Other => true,
        };
        !done || self.not_acknowledged.is_some()
    }

    /// An archive that does not open, somewhere in the mailbox: ordinary mail has such, and no form sends any.
    pub fn is_strangers_archive(&self) -> bool {
        let archive = matches!(
            self.trouble,
            Some(Trouble::LockedArchive | Trouble::BrokenArchive | Trouble::UnknownArchive)
        );
        archive && !self.named && self.reference.is_none()
    }
}
