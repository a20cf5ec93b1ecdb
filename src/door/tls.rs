//! TLS of our own, so that no proxy in front sees or spools what was typed. A renewed certificate is used without a
//! restart.
//!
//! Comes in: a chain and a key (PEM). Goes out: what the accept loop needs. What always holds: files that cannot be used leave
//! the last good certificate in use.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::reload::{Look, Reload};

/// A certificate chain with its key (PEM), as it is in use and as it is on disk.
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
    /// Held over a look at the files, so never on a thread of the runtime.
    files: Mutex<Reload>,
    acceptor: TlsAcceptor,
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
    /// Reads chain and key.
    ///
    /// # Errors
    /// Names the file that cannot be used.
    pub fn load(chain: &Path, key: &Path) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (files, first) = Reload::begin(&[chain, key], || read(chain, key, &provider))?;
        let current = Arc::new(Current(RwLock::new(first)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // The best of the ciphers that both know, whatever a browser likes more.
        config.ignore_client_order = true;
        // No session is resumed: a ticket would tell that two visits are of one client, and its key would open what was
        // recorded of both.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current,
            files: Mutex::new(files),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// What the accept loop needs.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Reads files that have changed; with `now` also those that look unchanged. New connections then get the new
    /// certificate, and running ones go on. True when what is on disk is what is in use. Blocks on the disk.
    ///
    /// # Errors
    /// The new files cannot be used, and the old certificate stays. Chain and key are seldom written in one step, so
    /// this is said only of files that look the same as at the last look.
    pub fn look_again(&self, now: bool) -> io::Result<bool> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let provider = self.acceptor.config().crypto_provider();
        let fresh = || read(&self.chain, &self.key, provider);
        match files.look(&[&self.chain, &self.key], now, fresh) {
            Look::Same => Ok(true),
            Look::New(fresh) => {
                *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                tracing::info!("the TLS certificate was read again");
                Ok(true)
            }
            Look::Refused { error, settled } if now || settled => Err(error),
            Look::Refused { .. } => Ok(false),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "at the start, then on the thread that looks after the site"
)]
fn read(chain: &Path, key: &Path, provider: &CryptoProvider) -> io::Result<Arc<CertifiedKey>> {
    let named = |path: &Path, error: String| io::Error::other(format!("{}: {error}", path.display()));
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| named(chain, format!("{error:?}")))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, format!("{error:?}")))?;
    // Also finds a key that belongs to another certificate.
    let both = CertifiedKey::from_der(certificates, private, provider).map_err(|e| named(chain, e.to_string()))?;
    Ok(Arc::new(both))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has no runtime to hold up")]
mod tests {
    use super::*;

    struct Files(tempfile::TempDir);

    impl Files {
        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.path().join(name), text).unwrap();
        }

        /// A new certificate with its key.
        fn renew(&self) {
            let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
            self.write("chain.pem", &own.cert.pem());
            self.write("key.pem", &own.signing_key.serialize_pem());
        }

        fn load(&self) -> io::Result<Tls> {
            Tls::load(&self.0.path().join("chain.pem"), &self.0.path().join("key.pem"))
        }
    }

    fn in_use(tls: &Tls) -> Vec<u8> {
        let current = tls.current.0.read().unwrap();
        current.end_entity_cert().unwrap().to_vec()
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let files = Files(tempfile::tempdir().unwrap());
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
        let files = Files(tempfile::tempdir().unwrap());
        files.renew();
        let tls = files.load().unwrap();
        let first = in_use(&tls);
        assert!(tls.look_again(false).unwrap(), "unchanged");
        files.write("key.pem", "half");
        assert!(!tls.look_again(false).unwrap(), "perhaps being written");
        assert!(tls.look_again(false).is_err(), "still the same");
        assert!(tls.look_again(true).is_err());
        assert_eq!(in_use(&tls), first, "the old one stays");
        files.renew();
        assert!(tls.look_again(false).unwrap());
        assert_ne!(in_use(&tls), first);
    }
}
