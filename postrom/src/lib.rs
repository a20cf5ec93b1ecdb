//! The reading core of the post room: the only place where recipients' secret keys exist.
//!
//! Comes in: mail files of any shape, secret keys, the relay's certificate. Goes out: one folder per letter,
//! or a sentence for the clerk. What always holds: a folder gets its name only when everything in it was
//! decrypted whole and its integrity checked; nothing shows as genuine without the relay's certificate;
//! nothing is fetched from anywhere.

pub mod address;
pub mod cli;
mod decrypt;
mod find;
pub mod found;
pub mod i18n;
mod input;
pub mod judged;
mod keygen;
pub mod keys;
pub mod names;
pub mod open;
pub mod opened;
pub mod passphrase;
pub mod settings;
pub mod show;
pub mod trouble;
pub mod trust;
mod unpack;

pub use decrypt::{Seal, Verdict, decrypt};
pub use find::{Sealed, find};
pub use input::{Input, Unread, each_input};
pub use keygen::{KeyProfile, NewKey, generate, trial};
pub use keys::{Ask, KeyRemark, Keys, KeysError, load_certificate};
pub use trust::{Trust, TrustError};
pub use unpack::{Outcome, Status, unpack};
