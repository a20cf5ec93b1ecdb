//! A letter as the store gives it back: its envelope, and its bytes with their digest.

use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the relay needs besides the mail's bytes. Holds nothing of the citizen.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Envelope {
    /// Name of the mailbox.
    pub mailbox: String,
    /// RFC 5321 reverse-path.
    pub from: String,
    /// RFC 5321 forward-path.
    pub to: String,
    /// Number for people.
    pub reference: String,
    /// When the receipt was given, seconds since 1970, rounded down to the minute: enough for retry times, too
    /// little to prove who sent something at 21:04:17.
    pub accepted: u64,
}

/// The envelope as it is kept, with the letter's own name: another letter under a wrong name is told from the letter.
#[derive(Serialize, Deserialize)]
pub(super) struct Named<'a> {
    /// The letter's name. Letters of the first weeks have none.
    #[serde(default)]
    pub(super) name: Cow<'a, str>,
    #[serde(flatten)]
    pub(super) envelope: Cow<'a, Envelope>,
}

/// Where a letter's bytes lie.
pub trait Source: Send + Sync {
    /// Reads at a place, as far as there is something.
    ///
    /// # Errors
    /// What the store says.
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize>;
}

/// A letter to be sent: found unharmed when it was claimed. Its bytes stay in the store, so that some large letters in
/// flight at once cost no memory.
#[derive(Clone)]
pub struct Letter {
    /// Its envelope.
    pub envelope: Envelope,
    source: Arc<dyn Source>,
    length: u64,
    digest: [u8; 32],
}

impl Letter {
    /// A letter whose mail has this length and this SHA-256.
    pub fn new(envelope: Envelope, source: Arc<dyn Source>, length: u64, digest: [u8; 32]) -> Self {
        Self {
            envelope,
            source,
            length,
            digest,
        }
    }

    /// The mail, from its first byte.
    pub fn mail(&self) -> Mail {
        Mail {
            source: self.source.clone(),
            at: 0,
            length: self.length,
            read: Sha256::new(),
            expected: self.digest,
        }
    }

    /// SHA-256 of the mail.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The mail's bytes, as committed. Says that it ends only when what was read is what was committed: until then the
/// other side must not be told that the letter is whole.
pub struct Mail {
    source: Arc<dyn Source>,
    at: u64,
    length: u64,
    read: Sha256,
    expected: [u8; 32],
}

impl Mail {
    /// Bytes that were not read yet.
    pub fn left(&self) -> u64 {
        self.length - self.at
    }
}

impl Read for Mail {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.left();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        let read = self.source.read_at(&mut into[..most], self.at)?;
        self.at += read as u64;
        self.read.update(&into[..read]);
        let (cut, ended) = (read == 0 && most > 0, left == 0);
        if cut || (ended && <[u8; 32]>::from(self.read.clone().finalize()) != self.expected) {
            let text = "the letter changed on disk while it was read";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl Source for Bytes {
        fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
            let mut rest = self.0.get(usize::try_from(at).unwrap()..).unwrap_or_default();
            rest.read(into)
        }
    }

    fn read(committed: &[u8], there: &[u8]) -> io::Result<Vec<u8>> {
        let envelope = Envelope {
            mailbox: String::new(),
            from: String::new(),
            to: String::new(),
            reference: String::new(),
            accepted: 0,
        };
        let digest = Sha256::digest(committed).into();
        let letter = Letter::new(
            envelope,
            Arc::new(Bytes(there.to_vec())),
            committed.len() as u64,
            digest,
        );
        let mut bytes = Vec::new();
        letter.mail().read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn a_mail_ends_only_when_it_is_what_was_committed() {
        assert_eq!(
            read(b"a sealed letter", b"a sealed letter").unwrap(),
            b"a sealed letter"
        );
        assert_eq!(read(b"", b"").unwrap(), b"");
        // What comes after its length is not of the mail.
        assert_eq!(
            read(b"a sealed letter", b"a sealed letter{}").unwrap(),
            b"a sealed letter"
        );
        for there in ["a Sealed letter", "a sealed", ""] {
            assert!(read(b"a sealed letter", there.as_bytes()).is_err(), "{there}");
        }
    }
}
