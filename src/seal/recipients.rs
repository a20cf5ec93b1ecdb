//! Whom a letter is sealed to at one moment, and whom not.

use std::sync::Arc;
use std::time::SystemTime;

use sequoia_openpgp::Fingerprint;

use super::judge::Recipient;
use super::pinned::Role;

/// Whom a letter is sealed to, judged at one moment.
pub struct Recipients {
    /// Everyone who qualified, with the role.
    pub fit: Vec<(Arc<Recipient>, Role)>,
    /// Everyone who was left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Some recipients are post-quantum and some are not, and that was not allowed: the classical ones would undo the
    /// protection of the others.
    pub mix_refused: bool,
}

/// A pinned certificate that a letter is not sealed to.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The pinned fingerprint.
    pub fingerprint: Fingerprint,
    /// Name in the certificate, or its file.
    pub name: String,
    /// Why.
    pub why: String,
}

impl Recipients {
    /// Nobody to seal to.
    pub fn none() -> Self {
        Self {
            fit: Vec::new(),
            left_out: Vec::new(),
            mix_refused: false,
        }
    }

    /// True while at least one daily certificate qualifies: only then may a letter be taken.
    pub fn open(&self) -> bool {
        self.why_closed().is_none()
    }

    /// Why no letter may be taken now, if so.
    pub fn why_closed(&self) -> Option<&'static str> {
        if self.mix_refused {
            return Some("post-quantum and classical certificates are mixed, which is not allowed");
        }
        let daily = self.fit.iter().any(|(_, role)| *role == Role::Daily);
        (!daily).then_some("no daily certificate qualifies")
    }

    /// Everyone who stops qualifying within [`WARNED_BEFORE`], with the whole days that are left.
    pub fn expiring(&self, now: SystemTime) -> Vec<(&Recipient, u64)> {
        let fit = self.fit.iter().map(|(recipient, _)| &**recipient);
        fit.filter_map(|recipient| Some((recipient, recipient.days_left(now)?)))
            .filter(|(_, days)| *days <= WARNED_BEFORE[0])
            .collect()
    }

    pub(super) fn mixed(&self) -> bool {
        let quantum = |wanted: bool| self.fit.iter().any(|(fit, _)| fit.post_quantum == wanted);
        quantum(true) && quantum(false)
    }
}

/// Days before the end of a certificate at which an operator is warned, and warned again.
pub const WARNED_BEFORE: [u64; 6] = [90, 60, 30, 14, 7, 1];
