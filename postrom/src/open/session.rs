//! What a reading of a sealed part is given: keys or what they found before, certificates, a moment.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::crypto::SessionKey;
use openpgp::types::SymmetricAlgorithm;

use crate::keys::Keys;
use crate::trust::Trust;

/// What a pass reads with, and what it is held against.
pub(super) struct Pass<'a> {
    /// The clerk's keys, or the session key that a former pass found.
    pub(super) with: With<'a>,
    /// Whose signatures count.
    pub(super) trust: &'a Trust,
    /// The moment at which signatures are judged; now when there is none.
    pub(super) at: Option<SystemTime>,
}

/// What opens a sealed part.
pub(super) enum With<'a> {
    /// The clerk's keys.
    Keys(&'a Keys),
    /// What they found in it, a session key for each seal within a seal.
    Sessions {
        /// Those keys.
        sessions: &'a [Session],
        /// Whether a signature is held against whom it was made for.
        addressed: bool,
    },
}

impl<'a> Pass<'a> {
    /// With the clerk's keys, as of now.
    pub(super) fn first(keys: &'a Keys, trust: &'a Trust) -> Self {
        Self {
            with: With::Keys(keys),
            trust,
            at: None,
        }
    }
}

/// What a key of the clerk found in a sealed part: it opens the part again, without that key.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) algorithm: Option<SymmetricAlgorithm>,
    pub(super) key: SessionKey,
    /// The certificate whose key found it.
    pub(super) cert: Cert,
}
