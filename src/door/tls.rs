//! TLS of our own, so that no proxy in front sees or spools what was typed. A renewed certificate is used without a
//! restart.
//!
//! Comes in: a chain and a key (PEM), and the site's names. Goes out: what the accept loop needs, and what browsers would
//! refuse. What always holds: files that cannot be used, or that browsers would refuse for more than what is in use, leave
//! that in use. At the start there is nothing better: then what there is is served.

use std::cmp::Ordering;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::reload::{Look, Reload};
use crate::unix_time::seconds;
use crate::x509::{self, Fault, Identity};

/// A certificate chain with its key (PEM), as it is in use and as it is on disk.
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    /// The site's names, which a certificate should be for.
    names: Vec<String>,
    current: Arc<Current>,
    /// Held over a look at the files, so never on a thread of the runtime.
    files: Mutex<Files>,
    acceptor: TlsAcceptor,
}

/// What is on disk, and what of it is in use.
struct Files {
    reload: Reload,
    in_use: Identity,
    /// It was seen without a fault. If it ever seems not to be valid yet, then the clock is what is wrong.
    was_good: bool,
}

/// What a look at the site's certificate found.
#[derive(Debug)]
pub struct Looked {
    /// What became of files that have changed.
    pub renewal: Renewal,
    /// What browsers refuse the one in use for, in words that follow its name; but for its end.
    pub faults: Vec<String>,
    /// The last second of the one in use.
    pub until: u64,
    /// What is to be told of that end; nothing while it is far away.
    pub ending: Option<String>,
}

/// What became of files that have changed.
#[derive(Debug, PartialEq, Eq)]
pub enum Renewal {
    /// What is on disk is in use.
    InUse,
    /// They cannot be used now, and may be in the middle of being written.
    Unsettled,
    /// They are not used: why.
    Refused(String),
}

struct Current(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the certificate in use")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// Reads chain and key. Also what browsers refuse is served: there is nothing better.
    ///
    /// # Errors
    /// Names the file that cannot be used.
    pub fn load(chain: &Path, key: &Path, names: &[String]) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (reload, in_use) =
            Reload::begin(&[chain, key], || Identity::read(chain, key, &provider)).map_err(io::Error::other)?;
        let current = Arc::new(Current(RwLock::new(in_use.key.clone())));
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            names: names.to_owned(),
            acceptor: acceptor(provider, current.clone())?,
            current,
            files: Mutex::new(Files {
                reload,
                in_use,
                was_good: false,
            }),
        })
    }

    /// What the accept loop needs.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Reads files that have changed; with `asked` also those that look unchanged. New connections then get the new
    /// certificate, and running ones go on. Blocks on the disk.
    ///
    /// Chain and key are seldom written in one step, so a refusal is told only of files that look the same as at the last
    /// look, or when this look was asked for.
    pub fn look_again(&self, asked: bool, now: SystemTime) -> Looked {
        let now = seconds(now);
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let Files {
            reload,
            in_use,
            was_good,
        } = &mut *files;
        *was_good |= in_use.faults(&self.names, now).is_empty();
        let provider = self.acceptor.config().crypto_provider();
        let fresh = || self.better(in_use, *was_good, now, provider);
        let renewal = match reload.look(&[&self.chain, &self.key], asked, fresh) {
            Look::Same => Renewal::InUse,
            Look::New(fresh) => {
                *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = fresh.key.clone();
                // The same one once more proves nothing anew: judged by a clock that has gone wrong, it would lose that it was good.
                if fresh.chain() != in_use.chain() {
                    *was_good = fresh.faults(&self.names, now).is_empty();
                    tracing::info!("another TLS certificate is in use");
                }
                *in_use = fresh;
                Renewal::InUse
            }
            Look::Refused { error, settled } if asked || settled => Renewal::Refused(error),
            Look::Refused { .. } => Renewal::Unsettled,
        };
        self.judged(in_use, now, renewal)
    }

    /// What is on disk, unless what is in use is better.
    fn better(
        &self,
        in_use: &Identity,
        was_good: bool,
        now: u64,
        provider: &CryptoProvider,
    ) -> Result<Identity, String> {
        let fresh = Identity::read(&self.chain, &self.key, provider).map_err(|error| error.to_string())?;
        // A clock that is earlier than what was good once is known to be wrong: then both are judged by a time of their
        // own, and a renewal ends later than what it renews.
        let clock_is_behind = was_good && now < in_use.validity.from;
        let now = if clock_is_behind {
            in_use.validity.from.max(fresh.validity.from)
        } else {
            now
        };
        let ends_sooner = clock_is_behind && fresh.validity.until < in_use.validity.until;
        if fresh.compare(in_use, &self.names, now) != Ordering::Less && !ends_sooner {
            return Ok(fresh);
        }
        let faults = fresh.faults(&self.names, now).into_iter();
        let mut faults: Vec<_> = faults.map(|fault| fault.to_string()).collect();
        if ends_sooner {
            faults.push("ends sooner than the one in use, and the clock is behind".to_owned());
        }
        Err(format!(
            "{}: the certificate {}",
            self.chain.display(),
            faults.join(", and ")
        ))
    }

    fn judged(&self, in_use: &Identity, now: u64, renewal: Renewal) -> Looked {
        let faults = in_use.faults(&self.names, now).into_iter();
        let lasting = faults.filter(|fault| !matches!(fault, Fault::Ended(_)));
        let until = in_use.validity.until;
        Looked {
            renewal,
            faults: lasting.map(|fault| fault.to_string()).collect(),
            until,
            ending: x509::ending("the certificate of the web site", until, now),
        }
    }
}

