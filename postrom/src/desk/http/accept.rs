//! The loop, and what happens on one connection.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::door::Door;
use super::events::{Event, Refused};
use super::peer::{self, Whose};
use super::refusal::{come_in, refused};
use super::rules::{self, Arrival};
use super::{body, head};

/// How long a head may take, and a connection be idle.
const HEAD: Duration = Duration::from_secs(10);
const HEAD_SIZE: usize = 16 * 1024;
const HEADERS: usize = 64;
/// What is still being said when the desk locks.
const GOODBYE: Duration = Duration::from_secs(2);
/// A socket that is closed with unread bytes in it is reset, and the browser then shows its own error instead of our answer.
const LINGER: Duration = Duration::from_secs(1);
/// Connections of which it is not known yet whose they are: another user could open more than this process may have files.
const UNKNOWN: usize = 64;
/// Out of file descriptors, most likely.
const BREATH: Duration = Duration::from_millis(200);

pub(super) async fn serve(listener: std::net::TcpListener, router: Router, door: Arc<Door>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let mut stop = door.stop.subscribe();
    let unknown = Arc::new(Semaphore::new(UNKNOWN));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &unknown) => accepted,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        match accepted {
            Ok((stream, from, unknown)) => {
                tokio::spawn(guarded((stream, from), unknown, router.clone(), Arc::clone(&door)));
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

/// Whoever comes, as one of those who are not known yet.
async fn accept(
    listener: &TcpListener,
    unknown: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let unknown = Arc::clone(unknown).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, from) = listener.accept().await?;
    Ok((stream, from, unknown))
}

/// Whoever comes is known before a byte of theirs is read.
async fn guarded(
    (stream, from): (TcpStream, SocketAddr),
    unknown: OwnedSemaphorePermit,
    router: Router,
    door: Arc<Door>,
) {
    let here = door.address;
    let whose = tokio::task::spawn_blocking(move || peer::whose(here, from)).await;
    let whose = whose.unwrap_or(Whose::Unknown);
    let stranger = whose != Whose::Ours || !from.ip().is_loopback();
    if whose == Whose::Others {
        (door.behind.tell)(Event::Stranger);
    }
    let crowd = if stranger { &door.strangers } else { &door.own };
    let Some(mut place) = crowd.enter() else {
        return;
    };
    drop(unknown);
    let asked = place.asked_to_leave();
    let guest = Guest {
        door,
        router,
        stranger,
        busy: place.busy(),
    };
    tokio::select! {
        () = connection(stream, Arc::new(guest)) => {}
        () = asked => {}
    }
}

/// One connection, with what its requests meet.
struct Guest {
    door: Arc<Door>,
    router: Router,
    stranger: bool,
    busy: Arc<AtomicBool>,
}

async fn connection(mut stream: TcpStream, guest: Arc<Guest>) {
    let _ = stream.set_nodelay(true);
    let mut cleared = guest.door.cleared.subscribe();
    {
        let service = service_fn(|request| {
            let guest = Arc::clone(&guest);
            async move { Ok::<_, Infallible>(guest.answer(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_SIZE)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(&mut stream), service);
        let mut connection = pin!(connection);
        let was_cleared = tokio::select! {
            _ = connection.as_mut() => false,
            _ = cleared.changed() => true,
        };
        if was_cleared {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(GOODBYE, connection).await;
        }
        // Here its buffers end, with what was shown in them.
    }
    linger(&mut stream).await;
}

async fn linger(stream: &mut TcpStream) {
    let mut bytes = [0u8; 4096];
    let rest = async { while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(LINGER, rest).await;
}

impl Guest {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.busy.store(true, Ordering::Relaxed);
        let lang = self.door.behind.lang;
        let (mut answer, ends) = match self.admit(request) {
            Ok(Way::Inside(request)) => (self.inside(*request).await, false),
            Ok(Way::Redirect) => (redirect(self.door.entry.secret()), false),
            Ok(Way::ComeIn) => (come_in(self.door.entry.secret(), lang), false),
            // What follows such a head may mean something else, too.
            Err(why) => (refused(why, lang), true),
        };
        head::set(answer.headers_mut());
        let is_locked = (self.door.behind.is_locked)();
        if ends || is_locked {
            head::close(answer.headers_mut());
        }
        if is_locked {
            head::forget(answer.headers_mut());
        }
        self.busy.store(false, Ordering::Relaxed);
        answer
    }

    fn admit(&self, request: Request<Incoming>) -> Result<Way, Refused> {
        if self.stranger {
            return Err(Refused::Stranger);
        }
        let door = &self.door;
        rules::named(&request, &door.host)?;
        rules::method(request.method())?;
        let path = request.uri().path().trim_start_matches('/');
        let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
        if door.entry.is_secret(first) {
            rules::site(&request, &door.host)?;
            return match rest {
                "" => Ok(Way::Redirect),
                rest => Ok(Way::Inside(Box::new(below(rest.to_owned(), request)?))),
            };
        }
        let arrival = rules::arrival(&request);
        if rest.is_empty() && arrival.is_ok() && door.entry.accept(first) {
            return arrival.map(|arrival| match arrival {
                Arrival::Straight => Way::Redirect,
                Arrival::FromElsewhere => Way::ComeIn,
            });
        }
        rules::site(&request, &door.host)?;
        if let Some(wrong) = door.entry.was_wrong(first) {
            (door.behind.tell)(Event::Guessing(wrong));
        }
        Err(Refused::NotHere)
    }

    async fn inside(&self, request: Request<Body>) -> Response<Body> {
        let refused = |why| refused(why, self.door.behind.lang);
        // One file after the other: what is dropped is held in memory.
        let _turn = if body::takes_files(&request) {
            self.door.drops.acquire().await.ok()
        } else {
            None
        };
        let request = match body::limit(request) {
            Ok(request) => request,
            Err(why) => return refused(why),
        };
        let answer = TowerToHyperService::new(self.router.clone()).call(request);
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(answer)) => answer,
            Err(_) => refused(Refused::Fault),
        }
    }
}

/// Where a request goes.
enum Way {
    Inside(Box<Request<Body>>),
    Redirect,
    ComeIn,
}

/// The request as the router sees it, which does not know the secret.
fn below(path: String, request: Request<Incoming>) -> Result<Request<Body>, Refused> {
    let (mut parts, body) = request.into_parts();
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    parts.uri = target.parse::<Uri>().map_err(|_| Refused::NotHere)?;
    Ok(Request::from_parts(parts, Body::new(body)))
}

fn redirect(secret: &str) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(&format!("/{secret}/")) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}
