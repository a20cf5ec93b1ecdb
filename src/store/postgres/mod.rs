//! The store as rows of a PostgreSQL that several nodes share.
//!
//! | state | which rows | a crash here leads to |
//! |---|---|---|
//! | unfinished | `part` in a transaction that is open | the server takes them back |
//! | waiting | `letter` with its `part`s | whoever delivers finds it |
//! | in flight | as waiting, with an owner and a time in `letter` | the time passes, and another takes it: it may be sent twice |
//! | delivered | `letter` says so; its parts stay some days | one statement: before it, or after it |
//! | held, corrupt | `letter` says so | as delivered |
//! | discarded | `letter` with a record, no parts | as delivered |
//! | forgotten | the row of `letter` is deleted some days after the delivery | as delivered |
//!
//! What a commit means is what the server proves: each connection is asked what it waits for, before it is used and after
//! each promise. An outcome that is not known is no receipt, and what a repeat finds is promised by a write of its own, since a
//! row may be seen that no standby has.
//!
//! Each role comes as a user of its own, who may do no more than that role: `grants.sql`.
//!
//! One struct for each job: `Line` is a connection, `Pool` lends them, `Durability` judges their server, `Claims` says what
//! this process delivers, `Seen` what changed. `PendingRows` and `RowClaim` are the two that the roles see; [`PostgresStore`]
//! puts them together, and the files named after the roles pass on to it.

mod arrivals;
mod body;
mod changes;
mod claims;
mod clean;
mod deliveries;
mod durability;
mod each;
mod engine;
mod fault;
mod inbox;
mod inventory;
mod landing;
mod line;
mod moves;
mod notes;
mod outbox;
mod place;
mod pool;
mod renewal;
mod row;
mod schema;
mod settings;
mod shelf;
mod status;
mod store;
mod tls;
mod transfer;
mod version;

pub use durability::Durability;
pub use each::{Asked, ask_each};
pub use schema::migrate;
pub use settings::{Host, Login, Settings};
pub use store::{Health, PostgresStore, Who};
pub use transfer::Database;

/// Whether this program can speak to one.
pub const IS_BUILT: bool = true;
