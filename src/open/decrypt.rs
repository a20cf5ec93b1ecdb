//! Decrypts one sealed part whole, and judges its signature.

use std::io::Read;

use sequoia_openpgp as openpgp;

use openpgp::crypto::SessionKey;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::Parse;
use openpgp::parse::stream::{
    DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationError, VerificationHelper,
};
use openpgp::policy::StandardPolicy;
use openpgp::types::SymmetricAlgorithm;
use openpgp::{Cert, KeyHandle};

use super::keys::Keys;

/// Whose hand a letter came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Signed by the relay whose certificate was given, for the key that opened it.
    Genuine,
    /// No relay certificate was given to hold it against.
    NotChecked,
    /// Not signed at all.
    Unsigned,
    /// Signed by somebody else.
    SignedByAnother,
    /// Signed by the relay, but the signature does not fit the letter.
    Broken,
}

impl Verdict {
    /// A sentence for the clerk.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Genuine => "This letter came through your form and was not changed on the way.",
            Self::NotChecked => {
                "Whether this letter came through your form was not checked: give the relay's certificate with --relay."
            }
            Self::Unsigned => {
                "This letter is NOT signed by your form. Anyone who has your public key can have made it."
            }
            Self::SignedByAnother => {
                "This letter is signed by somebody else than your form. Treat it as ordinary mail from an unknown sender."
            }
            Self::Broken => "The form's signature does not fit this letter. It was changed, or not meant for you.",
        }
    }
}

/// A letter decrypted whole.
pub struct Opened {
    /// The inner document.
    pub document: Vec<u8>,
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// Every key that can open it: key ID, and its owner's fingerprint and name where they are known here.
    pub readers: Vec<Reader>,
}

/// A key that can open a letter.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Reader {
    /// Key ID or fingerprint of the encryption subkey.
    pub key: String,
    /// Fingerprint and name of its certificate, when it is one of the keys given.
    pub known_as: Option<String>,
}

/// A document of 128 MiB is four times what common mail servers let through; beyond it something is wrong.
const LARGEST: u64 = 128 * 1024 * 1024;

const DAMAGED: &str = "The letter is damaged, was cut short on its way, or is sealed in a way that is not safe. Keep the mail, and ask the operator to send it again.";

/// Decrypts. The document is returned only once all of it was read and its integrity checked.
///
/// # Errors
/// A sentence for the clerk.
pub fn decrypt(sealed: &[u8], keys: &Keys, relay: Option<&Cert>) -> Result<Opened, String> {
    let policy = StandardPolicy::new();
    let helper = Helper {
        keys,
        relay,
        verdict: Verdict::Unsigned,
        readers: Vec::new(),
    };
    let builder = DecryptorBuilder::from_bytes(sealed).map_err(|_| DAMAGED)?;
    // The integrity of everything held back is checked before the first byte comes out.
    let mut decryptor = builder
        .with_policy(&policy, None, helper)
        .map_err(|error| explain(&error))?;
    let mut document = Vec::new();
    let read = (&mut decryptor).take(LARGEST + 1).read_to_end(&mut document);
    if document.len() as u64 > LARGEST {
        return Err("The letter unfolds to more than 128 MB and was not opened. No form sends such a letter.".into());
    }
    read.map_err(|_| DAMAGED)?;
    let helper = decryptor.into_helper();
    Ok(Opened {
        document,
        verdict: match relay {
            Some(_) => helper.verdict,
            None => Verdict::NotChecked,
        },
        readers: helper.readers,
    })
}

/// Our own sentences are passed on, those of the library are replaced.
fn explain(error: &openpgp::anyhow::Error) -> String {
    match error.downcast_ref::<NoKey>() {
        Some(own) => own.to_string(),
        None => DAMAGED.into(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("None of your keys opens this letter. It is sealed to: {0}.")]
struct NoKey(String);

struct Helper<'a> {
    keys: &'a Keys,
    relay: Option<&'a Cert>,
    verdict: Verdict,
    readers: Vec<Reader>,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(self.relay.into_iter().cloned().collect())
    }

    /// Never refuses: an unsigned letter is shown too, as what it is.
    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        for layer in structure {
            let MessageLayer::SignatureGroup { results } = layer else {
                continue;
            };
            for result in results {
                let found = match result {
                    Ok(_) => Verdict::Genuine,
                    Err(VerificationError::MissingKey { .. }) => Verdict::SignedByAnother,
                    Err(_) => Verdict::Broken,
                };
                if self.verdict != Verdict::Genuine {
                    self.verdict = found;
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
        _: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        self.readers = pkesks.iter().map(|pkesk| self.reader(pkesk)).collect();
        for pkesk in pkesks {
            for (cert, mut pair) in self.keys.pairs() {
                let handle = pkesk.recipient();
                if handle.is_some_and(|handle| !pair.public().key_handle().aliases(&handle)) {
                    continue;
                }
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, key)| decrypt(algorithm, &key)) {
                    return Ok(Some(cert.clone()));
                }
            }
        }
        let names: Vec<_> = self.readers.iter().map(|reader| reader.key.clone()).collect();
        Err(NoKey(names.join(", ")).into())
    }
}

impl Helper<'_> {
    fn reader(&self, pkesk: &PKESK) -> Reader {
        let handle = pkesk.recipient();
        let owner = handle.as_ref().and_then(|handle| self.keys.owner(handle));
        let name = |cert: &Cert| {
            let id = cert.userids().next();
            let id = id.map(|id| String::from_utf8_lossy(id.userid().value()).into_owned());
            format!("{} {}", cert.fingerprint(), id.unwrap_or_default())
        };
        Reader {
            key: handle.map_or_else(|| "hidden".into(), |handle| handle.to_string()),
            known_as: owner.map(name),
        }
    }
}
