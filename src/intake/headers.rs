//! One table of response headers, each with its reason.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, HeaderName};
use axum::middleware::Next;
use axum::response::Response;

const TABLE: [(&str, &str); 11] = [
    // Nothing may load but our own stylesheet and the empty icon; no script at all; forms go to us only.
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // For browsers that do not know frame-ancestors: a framed form could be covered by another page.
    ("x-frame-options", "DENY"),
    // A page is what we say it is.
    ("x-content-type-options", "nosniff"),
    // Other sites do not learn where a visitor came from. Not `no-referrer`: that makes Origin `null` on our own POST.
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

/// Sets the whole table on every answer.
pub(super) async fn set(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in TABLE {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

/// For two years browsers come back over TLS only (RFC 6797). Sent only over TLS of our own; a proxy sends its own.
pub(super) async fn only_over_tls(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
    answer
        .headers_mut()
        .insert(HeaderName::from_static("strict-transport-security"), value);
    answer
}

/// Closes the connection after this answer: what was read of the body then leaves memory with its buffer.
pub(super) fn close(answer: &mut Response) {
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
}
