//! One table of response headers, each with its reason.

use axum::extract::{Extension, Request, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::Shared;
use crate::door::Client;

const TABLE: [(&str, &str); 11] = [
    // Nothing may load but our own stylesheet, scripts, logo and the empty icon, and nothing inline runs; forms and the
    // script that sends them go to us only.
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // For browsers that do not know frame-ancestors: a framed form could be covered by another page.
    ("x-frame-options", "DENY"),
    // A page is what we say it is.
    ("x-content-type-options", "nosniff"),
    // Other sites do not learn where a client came from. Not `no-referrer`: that makes Origin `null` on our own POST.
    ("referrer-policy", "same-origin"),
    // Nothing typed or shown may stay on the device.
    ("cache-control", "no-store"),
    // A window that opened us, or that we opened, cannot reach in.
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    // Whatever the page can be made to do, it has no camera, microphone or place.
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
    // A search engine must not lead the wrong person here.
    ("x-robots-tag", "noindex, nofollow"),
    // The browser must not look up other sites on its own.
    ("x-dns-prefetch-control", "off"),
];

/// For two years browsers come back over TLS only (RFC 6797). Never said by an onion service, which needs no TLS, nor
/// behind a proxy, which sends its own.
const HSTS: (&str, &str) = ("strict-transport-security", "max-age=63072000; includeSubDomains");

/// Sets the whole table on every answer.
pub(super) async fn set(
    State(intake): State<Shared>,
    Extension(client): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    let onion = onion_location(&intake, &client, &request);
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in TABLE.into_iter().chain(client.over_tls.then_some(HSTS)) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.extend(onion.map(|onion| (HeaderName::from_static("onion-location"), onion)));
    answer
}

/// Tells Tor Browser of the onion service, which then may go there by itself. Not on an address with a query: the page
/// behind it is shown once, and going there a second time would lose what was typed.
fn onion_location(intake: &Shared, client: &Client, request: &Request) -> Option<HeaderValue> {
    let onion = intake.onion.as_ref().filter(|_| !client.onion)?;
    let uri = request.uri();
    let plain = request.method() == Method::GET && uri.query().is_none();
    let location = plain.then(|| format!("http://{onion}{}", uri.path()))?;
    HeaderValue::from_str(&location).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_header_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, value) in TABLE.into_iter().chain([HSTS]) {
            // Both panic in `set` if they are not well-formed, there at the first request.
            let _ = (HeaderName::from_static(name), HeaderValue::from_static(value));
            assert!(seen.insert(name), "{name} stands twice");
        }
    }

    #[test]
    fn nothing_of_others_loads_and_nothing_inline_runs() {
        let (_, policy) = TABLE[0];
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        for rule in policy.split("; ") {
            let mut words = rule.split(' ');
            let of = words.next().unwrap();
            for source in words {
                let own = ["'none'", "'self'"].contains(&source) || (of == "img-src" && source == "data:");
                assert!(own, "{rule}");
            }
        }
    }
}
