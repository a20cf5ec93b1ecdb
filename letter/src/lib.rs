//! What both ends agree on.
//!
//! Most of it is the inner document: what the post room sees once the seal is opened; writer and reader of one format.
//! Beside it are the frame of the outer mail, references, acknowledgements, the place of a certificate in a Web Key Directory, and what the programs of both ends do alike: `harden` keeps a process
//! that holds plaintext to itself, `program` has what their commands share, `private_file` makes files that are their
//! owner's alone.
//!
//! ```text
//! multipart/mixed; protected-headers="v1"; hp="cipher"     Subject, From, To, Date, Message-ID; HP-Outer each
//!  ├ text/plain         safe contact first, reference, answers, files with size and SHA-256; a mark before the citizen's lines
//!  ├ the citizen's files
//!  └ application/json   letter.json, the same for machines
//! epilogue: filler up to the size step
//! ```
//!
//! Comes in: a [`Letter`] and a reader per file. Goes out: strict CRLF, no line over 998 bytes, a length that
//! says nothing ([`pad`]). The shape was tried in real mail programs; each detail has its reason in
//! `docs/mail.md`.

mod acknowledgement;
mod base64_lines;
mod citizen;
mod contact;
mod file_kind;
mod file_name;
mod fill;
#[cfg(target_os = "linux")]
pub mod harden;
mod hex;
mod look;
mod mail_head;
pub mod mime;
mod ours;
pub mod pad;
mod printable;
pub mod private_file;
pub mod program;
#[cfg(feature = "read")]
mod read;
mod record;
mod reference;
mod text;
mod unique_names;
mod wkd;
mod wrap;
mod write;

pub use acknowledgement::Acknowledgement;
pub use base64_lines::base64_lines;
pub use citizen::{MARK, hides_something, marked};
pub use contact::{Contact, NO_CONTACT};
pub use file_kind::{endings, media_type, same_kind};
pub use file_name::{ending, neutral};
pub use fill::fill;
pub use hex::{hex, unhex};
pub use mail_head::MailHead;
pub use printable::{printable, printable_lines};
#[cfg(feature = "read")]
pub use read::{Document, ReadError, Shelf, header_fields, read};
pub use record::{Archive, JSON_SCHEMA, Record, RecordAnswer, RecordFile, SCHEMA};
pub use reference::Reference;
pub use text::Words;
pub use unique_names::unique_names;
pub use wkd::WkdPlace;
pub use wrap::wrap;
pub use write::{HeaderValues, Letter, Source, write};
