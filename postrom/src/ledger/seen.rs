//! What is remembered of a letter that a desk has opened to list it: enough to list it again without decrypting, and nothing
//! of what a citizen wrote or which form it was.

use konvolutt_letter::unhex;
use serde::{Deserialize, Serialize};

use crate::judged::Verdict;
use crate::status::{Kind, Status};

/// Name and version of the format; a line of another one is passed over.
pub const SEEN: &str = "konvolutt.seen/1";

/// One seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// [`SEEN`].
    pub schema: String,
    /// SHA-256 of the seal, in hexadecimal.
    pub sealed_sha256: String,
    /// SHA-256 of the sealed document, in hexadecimal.
    pub sha256: String,
    /// Number for people.
    pub reference: Option<String>,
    /// The letter's own id.
    pub id: Option<String>,
    /// Letter or mail.
    pub kind: Kind,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// Whose hand it came through, when it was opened last.
    pub verdict: Verdict,
    /// When the form took it, RFC 3339.
    pub received: Option<String>,
}

impl Seen {
    /// What is remembered of an opened letter.
    pub fn from(status: &Status, seal: &str) -> Self {
        Self {
            schema: SEEN.into(),
            sealed_sha256: seal.to_owned(),
            sha256: status.sha256.clone(),
            reference: status.reference.clone(),
            id: status.id.clone(),
            kind: status.kind,
            test: status.test,
            verdict: status.verdict,
            received: status.received.clone(),
        }
    }

    pub(super) fn key(&self) -> Option<[u8; 32]> {
        unhex(self.sealed_sha256.as_bytes())
    }

    /// A line, when it is one that this version knows.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let seen: Self = serde_json::from_slice(line).ok()?;
        (seen.schema == SEEN).then_some(seen)
    }
}
