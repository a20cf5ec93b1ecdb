//! A certificate that is in use: judged once, and again only when a moment passes that could change the judgement.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::packet::key::PublicParts;
use openpgp::packet::{Key, Signature, key};

use super::judge::{Recipient, Unfit, judge};
use super::pin::Strength;
use super::trial::Unsealable;
use super::user_id;

/// The library's policy has dates of its own, at which an algorithm is not trusted any more, and does not tell them:
/// asked again after this time.
const POLICY: Duration = Duration::from_secs(86_400);

/// A certificate, and what is thought of it from one moment to another.
#[derive(Clone)]
pub(super) struct Standing {
    cert: Arc<Cert>,
    tried: Arc<Unsealable>,
    strength: Strength,
    name: String,
    /// Every moment at which something in the certificate begins or ends, in order.
    moments: Arc<[SystemTime]>,
    judged: Result<Arc<Recipient>, Unfit>,
    from: SystemTime,
    until: SystemTime,
}

impl Standing {
    /// Tries a certificate, and judges it at a moment.
    pub(super) fn new(cert: Cert, strength: Strength, now: SystemTime) -> Self {
        let tried = Unsealable::of(&cert);
        let unjudged = Self {
            moments: moments(&cert).into(),
            cert: Arc::new(cert),
            tried: Arc::new(tried),
            strength,
            name: String::new(),
            judged: Err(Unfit::NotAlive),
            from: now,
            until: now,
        };
        unjudged.judged_at(now)
    }

    fn judged_at(&self, now: SystemTime) -> Self {
        let policy = now.checked_add(POLICY).unwrap_or(now);
        Self {
            judged: self.judge(now),
            name: user_id::name(&self.cert, self.strength, now),
            from: now,
            until: after(&self.moments, now).map_or(policy, |next| next.min(policy)),
            ..self.clone()
        }
    }

    fn judge(&self, now: SystemTime) -> Result<Arc<Recipient>, Unfit> {
        judge(&self.cert, &self.tried, self.strength, now).map(Arc::new)
    }

    /// The judgement at a moment. Only a moment outside of what was judged costs anything, and that is arithmetic:
    /// the library remembers which signatures are good.
    pub(super) fn at(&self, now: SystemTime) -> Result<Arc<Recipient>, Unfit> {
        if self.holds(now) {
            self.judged.clone()
        } else {
            self.judge(now)
        }
    }

    /// The same certificate judged now, if what is known holds no longer.
    pub(super) fn renewed(&self, now: SystemTime) -> Option<Self> {
        (!self.holds(now)).then(|| self.judged_at(now))
    }

    pub(super) fn next_change(&self, now: SystemTime) -> Option<SystemTime> {
        after(&self.moments, now)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn holds(&self, now: SystemTime) -> bool {
        self.from <= now && now < self.until
    }
}

/// The first moment after another.
fn after(moments: &[SystemTime], now: SystemTime) -> Option<SystemTime> {
    moments.get(moments.partition_point(|moment| *moment <= now)).copied()
}

/// Every moment at which a key, a binding or a revocation of this certificate begins or ends.
fn moments(cert: &Cert) -> Vec<SystemTime> {
    let primary = cert.primary_key().key().clone().role_into_unspecified();
    let of_primary = cert
        .primary_key()
        .self_signatures()
        .chain(cert.primary_key().self_revocations());
    let of_ids = cert
        .userids()
        .flat_map(|id| id.self_signatures().chain(id.self_revocations()));
    let mut all: Vec<SystemTime> = of_primary
        .chain(of_ids)
        .flat_map(|signature| ends(signature, &primary))
        .collect();
    all.push(primary.creation_time());
    for subkey in cert.keys().subkeys() {
        let key = subkey.key().clone().role_into_unspecified();
        let signatures = subkey.self_signatures().chain(subkey.self_revocations());
        all.extend(signatures.flat_map(|signature| ends(signature, &key)));
        all.push(key.creation_time());
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// When a signature begins and ends, and when it says that a key ends.
fn ends(signature: &Signature, key: &Key<PublicParts, key::UnspecifiedRole>) -> Vec<SystemTime> {
    let made = signature.signature_creation_time();
    let signature_ends = signature.signature_expiration_time();
    let key_ends = signature
        .key_validity_period()
        .and_then(|valid| key.creation_time().checked_add(valid));
    [made, signature_ends, key_ends].into_iter().flatten().collect()
}
