//! Listeners at which a proxy of this machine would bring visitors, and is not named.

use super::inspector::Inspector;
use crate::diagnostic::Diagnostic;
use crate::door::{ListenAddress, Settings};

/// The first place where everybody counts for this machine, which nothing limits: only this machine reaches it, and who
/// comes from there is not believed about others. (No proxy finds a port that the system chooses, and what systemd opened
/// is not known here.)
pub fn taken_for_here(settings: &Settings) -> Option<&ListenAddress> {
    let named = |place: &&ListenAddress| match place {
        ListenAddress::Tcp(address) if address.ip().is_loopback() && address.port() != 0 => {
            settings.proxies.iter().any(|proxy| proxy.is_loopback())
        }
        ListenAddress::Unix(_) => settings.proxy_on_unix,
        ListenAddress::Tcp(_) | ListenAddress::Systemd(_) => true,
    };
    settings.addresses.iter().find(|place| !named(place))
}

impl Inspector<'_> {
    /// With TLS of our own a proxy is unlikely.
    pub(super) fn proxy_is_named(&mut self, settings: &Settings) {
        let place = taken_for_here(settings).filter(|_| settings.tls.is_none());
        if let Some(place) = place {
            let what =
                format!("{place} is reached from this machine only, and nobody there is limited in what they send.");
            let own = named_as(place);
            let remedy = format!("If a proxy brings visitors there, name it: `trusted_proxies = [\"{own}\"]`.");
            self.tell("listen.trusted_proxies", Diagnostic::warning(what, remedy));
        }
    }
}

/// What a proxy that comes there is called in `trusted_proxies`.
pub fn named_as(place: &ListenAddress) -> &'static str {
    match place {
        ListenAddress::Unix(_) => "unix",
        ListenAddress::Tcp(address) if address.is_ipv6() => "::1",
        ListenAddress::Tcp(_) | ListenAddress::Systemd(_) => "127.0.0.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unnamed(place: &str, proxies: &[&str], proxy_on_unix: bool) -> bool {
        let settings = Settings {
            addresses: vec!["0.0.0.0:1".parse().unwrap(), place.parse().unwrap()],
            proxies: proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
            proxy_on_unix,
            ..Settings::default()
        };
        taken_for_here(&settings).is_some()
    }

    #[test]
    fn a_proxy_must_be_named_as_it_comes() {
        assert!(unnamed("127.0.0.1:8080", &[], false));
        assert!(!unnamed("127.0.0.1:8080", &["127.0.0.1"], false));
        // Another one than the one that can come there.
        assert!(unnamed("127.0.0.1:8080", &["10.0.0.1"], true));
        assert!(unnamed("[::1]:8080", &[], false) && !unnamed("[::1]:8080", &["::1"], false));
        assert!(unnamed("unix:/run/web.sock", &["127.0.0.1"], false));
        assert!(!unnamed("unix:/run/web.sock", &[], true));
        for open in ["10.0.0.1:80", "systemd:web", "127.0.0.1:0"] {
            assert!(!unnamed(open, &[], false), "{open}");
        }
    }
}
