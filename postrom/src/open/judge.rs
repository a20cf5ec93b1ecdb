//! From the library's results to a verdict.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::packet::Signature;
use openpgp::parse::stream::{VerificationError, VerificationResult};

use super::session::Session;
use crate::judged::{Judged, Reader, Signer, Verdict};
use crate::names::name;
use crate::trust::Trust;

/// What one pass found.
pub(super) struct Found {
    pub(super) judged: Judged,
    /// When the judged signature says that it was made, where that could explain why it does not fit.
    pub(super) made: Option<SystemTime>,
    /// What opens it again.
    pub(super) sessions: Vec<Session>,
}

impl Found {
    pub(super) fn new(signed: Signed, trust: &Trust, readers: Vec<Reader>, sessions: Vec<Session>) -> Self {
        let opened_with = sessions.first().map(|session| session.cert.fingerprint().to_string());
        let best = signed.0.unwrap_or(One {
            verdict: Verdict::Unsigned,
            signer: None,
            made: None,
        });
        // With nothing to hold it against, a signature says nothing; that there is none says enough.
        let unchecked = trust.relays.is_empty() && best.verdict != Verdict::Unsigned;
        Self {
            judged: Judged {
                verdict: if unchecked { Verdict::NotChecked } else { best.verdict },
                signer: best.signer,
                readers,
                opened_with: opened_with.unwrap_or_default(),
            },
            made: best.made,
            sessions,
        }
    }
}

/// The signature that says most for a letter, of those that it bears.
#[derive(Default)]
pub(super) struct Signed(Option<One>);

struct One {
    verdict: Verdict,
    signer: Option<Signer>,
    made: Option<SystemTime>,
}

impl Signed {
    pub(super) fn take(&mut self, result: &VerificationResult<'_>, trust: &Trust) {
        let one = judged(result, trust);
        let better = self
            .0
            .as_ref()
            .is_none_or(|best| weight(one.verdict) > weight(best.verdict));
        if better {
            self.0 = Some(one);
        }
    }
}

/// A genuine signature is not hidden by another one beside it; of others the one that is closest to it is told.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Genuine => 5,
        Verdict::AfterYourClock | Verdict::NotChecked => 4,
        Verdict::NotForYou => 3,
        Verdict::KeyNotValid => 2,
        Verdict::Broken => 1,
        Verdict::SignedByAnother | Verdict::Unsigned => 0,
    }
}

fn judged(result: &VerificationResult<'_>, trust: &Trust) -> One {
    use VerificationError::{BadKey, BadSignature, MalformedSignature, MissingKey, UnboundKey};
    match result {
        Ok(good) => {
            // A letter of a form says whom it is for: without that, one to somebody else could be handed on.
            let addressed = good.sig.intended_recipients().next().is_some();
            let verdict = if addressed {
                Verdict::Genuine
            } else {
                Verdict::NotForYou
            };
            by(good.ka.cert(), good.sig, verdict, trust)
        }
        Err(BadSignature { sig, ka, .. }) => by(ka.cert(), sig, Verdict::Broken, trust),
        Err(BadKey { sig, ka, .. }) => by(ka.cert(), sig, Verdict::KeyNotValid, trust),
        Err(UnboundKey { sig, cert, .. }) => by(cert, sig, Verdict::KeyNotValid, trust),
        Err(MissingKey { sig } | MalformedSignature { sig, .. }) => match claimed(sig, trust) {
            Some(relay) => by(relay, sig, Verdict::Broken, trust),
            None => One {
                verdict: Verdict::SignedByAnother,
                signer: sig.get_issuers().first().map(|handle| Signer {
                    fingerprint: handle.to_string(),
                    name: None,
                    former: false,
                }),
                made: None,
            },
        },
        // A kind that the library does not know is none of a relay's.
        Err(_) => One {
            verdict: Verdict::SignedByAnother,
            signer: None,
            made: None,
        },
    }
}

/// A relay that the signature names as its maker, although nothing fits.
fn claimed<'a>(sig: &Signature, trust: &'a Trust) -> Option<&'a Cert> {
    let issuers = sig.get_issuers();
    let named = |cert: &&Cert| {
        let mut keys = cert.keys();
        keys.any(|key| issuers.iter().any(|issuer| key.key().key_handle().aliases(issuer)))
    };
    trust.relays.iter().find(named)
}

/// What a signature of this certificate is worth: the verdict of a relay's, or that it is another's.
fn by(cert: &Cert, sig: &Signature, verdict: Verdict, trust: &Trust) -> One {
    let relay = trust
        .relays
        .iter()
        .any(|relay| relay.fingerprint() == cert.fingerprint());
    One {
        verdict: if relay { verdict } else { Verdict::SignedByAnother },
        signer: Some(Signer {
            fingerprint: cert.fingerprint().to_string(),
            name: name(cert),
            former: relay && trust.former(cert, SystemTime::now()),
        }),
        made: sig.signature_creation_time().filter(|_| relay),
    }
}
