//! One sealed mail: head, control part, and the armored message.

use std::io::{self, Write};

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::crypto::KeyPair;
use openpgp::packet::Key;
use openpgp::packet::key::{PublicParts, UnspecifiedRole};
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient, Signer};
use openpgp::types::{Features, HashAlgorithm, SymmetricAlgorithm};

use super::armor::{Armor, Checksum};
use super::error::SealError;
use konvolutt_letter::MailHead;
use sha2::{Digest, Sha256};

/// A whole mail, and what its letter is known by wherever it goes.
#[derive(Debug)]
pub struct SealedMail<W> {
    /// What it was written to.
    pub out: W,
    /// SHA-256 of the packets: neither the head nor the armor is in it, which mail programs change. The post room finds the
    /// same.
    pub sha256: [u8; 32],
}

/// One certificate that a mail is sealed to.
pub(super) struct Addressee<'a> {
    /// Named in the signature.
    pub(super) cert: &'a Cert,
    /// Encrypted to.
    pub(super) keys: &'a [Key<PublicParts, UnspecifiedRole>],
    /// What its programs can read.
    pub(super) features: Features,
}

/// Writes a whole mail to `out`: head, control part, and the sealed document that `document` writes. The mail is
/// finished here or not at all: after an error, what `out` holds must be thrown away.
///
/// # Errors
/// The sink or the source failed, or the cryptographic library refused.
pub(super) fn write<W>(
    key: KeyPair,
    mut out: W,
    head: &MailHead,
    to: &[Addressee<'_>],
    document: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<SealedMail<W>, SealError>
where
    W: Write + Send + Sync,
{
    out.write_all(head.text().as_bytes())?;
    let mut packets = Digested {
        out: Armor::begin(out, checksum(to))?,
        digest: Sha256::new(),
    };
    encrypt(key, &mut packets, to, document)?;
    let mut out = packets.out.finish()?;
    out.write_all(head.end().as_bytes())?;
    Ok(SealedMail {
        out,
        sha256: packets.digest.finalize().into(),
    })
}

/// Passes bytes on and makes their digest.
struct Digested<W> {
    out: W,
    digest: Sha256,
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Signed with intended recipients, then encrypted, never compressed: compression would undo the padding.
fn encrypt<W>(
    key: KeyPair,
    sink: &mut W,
    to: &[Addressee<'_>],
    document: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), SealError>
where
    W: Write + Send + Sync,
{
    let crypto = |error: openpgp::anyhow::Error| match error.downcast::<io::Error>() {
        Ok(error) => SealError::Io(error),
        Err(error) => SealError::Crypto(error.to_string()),
    };
    let keys = to.iter().flat_map(|to| {
        let keys = to.keys.iter();
        keys.map(|key| Recipient::new(to.features.clone(), key.key_handle(), key))
    });
    let message = Message::new(sink);
    let message = Encryptor::for_recipients(message, keys)
        .symmetric_algo(SymmetricAlgorithm::AES256)
        .build()
        .map_err(crypto)?;
    let mut signer = Signer::new(message, key)
        .and_then(|signer| signer.hash_algo(HashAlgorithm::SHA512))
        .map_err(crypto)?;
    for to in to {
        signer = signer.add_intended_recipient(to.cert);
    }
    let message = signer.build().map_err(crypto)?;
    let mut message = LiteralWriter::new(message).build().map_err(crypto)?;
    document(&mut message)?;
    message.finalize().map_err(crypto)
}

/// By the form that the letter will have: Sequoia writes SEIPDv2 exactly when every recipient reads it.
fn checksum(to: &[Addressee<'_>]) -> Checksum {
    if to.iter().all(|to| to.features.supports_seipdv2()) {
        Checksum::LeftOut
    } else {
        Checksum::Written
    }
}

/// What the owner's programs can read. A v4 certificate may claim SEIPDv2 because Sequoia made it, while
/// GnuPG 2.2, RNP 0.16 and Thunderbird, which hold such keys just as well, cannot read that: for v4 the claim
/// is set aside. A v6 certificate can only live in a program that reads SEIPDv2.
pub(super) fn reads(cert: &Cert, claimed: Features) -> Features {
    match cert.primary_key().key().version() {
        4 => Features::empty().set_seipdv1(),
        _ => claimed,
    }
}
