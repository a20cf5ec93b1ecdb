//! Seals letters: judges whether it may, and with which key.

use std::io::{self, Write};
use std::time::SystemTime;

use super::error::SealError;
use super::mail::{self, SealedMail};
use super::recipients::Recipients;
use super::signed_text;
use super::signing_key::{SigningKey, SigningKeyError};
use konvolutt_letter::MailHead;

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
        out: W,
        head: &MailHead,
        recipients: &Recipients,
        document: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<SealedMail<W>, SealError>
    where
        W: Write + Send + Sync,
    {
        if !recipients.open() {
            return Err(SealError::Closed);
        }
        let key = self.key(SystemTime::now()).map_err(SealError::SigningKey)?;
        let to = recipients.addressees();
        mail::write(key.pair(), out, head, &to, document)
    }

    /// A short text that anybody can read, and check by the relay's certificate.
    ///
    /// # Errors
    /// The key may not sign now, or the cryptographic library refused.
    pub fn sign_text(&self, text: &str) -> Result<String, SealError> {
        let key = self.key(SystemTime::now()).map_err(SealError::SigningKey)?;
        signed_text::sign(key.pair(), text).map_err(|error| SealError::Crypto(error.to_string()))
    }
}
