//! TLS of our own, so that no proxy in front sees or spools what was typed.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Reads the certificate chain and its key (PEM).
///
/// # Errors
/// Names the file that cannot be used.
pub fn acceptor(chain: &Path, key: &Path) -> io::Result<TlsAcceptor> {
    let named = |path: &Path, error: String| io::Error::other(format!("{}: {error}", path.display()));
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| named(chain, format!("{error:?}")))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, format!("{error:?}")))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| named(chain, error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
