//! What a request must be like before anybody looks where it wants to go.
//!
//! What always holds: it was sent to us by name, and named exactly once (hyper lets two through); a page of another site
//! did not cause it.

use std::net::SocketAddr;

use axum::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use axum::http::{Method, Request};

use super::events::Refused;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// What our `Host` is: browsers leave the usual port away.
pub(super) fn host(address: SocketAddr) -> String {
    match (address, address.port()) {
        (SocketAddr::V4(four), 80) => four.ip().to_string(),
        (SocketAddr::V6(six), 80) => format!("[{}]", six.ip()),
        _ => address.to_string(),
    }
}

/// Refuses what is not meant for us. A name that another site gave to this machine (DNS rebinding) shows in `Host`.
pub(super) fn named<B>(request: &Request<B>, host: &str) -> Result<(), Refused> {
    let is_host = |said: &str| said == host;
    let named = once(request.headers(), &HOST)?.is_some_and(is_host);
    let uri = request.uri();
    let target = uri.authority().is_none_or(|authority| is_host(authority.as_str()));
    let scheme = uri.scheme_str().is_none_or(|scheme| scheme == "http");
    if named && target && scheme && uri.path().starts_with('/') {
        Ok(())
    } else {
        Err(Refused::OtherName)
    }
}

/// Only these have a meaning here.
pub(super) fn method(method: &Method) -> Result<(), Refused> {
    match *method {
        Method::GET | Method::HEAD | Method::POST => Ok(()),
        _ => Err(Refused::Method),
    }
}

/// Refuses what a page of another site caused. What changes something must say that a page of ours did.
pub(super) fn site<B>(request: &Request<B>, host: &str) -> Result<(), Refused> {
    let headers = request.headers();
    // Nobody looks yet: a letter would count as opened that nobody has seen.
    if headers.contains_key(PURPOSE) {
        return Err(Refused::OtherSite);
    }
    let (site, origin) = (once(headers, &SITE)?, once(headers, &ORIGIN)?);
    let own_origin = origin.map(|origin| origin.strip_prefix("http://") == Some(host));
    let fits = match (site, own_origin) {
        (_, Some(false)) => false,
        (Some("same-origin"), _) => true,
        (Some("none"), _) => *request.method() != Method::POST,
        (Some(_), _) => false,
        (None, own) => *request.method() != Method::POST || own == Some(true),
    };
    if fits { Ok(()) } else { Err(Refused::OtherSite) }
}

/// How a request with a one-time address may come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Typed, from another program, or from a browser that does not say.
    Straight,
    /// From a page of somewhere else: a file, a web mail. A redirect would keep that mark.
    FromElsewhere,
}

/// A one-time address may be followed from anywhere, for whoever knows it was given it; but only by somebody who goes
/// there. A browser that fetches ahead would use it up.
pub(super) fn arrival<B>(request: &Request<B>) -> Result<Arrival, Refused> {
    let headers = request.headers();
    if *request.method() != Method::GET || headers.contains_key(PURPOSE) || headers.contains_key(ORIGIN) {
        return Err(Refused::OtherSite);
    }
    match (once(headers, &SITE)?, once(headers, &MODE)?) {
        (None | Some("none" | "same-origin"), _) => Ok(Arrival::Straight),
        (Some(_), Some("navigate")) => Ok(Arrival::FromElsewhere),
        _ => Err(Refused::OtherSite),
    }
}

/// The value of a header that may be there once.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refused> {
    let wrong = if *name == HOST {
        Refused::OtherName
    } else {
        Refused::OtherSite
    };
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| wrong),
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST_HERE: &str = "127.0.0.1:4000";

    fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn our_own_name_once_and_nothing_else() {
        let own = ("host", HOST_HERE);
        for (target, headers) in [("/x", vec![own]), ("http://127.0.0.1:4000/x", vec![own])] {
            assert_eq!(named(&request("GET", target, &headers), HOST_HERE), Ok(()), "{target}");
        }
        for (target, headers) in [
            ("/x", vec![]),
            ("/x", vec![own, own]),
            ("/x", vec![own, ("host", "evil.example")]),
            ("/x", vec![("host", "localhost:4000")]),
            ("/x", vec![("host", "127.0.0.1")]),
            ("/x", vec![("host", "127.0.0.1:4001")]),
            ("/x", vec![("host", "127.0.0.1:4000.evil.example")]),
            ("/x", vec![("host", "evil.example:4000")]),
            ("/x", vec![("host", "a@127.0.0.1:4000")]),
            ("http://evil.example/x", vec![own]),
            ("https://127.0.0.1:4000/x", vec![own]),
            ("*", vec![own]),
        ] {
            let refused = named(&request("GET", target, &headers), HOST_HERE);
            assert_eq!(refused, Err(Refused::OtherName), "{target} {headers:?}");
        }
        assert_eq!(host("[::1]:4000".parse().unwrap()), "[::1]:4000");
        assert_eq!(host("127.0.0.1:80".parse().unwrap()), "127.0.0.1");
    }

    #[test]
    fn no_page_of_another_site_causes_anything() {
        let own = ("origin", "http://127.0.0.1:4000");
        let site_is = |value| ("sec-fetch-site", value);
        for (method, headers) in [
            ("GET", vec![]),
            ("GET", vec![site_is("none")]),
            ("GET", vec![site_is("same-origin")]),
            ("POST", vec![site_is("same-origin")]),
            ("POST", vec![own]),
            ("POST", vec![own, site_is("same-origin")]),
        ] {
            assert_eq!(
                site(&request(method, "/", &headers), HOST_HERE),
                Ok(()),
                "{method} {headers:?}"
            );
        }
        for (method, headers) in [
            ("GET", vec![site_is("cross-site")]),
            ("GET", vec![site_is("same-site")]),
            ("GET", vec![site_is("")]),
            ("GET", vec![site_is("none"), ("sec-purpose", "prefetch;prerender")]),
            ("GET", vec![site_is("same-origin"), site_is("cross-site")]),
            ("GET", vec![("origin", "null")]),
            ("POST", vec![]),
            ("POST", vec![site_is("none")]),
            ("POST", vec![site_is("same-origin"), ("origin", "null")]),
            ("POST", vec![("origin", "https://127.0.0.1:4000")]),
            ("POST", vec![("origin", "http://127.0.0.1:4001")]),
            ("POST", vec![own, site_is("cross-site")]),
            ("POST", vec![own, own]),
        ] {
            let refused = site(&request(method, "/", &headers), HOST_HERE);
            assert_eq!(refused, Err(Refused::OtherSite), "{method} {headers:?}");
        }
    }

    #[test]
    fn a_one_time_address_is_followed_by_people() {
        let from = |headers: &[(&str, &str)]| arrival(&request("GET", "/x", headers));
        assert_eq!(from(&[]), Ok(Arrival::Straight));
        assert_eq!(from(&[("sec-fetch-site", "none")]), Ok(Arrival::Straight));
        let elsewhere = ("sec-fetch-site", "cross-site");
        assert_eq!(
            from(&[elsewhere, ("sec-fetch-mode", "navigate")]),
            Ok(Arrival::FromElsewhere)
        );
        for headers in [
            vec![elsewhere],
            vec![elsewhere, ("sec-fetch-mode", "no-cors")],
            vec![("sec-fetch-site", "none"), ("sec-purpose", "prefetch")],
            vec![("origin", "http://127.0.0.1:4000")],
        ] {
            assert_eq!(from(&headers), Err(Refused::OtherSite), "{headers:?}");
        }
        assert!(arrival(&request("POST", "/x", &[])).is_err());
    }
}
