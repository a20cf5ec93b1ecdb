//! TLS towards the mail server: certificates are always checked, there is no way to switch that off.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};

use crate::explain::{Explained, read_certificates, read_private_key};
use crate::reload::{Look, Reload};
use crate::x509::validity;

/// The settings of every connection: the given authority's certificates alone, or else the system's.
///
/// # Errors
/// When no root certificate can be read.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Explained> {
    configured(ca_file, None)
}

/// The same, for a server that wants to see a certificate of ours.
///
/// # Errors
/// When no root certificate can be read.
pub fn client_config_as(
    identity: &Arc<ClientIdentity>,
    ca_file: Option<&Path>,
) -> Result<Arc<ClientConfig>, Explained> {
    configured(ca_file, Some(identity.clone()))
}

fn configured(ca_file: Option<&Path>, identity: Option<Arc<ClientIdentity>>) -> Result<Arc<ClientConfig>, Explained> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|_| Explained::new("TLS cannot be set up", "this is a fault of the program: report it"))?
        .with_root_certificates(roots(ca_file)?);
    Ok(Arc::new(match identity {
        Some(identity) => builder.with_client_cert_resolver(identity),
        None => builder.with_no_client_auth(),
    }))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, Explained> {
    let mut roots = RootCertStore::empty();
    let found: Vec<CertificateDer<'static>> = match ca_file {
        Some(path) => read_certificates(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(found);
    if !roots.is_empty() {
        return Ok(roots);
    }
    Err(match ca_file {
        Some(path) => Explained::new(
            format!("no certificate in {} can be used", path.display()),
            "name the certificate of the authority that signed the server's, in PEM",
        ),
        None => Explained::new(
            "this machine knows no authority that signs certificates",
            "install ca-certificates, or name your own authority's certificate as `ca_file`",
        ),
    })
}

/// A certificate that says who we are, with its key (PEM). A renewed one is shown without a restart.
pub struct ClientIdentity {
    certificate: PathBuf,
    key: PathBuf,
    shown: RwLock<Arc<CertifiedKey>>,
    /// Held over a look at the files, so never on a thread of the runtime.
    files: Mutex<Reload>,
    /// What was said of new files that cannot be used: once is enough.
    said: Mutex<Option<String>>,
}

impl ClientIdentity {
    /// Reads both.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, Explained> {
        let (files, shown) = Reload::begin(&[certificate, key], || read_both(certificate, key))?;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            shown: RwLock::new(shown),
            files: Mutex::new(files),
            said: Mutex::default(),
        })
    }

    /// Where they lie.
    pub fn files(&self) -> [&Path; 2] {
        [&self.certificate, &self.key]
    }

    /// The last second of the certificate that is shown; none when that cannot be told.
    pub fn until(&self) -> Option<u64> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner).clone();
        let own = shown.end_entity_cert().ok().and_then(validity);
        own.map(|validity| validity.until)
    }

    /// Reads files that have changed; those that cannot be used leave the last good ones. Blocks on the disk.
    pub fn look_again(&self) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || read_both(&self.certificate, &self.key);
        match files.look(&self.files(), false, fresh) {
            Look::Same => self.say(None),
            Look::New(fresh) => {
                *self.shown.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                tracing::info!("the client certificate was read again");
                self.say(None);
            }
            // Both are seldom written in one step.
            Look::Refused { settled: false, .. } => {}
            Look::Refused { error, .. } => self.say(Some(error.to_string())),
        }
    }

    fn say(&self, wrong: Option<String>) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wrong) = wrong.as_ref().filter(|wrong| said.as_ref() != Some(*wrong)) {
            tracing::warn!("the new client certificate is not used: {wrong}");
        }
        *said = wrong;
    }
}

fn read_both(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, Explained> {
    let chain = read_certificates(certificate)?;
    let private = read_private_key(key)?;
    let both = CertifiedKey::from_der(chain, private, &provider());
    both.map(Arc::new).map_err(|_| {
        let (certificate, key) = (certificate.display(), key.display());
        Explained::new(
            format!("the key in {key} is not that of the certificate in {certificate}"),
            "name a certificate and the key that it was made for",
        )
    })
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the client certificate in {}", self.certificate.display())
    }
}

impl ResolvesClientCert for ClientIdentity {
    /// Also where the server's hints do not name who signed it: the server says no then, and why.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
