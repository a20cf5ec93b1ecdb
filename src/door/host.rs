//! The name that a request asks for, checked once for everything behind the door.
//!
//! HTTP/1.1 demands exactly one valid Host, and a server that answers others with anything but 400 breaks RFC 9112, 3.2;
//! hyper leaves that to us. It matters where a name decides something: which page sent a POST, and where port 80 sends
//! a browser. Two readers of two Hosts, we and a proxy in front, could each believe another one.

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Request, Version};

/// A request whose Host cannot be believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidHost;

/// Checks the Host of a request, and makes it the only name behind the door.
///
/// A target in absolute form names its host itself, and then that one counts (RFC 9112, 3.2.2): it takes the place of the
/// field, so that nothing behind the door must know of the two.
///
/// # Errors
/// No Host, several, or one that is none. Only HTTP/1.0 may say none: monitoring and load balancers still ask so, and no
/// browser does; what then compares a name with Host finds none and refuses.
pub(super) fn check_host<B>(request: &mut Request<B>) -> Result<(), InvalidHost> {
    let authority = request.uri().authority().map(Authority::as_str);
    let host = host_of(request.version(), request.headers(), authority)?;
    if let (Some(_), Some(host)) = (authority, host) {
        let host = HeaderValue::from_str(host).map_err(|_| InvalidHost)?;
        request.headers_mut().insert(HOST, host);
    }
    Ok(())
}

/// The name that a request is for: of its target if that has one, else of its Host.
fn host_of<'a>(
    version: Version,
    headers: &'a HeaderMap,
    authority: Option<&'a str>,
) -> Result<Option<&'a str>, InvalidHost> {
    let mut fields = headers.get_all(HOST).into_iter();
    let host = match (fields.next(), fields.next()) {
        (Some(host), None) => Some(host.to_str().map_err(|_| InvalidHost)?),
        (None, _) if version == Version::HTTP_10 => None,
        _ => return Err(InvalidHost),
    };
    // The field must be there and valid also beside a target that overrules it.
    let all_valid = host.is_none_or(is_valid) && authority.is_none_or(is_valid);
    if all_valid {
        Ok(authority.or(host))
    } else {
        Err(InvalidHost)
    }
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2). Empty is for targets without an authority, and every target
/// here is of the schemes http and https, in which an empty host is invalid and must be refused (RFC 9110, 4.2.1).
fn is_valid(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        // No zone (RFC 6874: browsers do not send it), and no `v1.…`: there is no such address yet.
        return rest
            .split_once(']')
            .is_some_and(|(address, port)| address.parse::<std::net::Ipv6Addr>().is_ok() && is_port(port));
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    !name.is_empty() && is_name(name) && is_port(port)
}

/// Nothing, or a colon and a number. The number may be missing (RFC 3986, 3.2.3).
fn is_port(text: &str) -> bool {
    let Some(number) = text.strip_prefix(':') else {
        return text.is_empty();
    };
    // `parse` alone would take a sign.
    number.is_empty() || (number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u16>().is_ok())
}

/// `reg-name`: unreserved, sub-delims and percent-encoded bytes. An IPv4 address is one too.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: Version, target: &str, hosts: &[&[u8]]) -> Result<Option<String>, InvalidHost> {
        let mut request = Request::builder().version(version).uri(target).body(()).unwrap();
        for host in hosts {
            request
                .headers_mut()
                .append(HOST, HeaderValue::from_bytes(host).unwrap());
        }
        check_host(&mut request)?;
        let host = request.headers().get(HOST);
        Ok(host.map(|host| host.to_str().unwrap().to_owned()))
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port_or_without() {
        for good in [
            "localhost",
            "skjema.example.no",
            "Skjema.Example.NO.",
            "xn--blbr-toa8i.example",
            "a_b",
            "a%C3%A6",
            "192.0.2.7",
            "192.0.2.7:80",
            "localhost:",
            "localhost:00080",
            "localhost:65535",
            "[::1]",
            "[2001:db8::1]:443",
            "[::ffff:192.0.2.7]",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            " ",
            "a b",
            "a, b",
            "localhost:80:80",
            "localhost:+80",
            "localhost:-1",
            "localhost:65536",
            "localhost:http",
            "user@localhost",
            "http://localhost",
            "localhost/",
            "localhost?x",
            "localhost#x",
            "a\\b",
            "a%",
            "a%4",
            "a%zz",
            "::1",
            "[::1",
            "[]",
            "[localhost]",
            "[192.0.2.7]",
            "[fe80::1%25eth0]",
            "[v1.x]",
            "[::1]x",
            "[::1]80",
            "\"localhost\"",
            "<localhost>",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn exactly_one_and_none_in_the_old_version_only() {
        let (old, new) = (Version::HTTP_10, Version::HTTP_11);
        let one = Ok(Some("a".to_owned()));
        for (version, hosts, wanted) in [
            (new, &[b"a".as_slice()][..], one),
            (new, &[], Err(InvalidHost)),
            (new, &[b"a", b"a"], Err(InvalidHost)),
            (new, &[b"a", b"b"], Err(InvalidHost)),
            (new, &[b""], Err(InvalidHost)),
            (new, &[b"a", b""], Err(InvalidHost)),
            (new, &["æ".as_bytes()], Err(InvalidHost)),
            (new, &[b"\xff"], Err(InvalidHost)),
            (old, &[], Ok(None)),
            (old, &[b"a"], Ok(Some("a".to_owned()))),
            (old, &[b"a", b"a"], Err(InvalidHost)),
            (old, &[b"a b"], Err(InvalidHost)),
        ] {
            assert_eq!(check(version, "/", hosts), wanted, "{version:?} {hosts:?}");
        }
    }

    #[test]
    fn a_target_that_names_a_host_overrules_the_field() {
        let new = Version::HTTP_11;
        let overruled = check(new, "http://b:80/x", &[b"a"]);
        assert_eq!(overruled, Ok(Some("b:80".to_owned())));
        assert_eq!(check(new, "b:443", &[b"a"]), Ok(Some("b:443".to_owned())), "CONNECT");
        assert_eq!(check(new, "*", &[b"a"]), Ok(Some("a".to_owned())), "OPTIONS");
        assert_eq!(check(Version::HTTP_10, "http://b/", &[]), Ok(Some("b".to_owned())));
        assert_eq!(
            check(new, "http://b/", &[]),
            Err(InvalidHost),
            "the field must be there"
        );
        assert_eq!(check(new, "http://b/", &[b"a", b"b"]), Err(InvalidHost));
        assert_eq!(check(new, "http://b/", &[b"a b"]), Err(InvalidHost));
        assert_eq!(check(new, "http://user@b/", &[b"b"]), Err(InvalidHost));
    }
}
