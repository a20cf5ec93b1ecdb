//! Whether letters can be taken: one thread looks, everybody else reads.
//!
//! Comes in: certificates, signing key, disk and spool, and what became of the last letters
//! ([`Evidence`](crate::submission::Evidence)). Goes out: a snapshot, which pages and `/readyz` read, and the alarms that
//! follow from it. What always holds: a question never acts. Reading the snapshot touches no disk, raises no alarm and
//! takes no lock that is held over I/O; a disk that does not answer costs a page [`PATIENCE`](handle::PATIENCE) once, and then nothing. And
//! it is no permission: sealing judges the certificates at its own moment.

mod alarms;
mod backoff;
mod handle;
mod look;
mod marks;
mod task;
mod wake;

pub use handle::Readiness;
pub use look::{FormState, Why};
pub use task::start;
pub use wake::Wake;
