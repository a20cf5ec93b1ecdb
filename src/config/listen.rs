//! Where clients connect: addresses, names, TLS, the onion service, and which proxies are trusted.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use validator::ValidateRange;

use super::inspector::Inspector;
use super::overrides::{Overrides, Role};
use super::values::optional;
use crate::diagnostic::{Diagnostic, Table};
use crate::door::{LetterLimits, ListenAddress, Onion, Settings, Tls};

pub(super) struct ListenSection {
    pub(super) address: Vec<String>,
    /// Host names of the site.
    pub(super) names: Vec<String>,
    pub(super) redirect: Option<String>,
    pub(super) tls: Option<TlsSection>,
    pub(super) onion: Option<OnionSection>,
    pub(super) behind_proxy: bool,
    /// Peers that are believed about a client's address: addresses, or `unix`.
    pub(super) trusted_proxies: Vec<String>,
}

impl ListenSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        table.must_have("address");
        let tls = table.table("tls").map(TlsSection::read);
        let onion = table.table("onion").map(OnionSection::read);
        let read = Self {
            names: table.strings("names").unwrap_or_default(),
            redirect: table.string("redirect"),
            behind_proxy: table.flag("behind_proxy", false),
            trusted_proxies: table.strings("trusted_proxies").unwrap_or_default(),
            address: table.one_or_more("address")?,
            tls: optional(tls)?,
            onion: optional(onion)?,
        };
        Some(read)
    }
}

pub(super) struct TlsSection {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl TlsSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let (certificate, key) = (table.needed_path("certificate"), table.needed_path("key"));
        Some(Self {
            certificate: certificate?,
            key: key?,
        })
    }
}

pub(super) struct OnionSection {
    pub(super) address: String,
    pub(super) name: String,
}

impl OnionSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let (address, name) = (table.needed("address"), table.needed("name"));
        Some(Self {
            address: address?,
            name: name?,
        })
    }
}

pub(super) fn limits(mut table: Table<'_>) -> LetterLimits {
    let own = LetterLimits::default();
    let mut at_least_one = |name: &str, default: u32| {
        let pages = table.whole(name).unwrap_or(default);
        table.rule(
            name,
            pages.validate_range(Some(1), None, None, None),
            "must be at least 1",
        );
        pages
    };
    LetterLimits {
        prefix: at_least_one("pages_per_prefix", own.prefix),
        onion: at_least_one("pages_onion", own.onion),
    }
}

