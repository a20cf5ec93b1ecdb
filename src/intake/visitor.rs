//! Who asks, as far as a request needs to know; and who is believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use super::crowd::{Crowd, Often, Source, Turn};
use super::open::{Place, TooMany, What};
use super::pace::Pace;

/// What a proxy of ours writes the visitor's address into.
const FORWARDED: &str = "x-forwarded-for";

/// What kind of door somebody came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anybody.
    Public,
    /// The onion service: Tor on this machine speaks for everybody.
    Onion,
    /// The operator's monitoring.
    Health,
}

/// Proxies of the operator's own. Only what they say of a visitor's address is believed.
#[derive(Debug, Clone, Default)]
pub(super) struct Proxies {
    /// By address.
    pub(super) addresses: Vec<IpAddr>,
    /// Whoever reaches our Unix socket.
    pub(super) unix: bool,
}

/// One connection's other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor {
    pub(super) onion: bool,
    pub(super) over_tls: bool,
    pub(super) pace: Pace,
    /// `None` for a Unix socket.
    address: Option<IpAddr>,
    is_proxy: bool,
}

impl Visitor {
    /// Whom a request of this connection counts for.
    fn source(&self, headers: &HeaderMap) -> Source {
        if self.onion {
            return Source::Onion;
        }
        let told = headers
            .get_all(FORWARDED)
            .into_iter()
            .next_back()
            .filter(|_| self.is_proxy);
        // The last one is what the proxy saw itself; those before it can be anybody's invention.
        let told = told.and_then(|value| addressed(value.to_str().ok()?.rsplit(',').next()?.trim()));
        match told.or(self.address) {
            Some(address) if !address.is_loopback() => Source::Address(address),
            _ => Source::Here,
        }
    }
}

/// An address as proxies write it: some add the port.
fn addressed(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .or_else(|_| text.parse().map(|with: SocketAddr| with.ip()))
        .ok()
}

/// Stands at every door.
pub struct Doorman {
    proxies: Proxies,
    crowd: Crowd,
}

impl Doorman {
    /// Believes these proxies.
    pub(super) fn new(proxies: Proxies, often: Often) -> Self {
        Self {
            proxies,
            crowd: Crowd::new(often),
        }
    }

    /// Looks at a new connection.
    pub(super) fn meet(&self, kind: Kind, over_tls: bool, address: Option<IpAddr>) -> Visitor {
        let address = address.map(|address| address.to_canonical());
        let onion = kind == Kind::Onion;
        Visitor {
            onion,
            over_tls,
            pace: if onion { Pace::OF_ONION } else { Pace::OF_THE_NET },
            address,
            is_proxy: address.map_or(self.proxies.unix, |own| self.proxies.addresses.contains(&own)),
        }
    }

    /// A place among the connections of its prefix. Onion, proxies and this machine stand for many visitors: they have
    /// only the bound of their own door.
    ///
    /// # Errors
    /// There are too many already.
    pub(super) fn place(&self, visitor: &Visitor) -> Result<Option<Place>, TooMany> {
        match visitor.address {
            Some(address) if !visitor.onion && !visitor.is_proxy && !address.is_loopback() => {
                self.crowd.place(What::Connection, Source::Address(address))
            }
            _ => Ok(None),
        }
    }

    /// The same for one page that is sent through a proxy of ours, by the visitor whom the proxy names.
    ///
    /// # Errors
    /// There are too many already.
    pub(super) fn sender(&self, visitor: &Visitor, headers: &HeaderMap) -> Result<Option<Place>, TooMany> {
        match visitor.is_proxy && !visitor.onion {
            true => self.crowd.place(What::Connection, visitor.source(headers)),
            false => Ok(None),
        }
    }

    /// A place among the uploads of one source.
    ///
    /// # Errors
    /// There are too many already.
    pub(super) fn upload(&self, visitor: &Visitor, headers: &HeaderMap) -> Result<Option<Place>, TooMany> {
        self.crowd.place(What::Upload, visitor.source(headers))
    }

    /// Counts a page that is being sent.
    pub(super) fn page(&self, visitor: &Visitor, headers: &HeaderMap) -> Turn {
        self.crowd.page(visitor.source(headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: Kind, peer: Option<&str>, forwarded: &[&str]) -> Source {
        let proxies = Proxies {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            unix: true,
        };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        let doorman = Doorman::new(proxies, Often::default());
        let peer = peer.map(|peer| peer.parse().unwrap());
        doorman.meet(kind, false, peer).source(&headers)
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let address = |text: &str| Source::Address(text.parse().unwrap());
        let public = |peer, forwarded: &[&str]| source(Kind::Public, Some(peer), forwarded);
        assert_eq!(public("192.0.2.7", &["198.51.100.1"]), address("192.0.2.7"));
        assert_eq!(public("10.0.0.1", &["198.51.100.1"]), address("198.51.100.1"));
        assert_eq!(public("::ffff:10.0.0.1", &["198.51.100.1"]), address("198.51.100.1"));
        // What the visitor wrote stands before what the proxy wrote.
        assert_eq!(public("10.0.0.1", &["1.1.1.1, 198.51.100.1"]), address("198.51.100.1"));
        assert_eq!(
            public("10.0.0.1", &["1.1.1.1", "198.51.100.1"]),
            address("198.51.100.1")
        );
        for with_port in ["[2001:db8::1]:4711", "[2001:db8::1]", "2001:db8::1"] {
            assert_eq!(public("10.0.0.1", &[with_port]), address("2001:db8::1"));
        }
        assert_eq!(public("10.0.0.1", &["198.51.100.1:4711"]), address("198.51.100.1"));
        assert_eq!(public("10.0.0.1", &["nonsense"]), address("10.0.0.1"));
        assert_eq!(public("127.0.0.1", &["198.51.100.1"]), Source::Here);
        assert_eq!(source(Kind::Public, None, &["198.51.100.1"]), address("198.51.100.1"));
        assert_eq!(source(Kind::Public, None, &[]), Source::Here);
        assert_eq!(source(Kind::Onion, Some("127.0.0.1"), &["198.51.100.1"]), Source::Onion);
    }
}
