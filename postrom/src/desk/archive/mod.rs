//! What an archive takes: a letter as a document, with its files and what its journal says of it.
//!
//! ```text
//!  reading ──▶ entry: what the journal says ──▶ message: arkivmelding.xml ─┐
//!  files, PDF ──▶ package: a folder that is whole or not there ◀── manifest┘
//!  opened letter, certificate ──▶ reseal: a mail that one case officer opens
//! ```
//!
//! What always holds: what anybody may read of the journal comes from the form's file, and only of a genuine letter; the
//! same letter gives the same ids and the same bytes; a folder or file gets its name only when all of it is on the disk.

mod efm;
mod entry;
mod fiks;
mod guid;
mod manifest;
mod message;
mod officer;
mod package;
mod parts;
pub mod pdf;
mod place;
mod record;
mod reseal;
mod taking;
mod time;
mod xml;

pub use manifest::MANIFEST;
pub use message::{ArchiveForm, message};
pub use officer::{NoOfficer, Officer, officers};
pub(crate) use package::allows;
pub use package::{NoPackage, Order, Package, package};
pub(crate) use reseal::reseal;
pub use taking::Piece;
