//! Whom something counts for, and how much of a shared thing one may hold.
//!
//! A client has an address; the owner of the address has many. So what is shared is counted for the single address and for
//! the nets around it, each with a share of its own. Nothing here knows an address for longer than a call: a net becomes a
//! keyed name, and the key exists in memory only. (A hash without a key would fall in an hour: there are few addresses.)
//!
//! Comes in: an address. Goes out: an [`Owner`], and what it [`Held`]. What always holds: what is held is given back when it
//! is dropped, and the names of an owner are forgotten with the last that counts for it.

mod heaviest;
mod names;
mod shared;

pub use heaviest::heaviest;
pub use names::{Completion, Name, NameKey, Owner, Source};
pub use shared::{Held, NoShare, Shared, Tally};
