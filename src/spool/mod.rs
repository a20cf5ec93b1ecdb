//! The spool: sealed letters on disk between the receipt and the post room.
//!
//! Comes in: the bytes of a finished mail. Goes out: the same bytes, for as many attempts as it takes. A
//! receipt is a promise, so [`Pending::commit`] returns only when a power cut could not take the letter back.
//! Knows neither forms nor mail servers; a second store can stand behind the same face.
//!
//! | state | where | who sees it | a crash here leads to |
//! |---|---|---|---|
//! | unfinished | nameless in `draft/` | its request | nothing is left |
//! | waiting | `new/NAME`, what was tried in `state/NAME.json` | relay, operator | the relay finds it at start; a lost status means that it is tried at once |
//! | on the line | as waiting, locked; `inflight/NAME` says by whom | relay, operator | the lock is gone: it waits, and may be sent twice |
//! | delivered | `delivered/NAME`, empty `new/NAME` | operator | a letter in both, as one file, is made empty in `new/` by the next relay |
//! | held | `held/NAME`, empty `new/NAME` | operator | as delivered |
//! | released | from `held/` or `delivered/` over the empty `new/NAME` | relay, operator | one rename: it is in one of the two |
//! | corrupt | `corrupt/NAME`, or `corrupt/strange-…` | operator | one rename, repeated when it is looked at again |
//! | of a newer format | `new/NAME`, untouched, with an alarm | operator | nothing |
//! | forgotten | the empty `new/NAME` is removed some days after the delivery | nobody | removed at the next look |
//!
//! `NAME` is a keyed hash of the page's token and of what was written. `linkat` refuses a name that exists,
//! and the empty file that stays in `new/` after delivery keeps the name taken: a double send makes one
//! letter, also after `kill -9` and a restart.

mod entry;
mod fence;
mod identity;
mod in_flight;
mod layout;
mod moves;
mod names;
mod note;
mod pending;
mod places;
mod quarantine;
mod queue;
mod quota;
mod space;

pub use entry::{Envelope, Letter, Mail};
pub use identity::Identity;
pub use in_flight::{Deliverer, InFlight};
pub use layout::{Settings, Spool, SpoolError};
pub use pending::{Committed, Pending};
pub use queue::{Lease, Listed, State, Status};
pub use quota::{Budget, Reservation, Share};
pub use space::Space;
