//! Decrypts one sealed part as a stream, and judges its signature.

use std::io::{self, BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

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
use super::names::name;

/// Whose hand a letter came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Signed by the relay whose certificate was given, for the key that opened it.
    Genuine,
    /// No relay certificate was given to hold it against.
    NotChecked,
    /// Not signed at all.
    Unsigned,
    /// Signed by another key.
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
                "Whether this letter came through your form was not checked: give the form's certificate with --relay."
            }
            Self::Unsigned => {
                "This letter is NOT signed by your form. Anyone who has your public key can have made it."
            }
            Self::SignedByAnother => {
                "This letter is signed by somebody else than your form. Treat it as ordinary mail from an unknown sender."
            }
            Self::Broken => {
                "The form's signature does not fit this letter. It was changed, or it was not meant for you."
            }
        }
    }
}

/// What is known of a seal once it was read to its end.
pub struct Seal {
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// Every key that can open it.
    pub readers: Vec<Reader>,
}

/// A key that can open a letter.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Reader {
    /// Key ID or fingerprint of the encryption subkey.
    pub key: String,
    /// Fingerprint and name of its certificate, when it is one of the keys given.
    pub known_as: Option<String>,
}

/// A document may be this large, whatever its mail: twice what unfolds from the largest mail that is read.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Our letters shrink when the armor is taken off and are never compressed. Other programs compress text by ten
/// at most; what unfolds beyond that is a bomb.
const RATIO: u64 = 20;

const DAMAGED: &str = "The letter is damaged, was cut short on its way, or is sealed in a way that is not safe. Keep the mail, and ask the operator to send it again.";

/// Decrypts and gives the document to `take` as a stream. What was taken may be used only when this returns
/// `Ok`: the integrity of the whole is known at its end.
///
/// # Errors
/// A sentence for the clerk.
pub fn decrypt<T>(
    sealed: &[u8],
    keys: &Keys,
    relay: Option<&Cert>,
    take: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
) -> Result<(T, Seal), String> {
    // Sequoia 2.4 panics on data that end right after the first cipher block (found by cutting letters at random):
    // one damaged mail must not end the opening of forty.
    let opened = catch_unwind(AssertUnwindSafe(|| stream(sealed, keys, relay, take)));
    opened.unwrap_or_else(|_| Err(DAMAGED.to_owned()))
}

fn stream<T>(
    sealed: &[u8],
    keys: &Keys,
    relay: Option<&Cert>,
    take: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
) -> Result<(T, Seal), String> {
    let policy = StandardPolicy::new();
    let helper = Helper {
        keys,
        relay,
        verdict: Verdict::Unsigned,
        readers: Vec::new(),
    };
    let builder = DecryptorBuilder::from_bytes(sealed).map_err(|_| DAMAGED)?;
    let decryptor = builder
        .with_policy(&policy, None, helper)
        .map_err(|error| explain(&error))?;
    let most = LARGEST.min((sealed.len() as u64).saturating_mul(RATIO) + 1024 * 1024);
    let mut document = BufReader::new(Bounded { decryptor, left: most });
    let taken = take(&mut document).and_then(|taken| {
        io::copy(&mut document, &mut io::sink())?;
        Ok(taken)
    });
    let taken = taken.map_err(|error| match error.downcast::<Bomb>() {
        Ok(bomb) => bomb.to_string(),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => format!("There is no room to write to: {error}."),
        Err(_) => DAMAGED.to_owned(),
    })?;
    let helper = document.into_inner().decryptor.into_helper();
    let verdict = relay.map_or(Verdict::NotChecked, |_| helper.verdict);
    let readers = helper.readers;
    Ok((taken, Seal { verdict, readers }))
}

/// Our own sentences are passed on, those of the library are replaced.
fn explain(error: &openpgp::anyhow::Error) -> String {
    let own = error.downcast_ref::<NoKey>().map(ToString::to_string);
    let own = own.or_else(|| error.downcast_ref::<NotSealed>().map(ToString::to_string));
    own.unwrap_or_else(|| DAMAGED.into())
}

#[derive(Debug, thiserror::Error)]
#[error("None of your keys opens this letter. It is sealed to: {0}.")]
struct NoKey(String);

#[derive(Debug, thiserror::Error)]
#[error("This mail was not sealed: everybody on its way could read it. No form sends such a mail.")]
struct NotSealed;

#[derive(Debug, thiserror::Error)]
#[error("The letter unfolds to far more than was sent, and was not opened. No form sends such a letter.")]
struct Bomb;

/// Stops a document that does not end.
struct Bounded<R> {
    decryptor: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.decryptor.read(out)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(Bomb))?;
        Ok(read)
    }
}

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

    /// Refuses only what was not encrypted: an unsigned letter is shown too, as what it is.
    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        let mut layers = structure.into_iter();
        // Only a signature inside the encryption says who wrote what was sealed.
        if !layers.any(|layer| matches!(layer, MessageLayer::Encryption { .. })) {
            return Err(NotSealed.into());
        }
        for layer in layers {
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
        skesks: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        // Added to, for a seal within a seal.
        let readers: Vec<_> = pkesks.iter().map(|pkesk| self.reader(pkesk)).collect();
        self.readers.extend(readers);
        self.readers.extend(skesks.iter().map(|_| Reader {
            key: "a passphrase".into(),
            known_as: None,
        }));
        for pkesk in pkesks {
            for (cert, mut pair) in self.keys.pairs_for(pkesk.recipient().as_ref()) {
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, key)| decrypt(algorithm, &key)) {
                    // Named, so that a signature with intended recipients is held against it.
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
        let name = |cert: &Cert| format!("{} {}", cert.fingerprint(), name(cert).unwrap_or_default());
        Reader {
            key: handle.map_or_else(|| "hidden".into(), |handle| handle.to_string()),
            known_as: owner.map(name),
        }
    }
}
