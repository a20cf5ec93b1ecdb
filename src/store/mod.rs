//! The store: sealed letters between the receipt and the post room.
//!
//! Comes in: the bytes of a finished mail. Goes out: the same bytes, for as many attempts as it takes. A receipt is a
//! promise, so [`Pending::commit`] returns only when a power cut could not take the letter back. Knows neither forms
//! nor mail servers.
//!
//! The face is split by who may do what, and does no I/O of its own:
//!
//! | role | who has it | what it may do |
//! |---|---|---|
//! | [`Inbox`] | the web side | hold room back, begin a letter, commit it |
//! | [`Outbox`] | the relay | learn of letters, claim one, settle it |
//! | [`Shelf`] | the operator's commands | list, show, hold, release, retry, readdress, discard |
//! | [`Notes`] | the modules beside the way | small values that survive a restart |
//!
//! What stands behind it: [`files`], one readable file for each letter. Only `cli::app`, the list of paths for the
//! sandbox and `config` name that module; a second store is one more module, and a second call of the contract in
//! `tests/store_contract.rs`.
//!
//! What always holds: a letter is in one state at a time, whoever is killed where; the same page with the same content
//! has one name, and a name stays taken after the delivery, so a double send is one letter also after `kill -9` and a
//! restart; a letter that is claimed is moved only by its claim.

mod budget;
mod error;
pub mod files;
mod identity;
mod inbox;
mod leader;
mod letter;
pub mod moving;
mod notes;
mod outbox;
#[cfg_attr(not(feature = "postgres"), path = "only_settings.rs")]
pub mod postgres;
mod proof;
mod shelf;
mod state;

pub use error::{ClaimError, Damage, LeaseError, ShelfError, StoreError};
pub use identity::{Identities, Identity};
pub use inbox::{Budget, Committed, Inbox, Pending, Reservation, Room, Share, Size};
pub use leader::{Lead, Leader};
pub use letter::{Envelope, Letter, Mail, Source};
pub use notes::Notes;
pub use outbox::{
    Backlog, Bounced, Change, Changes, Claim, Lease, Measure, Outbox, Settle, Settlement, Space, Waiting,
};
pub use proof::Proof;
pub use shelf::Shelf;
pub use state::{Deliverer, Discarded, Listed, State, Status};

/// All roles at once: for what puts the parts together, and for a process that has both sides.
pub trait Store: Inbox + Outbox + Shelf + Notes {}

impl<T: Inbox + Outbox + Shelf + Notes> Store for T {}
