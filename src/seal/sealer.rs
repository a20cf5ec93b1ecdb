//! Seals one letter into one mail.

use std::io::{self, Write};
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient as To, Signer};
use openpgp::types::{HashAlgorithm, SymmetricAlgorithm};

use super::armor::{Armor, Checksum};
use super::recipients::Recipients;
use super::signing_key::{SigningKey, SigningKeyError};

/// The header fields of the mail, each ready to stand after its name.
#[derive(Debug, Clone)]
pub struct MailHead {
    /// From: exactly an address in the relay key's user ID.
    pub from: String,
    /// To: the mailbox.
    pub to: String,
    /// Neutral words and the reference.
    pub subject: String,
    /// RFC 5322 date.
    pub date: String,
    /// With its angle brackets; the same over all retries.
    pub message_id: String,
    /// For the clerk's search.
    pub reference: String,
    /// Random; parts the mail.
    pub boundary: String,
}

/// Why a letter could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No daily certificate qualifies: nothing may be sealed.
    #[error("no daily certificate can be sealed to")]
    Closed,
    /// The relay's own key cannot sign.
    #[error("{0}")]
    SigningKey(String),
    /// The sink or the source failed.
    #[error("writing the sealed letter failed: {0}")]
    Io(#[from] io::Error),
    /// The cryptographic library refused.
    #[error("sealing failed: {0}")]
    Crypto(String),
}

/// Signs and encrypts. One serves for all letters.
pub struct Sealer {
    key: Result<SigningKey, String>,
}

impl Sealer {
    /// A sealer that signs with this key. Without one it seals nothing and says why: the form is then closed, but
    /// its page and its telephone numbers are there.
    pub fn new(key: Result<SigningKey, SigningKeyError>) -> Self {
        Self {
            key: key.map_err(|error| error.to_string()),
        }
    }

    /// A sealer that seals nothing.
    pub fn none() -> Self {
        Self {
            key: Err("this process has no signing key".into()),
        }
    }

    /// The relay's key, if it may sign now.
    ///
    /// # Errors
    /// Why not.
    pub fn key(&self, now: SystemTime) -> Result<&SigningKey, String> {
        let key = self.key.as_ref().map_err(Clone::clone)?;
        key.usable(now).map_err(|error| error.to_string())?;
        Ok(key)
    }

    /// Writes a whole mail to `out`: head, control part, and the sealed document that `document` writes.
    /// The mail is finished here or not at all: after an error, what `out` holds must be thrown away.
    ///
    /// # Errors
    /// [`SealError::Closed`] before a byte is written when no daily certificate qualifies.
    pub fn seal<W>(
        &self,
        mut out: W,
        head: &MailHead,
        recipients: &Recipients,
        document: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<W, SealError>
    where
        W: Write + Send + Sync,
    {
        if !recipients.open() {
            return Err(SealError::Closed);
        }
        let key = self.key(SystemTime::now()).map_err(SealError::SigningKey)?;
        write_head(&mut out, head)?;
        let mut armor = Armor::begin(out, checksum(recipients))?;
        encrypt(key, &mut armor, recipients, document)?;
        let mut out = armor.finish()?;
        write!(out, "\r\n--{}--\r\n", head.boundary)?;
        Ok(out)
    }
}

/// Signed with intended recipients, then encrypted, never compressed: compression would undo the padding.
fn encrypt<W>(
    key: &SigningKey,
    sink: &mut W,
    recipients: &Recipients,
    document: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), SealError>
where
    W: Write + Send + Sync,
{
    let crypto = |error: openpgp::anyhow::Error| match error.downcast::<io::Error>() {
        Ok(error) => SealError::Io(error),
        Err(error) => SealError::Crypto(error.to_string()),
    };
    let keys = recipients.fit.iter().flat_map(|(recipient, _)| {
        let features = recipient.features.clone();
        let keys = recipient.keys.iter();
        keys.map(move |key| To::new(features.clone(), key.key_handle(), key))
    });
    let message = Message::new(sink);
    let message = Encryptor::for_recipients(message, keys)
        .symmetric_algo(SymmetricAlgorithm::AES256)
        .build()
        .map_err(crypto)?;
    let mut signer = Signer::new(message, key.pair())
        .and_then(|signer| signer.hash_algo(HashAlgorithm::SHA512))
        .map_err(crypto)?;
    for (recipient, _) in &recipients.fit {
        signer = signer.add_intended_recipient(&recipient.cert);
    }
    let message = signer.build().map_err(crypto)?;
    let mut message = LiteralWriter::new(message).build().map_err(crypto)?;
    document(&mut message)?;
    message.finalize().map_err(crypto)
}

/// By the form that the letter will have: Sequoia writes SEIPDv2 exactly when every recipient reads it.
fn checksum(recipients: &Recipients) -> Checksum {
    let mut fit = recipients.fit.iter();
    if fit.all(|(recipient, _)| recipient.features.supports_seipdv2()) {
        Checksum::LeftOut
    } else {
        Checksum::Written
    }
}

fn write_head(out: &mut impl Write, head: &MailHead) -> io::Result<()> {
    let fields = [
        ("From", &head.from),
        ("To", &head.to),
        ("Subject", &head.subject),
        ("Date", &head.date),
        ("Message-ID", &head.message_id),
        ("X-Konvolutt-Reference", &head.reference),
    ];
    for (name, value) in fields {
        write!(out, "{name}: {value}\r\n")?;
    }
    let boundary = &head.boundary;
    // Content-Type is folded and not the last field: Thunderbird's repair of mail that Exchange mangled
    // fails otherwise.
    write!(
        out,
        "MIME-Version: 1.0\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"{boundary}\"\r\n\
         Auto-Submitted: auto-generated\r\n\
         \r\n\
         This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156).\r\n\
         --{boundary}\r\n\
         Content-Type: application/pgp-encrypted\r\n\
         Content-Description: PGP/MIME version identification\r\n\
         \r\n\
         Version: 1\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
         Content-Description: OpenPGP encrypted message\r\n\
         Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n"
    )
}
