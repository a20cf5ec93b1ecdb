//! Whom a letter is sealed to at one moment, and whom not.

use std::sync::Arc;
use std::time::SystemTime;

use sequoia_openpgp::Fingerprint;

use super::judge::Recipient;
use super::mail::Addressee;
use super::pin::CertificateRole;

/// Whom a letter is sealed to, judged at one moment.
pub struct Recipients {
    /// Everyone who qualified, with the role.
    pub fit: Vec<(Arc<Recipient>, CertificateRole)>,
    /// Everyone who was left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Some recipients are post-quantum and some are not, and that was not allowed: the classical ones would undo the
    /// protection of the others.
    pub mix_refused: bool,
    /// Each can be sealed to alone, but a trial letter to all of them together could not be sealed: why.
    pub together_refused: Option<String>,
}

/// Why no letter may be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// See [`Recipients::mix_refused`].
    #[error("post-quantum and classical certificates are mixed, which is not allowed")]
    Mixed,
    /// No daily certificate can be sealed to.
    #[error("no daily certificate qualifies")]
    NoDaily,
    /// See [`Recipients::together_refused`].
    #[error("{0}")]
    Trial(String),
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
    /// No recipient.
    pub fn none() -> Self {
        Self {
            fit: Vec::new(),
            left_out: Vec::new(),
            mix_refused: false,
            together_refused: None,
        }
    }

    /// What is needed of each to seal to it.
    pub(super) fn addressees(&self) -> Vec<Addressee<'_>> {
        self.fit.iter().map(|(fit, _)| fit.addressee()).collect()
    }

    /// True while at least one daily certificate qualifies: only then may a letter be taken.
    pub fn open(&self) -> bool {
        self.why_closed().is_none()
    }

    /// Why no letter may be taken now, if so.
    pub fn why_closed(&self) -> Option<Closed> {
        if self.mix_refused {
            Some(Closed::Mixed)
        } else if !self.fit.iter().any(|(_, role)| *role == CertificateRole::Daily) {
            Some(Closed::NoDaily)
        } else {
            self.together_refused.clone().map(Closed::Trial)
        }
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
