//! The seal: whom a letter is sealed to, the relay's signature, and the mail around it.
//!
//! Comes in: pinned certificate files and the relay's signing key. Goes out: a PGP/MIME mail (RFC 3156) whose
//! content only the recipients can read and whose signature shows that it came through this relay. Knows
//! neither forms nor HTTP; holds no secret key of a recipient and refuses a file that contains one.
//!
//! What always holds: a letter is sealed to every pinned certificate that qualifies *at that moment*
//! ([`judge()`]); with no daily one among them nothing is sealed at all. There is no path without encryption.

mod armor;
mod certificate;
mod error;
mod judge;
mod mail;
mod pin;
mod pinned;
mod readers;
mod recipients;
mod sealed_to;
mod sealer;
mod signed_text;
mod signing_key;
mod standing;
mod trial;
mod user_id;

pub use certificate::{Unreadable, armored, fingerprint_groups, parse_one, read_certificate};
pub use error::SealError;
pub use judge::{Recipient, Unfit, judge};
pub use mail::SealedMail;
pub use pin::{CertificateRole, Pin, Strength};
pub use pinned::Pinned;
pub use readers::{Program, readers};
pub use recipients::{Closed, LeftOut, Recipients, WARNED_BEFORE};
pub use sealed_to::SealedTo;
pub use sealer::Sealer;
pub use signed_text::{Signed, Unsigned, check as check_signed_text};
pub use signing_key::{SigningKey, SigningKeyError, generate as generate_signing_key};
pub use trial::Unsealable;

pub use konvolutt_letter::MailHead;

#[cfg(test)]
mod tests;
