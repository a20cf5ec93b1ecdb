//! A chain with its key, as a server or a client shows itself with it.

use std::cmp::Ordering;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use super::certificate::{Validity, covers, names, validity};
use super::end::day;
use super::pem::{Unusable, certificates, private_key};

/// A chain with its key, which belong together.
#[derive(Clone)]
pub struct Identity {
    /// What TLS needs.
    pub key: Arc<CertifiedKey>,
    /// When its first certificate is valid.
    pub validity: Validity,
}

/// Why browsers refuse a certificate that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not for these names of the site.
    Names {
        /// Names that it lacks.
        missing: Vec<String>,
        /// Names that it has.
        has: Vec<String>,
    },
    /// It is valid only from this second on.
    NotYet(u64),
    /// It was valid until this second.
    Ended(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Names { missing, has } if has.is_empty() => {
                write!(out, "names no host, and should be for {}", missing.join(", "))
            }
            Fault::Names { missing, has } => write!(out, "is for {}, not for {}", has.join(", "), missing.join(", ")),
            Fault::NotYet(from) => write!(out, "is valid only from {} on", day(*from)),
            Fault::Ended(until) => write!(out, "ended on {}", day(*until)),
        }
    }
}

impl Identity {
    /// Reads a chain and its key.
    ///
    /// # Errors
    /// Names the file that cannot be used.
    pub fn read(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<Self, Unusable> {
        let certificates = certificates(chain)?;
        // One further up that cannot be read is the chain's fault, and no reason to serve nothing.
        let own = certificates.first().and_then(validity);
        let validity = own.ok_or_else(|| Unusable::NotX509(chain.to_owned()))?;
        let private = private_key(key)?;
        let private = provider.key_provider.load_private_key(private);
        let private = private.map_err(|_| Unusable::NoKey(key.to_owned()))?;
        let of = |certificates: &[CertificateDer<'static>]| CertifiedKey::new(certificates.to_vec(), private.clone());
        let fits = |from: usize| !matches!(of(&certificates[from..]).keys_match(), Err(error) if is_mismatch(&error));
        match (0..certificates.len()).find(|place| fits(*place)) {
            Some(0) => Ok(Self {
                key: Arc::new(of(&certificates)),
                validity,
            }),
            Some(place) => Err(Unusable::NotFirst(chain.to_owned(), place + 1)),
            None => Err(Unusable::OtherKey(key.to_owned(), chain.to_owned())),
        }
    }

    /// Its certificates, the own one first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.key.cert
    }

    /// The names that it is for.
    pub fn names(&self) -> Vec<String> {
        self.chain().first().map(names).unwrap_or_default()
    }

    /// What browsers would refuse it for, at a site of these names.
    pub fn faults(&self, site: &[String], now: u64) -> Vec<Fault> {
        let missing = self.missing(site);
        let has = self.names();
        let of_names = (!missing.is_empty()).then_some(Fault::Names { missing, has });
        let Validity { from, until } = self.validity;
        let of_time = if now < from {
            Some(Fault::NotYet(from))
        } else {
            (now > until).then_some(Fault::Ended(until))
        };
        of_names.into_iter().chain(of_time).collect()
    }

    fn missing(&self, site: &[String]) -> Vec<String> {
        let own = self.chain().first();
        let is_missing = |name: &&String| !own.is_some_and(|own| covers(own, name));
        site.iter().filter(is_missing).cloned().collect()
    }

    /// Which of two serves this site better at this time. Names count for more than dates: those a wrong clock misjudges.
    /// Of two that are out of date the one nearer to being valid is better, since a wrong clock may be all that is
    /// wrong with it.
    pub fn compare(&self, other: &Self, site: &[String], now: u64) -> Ordering {
        let faults = |one: &Self| (one.missing(site).len(), one.validity.nearest(now).abs_diff(now));
        faults(other).cmp(&faults(self))
    }
}

fn is_mismatch(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)
    )
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::ops::Range;

    use super::*;

    /// The beginning of a year.
    pub(in crate::x509) fn at(year: u16) -> u64 {
        let day = jiff::civil::date(i16::try_from(year).unwrap(), 1, 1);
        let time = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        u64::try_from(time.as_second()).unwrap()
    }

    /// A certificate in the making, then made.
    pub(in crate::x509) struct Made {
        wanted: rcgen::CertificateParams,
        key: rcgen::KeyPair,
        pub(in crate::x509) der: CertificateDer<'static>,
        pub(in crate::x509) pem: String,
    }

    impl Made {
        pub(in crate::x509) fn new(names: &[&str]) -> Self {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let key = rcgen::KeyPair::generate().unwrap();
            let mut wanted = rcgen::CertificateParams::new(names).unwrap();
            // Issuers are found by their names.
            let own = format!("{:?}", key.public_key_raw());
            wanted.distinguished_name.push(rcgen::DnType::CommonName, own);
            let made = Self {
                wanted,
                key,
                der: CertificateDer::from(Vec::new()),
                pem: String::new(),
            };
            made.valid(2020..2040)
        }

        pub(in crate::x509) fn authority(mut self) -> Self {
            self.wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            self
        }

        pub(in crate::x509) fn valid(mut self, years: Range<u16>) -> Self {
            let day = |year: u16| rcgen::date_time_ymd(year.into(), 1, 1);
            (self.wanted.not_before, self.wanted.not_after) = (day(years.start), day(years.end));
            self
        }

        pub(in crate::x509) fn by_itself(self) -> Self {
            let made = self.wanted.self_signed(&self.key).unwrap();
            self.made(&made)
        }

        pub(in crate::x509) fn by(self, issuer: &Made) -> Self {
            let issuer = rcgen::Issuer::from_params(&issuer.wanted, &issuer.key);
            let made = self.wanted.signed_by(&self.key, &issuer).unwrap();
            self.made(&made)
        }

        fn made(mut self, made: &rcgen::Certificate) -> Self {
            (self.der, self.pem) = (made.der().clone(), made.pem());
            self
        }
    }

    fn read(chain: &[&Made], key: &Made) -> Result<Identity, String> {
        let dir = tempfile::tempdir().unwrap();
        let (chain_file, key_file) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
        let pem: String = chain.iter().map(|made| made.pem.as_str()).collect();
        fs::write(&chain_file, pem).unwrap();
        fs::write(&key_file, key.key.serialize_pem()).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        Identity::read(&chain_file, &key_file, &provider).map_err(|error| error.to_string())
    }

    fn site(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_key_belongs_to_the_first_certificate() {
        let root = Made::new(&[]).authority().by_itself();
        let own = Made::new(&["a.example"]).by(&root);
        assert_eq!(read(&[&own, &root], &own).unwrap().names(), ["a.example"]);
        let told = read(&[&root, &own], &own).err().unwrap();
        assert!(told.contains("place 2 of the file and must come first"), "{told}");
        let other = Made::new(&["a.example"]).by(&root);
        let told = read(&[&own, &root], &other).err().unwrap();
        assert!(told.contains("key.pem holds the key of another certificate"), "{told}");
    }

    #[test]
    fn faults_are_those_that_a_browser_finds() {
        let own = Made::new(&["a.example", "b.example"]).valid(2025..2027).by_itself();
        let own = read(&[&own], &own).unwrap();
        let told = |names: &[&str], year| {
            let faults = own.faults(&site(names), at(year)).into_iter();
            faults.map(|fault| fault.to_string()).collect::<Vec<_>>()
        };
        assert!(told(&["a.example", "b.example"], 2026).is_empty() && told(&[], 2026).is_empty());
        assert_eq!(
            told(&["c.example"], 2026),
            ["is for a.example, b.example, not for c.example"]
        );
        assert_eq!(told(&["a.example"], 2024), ["is valid only from 2025-01-01 on"]);
        assert_eq!(told(&["d.example"], 2028).len(), 2);
        assert_eq!(told(&["a.example"], 2028), ["ended on 2027-01-01"]);
    }

    #[test]
    fn names_count_for_more_than_dates_and_nearer_for_more_than_farther() {
        let pair = |name: &str, years| {
            let made = Made::new(&[name]).valid(years).by_itself();
            read(&[&made], &made).unwrap()
        };
        let (good, late) = (pair("a.example", 2025..2027), pair("a.example", 2025..2026));
        let (other, names) = (pair("b.example", 2025..2029), site(&["a.example"]));
        let order = |one: &Identity, two: &Identity, year| one.compare(two, &names, at(year));
        assert_eq!(order(&good, &late, 2026), Ordering::Equal);
        assert_eq!(order(&good, &late, 2027), Ordering::Greater);
        // A clock that is years ahead: the one that ends later still wins, and another's name never does.
        assert_eq!(order(&good, &late, 2035), Ordering::Greater);
        assert_eq!(order(&good, &other, 2028), Ordering::Greater);
        assert_eq!(order(&other, &good, 2028), Ordering::Less);
    }
}
