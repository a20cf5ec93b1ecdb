//! The reading core of the post room: the only place where recipients' secret keys exist.
//!
//! Comes in: mail of any shape, secret keys, the relays' certificates. Goes out: one folder per letter, or a sentence for the
//! clerk. The way of an input, each step a value that the next one takes:
//!
//! ```text
//! source ──▶ find ──▶ ledger: known? ──▶ open ──▶ folder ──▶ told
//!  files      sealed parts                 decrypt, judge   written, synced, named
//! ```
//!
//! What always holds: every sealed part is opened or named; a folder gets its name only when everything in it was decrypted
//! whole and its integrity checked; nothing shows as genuine without a relay's certificate; nothing is fetched from anywhere;
//! nothing but `cli` prints, and nothing but `i18n` has a language.

// The server's demo has the engine without the desk, and then nobody uses what the desk alone needs of it.
#![cfg_attr(not(feature = "desk"), allow(dead_code, unused_imports))]

pub mod acknowledge;
pub mod address;
pub mod apart;
pub mod cli;
#[cfg(feature = "desk")]
pub mod desk;
pub mod find;
pub mod folder;
pub mod found;
pub mod i18n;
pub mod judged;
mod keygen;
pub mod keys;
pub mod ledger;
pub mod names;
mod one;
pub mod open;
pub mod opened;
pub mod passphrase;
pub mod run;
pub mod settings;
pub mod show;
mod signals;
pub mod source;
pub mod status;
pub mod told;
pub mod trouble;
pub mod trust;
pub mod wkd;

pub use judged::Verdict;
pub use keygen::{KeyProfile, NewKey, generate, trial};
pub use keys::{Ask, KeyRemark, Keys, KeysError, load_certificate};
pub use one::{Input, Outcome, unpack};
pub use status::Status;
pub use trust::{Trust, TrustError};
