//! The process that opens for the desk. It is this program once more, and ends when the desk is locked: the keys and
//! whatever a library copied of a letter end with it.
//!
//! Libraries can end a process in ways that nothing inside it can catch. So the process that talks to the browser reads no
//! mail; when the other one ends by itself it is started again, what was at hand is asked once more, one thing at a time,
//! and the mail that ended it is named.

mod ask;
mod child;
mod parent;
mod queue;
mod tell;
pub(super) mod wire;

pub use ask::{Ask, At, Begin, Body, Given, Said, Thing};
pub use child::obey;
pub use parent::{Answers, Start, Worker};
