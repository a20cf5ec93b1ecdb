//! Port 80: sends a browser on to TLS, and takes nothing.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Sends to the same page over TLS, but only at one of our own names: a request may hold any name, and we send no browser
/// to a stranger's.
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
        // What was sent here went over the net in the clear. A redirect would make the browser send it again, and its
        // user would never know.
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.map(|host| host.split(':').next().unwrap_or_default().to_ascii_lowercase());
    match host.filter(|host| names.contains(host)) {
        // Without the query: it may hold the key to what was typed.
        Some(host) => {
            let to = format!("https://{host}{}", request.uri().path());
            (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
        }
        None => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(method: Method, target: &str, host: &str) -> (u16, Option<String>) {
        let request = Request::builder().method(method).uri(target).header(header::HOST, host);
        let names = ["a.example".to_owned(), "b.example".to_owned()];
        let answer = answer(&names, &request.body(Body::empty()).unwrap());
        let to = answer.headers().get(header::LOCATION);
        (answer.status().as_u16(), to.map(|to| to.to_str().unwrap().to_owned()))
    }

    #[test]
    fn browsers_are_sent_to_our_own_names_only_and_without_the_query() {
        let to = |to: &str| (301, Some(to.to_owned()));
        assert_eq!(
            asked(Method::GET, "/x?k=secret", "a.example"),
            to("https://a.example/x")
        );
        assert_eq!(asked(Method::HEAD, "/", "B.Example:80"), to("https://b.example/"));
        for stranger in ["c.example", "a.example.c.example", "a.example.", "[::1]", "x"] {
            assert_eq!(asked(Method::GET, "/", stranger), (421, None), "{stranger}");
        }
    }

    #[test]
    fn nothing_is_taken_in_the_clear() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert_eq!(asked(method, "/", "a.example"), (405, None));
        }
    }
}
