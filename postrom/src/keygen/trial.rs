//! A new key opens a message before anybody relies on it: what is sealed to a key that opens nothing is lost for good.

use std::io::{Read, Write};
use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::anyhow::bail;
use openpgp::crypto::{Password, SessionKey};
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::Parse;
use openpgp::parse::stream::{DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper};
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message};
use openpgp::types::SymmetricAlgorithm;
use openpgp::{Cert, KeyHandle};

use super::NewKey;
use crate::keys::{Ask, Keys};

const WORDS: &[u8] = b"a trial of a new key";

/// Seals a message to the new certificate, and opens it with the new key as its file holds it.
///
/// # Errors
/// When it does not come out as it went in; the key is worth nothing then.
pub fn trial(new: &NewKey, passphrase: Option<&Password>) -> openpgp::Result<()> {
    let sealed = seal(&new.certificate)?;
    let mut keys = Keys::default();
    let mut ask = |asked: &Ask<'_>| passphrase.filter(|_| asked.refused == 0).cloned();
    keys.add_bytes(Path::new("new"), &new.key, &mut ask, &mut Vec::new())?;
    let policy = StandardPolicy::new();
    let mut plain = Vec::new();
    let opened = DecryptorBuilder::from_bytes(&sealed)?.with_policy(&policy, None, Trial(&keys));
    opened?.read_to_end(&mut plain)?;
    if plain != WORDS {
        bail!("the new key opened something else than was sealed to it");
    }
    Ok(())
}

/// Seals to the certificate as its file has it.
fn seal(certificate: &[u8]) -> openpgp::Result<Vec<u8>> {
    let cert = Cert::from_bytes(certificate)?;
    let policy = StandardPolicy::new();
    let recipients = cert
        .keys()
        .with_policy(&policy, None)
        .alive()
        .for_transport_encryption();
    let mut sealed = Vec::new();
    let message = Encryptor::for_recipients(Message::new(&mut sealed), recipients).build()?;
    let mut message = LiteralWriter::new(message).build()?;
    message.write_all(WORDS)?;
    message.finalize()?;
    Ok(sealed)
}

struct Trial<'a>(&'a Keys);

impl VerificationHelper for Trial<'_> {
    fn get_certs(&mut self, _: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(Vec::new())
    }

    fn check(&mut self, _: MessageStructure<'_>) -> openpgp::Result<()> {
        Ok(())
    }
}

impl DecryptionHelper for Trial<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        for pkesk in pkesks {
            for (cert, mut pair) in self.0.pairs_for(pkesk.recipient().as_ref()) {
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, key)| decrypt(algorithm, &key)) {
                    return Ok(Some(cert.clone()));
                }
            }
        }
        bail!("the new key does not open what was sealed to it")
    }
}
