//! A letter that may leave. Only [`super::AddressBook::address`] makes one, so that nothing can be sent that it did not look
//! at.

use std::io::{self, Read};
use std::sync::Arc;

use crate::store::{Letter, Mail};
use konvolutt_letter::MailHead;

/// A letter of our form, with addresses of our configuration.
pub struct Outgoing {
    letter: Letter,
    /// RFC 5321 reverse-path.
    pub(super) from: String,
    /// RFC 5321 forward-path.
    pub(super) to: String,
    /// By which a mail server that sends the letter back can name it.
    pub(super) id: Option<String>,
    /// The reverse-path with the id in it (VERP), where the configuration has a delimiter for it.
    pub(super) from_with_id: Option<String>,
    head: Arc<[u8]>,
    covers: u64,
}

impl Outgoing {
    /// `head` is sent instead of the first `covers` bytes.
    pub(super) fn new(letter: Letter, from: String, to: String, head: &MailHead, covers: u64) -> Self {
        let head = head.text().into_bytes().into();
        Self {
            letter,
            from,
            to,
            id: None,
            from_with_id: None,
            head,
            covers,
        }
    }

    /// With its id, and the delimiter of addresses that hold one.
    pub(super) fn with_id(mut self, id: Option<String>, delimiter: Option<char>) -> Self {
        self.from_with_id = id.as_deref().zip(delimiter).and_then(|(id, delimiter)| {
            let (local, domain) = self.from.rsplit_once('@')?;
            Some(format!("{local}{delimiter}{id}@{domain}"))
        });
        self.id = id;
        self
    }

    /// The letter as it lies in the store. Its reference is a reference, and its mailbox one of ours.
    pub(super) fn letter(&self) -> &Letter {
        &self.letter
    }

    /// The mail as it is sent.
    pub(super) fn mail(&self) -> OwnMail {
        OwnMail {
            head: self.head.clone(),
            sent: 0,
            mail: self.letter.mail(),
            covered: self.covers,
        }
    }
}

/// Our own head, then the mail's bytes behind its head. The head in the store is read all the same: the digest is of the
/// whole.
pub(super) struct OwnMail {
    head: Arc<[u8]>,
    sent: usize,
    mail: Mail,
    covered: u64,
}

impl OwnMail {
    /// Bytes that were not read yet.
    pub(super) fn left(&self) -> u64 {
        (self.head.len() - self.sent) as u64 + self.mail.left() - self.covered
    }
}

impl Read for OwnMail {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.covered > 0 {
            let covered = io::copy(&mut Read::by_ref(&mut self.mail).take(self.covered), &mut io::sink())?;
            self.covered -= covered;
        }
        if self.sent < self.head.len() {
            let read = (&self.head[self.sent..]).read(into)?;
            self.sent += read;
            return Ok(read);
        }
        self.mail.read(into)
    }
}
