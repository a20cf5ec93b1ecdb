//! The places that may have a newer copy, and how each is asked.

use std::fmt;
use std::sync::Arc;

use konvolutt_letter::{WkdPlace, printable};
use rustls::ClientConfig;
use sequoia_openpgp as openpgp;
use tokio::time::timeout;

use openpgp::cert::CertParser;
use openpgp::parse::Parse;
use openpgp::types::HashAlgorithm;
use openpgp::{Cert, Fingerprint};

use super::Settings;
use crate::explain::Peer;
use crate::https::{Address, Answer, get};

/// More than any certificate has that `seal` takes.
const MOST: usize = 1024 * 1024;
/// A server may move a path or two.
const REDIRECTS: usize = 3;

/// A place to ask.
pub(super) enum Source {
    /// The Web Key Directory, where the first address answers; else where the next one does.
    Wkd { domain: String, addresses: Vec<Address> },
    /// A key server.
    KeyServer(Address),
}

impl Source {
    /// In the order in which they are asked: the post room's own domain first.
    pub(super) fn of(mailbox: &str, settings: &Settings) -> Vec<Self> {
        let place = WkdPlace::of(mailbox, sha1).filter(|_| settings.wkd);
        let wkd = place.map(|place| Self::Wkd {
            addresses: wkd_addresses(&place, settings.wkd_address.as_ref()),
            domain: place.domain,
        });
        let key_server = settings.key_server.clone().map(Self::KeyServer);
        wkd.into_iter().chain(key_server).collect()
    }

    /// The copy that the place has of a certificate, if it knows it.
    ///
    /// # Errors
    /// Why there is no answer that can be used.
    pub(super) async fn ask(
        &self,
        fingerprint: &Fingerprint,
        settings: &Settings,
        tls: &Arc<ClientConfig>,
    ) -> Result<Option<Cert>, String> {
        let addresses = match self {
            Self::Wkd { addresses, .. } => addresses.clone(),
            Self::KeyServer(server) => {
                let path = format!("/pks/lookup?op=get&options=mr&search=0x{}", fingerprint.to_hex());
                vec![server.below(&path)]
            }
        };
        let (mut answered, mut failed) = (false, None);
        for address in addresses {
            match fetch(address, settings, tls).await {
                // A site can have a page for every path, and a domain a host for every name: then this is no directory, and the next
                // address may be one.
                Ok(Some(body)) => match the_one(&body, fingerprint) {
                    Ok(found) => return Ok(found),
                    Err(why) => failed = Some(why),
                },
                Ok(None) => answered = true,
                Err(why) => failed = Some(why),
            }
        }
        // The host of the advanced method is not there in most domains: it is a fault when no address answers.
        failed.filter(|_| !answered).map_or(Ok(None), Err)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wkd { domain, .. } => write!(out, "Web Key Directory of {}", printable(domain)),
            Self::KeyServer(server) => write!(out, "key server {}", server.host),
        }
    }
}

/// Advanced method, then direct method; both at the one address that is named, if one is.
fn wkd_addresses(place: &WkdPlace, named: Option<&Address>) -> Vec<Address> {
    let (advanced, direct) = (place.advanced(), place.direct());
    let query = place.query();
    let paths = [advanced, direct].map(|path| path + &query);
    let hosts = [
        format!("https://openpgpkey.{}", place.domain),
        format!("https://{}", place.domain),
    ];
    let addresses = hosts.iter().zip(paths).filter_map(|(host, path)| match named {
        Some(named) => Some(named.below(&path)),
        // A mailbox's domain can be one that is no host, such as an address literal.
        None => Address::parse(host).ok().map(|host| host.below(&path)),
    });
    addresses.collect()
}

/// What lies at an address; `None` when the server says that nothing does.
async fn fetch(address: Address, settings: &Settings, tls: &Arc<ClientConfig>) -> Result<Option<Vec<u8>>, String> {
    let host = address.host.clone();
    let answered = timeout(settings.timeout, follow(address, tls)).await;
    let answer = answered.map_err(|_| format!("{host} did not answer within {} s", settings.timeout.as_secs()))??;
    match answer.status {
        200 => Ok(Some(answer.body)),
        404 | 410 => Ok(None),
        status => Err(format!("{host} answered {status}")),
    }
}

