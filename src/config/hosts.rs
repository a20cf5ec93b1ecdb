//! A server of a database as it is written: `name`, `name:port`, or the directory of its Unix socket.

use std::net::Ipv6Addr;
use std::path::PathBuf;

use crate::explain::Explained;
use crate::store::postgres::Host;

/// Where PostgreSQL listens when nobody says another.
const PORT: u16 = 5432;

/// Reads one.
///
/// # Errors
/// What is wrong with it. An address of the kind that has a password in it is never repeated.
pub fn host(text: &str) -> Result<Host, Explained> {
    if text.contains("://") || text.contains('@') {
        let remedy = "write the server's name alone, such as `db1.example.no` or `db1.example.no:5433`; database, user and password file have settings of their own";
        return Err(Explained::new(
            "a server is named by an address with `://` or `@` in it",
            remedy,
        ));
    }
    if text.starts_with('/') {
        let (directory, port) = match text.rsplit_once(':') {
            Some((directory, digits)) => (directory, port(text, digits)?),
            None => (text, PORT),
        };
        return Ok(Host::Socket(PathBuf::from(directory), port));
    }
    let (name, digits) = parts(text);
    let port = digits.map_or(Ok(PORT), |digits| port(text, digits))?;
    if is_name(name) || name.parse::<Ipv6Addr>().is_ok() {
        return Ok(Host::Net(name.to_owned(), port));
    }
    Err(Explained::new(
        format!("{text:?} is no host name"),
        "write the name that stands in the server's certificate, or the directory of its Unix socket, which begins with `/`",
    ))
}

/// Name and port. An IPv6 address stands in brackets when a port follows.
fn parts(text: &str) -> (&str, Option<&str>) {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return match rest.strip_prefix(':') {
            Some(digits) => (address, Some(digits)),
            None if rest.is_empty() => (address, None),
            None => (text, None),
        };
    }
    match text.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') => (name, Some(digits)),
        _ => (text, None),
    }
}

fn port(text: &str, digits: &str) -> Result<u16, Explained> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|port| plain && *port != 0);
    number.ok_or_else(|| {
        Explained::new(
            format!("{text:?} has no port of 1 to 65535"),
            "correct the number behind the colon",
        )
    })
}

fn is_name(name: &str) -> bool {
    let symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !name.is_empty() && name.len() <= 253 && name.bytes().all(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_name_an_address_or_a_socket() {
        let net = |name: &str, port| Host::Net(name.to_owned(), port);
        for (text, wanted) in [
            ("db1.etaten.no", net("db1.etaten.no", 5432)),
            ("db2:5433", net("db2", 5433)),
            ("10.0.0.1:5433", net("10.0.0.1", 5433)),
            ("::1", net("::1", 5432)),
            ("[::1]", net("::1", 5432)),
            ("[fd00::2]:6000", net("fd00::2", 6000)),
            ("/run/postgresql", Host::Socket("/run/postgresql".into(), 5432)),
            ("/run/postgresql:5433", Host::Socket("/run/postgresql".into(), 5433)),
        ] {
            assert_eq!(host(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_server_is_told_and_an_address_with_a_password_is_not_repeated() {
        for text in [
            "",
            "db 1",
            "db:",
            "db:0",
            "db:x",
            "db:+5",
            "db:65536",
            "run/postgresql",
            "[::1",
            "a:b:c",
            "[db]x",
        ] {
            assert!(host(text).is_err(), "{text:?}");
        }
        for text in [
            "postgres://web:hemmelig@db1/konvolutt",
            "https://db1",
            "web:hemmelig@db1",
        ] {
            let told = host(text).unwrap_err();
            assert!(
                !told.what.contains("hemmelig") && told.remedy.contains("name alone"),
                "{told:?}"
            );
        }
    }
}
