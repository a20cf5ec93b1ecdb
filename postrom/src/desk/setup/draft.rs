//! What a clerk answers, and what comes of it. Values: the sentences are in [`i18n::desk::setup`](crate::i18n::desk::setup).

use std::path::PathBuf;

use konvolutt_letter::hex;
use sha2::{Digest, Sha256};

use crate::desk::plan::Plan;
use crate::keys::KeysError;
use crate::settings::BadServer;
use crate::trouble::Cause;
use crate::trust::{Head, TrustError};

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Folders, files, and mailboxes on servers.
    Mail,
    /// The file with the password of the mailbox on a server.
    Password,
    /// The file with an access token for it.
    Token,
    /// Files with the post room's secret keys.
    Keys,
    /// Files with the certificates of the forms' relays.
    Relay,
    /// Files with other certificates.
    Known,
    /// Where letters are saved.
    Out,
}

impl Field {
    /// In the order of the page.
    pub const ALL: [Self; 7] = [
        Self::Mail,
        Self::Password,
        Self::Token,
        Self::Keys,
        Self::Relay,
        Self::Known,
        Self::Out,
    ];
}

/// The answers: lines as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft([String; Field::ALL.len()]);

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which.
    pub field: Field,
    /// What.
    pub why: Why,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nothing is said, and the desk needs it.
    Empty,
    /// It does not begin at the beginning of a disk.
    NotWhole(String),
    /// More than one, where there is one.
    TooMany,
    /// It cannot be read.
    Unreadable(PathBuf, Cause),
    /// The address of a server.
    Server(BadServer),
    /// A server asks for a password, and nobody would have one.
    NoPassword,
    /// A key.
    Key(KeysError),
    /// A certificate.
    Trust(TrustError),
    /// A file, where a folder belongs.
    NotAFolder(PathBuf),
    /// Saved letters would lie in the mailbox, or the mailbox among them.
    OutInMail(PathBuf),
}

/// What a desk would work with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Folders and files with mail.
    pub mail: Vec<PathBuf>,
    /// Mailboxes on servers.
    pub servers: Vec<String>,
    /// The files of each question.
    pub password: Option<PathBuf>,
    /// As above.
    pub token: Option<PathBuf>,
    /// As above.
    pub keys: Vec<PathBuf>,
    /// As above.
    pub relay: Vec<PathBuf>,
    /// As above.
    pub known: Vec<PathBuf>,
    /// Where letters are saved.
    pub out: Option<PathBuf>,
    /// The keys, by name and fingerprint.
    pub key_labels: Vec<String>,
    /// "Checked against".
    pub heads: Vec<Head>,
}

impl Found {
    /// The same for whatever looks the same on the page.
    pub fn digest(&self) -> String {
        hex(Sha256::digest(format!("{self:?}")))
    }
}

impl Draft {
    /// What is known already, from the command line or settings that were not enough.
    pub fn of(plan: &Plan) -> Self {
        let paths = |paths: &[PathBuf]| {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            paths.join("\n")
        };
        let mut draft = Self::default();
        let mail = [paths(&plan.mail), plan.servers.join("\n")].join("\n");
        mail.trim().clone_into(draft.at(Field::Mail));
        *draft.at(Field::Password) = paths(plan.login.password_file.as_slice());
        *draft.at(Field::Token) = paths(plan.login.token_file.as_slice());
        *draft.at(Field::Keys) = paths(&plan.keys);
        *draft.at(Field::Relay) = paths(&plan.relay);
        *draft.at(Field::Known) = paths(&plan.known);
        *draft.at(Field::Out) = paths(std::slice::from_ref(&plan.out));
        draft
    }

    /// An answer.
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// An answer, to be changed.
    pub fn at(&mut self, field: Field) -> &mut String {
        &mut self.0[field as usize]
    }
}
