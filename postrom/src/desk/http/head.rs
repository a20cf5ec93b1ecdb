//! One table of headers for every answer, each with its reason.

use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SERVER, SET_COOKIE};

const TABLE: [(&str, &str); 11] = [
    // Nothing may load but our own style, script and pictures, and nothing inline runs; forms go to us only.
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // For browsers that do not know frame-ancestors: a framed desk could be covered by another page.
    ("x-frame-options", "DENY"),
    // What a citizen sent is what we say it is.
    ("x-content-type-options", "nosniff"),
    // The secret stands in the address, and no other site learns it. Not `no-referrer`: that makes Origin `null` on our own
    // POST, and then nobody could tell it from one of a page without a name.
    ("referrer-policy", "same-origin"),
    // Nothing that was shown stays in the browser's files.
    ("cache-control", "no-store"),
    // A window that opened us, or that we opened, cannot reach in.
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    // The page reads nothing of the machine but what is dropped on it, and writes to the clipboard what is copied.
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), browsing-topics=()",
    ),
    // The browser must not look up names that stand in a letter.
    ("x-dns-prefetch-control", "off"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// What no answer has: nothing is opened to other sites, nothing is kept in the browser.
const NEVER: [HeaderName; 4] = [
    HeaderName::from_static("access-control-allow-origin"),
    HeaderName::from_static("access-control-allow-credentials"),
    SET_COOKIE,
    SERVER,
];

pub(super) fn set(headers: &mut HeaderMap) {
    for name in NEVER {
        headers.remove(name);
    }
    for (name, value) in TABLE {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// Browsers keep whole pages to go back to, whatever `no-store` says, and throw them away at this. On the page itself it comes
/// too early, before the one that is left was put away; the style is loaded after that.
pub(super) fn forget(headers: &mut HeaderMap) {
    let is_style = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/css"));
    if is_style {
        let cache = HeaderValue::from_static("\"cache\"");
        headers.insert(HeaderName::from_static("clear-site-data"), cache);
    }
}

/// The connection ends with this answer, and its buffers with it.
pub(super) fn close(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}
