//! One line of the ledger.

use std::collections::HashSet;

use konvolutt_letter::unhex;

use crate::judged::Verdict;
use crate::status::Kind;

/// Name and version of the format; a line of another one is passed over.
pub const LEDGER: &str = "konvolutt.ledger/1";

/// What is remembered of an opened letter. Nothing of what a citizen wrote.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// [`LEDGER`].
    pub schema: String,
    /// Number for people.
    pub reference: Option<String>,
    /// The letter's own id.
    pub id: Option<String>,
    /// Letter or mail.
    #[serde(default)]
    pub kind: Kind,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// SHA-256 of the sealed document.
    pub sha256: String,
    /// SHA-256 of the seal.
    pub sealed_sha256: String,
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// Fingerprint of the certificate that signed it.
    pub signer: Option<String>,
    /// Fingerprints of the relays that it was held against.
    pub checked: Vec<String>,
    /// Keys that can open it and whose names were not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<String>,
    /// When it was opened first, RFC 3339.
    pub opened: String,
    /// Who did.
    pub who: String,
    /// Where it was put: a name in the ledger's own folder, or a whole path.
    pub folder: String,
    /// The server was told that it was opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
}

impl Entry {
    /// Whether opening the letter again, held against these relays, could teach anything.
    pub fn says_all(&self, relays: &HashSet<String>) -> bool {
        match self.verdict {
            // The clock may be right by now, and the certificate given may be a newer one of the same key.
            Verdict::AfterYourClock | Verdict::KeyNotValid => false,
            Verdict::Genuine if relays.is_empty() => true,
            Verdict::Genuine if self.signer.as_ref().is_some_and(|signer| relays.contains(signer)) => true,
            _ => relays.iter().all(|relay| self.checked.contains(relay)),
        }
    }

    pub(super) fn key(&self) -> Option<[u8; 32]> {
        unhex(self.sealed_sha256.as_bytes())
    }

    /// A line, when it is one that this version knows.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let entry: Self = serde_json::from_slice(line).ok()?;
        (entry.schema == LEDGER).then_some(entry)
    }
}
