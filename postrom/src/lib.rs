//! The reading core of the post room: the only place where recipients' secret keys exist.
//!
//! Comes in: mail files of any shape, secret keys, the relay's certificate. Goes out: one folder per letter,
//! or a sentence for the clerk. What always holds: a folder gets its name only when everything in it was
//! decrypted whole and its integrity checked; nothing shows as genuine without the relay's certificate;
//! nothing is fetched from anywhere.

pub mod cli;
mod decrypt;
mod find;
pub mod folder;
pub mod found;
pub mod i18n;
mod input;
pub mod judged;
mod keygen;
mod keys;
pub mod ledger;
pub mod opened;
pub mod status;
pub mod trouble;
pub mod trust;
mod unpack;

pub use decrypt::{Seal, Verdict, decrypt};
pub use find::{Sealed, find};
pub use input::{Input, Unread, each_input};
pub use keygen::{KeyProfile, NewKey, generate};
pub use keys::{Keys, KeysError, load_certificate};
pub use unpack::{Outcome, Status, unpack};
