//! Who asks, as far as a request needs to know, and which proxies are believed about it.
//!
//! Comes in: the address of a connection and the heads of its requests. Goes out: the [`Client`] of a connection, and what it
//! may still do. What always holds: an address that a client writes itself is never believed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;

use super::concurrency::{Resource, Slot, Slots, TooMany};
use super::pace::Pace;
use super::rate_limit::{Decision, PageLimits, RateLimit};
use super::source::Source;

/// What a proxy of ours writes the client's address into.
const FORWARDED: &str = "x-forwarded-for";

/// Which kind of listener a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListenerKind {
    /// The form, for everybody.
    Public,
    /// The onion service: Tor on this machine speaks for everybody.
    Onion,
    /// The operator's monitoring.
    Health,
}

/// Proxies of the operator's own. Only what they say of a client's address is believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies {
    /// By address.
    pub(crate) addresses: Vec<IpAddr>,
    /// Those who can reach our Unix socket.
    pub(crate) unix: bool,
}

/// The other end of one connection. Holds an address: nothing prints it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    /// It came through the onion service.
    pub(crate) onion: bool,
    /// This program does its TLS.
    pub(crate) over_tls: bool,
    /// How slow it may be.
    pub(crate) pace: Pace,
    /// `None` for a Unix socket.
    address: Option<IpAddr>,
    is_proxy: bool,
}

impl Client {
    /// Whom a request of this connection counts for.
    fn source(&self, headers: &HeaderMap) -> Source {
        if self.onion {
            return Source::Onion;
        }
        let forwarded = if self.is_proxy { forwarded_for(headers) } else { None };
        match forwarded.or(self.address) {
            Some(address) if !address.is_loopback() => Source::Address(address),
            _ => Source::Here,
        }
    }
}

/// The client's address as the proxy before us saw it: the last one of the list. Those before it may be an invention.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED).into_iter().next_back()?;
    address_of(last.to_str().ok()?.rsplit(',').next()?.trim())
}

/// An address as proxies write it: some add the port.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .or_else(|_| text.parse().map(|with: SocketAddr| with.ip()))
        .ok()
}

/// What every listener asks about a client.
pub struct ClientPolicy {
    proxies: Proxies,
    pages: RateLimit,
    slots: Arc<Slots>,
}

impl ClientPolicy {
    /// Believes these proxies.
    pub(crate) fn new(proxies: Proxies, page_limits: PageLimits) -> Self {
        Self {
            proxies,
            pages: RateLimit::new(page_limits),
            slots: Arc::new(Slots::new()),
        }
    }

    /// The client of a new connection.
    pub(crate) fn client(&self, kind: ListenerKind, over_tls: bool, address: Option<IpAddr>) -> Client {
        let address = address.map(|address| address.to_canonical());
        let onion = kind == ListenerKind::Onion;
        Client {
            onion,
            over_tls,
            pace: if onion { Pace::OF_ONION } else { Pace::OF_THE_NET },
            address,
            is_proxy: address.map_or(self.proxies.unix, |own| self.proxies.addresses.contains(&own)),
        }
    }

    /// A slot among the connections of its prefix. Onion, proxies and this machine stand for many clients: they have
    /// only the bound of their own listener.
    ///
    /// # Errors
    /// There are too many already.
    pub(crate) fn slot(&self, client: &Client) -> Result<Option<Slot>, TooMany> {
        match client.address {
            Some(address) if !client.onion && !client.is_proxy && !address.is_loopback() => {
                self.slots.take(Resource::Connection, Source::Address(address))
            }
            _ => Ok(None),
        }
    }

    /// The same for one page that is sent through a proxy of ours, by the client whom the proxy names.
    ///
    /// # Errors
    /// There are too many already.
    pub(crate) fn sender(&self, client: &Client, headers: &HeaderMap) -> Result<Option<Slot>, TooMany> {
        if client.is_proxy && !client.onion {
            self.slots.take(Resource::Connection, client.source(headers))
        } else {
            Ok(None)
        }
    }

    /// A slot among the uploads of one source.
    ///
    /// # Errors
    /// There are too many already.
    pub(crate) fn upload(&self, client: &Client, headers: &HeaderMap) -> Result<Option<Slot>, TooMany> {
        self.slots.take(Resource::Upload, client.source(headers))
    }

    /// Counts a page that is being sent.
    pub(crate) fn page(&self, client: &Client, headers: &HeaderMap) -> Decision {
        self.pages.page(client.source(headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: ListenerKind, peer: Option<&str>, forwarded: &[&str]) -> Source {
        let proxies = Proxies {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            unix: true,
        };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        let policy = ClientPolicy::new(proxies, PageLimits::default());
        let peer = peer.map(|peer| peer.parse().unwrap());
        policy.client(kind, false, peer).source(&headers)
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let address = |text: &str| Source::Address(text.parse().unwrap());
        let public = |peer, forwarded: &[&str]| source(ListenerKind::Public, Some(peer), forwarded);
        assert_eq!(public("192.0.2.7", &["198.51.100.1"]), address("192.0.2.7"));
        assert_eq!(public("10.0.0.1", &["198.51.100.1"]), address("198.51.100.1"));
        assert_eq!(public("::ffff:10.0.0.1", &["198.51.100.1"]), address("198.51.100.1"));
        // What the client wrote stands before what the proxy wrote.
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
        assert_eq!(
            source(ListenerKind::Public, None, &["198.51.100.1"]),
            address("198.51.100.1")
        );
        assert_eq!(source(ListenerKind::Public, None, &[]), Source::Here);
        assert_eq!(
            source(ListenerKind::Onion, Some("127.0.0.1"), &["198.51.100.1"]),
            Source::Onion
        );
    }
}
