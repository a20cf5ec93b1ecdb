//! The store as files on this machine: one readable file for each letter.
//!
//! | state | where | who sees it | a crash here leads to |
//! |---|---|---|---|
//! | unfinished | nameless in `draft/` | its request | nothing is left |
//! | waiting | `new/NAME`, what was tried in `state/NAME.json` | relay, operator | the relay finds it at start; a lost status means that it is tried at once; one that cannot be read, that it waits |
//! | in flight | as waiting, locked; `inflight/NAME` says by whom | relay, operator | the lock is gone: it waits, and may be sent twice |
//! | delivered | `delivered/NAME`, empty `new/NAME` | operator | a letter in both, as one file, is made empty in `new/` by the next relay |
//! | held | `held/NAME`, empty `new/NAME` | operator | as delivered |
//! | released | from `held/` or `delivered/` over the empty `new/NAME` | relay, operator | one rename: it is in one of the two |
//! | discarded | a record in `discarded/NAME`; the empty `new/NAME` of one that was held | operator | the record and the letter: the command was not done |
//! | removed by hand | an empty `new/NAME` whose mode says where its letter was put, or nothing | operator | the next look makes a record |
//! | corrupt | `corrupt/NAME`, or `corrupt/strange-…` | operator | one rename, repeated when it is looked at again |
//! | of a newer format | `new/NAME`, untouched, with an alarm | operator | nothing |
//! | forgotten | the empty `new/NAME` is removed some days after the delivery | nobody | removed at the next look |
//!
//! `NAME` is a keyed hash of the page's token and of what was written. `linkat` refuses a name that exists,
//! and the empty file that stays in `new/` after delivery keeps the name taken: a double send makes one
//! letter, also after a restart.
//!
//! Where a form signs receipts, the file has the proof of its letter as an attribute, and the empty one after it too.
//!
//! One struct for each job: `Layout` knows where what lies, `Fence` what is durable, `Moves` puts letters from one
//! directory into another, `InFlight` locks one, `Quarantine` takes away what is none, `Quota` counts. `Pending` and
//! `Deliveries` are the two that the roles see; [`FileStore`] puts them together, and the files named after the roles
//! only pass on to it.

mod attribute;
mod changes;
mod closed;
mod deliveries;
mod discarded;
mod entry;
mod fence;
mod held;
mod in_flight;
mod inbox;
mod layout;
mod moves;
mod moves_lock;
mod notes;
mod outbox;
mod pending;
mod quarantine;
mod quota;
mod secret;
mod settings;
mod shelf;
mod status;
mod store;
pub mod transfer;

pub use attribute::are_kept as keeps_proofs;
pub use layout::make_directories;
pub use secret::load_or_make as secret;
pub use settings::Settings;
pub use store::FileStore;
