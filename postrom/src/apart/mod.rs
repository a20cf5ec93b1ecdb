//! Opening apart: the run is done by a process of its own, which this program starts from itself.
//!
//! Libraries can end a process in ways that nothing inside it can catch: an exhausted stack, memory that cannot be had.
//! So the process that talks to the clerk reads no mail. When the other one ends by itself, it is started once more, goes
//! on one thing at a time, and the mail that ended it is named. What is lost to this run is that mail, or, when it ended the
//! process before anything was found in it, what lies behind it in the same file.
//!
//! The order, with the unlocked keys, goes through a pipe that nobody else can read: the first line of its standard input.
//! What follows there is the clerk's own standard input, in frames. When that pipe ends, also because the first process
//! was killed, the run stops and cleans up. Events come back as lines of JSON.

mod child;
mod frames;
mod lines;
mod order;
mod parent;

pub use child::obey;
pub use order::{Event, Order};
pub use parent::{End, Failure, run};
