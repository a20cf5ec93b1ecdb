//! What becomes of a letter that lies there already.
//!
//! What always holds: a verdict gets better by knowing more and never worse by knowing less; what one seal of a document
//! shows is not held against another seal of it.

use std::collections::HashSet;

use crate::judged::Verdict;
use crate::ledger::Entry;
use crate::status::{Kind, Status};

/// What is known of a letter from before.
pub(crate) struct Before {
    kind: Kind,
    verdict: Verdict,
    /// `None` in the first version.
    seal: Option<String>,
    signer: Option<String>,
}

/// What becomes of the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// Nothing new.
    Repeat,
    /// The verdict there is replaced.
    Update,
    /// Another seal with another verdict: a folder of its own.
    Apart,
}

impl From<&Status> for Before {
    fn from(status: &Status) -> Self {
        Self {
            kind: status.kind,
            verdict: status.verdict,
            seal: status.sealed_sha256.clone(),
            signer: status.signer.as_ref().map(|signer| signer.fingerprint.clone()),
        }
    }
}

impl From<&Entry> for Before {
    fn from(entry: &Entry) -> Self {
        Self {
            kind: entry.kind,
            verdict: entry.verdict,
            seal: Some(entry.sealed_sha256.clone()),
            signer: entry.signer.clone(),
        }
    }
}

/// Of a letter with the same document, now held against these relays.
pub(crate) fn fate(before: &Before, new: &Status, relays: &HashSet<String>) -> Fate {
    use Verdict::{AfterYourClock, Broken, Genuine, KeyNotValid, NotChecked, NotForYou, SignedByAnother};
    // What a form may have signed, in a way that this program does not know, can turn out to be a stranger's mail.
    let turned = before.kind == Kind::Letter && before.seal.is_some() && before.seal == new.sealed_sha256;
    if before.kind != new.kind && !turned {
        return Fate::Apart;
    }
    let same_seal = before.seal.is_none() || before.seal == new.sealed_sha256;
    let same_or = |other| if same_seal { Fate::Update } else { other };
    match (before.verdict, new.verdict) {
        (before, new) if before == new => Fate::Repeat,
        (_, Genuine) => Fate::Update,
        (before, NotChecked) if before.is_forgery() && !same_seal => Fate::Apart,
        (_, NotChecked) | (Genuine, AfterYourClock) => Fate::Repeat,
        (_, AfterYourClock) => Fate::Update,
        // A forgery from here on.
        (Genuine | AfterYourClock, _) if !same_seal => Fate::Apart,
        // Only the relay that signed it can tell that its signature is worth nothing.
        (Genuine | AfterYourClock, _) => match &before.signer {
            Some(signer) if relays.contains(signer) => Fate::Update,
            _ => Fate::Repeat,
        },
        (NotChecked, _) => same_or(Fate::Apart),
        (KeyNotValid | NotForYou | Broken, SignedByAnother) => Fate::Repeat,
        _ => same_or(Fate::Repeat),
    }
}
