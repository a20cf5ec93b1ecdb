//! How much a request may bring, and how long it may take over it.
//!
//! What always holds: whoever reads the body gets no more than the limit of its path, and an error instead of what comes too late.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::Request;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use tokio::time::{Instant, timeout_at};

use super::events::Refused;

/// The path that takes files.
const DROP: &str = "/drop";
/// How much that is: a mail with a letter of 25 MB in it, in base64, twice wrapped.
pub const DROP_LIMIT: usize = 64 * 1024 * 1024;
/// What a form takes: a passphrase, a search, a note.
pub const FORM_LIMIT: usize = 64 * 1024;

/// It comes from this very machine.
const FORM_TIME: Duration = Duration::from_secs(10);
const DROP_TIME: Duration = Duration::from_secs(120);

/// Puts the limits around a body.
pub(super) fn limit(mut request: Request<Body>) -> Result<Request<Body>, Refused> {
    let (most, time) = if takes_files(&request) {
        (DROP_LIMIT, DROP_TIME)
    } else {
        (FORM_LIMIT, FORM_TIME)
    };
    let said = request.headers().get(CONTENT_LENGTH);
    let said = said.and_then(|said| said.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > most as u64) {
        return Err(Refused::TooLarge);
    }
    DefaultBodyLimit::max(most).apply(&mut request);
    Ok(request.map(|body| bounded(body, most, time)))
}

pub(super) fn takes_files<B>(request: &Request<B>) -> bool {
    request.uri().path() == DROP
}

fn bounded(body: Body, most: usize, time: Duration) -> Body {
    let until = Instant::now() + time;
    // One byte beyond, by which a reader with a limit of its own sees that it was too much, and says so.
    let state = (body.into_data_stream(), Some(most + 1));
    Body::from_stream(unfold(state, move |(mut body, left)| async move {
        let left = left?;
        let next: io::Result<Bytes> = match timeout_at(until, body.next()).await {
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Ok(Some(Ok(_))) if left == 0 => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(Some(Ok(bytes))) => Ok(bytes.slice(..bytes.len().min(left))),
        };
        let left = next.as_ref().ok().map(|bytes| left - bytes.len());
        Some((next, (body, left)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, body: Body) -> Request<Body> {
        Request::builder().uri(path).body(body).unwrap()
    }

    /// Without a length, in pieces, as a browser streams.
    fn pieces(of: usize, number: usize) -> Body {
        let piece = Bytes::from(vec![7; of]);
        Body::from_stream(futures_util::stream::iter(
            std::iter::repeat_n(piece, number).map(io::Result::Ok),
        ))
    }

    async fn read(request: Request<Body>) -> Result<usize, ()> {
        let mut stream = request.into_body().into_data_stream();
        let mut all = 0;
        while let Some(next) = stream.next().await {
            all += next.map_err(drop)?.len();
        }
        Ok(all)
    }

    #[tokio::test]
    async fn no_more_is_read_than_the_path_takes() {
        let whole = limit(request("/search", pieces(1024, 64))).unwrap();
        assert_eq!(read(whole).await, Ok(FORM_LIMIT));
        let beyond = limit(request("/search", pieces(1024, 80))).unwrap();
        assert_eq!(read(beyond).await, Err(()));
        let file = limit(request(DROP, pieces(1024, 80))).unwrap();
        assert_eq!(read(file).await, Ok(80 * 1024));
    }

    #[tokio::test]
    async fn what_says_that_it_is_too_large_is_not_read() {
        let sized = |length: usize| {
            let mut request = request("/unlock", Body::empty());
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
            limit(request).map(drop)
        };
        assert_eq!(sized(FORM_LIMIT), Ok(()));
        assert_eq!(sized(FORM_LIMIT + 1), Err(Refused::TooLarge));
    }

    #[tokio::test]
    async fn what_does_not_come_is_not_waited_for() {
        let never = Body::from_stream(futures_util::stream::pending::<io::Result<Bytes>>());
        let late = bounded(never, FORM_LIMIT, Duration::from_millis(20));
        assert_eq!(read(request("/unlock", late)).await, Err(()));
    }
}