impl Inspector<'_> {
    pub(super) fn listeners(
        &mut self,
        listen: &ListenSection,
        letter_limits: LetterLimits,
        health: Option<&str>,
        overrides: &Overrides,
    ) -> Option<Settings> {
        if self.role == Role::Relay {
            // It listens for those who ask after its health, and has no business with the key of TLS.
            return Some(Settings {
                health: self.health(health, overrides),
                ..Settings::default()
            });
        }
        let places = match &overrides.listen {
            Some(place) => vec![place.clone()],
            None => self.places(listen)?,
        };
        self.are_private(&places, listen);
        self.names_are_hosts(&listen.names);
        let (proxies, proxy_on_unix) = self.proxies(listen);
        let settings = Settings {
            tls: self.tls(listen),
            names: listen.names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            redirect: self.redirect(listen),
            onion: self.onion(listen),
            proxies,
            proxy_on_unix,
            behind_proxy: listen.behind_proxy,
            letter_limits,
            health: self.health(health, overrides),
            addresses: places,
        };
        self.proxy_is_named(&settings);
        Some(settings)
    }

    fn places(&mut self, listen: &ListenSection) -> Option<Vec<ListenAddress>> {
        let texts = &listen.address;
        if texts.is_empty() {
            let what = "No address to listen at is named.".to_owned();
            self.broken("listen.address", what, "Write for example `0.0.0.0:443`.");
            return None;
        }
        let places: Vec<_> = texts
            .iter()
            .filter_map(|text| self.place("listen.address", text))
            .collect();
        (places.len() == texts.len()).then_some(places)
    }

    fn place(&mut self, key: &str, text: &str) -> Option<ListenAddress> {
        let place = text.parse().map_err(|why| {
            let what = format!("{text:?} cannot be used: {why}.");
            let remedy = "Write for example `0.0.0.0:443`, `unix:/run/konvolutt/web.sock`, or `systemd:web`.";
            self.broken(key, what, remedy);
        });
        place.ok()
    }

    /// Listening beyond this machine without TLS shows every letter to the network in between.
    fn are_private(&mut self, places: &[ListenAddress], listen: &ListenSection) {
        if listen.tls.is_some() || listen.behind_proxy {
            return;
        }
        for place in places {
            if matches!(place, ListenAddress::Tcp(address) if !address.ip().is_loopback()) {
                let what = format!(
                    "{place} can be reached from outside, and there is no TLS: letters could be read on the way."
                );
                let remedy = "Add [listen.tls], or listen at 127.0.0.1, or set `behind_proxy = true` if only your own proxy can reach the address.";
                self.broken("listen.address", what, remedy);
            }
        }
    }

    fn names_are_hosts(&mut self, names: &[String]) {
        let fits = |name: &&String| {
            let sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-');
            !name.is_empty() && name.chars().all(sign)
        };
        if let Some(wrong) = names.iter().find(|name| !fits(name)) {
            let what = format!("{wrong:?} is not a host name.");
            self.broken("listen.names", what, "Write names only, such as `skjema.example.no`.");
        }
    }

    fn tls(&mut self, listen: &ListenSection) -> Option<(std::path::PathBuf, std::path::PathBuf)> {
        let tls = listen.tls.as_ref()?;
        let (chain, key) = (self.path(&tls.certificate), self.path(&tls.key));
        if let Err(error) = Tls::load(&chain, &key, &listen.names) {
            let what = format!("TLS cannot be used: {error}.");
            self.broken("listen.tls", what, "Give the chain and its key as PEM files.");
        }
        self.site_certificate(&chain, &key, &listen.names);
        Some((chain, key))
    }

    fn redirect(&mut self, listen: &ListenSection) -> Option<ListenAddress> {
        let text = listen.redirect.as_ref()?;
        if listen.tls.is_none() || listen.names.is_empty() {
            let what = "There is no place to send visitors of `redirect` to.".to_owned();
            self.broken(
                "listen.redirect",
                what,
                "Add [listen.tls], and the site's host name to `names`.",
            );
        }
        self.place("listen.redirect", text)
    }

    fn onion(&mut self, listen: &ListenSection) -> Option<Onion> {
        let onion = listen.onion.as_ref()?;
        let name = onion.name.to_ascii_lowercase();
        let signs = name.strip_suffix(".onion").unwrap_or_default();
        if signs.len() != 56 || !signs.chars().all(|sign| matches!(sign, 'a'..='z' | '2'..='7')) {
            let what = format!("{:?} is not the name of an onion service.", onion.name);
            self.broken(
                "listen.onion.name",
                what,
                "Copy it from Tor's file `hostname`: 56 characters and `.onion`.",
            );
        }
        let place = self.place("listen.onion.address", &onion.address)?;
        if matches!(place, ListenAddress::Tcp(address) if !address.ip().is_loopback()) {
            let what = format!("{place} can be reached by others than the Tor of this machine.");
            self.broken(
                "listen.onion.address",
                what,
                "Let it listen at 127.0.0.1, or at a Unix socket.",
            );
        }
        Some(Onion { address: place, name })
    }

    fn proxies(&mut self, listen: &ListenSection) -> (Vec<IpAddr>, bool) {
        let (mut addresses, mut unix) = (Vec::new(), false);
        for text in &listen.trusted_proxies {
            match text.parse::<IpAddr>() {
                Ok(address) => addresses.push(address.to_canonical()),
                Err(_) if text == "unix" => unix = true,
                Err(_) => {
                    let what = format!("{text:?} is neither an address nor `unix`.");
                    self.broken("listen.trusted_proxies", what, "Name each proxy by its address.");
                }
            }
        }
        if listen.behind_proxy && listen.trusted_proxies.is_empty() {
            let what = "Behind a proxy that is not believed about addresses one counts for all, and one on this machine counts for nobody: then nothing limits what is sent.";
            let diagnostic = Diagnostic::warning(what, "Name it in `trusted_proxies`.");
            self.tell("listen.behind_proxy", diagnostic);
        }
        (addresses, unix)
    }

    fn health(&mut self, written: Option<&str>, overrides: &Overrides) -> Option<SocketAddr> {
        let health = overrides.health.or_else(|| self.address("health.address", written?))?;
        if !health.ip().is_loopback() {
            let what = "The health listener can be reached from outside: its counts tell when somebody wrote.";
            self.tell(
                "health.address",
                Diagnostic::warning(what, "Let it listen at 127.0.0.1."),
            );
        }
        Some(health)
    }

    fn address(&mut self, key: &str, text: &str) -> Option<SocketAddr> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let what = format!("{text:?} is not an address to listen at.");
            self.broken(key, what, "Write for example `127.0.0.1:8081`.");
        }
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;
    use super::*;

    fn listen() -> ListenSection {
        ListenSection {
            address: Vec::new(),
            names: Vec::new(),
            redirect: None,
            tls: None,
            onion: None,
            behind_proxy: false,
            trusted_proxies: Vec::new(),
        }
    }

    #[test]
    fn what_is_reached_from_outside_needs_tls() {
        let broken = |address: &str, behind_proxy| {
            let listen = ListenSection {
                behind_proxy,
                ..listen()
            };
            let addresses = [address.parse().unwrap()];
            let (good, _) = ask("", |inspector| {
                inspector.are_private(&addresses, &listen);
                inspector.shape_is_good
            });
            !good
        };
        assert!(broken("0.0.0.0:443", false) && broken("[::]:443", false));
        assert!(!broken("127.0.0.1:8080", false) && !broken("unix:/run/web.sock", false));
        assert!(!broken("10.0.0.1:80", true));
    }

    #[test]
    fn a_proxy_is_an_address_or_unix() {
        let read = |names: &[&str]| {
            let trusted_proxies = names.iter().map(|name| (*name).to_owned()).collect();
            let listen = ListenSection {
                trusted_proxies,
                ..listen()
            };
            let (read, told) = ask("", |inspector| inspector.proxies(&listen));
            (read.0.len(), read.1, told.len())
        };
        assert_eq!(read(&["127.0.0.1", "::ffff:10.0.0.1", "unix"]), (2, true, 0));
        assert_eq!(read(&["proxy.example"]), (0, false, 1));
    }

    #[test]
    fn a_host_name_is_a_name_only() {
        let told = |name: &str| {
            ask("", |inspector| inspector.names_are_hosts(&[name.to_owned()]))
                .1
                .len()
        };
        assert_eq!(told("skjema.example.no"), 0);
        for wrong in ["", "https://skjema.example.no", "skjema.example.no:443", "bl\u{e5}"] {
            assert_eq!(told(wrong), 1, "{wrong:?}");
        }
    }
}
