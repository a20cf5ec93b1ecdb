//! What the OpenPGP library asks while it reads: which key opens this, whose certificate is that, what of these
//! signatures.

use sequoia_openpgp as openpgp;

use openpgp::crypto::SessionKey;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::stream::{DecryptionHelper, MessageLayer, MessageStructure, VerificationHelper};
use openpgp::types::SymmetricAlgorithm;
use openpgp::{Cert, KeyHandle};

use super::judge::{Found, Signed};
use super::session::{Pass, Session, With};
use crate::find::MOST_RECIPIENTS;
use crate::judged::{HIDDEN, PASSPHRASE, Reader};
use crate::names::named;

#[derive(Debug, thiserror::Error)]
#[error("none of the keys opens it")]
pub(super) struct NoKey(pub(super) Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("it was not encrypted")]
pub(super) struct NotSealed;

#[derive(Debug, thiserror::Error)]
#[error("a seal within it names more keys than any form")]
pub(super) struct TooMany;

pub(super) struct Helper<'a> {
    pass: Pass<'a>,
    signed: Signed,
    readers: Vec<Reader>,
    sessions: Vec<Session>,
    /// What is larger than the library holds back is refused while it is read, and the reason is lost on the way.
    pub(super) not_sealed: bool,
}

impl<'a> Helper<'a> {
    pub(super) fn new(pass: Pass<'a>) -> Self {
        Self {
            pass,
            signed: Signed::default(),
            readers: Vec::new(),
            sessions: Vec::new(),
            not_sealed: false,
        }
    }

    /// What was found, once all was read.
    pub(super) fn found(self) -> Found {
        Found::new(self.signed, self.pass.trust, self.readers, self.sessions)
    }

    /// Certificates that may have signed, the relays among them.
    fn signers(&self) -> impl Iterator<Item = &Cert> {
        let trust = self.pass.trust;
        trust.relays.iter().chain(&trust.known)
    }

    fn reader(&self, pkesk: &PKESK) -> Reader {
        let handle = pkesk.recipient();
        Reader {
            known_as: handle.as_ref().and_then(|handle| self.owner(handle)).map(named),
            key: handle.map_or_else(|| HIDDEN.into(), |handle| handle.to_string()),
        }
    }

    /// The certificate that a key belongs to, among those of the clerk and those known.
    fn owner(&self, handle: &KeyHandle) -> Option<&Cert> {
        let own = match self.pass.with {
            With::Keys(keys) => keys.owner(handle),
            With::Sessions { .. } => None,
        };
        own.or_else(|| self.pass.trust.owner(handle))
    }

    /// Tries the clerk's keys.
    fn try_keys(
        &self,
        pkesks: &[PKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> Option<Session> {
        let With::Keys(keys) = self.pass.with else { return None };
        for pkesk in pkesks {
            for (cert, mut pair) in keys.pairs_for(pkesk.recipient().as_ref()) {
                if let Some((algorithm, key)) = pkesk.decrypt(&mut pair, algorithm)
                    && decrypt(algorithm, &key)
                {
                    let cert = cert.clone();
                    return Some(Session { algorithm, key, cert });
                }
            }
        }
        None
    }
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, wanted: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        let has = |cert: &&Cert| {
            cert.keys()
                .any(|key| wanted.iter().any(|handle| key.key().key_handle().aliases(handle)))
        };
        Ok(self.signers().filter(has).cloned().collect())
    }

    /// Refuses only what was not encrypted: an unsigned letter is shown too, as what it is.
    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        let mut layers = structure.into_iter();
        // Only a signature inside the encryption says who wrote what was sealed.
        if !layers.any(|layer| matches!(layer, MessageLayer::Encryption { .. })) {
            self.not_sealed = true;
            return Err(NotSealed.into());
        }
        for layer in layers {
            if let MessageLayer::SignatureGroup { results } = layer {
                for result in &results {
                    self.signed.take(result, self.pass.trust);
                }
            }
        }
        Ok(())
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        skesks: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        if let With::Sessions { sessions, addressed } = self.pass.with {
            let opens = |session: &&Session| decrypt(session.algorithm, &session.key);
            let session = sessions.iter().find(opens).ok_or_else(|| NoKey(Vec::new()))?;
            return Ok(addressed.then(|| session.cert.clone()));
        }
        // What stands before the first seal was counted before the library saw it; this is one within it.
        if (pkesks.len() + skesks.len()) as u64 > MOST_RECIPIENTS {
            return Err(TooMany.into());
        }
        // Added to, for a seal within a seal.
        let readers: Vec<_> = pkesks.iter().map(|pkesk| self.reader(pkesk)).collect();
        self.readers.extend(readers);
        self.readers.extend(skesks.iter().map(|_| Reader {
            key: PASSPHRASE.into(),
            known_as: None,
        }));
        match self.try_keys(pkesks, algorithm, decrypt) {
            Some(session) => {
                // Named, so that a signature with intended recipients is held against it.
                let cert = session.cert.clone();
                self.sessions.push(session);
                Ok(Some(cert))
            }
            None => Err(NoKey(self.readers.iter().map(Reader::shown).collect()).into()),
        }
    }
}
