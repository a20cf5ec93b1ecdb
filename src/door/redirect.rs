//! Port 80: sends a browser on to TLS, and takes nothing.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Sends to the same page over TLS, but only at one of our own names: whoever writes a request may write any name into
/// it, and we do not send anybody there.
pub(super) fn redirect_router(names: Vec<String>) -> Router {
    Router::new().fallback(onward).with_state(Arc::new(names))
}

async fn onward(State(names): State<Arc<Vec<String>>>, request: Request) -> Response {
    let mut answer = answer(&names, &request);
    super::close(&mut answer);
    answer
}

fn answer(names: &[String], request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        // What was sent here went over the net in the clear. A redirect would make the browser send it again, and
        // nobody would learn of it.
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.map(|host| host.split(':').next().unwrap_or_default().to_ascii_lowercase());
    match host.filter(|host| names.contains(host)) {
        // Without the query: it may hold the key to what somebody has typed.
        Some(host) => {
            let to = format!("https://{host}{}", request.uri().path());
            (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
        }
        None => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}
