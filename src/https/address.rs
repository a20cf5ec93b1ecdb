//! Where something is asked for: HTTPS, or this machine.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

/// A web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host, checked against its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// HTTPS. Without it the host must be this machine.
    pub tls: bool,
    path: String,
}

impl Address {
    /// Reads `https://host[:port]/path`; `http://` for this machine alone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "is not a web address")?;
        let authority = uri.authority().ok_or("is not a web address")?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("must begin with https://"),
        };
        if authority.as_str().contains('@') {
            return Err("holds a password, which would be seen in listings");
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if !tls && !is_here(&host) {
            return Err("must begin with https://, since it leaves this machine");
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, port, tls, path })
    }

    /// Its path, as it stands in a request.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Another path of the same server, below the one that this address has.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let path = format!("{}{path}", self.path.trim_end_matches('/'));
        Self { path, ..self.clone() }
    }

    /// Where an answer of this server sends us, if that is the same server.
    pub fn same_server(&self, location: &str) -> Option<Self> {
        if location.starts_with('/') && !location.starts_with("//") {
            let whole = Self {
                path: String::new(),
                ..self.clone()
            };
            // Read as any other address: what came over the net goes into the next request.
            return Self::parse(&format!("{whole}{location}")).ok();
        }
        let other = Self::parse(location).ok()?;
        let same = (&other.host, other.port, other.tls) == (&self.host, self.port, self.tls);
        same.then_some(other)
    }

    /// Host and port as they stand in a request.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let good = [
            "https://hooks.example/a?b=c",
            "http://127.0.0.1:9/x",
            "http://[::1]/",
            "http://localhost:8080",
        ];
        for text in good {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        let bad = [
            "http://hooks.example/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example/",
            "https://user:secret@hooks.example/",
            "ftp://hooks.example/",
            "hooks.example",
            "https://",
            "https://hooks.example/a b",
            "https://hooks.example/\r\nX: y",
        ];
        for text in bad {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        let address = Address::parse("https://hooks.example/a?b=c").unwrap();
        assert_eq!(address.to_string(), "https://hooks.example:443/a?b=c");
    }
    #[test]
    fn only_the_same_server_is_followed() {
        let address = Address::parse("https://wkd.example/a").unwrap();
        let to = |location| address.same_server(location).map(|to| to.to_string());
        assert_eq!(to("/b?c"), Some("https://wkd.example:443/b?c".into()));
        assert_eq!(to("https://wkd.example/b"), Some("https://wkd.example:443/b".into()));
        for foreign in [
            "//other.example/b",
            "https://other.example/b",
            "http://wkd.example/b",
            "https://wkd.example:444/",
            "b",
            "/b\r\nX: y",
        ] {
            assert_eq!(to(foreign), None, "{foreign}");
        }
        assert_eq!(address.below("/x").to_string(), "https://wkd.example:443/a/x");
    }
}
