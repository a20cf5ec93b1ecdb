//! The door of the desk: a small loop on the loopback address, for one clerk's browser.
//!
//! ```text
//! accept ──▶ peer: whose process? ──▶ rules: Host, site, method ──▶ entry: one-time address, secret ──▶ body ──▶ router
//!    crowd: how many, who leaves                                                       answer ◀── head ◀──────────┘
//! ```
//!
//! What always holds: nothing behind the secret is reached by another machine, another user, another site, or under another
//! name; every answer has the same head of rules for the browser; of what goes wrong on a connection nothing is said. While
//! the desk is locked no connection stays, so that no buffer of one holds a letter.

mod accept;
mod body;
mod crowd;
mod door;
mod entry;
pub mod events;
mod head;
mod peer;
mod refusal;
mod rules;

use std::io;
use std::sync::Arc;

use axum::Router;

pub use body::{DROP_LIMIT, FORM_LIMIT};
pub use door::{Behind, Door};
pub use events::{Event, Refused};

/// Handlers wait for the process that opens; the page that says how far it is must not wait behind them.
const THREADS: usize = 4;

/// Serves until [`Door::stop`]. The router's paths are those below the secret: `/`, `/letter/{id}` and so on.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: std::net::TcpListener, router: Router, door: &Arc<Door>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    listener.set_nonblocking(true)?;
    let served = runtime.block_on(accept::serve(listener, router, Arc::clone(door)));
    // A handler that waits for the process that opens is not waited for.
    runtime.shutdown_background();
    served
}
