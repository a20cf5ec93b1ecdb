//! A new key opens a message before anybody relies on it: what is sealed to a key that opens nothing is lost for good.

use std::io::Write;
use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::anyhow::bail;
use openpgp::crypto::Password;
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message};

use super::NewKey;
use crate::Trust;
use crate::found::Data;
use crate::keys::{Ask, Keys};
use crate::open::open;

const WORDS: &[u8] = b"a trial of a new key";

/// Seals a message to the new certificate, and opens it, as letters are opened, with the new key as its file holds it.
///
/// # Errors
/// When it does not come out as it went in; the key is worth nothing then.
pub fn trial(new: &NewKey, passphrase: Option<&Password>) -> openpgp::Result<()> {
    let sealed = seal(&new.certificate)?;
    let mut keys = Keys::default();
    let mut ask = |asked: &Ask<'_>| passphrase.filter(|_| asked.refused == 0).cloned();
    keys.add_bytes(Path::new("new"), &new.key, &mut ask, &mut Vec::new())?;
    let mut plain = Vec::new();
    let opened = open(&Data::Packets(sealed), &keys, &Trust::default(), &|| false);
    if opened.and_then(|opened| opened.whole(&mut plain)).is_err() {
        bail!("the new key does not open what was sealed to it");
    }
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
