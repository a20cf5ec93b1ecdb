//! All listeners: opened before the runtime starts, served together.
//!
//! Comes in: the settings. Goes out: running accept loops. What always holds: a socket that is reached from outside has TLS,
//! or the operator said that a proxy stands before it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accept::{Endpoint, serve};
use super::client::{ClientPolicy, ListenerKind, Proxies};
use super::handed_over::HandedOver;
use super::rate_limit::LetterLimits;
use super::redirect::redirect_router;
use super::sockets::{ListenAddress, Socket, bind, raise_descriptors};
use super::tls::Tls;

/// Where to listen and who is believed, as configured.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where the form is served.
    pub addresses: Vec<ListenAddress>,
    /// Certificate chain and key (PEM), when this program does TLS itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Host names of the site.
    pub names: Vec<String>,
    /// Where browsers are sent on to TLS.
    pub redirect: Option<ListenAddress>,
    /// The onion service, if there is one.
    pub onion: Option<Onion>,
    /// Who is believed about a client's address.
    pub proxies: Vec<IpAddr>,
    /// The same of those who come by a Unix socket.
    pub proxy_on_unix: bool,
    /// Only a proxy of the operator's reaches the addresses, so that they need no TLS.
    pub behind_proxy: bool,
    /// Letters that one owner of addresses may send.
    pub letter_limits: LetterLimits,
    /// Where health is answered, if anywhere.
    pub health: Option<SocketAddr>,
}

/// The onion service.
#[derive(Debug, Clone)]
pub struct Onion {
    /// Where Tor connects to.
    pub address: ListenAddress,
    /// Its name, which ends in `.onion`.
    pub name: String,
}

impl Settings {
    /// What the listeners ask about clients.
    pub fn policy(&self) -> ClientPolicy {
        let proxies = Proxies {
            addresses: self.proxies.clone(),
            unix: self.proxy_on_unix,
        };
        ClientPolicy::new(proxies, self.letter_limits)
    }
}

/// Sockets that listen already and answer once [`Listeners::serve`] runs.
#[derive(Default)]
pub struct Listeners {
    public: Vec<Socket>,
    onion: Vec<Socket>,
    redirect: Vec<Socket>,
    health: Vec<Socket>,
    names: Vec<String>,
    tls: Option<Arc<Tls>>,
    missing: Vec<Missing>,
}

/// A listener beside the form's own that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// `redirect` or `onion`.
    pub listener: &'static str,
    /// Why, and what helps.
    pub why: String,
}

impl Listeners {
    /// Opens what a process needs; the relay alone only answers for its health. Without its redirect or its onion service
    /// the form is served all the same: see [`Listeners::missing`].
    ///
    /// # Errors
    /// Names the address that cannot be listened at, the socket that no setting takes, or the file that TLS cannot use.
    pub fn open(settings: &Settings, form: bool) -> io::Result<Self> {
        raise_descriptors();
        let mut handed_over = HandedOver::receive()?;
        let mut listeners = Self::default();
        if let Some(health) = settings.health {
            listeners.health = bind(&ListenAddress::Tcp(health), &mut handed_over)?;
        }
        if form {
            listeners.open_form(settings, &mut handed_over)?;
        }
        handed_over.all_are_taken()?;
        Ok(listeners)
    }

    fn open_form(&mut self, settings: &Settings, handed_over: &mut HandedOver) -> io::Result<()> {
        for address in &settings.addresses {
            self.public.extend(bind(address, handed_over)?);
        }
        if settings.tls.is_none() && !settings.behind_proxy {
            stays_here(&self.public, "there is no [listen.tls], and `behind_proxy` is not set")?;
        }
        if let Some(onion) = &settings.onion {
            self.onion = self.beside("onion", &onion.address, handed_over);
            stays_here(&self.onion, "it is the onion service's")?;
        }
        if let Some(address) = &settings.redirect {
            self.redirect = self.beside("redirect", address, handed_over);
        }
        self.names.clone_from(&settings.names);
        if let Some((chain, key)) = &settings.tls {
            self.tls = Some(Arc::new(Tls::load(chain, key, &settings.names)?));
        }
        Ok(())
    }

    /// Port 80 does not decide over 443: a listener beside the form's own may be missing.
    fn beside(&mut self, listener: &'static str, address: &ListenAddress, handed_over: &mut HandedOver) -> Vec<Socket> {
        bind(address, handed_over).unwrap_or_else(|error| {
            let why = error.to_string();
            self.missing.push(Missing { listener, why });
            Vec::new()
        })
    }

    /// What could not be opened, and is not served.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The TLS of the public listeners.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// The first address that a browser could go to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.public.iter().find_map(Socket::address)
    }

    /// One line per listener, for people and for programs that start us.
    pub fn lines(&self) -> Vec<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let line = |word: &str, scheme: &str, socket: &Socket| match socket {
            Socket::Tcp(_) => format!("{word} {scheme}://{socket}/"),
            Socket::Unix(_) => format!("{word} {socket}"),
        };
        let mut lines: Vec<String> = self.health.iter().map(|one| line("health", "http", one)).collect();
        lines.extend(self.redirect.iter().map(|one| line("redirect", "http", one)));
        lines.extend(self.onion.iter().map(|one| line("onion", "http", one)));
        lines.extend(self.public.iter().map(|one| line("ready", scheme, one)));
        lines
    }

    /// Serves at every listener until `stop`; `form` and `health` are the routes behind them.
    ///
    /// # Errors
    /// When a listener cannot be used any more.
    pub async fn serve(
        self,
        form: Option<Router>,
        health: Router,
        policy: Arc<ClientPolicy>,
        stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        let acceptor = self.tls.as_ref().map(|tls| tls.acceptor());
        let mut served = JoinSet::new();
        let mut open = |sockets: Vec<Socket>, kind, tls: Option<_>, router: &Router| {
            for socket in sockets {
                let tls = tls.clone();
                let endpoint = Endpoint { socket, kind, tls };
                served.spawn(serve(endpoint, router.clone(), policy.clone(), stop.clone()));
            }
        };
        open(self.health, ListenerKind::Health, None, &health);
        open(self.redirect, ListenerKind::Public, None, &redirect_router(self.names));
        if let Some(form) = form {
            open(self.onion, ListenerKind::Onion, None, &form);
            open(self.public, ListenerKind::Public, acceptor, &form);
        }
        while let Some(ended) = served.join_next().await {
            ended.map_err(io::Error::other)??;
        }
        Ok(())
    }
}

/// Who can reach a socket is known for certain only once it is open: systemd's may be at any address.
fn stays_here(sockets: &[Socket], why: &str) -> io::Result<()> {
    let reached = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
    match sockets.iter().filter_map(Socket::address).find(reached) {
        None => Ok(()),
        Some(address) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{address} can be reached from outside, and letters could be read on the way: {why}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str, behind_proxy: bool) -> io::Result<Listeners> {
        let settings = Settings {
            addresses: vec![address.parse().unwrap()],
            behind_proxy,
            ..Settings::default()
        };
        Listeners::open(&settings, true)
    }

    #[test]
    fn what_is_reached_from_outside_has_tls_or_a_proxy() {
        let refused = open("0.0.0.0:0", false).err().unwrap().to_string();
        assert!(refused.contains("[listen.tls]"), "{refused}");
        assert!(open("127.0.0.1:0", false).is_ok());
        assert!(open("0.0.0.0:0", true).is_ok());
    }
}
