//! Who asks, as far as a request needs to know, and which proxies are believed about it.
//!
//! Comes in: the address of a connection and the heads of its requests. Goes out: the [`Client`] of a connection, and what it
//! may still do. What always holds: an address that a client writes itself is never believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};

use super::overflow::{Overflow, Place};
use super::pace::Pace;
use super::rate_limit::{Allowance, LetterLimits, RateLimit};
use crate::owner::{NameKey, NoShare, Owner, Shared, Source};

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
    /// Its owner has its share of connections: this one is beyond it, and short.
    pub(crate) is_guest: bool,
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
        let named = headers
            .get_all(FORWARDED)
            .into_iter()
            .next_back()
            .filter(|_| self.is_proxy);
        let forwarded = named.and_then(forwarded_for);
        match forwarded.or(self.address) {
            Some(address) if !address.is_loopback() => Source::Address(address),
            // It comes from the net, whatever its proxy wrote: all of these are one.
            _ if named.is_some() && forwarded.is_none() => Source::Address(Ipv4Addr::UNSPECIFIED.into()),
            _ => Source::Here,
        }
    }
}

/// The client's address as the proxy before us saw it: the last one of the list. Those before it may be an invention, and
/// anything but text: that must not hide the last.
fn forwarded_for(list: &HeaderValue) -> Option<IpAddr> {
    let last = list.as_bytes().rsplit(|byte| *byte == b',').next()?;
    address_of(std::str::from_utf8(last).ok()?.trim())
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

/// Connections that all owners share: each costs at most two buffers of a request head until it sends a body.
const CONNECTIONS: u64 = 4096;

/// What every listener asks about a client.
pub struct ClientPolicy {
    proxies: Proxies,
    /// Lives as long as the process, for a connection may live as long: a count that was forgotten while it lasts would
    /// let one owner take every connection in turn.
    names: NameKey,
    letters: Arc<RateLimit>,
    connections: Arc<Shared>,
    /// Connections beyond a share.
    overflow: Arc<Overflow>,
    /// Pages that are being sent through proxies of ours.
    senders: Arc<Shared>,
    /// The same beyond a share.
    senders_overflow: Arc<Overflow>,
}

impl ClientPolicy {
    /// Believes these proxies.
    pub(crate) fn new(proxies: Proxies, letter_limits: LetterLimits) -> Self {
        Self {
            proxies,
            names: NameKey::random(),
            letters: Arc::new(RateLimit::new(letter_limits)),
            connections: Shared::new(CONNECTIONS),
            overflow: Arc::default(),
            senders: Shared::new(CONNECTIONS),
            senders_overflow: Arc::default(),
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
            is_guest: false,
            address,
            is_proxy: address.map_or(self.proxies.unix, |own| self.proxies.addresses.contains(&own)),
        }
    }

    /// The owner of a connection. Onion, proxies and this machine stand for many clients: they have only the bound of
    /// their own listener.
    pub(super) fn owner_of_connection(&self, client: &Client) -> Owner {
        match client.address {
            Some(address) if !client.onion && !client.is_proxy && !address.is_loopback() => {
                self.names.owner(Source::Address(address))
            }
            _ => Owner::default(),
        }
    }

    /// A place for one connection more of an owner.
    pub(super) fn connection(&self, owner: &Owner) -> Place {
        place(&self.connections, &self.overflow, owner)
    }

    /// The same for one page that is sent through a proxy of ours, by the client whom the proxy names.
    pub(crate) fn sender(&self, client: &Client, headers: &HeaderMap) -> Place {
        if client.is_proxy && !client.onion {
            place(&self.senders, &self.senders_overflow, &self.owner(client, headers))
        } else {
            Place::OfItsOwn { _held: None }
        }
    }

    /// Whom a request counts for.
    pub(crate) fn owner(&self, client: &Client, headers: &HeaderMap) -> Owner {
        self.names.owner(client.source(headers))
    }

    /// The right to one letter more; none when too many came from there.
    pub(crate) fn letter(&self, client: &Client, headers: &HeaderMap) -> Option<Allowance> {
        self.letters.letter(client.source(headers))
    }

    /// Other limits for letters, from now on.
    pub fn set_letter_limits(&self, limits: LetterLimits) {
        self.letters.set_limits(limits);
    }

    /// More than half of all connections are taken: whoever is slow has to hurry.
    pub(crate) fn is_crowded(&self) -> bool {
        self.connections.is_half_full() || self.senders.is_half_full()
    }
}

/// Within its share, or beyond it for a short time.
fn place(shared: &Arc<Shared>, overflow: &Arc<Overflow>, owner: &Owner) -> Place {
    if owner.is_nobody() {
        return Place::OfItsOwn { _held: None };
    }
    match shared.hold(owner, 1) {
        Ok(held) => Place::OfItsOwn { _held: Some(held) },
        Err(NoShare) => Place::Beyond(overflow.enter(owner)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: ListenerKind, peer: Option<&str>, forwarded: &[&str]) -> Source {
        let forwarded: Vec<_> = forwarded.iter().map(|text| text.as_bytes()).collect();
        source_of_bytes(kind, peer, &forwarded)
    }

    fn source_of_bytes(kind: ListenerKind, peer: Option<&str>, forwarded: &[&[u8]]) -> Source {
        let proxies = Proxies {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            unix: true,
        };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, HeaderValue::from_bytes(value).unwrap());
        }
        let policy = ClientPolicy::new(proxies, LetterLimits::default());
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

    /// A proxy that appends to what the visitor wrote passes on bytes that are no text. They once hid the address behind them,
    /// and a visitor of a proxy on this machine then counted for nobody.
    #[test]
    fn nothing_that_a_client_invents_makes_it_nobody() {
        let unix = |forwarded: &[u8]| source_of_bytes(ListenerKind::Public, None, &[forwarded]);
        let address = |text: &str| Source::Address(text.parse().unwrap());
        assert_eq!(unix(b"\xff\xfe, 198.51.100.1"), address("198.51.100.1"));
        for nothing in [&b"\xff"[..], b"", b"unknown", b"198.51.100.1, "] {
            assert_eq!(unix(nothing), address("0.0.0.0"), "all of these are one");
        }
        assert_eq!(
            unix(b"127.0.0.1"),
            Source::Here,
            "the control: somebody at this machine"
        );
    }
}
