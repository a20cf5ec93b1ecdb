//! Whether a mail is one that only our form writes.
//!
//! Comes in: the bytes of a letter, which a taken-over web side may have made up. Goes out: its head, when the mail is our
//! own frame (RFC 3156 §4) around one armored OpenPGP message that is encrypted to keys (RFC 9580 §10.3), and nothing
//! else. What always holds: all of the mail was read, and its digest held, before anything is said of it; so what is sent
//! later under the same digest is what was looked at.
//!
//! What it cannot see: whether what calls itself encrypted is, and to whom. That takes keys, which nobody here has.

mod armor;
mod head;
mod packets;

use std::io::{self, Read};

use crate::store::Mail;
use konvolutt_letter::MailHead;

/// Why a mail is not believed. The sentence goes on after "the mail".
#[derive(Debug, thiserror::Error)]
pub enum Unsealed {
    /// Not as our form writes it.
    #[error("{0}")]
    Foreign(&'static str),
    /// The store could not be read, which says nothing of the mail.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl From<&'static str> for Unsealed {
    fn from(what: &'static str) -> Self {
        Self::Foreign(what)
    }
}

/// Reads a whole mail.
pub(super) fn read(mut mail: Mail) -> Result<MailHead, Unsealed> {
    let length = mail.left();
    let mut begin = Vec::with_capacity(head::LONGEST);
    Read::by_ref(&mut mail)
        .take(head::LONGEST as u64)
        .read_to_end(&mut begin)?;
    let head = head::read(&begin)?;
    let (text, end) = (head.text().len(), head.end());
    let armor = (length - text as u64)
        .checked_sub(end.len() as u64)
        .ok_or("is cut short")?;
    let mut rest = begin[text..].chain(&mut mail);
    armor::read((&mut rest).take(armor), armor)?;
    let mut last = Vec::new();
    rest.read_to_end(&mut last)?;
    if last == end.as_bytes() {
        Ok(head)
    } else {
        Err("does not end after the sealed message".into())
    }
}

#[cfg(test)]
mod tests;