fn acceptor(provider: Arc<CryptoProvider>, current: Arc<Current>) -> io::Result<TlsAcceptor> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(current);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // The best of the ciphers that both know, whatever a browser likes more.
    config.ignore_client_order = true;
    // No session is resumed: a ticket would tell that two visits are of one client, and its key would open what was
    // recorded of both.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has no runtime to hold up")]
mod tests {
    use std::time::Duration;

    use super::*;

    const DAY: u64 = 86_400;

    struct Files {
        dir: tempfile::TempDir,
        now: SystemTime,
    }

    impl Files {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
            Self { dir, now }
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.dir.path().join(name), text).unwrap();
        }

        /// A certificate with its key, for so many days from so many days ahead on.
        fn renew_for(&self, name: &str, from: i64, until: i64) {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut wanted = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
            let today = jiff::Timestamp::try_from(self.now).unwrap();
            let day = |days: i64| {
                let day = (today + jiff::SignedDuration::from_hours(24 * days)).to_zoned(jiff::tz::TimeZone::UTC);
                rcgen::date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
            };
            (wanted.not_before, wanted.not_after) = (day(from), day(until));
            self.write("chain.pem", &wanted.self_signed(&key).unwrap().pem());
            self.write("key.pem", &key.serialize_pem());
        }

        fn renew(&self) {
            self.renew_for("a.example", -10, 80);
        }

        fn load(&self) -> io::Result<Tls> {
            let place = |name: &str| self.dir.path().join(name);
            Tls::load(&place("chain.pem"), &place("key.pem"), &["a.example".to_owned()])
        }

        /// What is in use, looked at once so that it is known to be good.
        fn in_good_use(&self) -> Tls {
            self.renew();
            let tls = self.load().unwrap();
            let looked = tls.look_again(false, self.now);
            assert!(looked.renewal == Renewal::InUse && looked.faults.is_empty() && looked.ending.is_none());
            tls
        }

        fn in_days(&self, days: i64) -> SystemTime {
            let by = Duration::from_secs(days.unsigned_abs() * DAY);
            if days < 0 { self.now - by } else { self.now + by }
        }
    }

    fn in_use(tls: &Tls) -> Vec<u8> {
        let current = tls.current.0.read().unwrap();
        current.end_entity_cert().unwrap().to_vec()
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let files = Files::new();
        let error = |files: &Files| files.load().err().unwrap().to_string();
        assert!(error(&files).contains("chain.pem"));
        files.renew();
        files.write("key.pem", "nonsense");
        assert!(error(&files).contains("key.pem"));
        files.renew();
        assert!(files.load().is_ok());
    }

    #[test]
    fn half_a_renewal_is_told_only_when_it_stays_so() {
        let files = Files::new();
        let tls = files.in_good_use();
        let first = in_use(&tls);
        files.write("key.pem", "half");
        assert_eq!(tls.look_again(false, files.now).renewal, Renewal::Unsettled);
        let refused = |looked: Looked| matches!(looked.renewal, Renewal::Refused(why) if why.contains("key.pem"));
        assert!(refused(tls.look_again(false, files.now)), "still the same");
        assert!(refused(tls.look_again(true, files.now)));
        assert_eq!(in_use(&tls), first, "the old one stays");
        files.renew();
        assert_eq!(tls.look_again(false, files.now).renewal, Renewal::InUse);
        assert_ne!(in_use(&tls), first);
    }

    #[test]
    fn a_renewal_that_browsers_refuse_is_not_taken_up() {
        for (name, from, until, why) in [
            ("a.example", -90, -1, "ended on 2027-01-14"),
            ("a.example", 2, 90, "is valid only from 2027-01-17 on"),
            ("b.example", -1, 90, "is for b.example, not for a.example"),
        ] {
            let files = Files::new();
            let tls = files.in_good_use();
            let first = in_use(&tls);
            files.renew_for(name, from, until);
            let looked = tls.look_again(true, files.now);
            assert!(
                matches!(&looked.renewal, Renewal::Refused(told) if told.contains(why)),
                "{looked:?}"
            );
            assert_eq!(in_use(&tls), first);
            // The control: a good one.
            files.renew_for("a.example", -1, 90);
            assert_eq!(tls.look_again(true, files.now).renewal, Renewal::InUse);
            assert_ne!(in_use(&tls), first);
        }
    }

    /// At the start there is nothing better; whatever is no worse follows it, and a good one ends it.
    #[test]
    fn a_bad_one_is_served_when_there_is_no_better() {
        let files = Files::new();
        files.renew_for("b.example", -90, -1);
        let tls = files.load().unwrap();
        let looked = tls.look_again(false, files.now);
        assert_eq!(looked.faults, ["is for b.example, not for a.example"]);
        assert!(looked.ending.unwrap().contains("ended on 2027-01-14"));
        files.renew_for("a.example", -90, -1);
        let looked = tls.look_again(true, files.now);
        assert!(
            looked.renewal == Renewal::InUse && looked.faults.is_empty(),
            "{looked:?}"
        );
        files.renew();
        let looked = tls.look_again(true, files.now);
        assert!(
            looked.renewal == Renewal::InUse && looked.ending.is_none(),
            "{looked:?}"
        );
    }

    /// Judged by a clock that is months ahead or behind, the good pair in use stays in use before a bad one; and a true
    /// renewal is taken up all the same.
    #[test]
    fn a_wrong_clock_does_not_drop_a_good_pair() {
        for days in [-2000, -100, 100, 2000] {
            let files = Files::new();
            let tls = files.in_good_use();
            let first = in_use(&tls);
            // Whoever hangs up now has the good pair read once more.
            assert_eq!(tls.look_again(true, files.in_days(days)).renewal, Renewal::InUse);
            for (name, from, until) in [("b.example", -3000, 3000), ("a.example", -2200, -1)] {
                files.renew_for(name, from, until);
                let looked = tls.look_again(true, files.in_days(days));
                assert!(
                    matches!(looked.renewal, Renewal::Refused(_)),
                    "{days} {name}: {looked:?}"
                );
                assert_eq!(in_use(&tls), first, "{days} {name}");
            }
            files.renew_for("a.example", -1, 90);
            assert_eq!(
                tls.look_again(true, files.in_days(days)).renewal,
                Renewal::InUse,
                "{days}"
            );
            assert_ne!(in_use(&tls), first);
        }
    }
}
