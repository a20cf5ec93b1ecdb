//! The desk behind its door: which pages whoever comes in meets, and the clock that locks.
//!
//! What always holds: within a second of its locking, by whoever it was, no connection is left that showed something.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::http::{Behind, Door, Event};
use super::plan::Said;
use super::room::Room;
use super::{pages, setup};
use crate::i18n::Lang;

const TICK: Duration = Duration::from_millis(250);
/// What is the same for both.
const PARTS: [&str; 6] = [
    "/desk.css",
    "/desk.js",
    "/icons.svg",
    "/seal.svg",
    "/about",
    "/language",
];

/// The door, and what is behind it. `said` is what the command line says.
///
/// # Errors
/// When the system has no random numbers.
pub fn begin(
    room: &Arc<Room>,
    said: &Said,
    address: SocketAddr,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    lang: Lang,
) -> io::Result<(Arc<Door>, Router)> {
    let own = Arc::clone(room);
    let behind = Behind {
        is_locked: Box::new(move || own.glance().is_none()),
        tell,
        lang,
    };
    Ok((Door::new(address, behind)?, router(room, said)))
}

/// The pages: while nobody said what the desk works with, the one that asks for it.
fn router(room: &Arc<Room>, said: &Said) -> Router {
    let asking = (Arc::clone(room), setup::router(Arc::clone(room), said));
    pages::router(Arc::clone(room)).layer(from_fn_with_state(asking, choose))
}

async fn choose(State((room, asking)): State<(Arc<Room>, Router)>, request: Request, next: Next) -> Response {
    let is_part = PARTS.contains(&request.uri().path());
    if is_part || room.plan().is_whole() {
        return next.run(request).await;
    }
    match TowerToHyperService::new(asking).call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// Locks the desk when nobody used it, and ends connections when it is locked. Ends when it is dropped.
pub struct Watch {
    _end: Sender<()>,
}

/// Begins to watch.
pub fn keep_watch(room: &Arc<Room>, door: &Arc<Door>) -> Watch {
    let (end, ended) = channel::<()>();
    let (room, door) = (Arc::clone(room), Arc::clone(door));
    std::thread::spawn(move || {
        let mut was_open = false;
        while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            room.lock_when_idle();
            let is_open = room.glance().is_some();
            if was_open && !is_open {
                door.clear();
            }
            was_open = is_open;
        }
    });
    Watch { _end: end }
}