/// Another host would be asked in the name of one that nobody named.
async fn follow(mut address: Address, tls: &Arc<ClientConfig>) -> Result<Answer, String> {
    for _ in 0..=REDIRECTS {
        let answer = get(&address, &peer(&address), tls, MOST).await;
        let answer = answer.map_err(|error| format!("{}: {error}; {}", address.host, error.remedy))?;
        let Some(location) = answer
            .location
            .as_deref()
            .filter(|_| matches!(answer.status, 301..=308))
        else {
            return Ok(answer);
        };
        let next = address.same_server(location);
        address = next.ok_or_else(|| format!("{} sends us to another server, which is not asked", address.host))?;
    }
    Err(format!("{} sends us on without end", address.host))
}

fn peer(address: &Address) -> Peer {
    Peer {
        who: "the server",
        host: address.host.clone(),
        port: address.port,
        host_setting: "`wkd_address` or `key_server` in [refresh]",
        roots_setting: "`ca_file` in [refresh]",
        without_identity: "name another server: this one wants a certificate of ours",
        without_tls: "name the port at which it speaks HTTPS",
    }
}

/// The certificate with the fingerprint among all that came. The directory may hold several for one address.
fn the_one(body: &[u8], fingerprint: &Fingerprint) -> Result<Option<Cert>, String> {
    let no_certificate = || "what it sent is no OpenPGP certificate".to_owned();
    let certs = CertParser::from_bytes(body).map_err(|_| no_certificate())?;
    let mut foreign = false;
    for cert in certs {
        let cert = cert.map_err(|_| no_certificate())?;
        if cert.fingerprint() == *fingerprint {
            return Ok(Some(cert));
        }
        foreign = true;
    }
    // Another certificate for the address is no news of ours: a new one is pinned by telephone.
    if foreign { Ok(None) } else { Err(no_certificate()) }
}

fn sha1(bytes: &[u8]) -> Option<[u8; 20]> {
    let mut hash = HashAlgorithm::SHA1.context().ok()?.for_digest();
    hash.update(bytes);
    let mut digest = [0; 20];
    hash.digest(&mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_asked_by_the_mailbox_s_address() {
        let asked = |settings: &Settings| -> Vec<String> {
            let sources = Source::of("Joe.Doe@Example.ORG", settings);
            let addresses = sources.iter().flat_map(|source| match source {
                Source::Wkd { addresses, .. } => addresses.clone(),
                Source::KeyServer(server) => vec![server.clone()],
            });
            addresses.map(|address| address.to_string()).collect()
        };
        let hash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe";
        let folder = ".well-known/openpgpkey";
        let advanced = format!("https://openpgpkey.example.org:443/{folder}/example.org/hu/{hash}");
        let direct = format!("https://example.org:443/{folder}/hu/{hash}");
        assert_eq!(asked(&Settings::default()), [advanced, direct]);
        let named = Settings {
            wkd_address: Address::parse("https://intern.example.no/keys").ok(),
            ..Settings::default()
        };
        assert!(
            asked(&named)
                .iter()
                .all(|address| address.starts_with("https://intern.example.no:443/keys/.well-known/"))
        );
        let server = Settings {
            wkd: false,
            key_server: Address::parse("https://keys.example.no").ok(),
            ..Settings::default()
        };
        assert_eq!(asked(&server), ["https://keys.example.no:443/"]);
    }

    #[test]
    fn another_certificate_is_none_and_garbage_is_a_fault() {
        let made = |name: &str| {
            let builder = openpgp::cert::CertBuilder::general_purpose(Some(name));
            builder.generate().unwrap().0.strip_secret_key_material()
        };
        let bytes = |cert: &Cert| openpgp::serialize::SerializeInto::to_vec(cert).unwrap();
        let (one, other) = (made("a@x.example"), made("b@x.example"));
        let both = [bytes(&other), bytes(&one)].concat();
        assert_eq!(the_one(&both, &one.fingerprint()).unwrap().unwrap(), one);
        assert_eq!(the_one(&bytes(&other), &one.fingerprint()), Ok(None));
        for garbage in [&b""[..], b"<html>", &bytes(&one)[1..]] {
            assert!(the_one(garbage, &one.fingerprint()).is_err());
        }
    }
}
