//! TLS towards the database: its certificate is always checked, there is no way to switch that off.

use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::{Host, Login, Settings};
use crate::x509;

/// For one connection: files that were renewed are read as they are now.
pub(super) fn connector(settings: &Settings, login: &Login) -> io::Result<MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(settings.ca.as_deref())?);
    let config = match &login.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = x509::certificates(certificate).map_err(unusable)?;
            let private = x509::private_key(key).map_err(unusable)?;
            builder.with_client_auth_cert(chain, private).map_err(unusable)?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// The system's own lie in many places: they are read once, before a sandbox shuts them out.
static SYSTEM: LazyLock<RootCertStore> = LazyLock::new(x509::system_roots);

/// Reads now what may not be there to be read later.
pub(super) fn prepare(settings: &Settings) {
    let over_the_net = settings.hosts.iter().any(|host| matches!(host, Host::Net(..)));
    if settings.ca.is_none() && over_the_net {
        LazyLock::force(&SYSTEM);
    }
}

fn roots(ca: Option<&Path>) -> io::Result<RootCertStore> {
    let Some(ca) = ca else {
        return Ok(SYSTEM.clone());
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(x509::certificates(ca).map_err(unusable)?);
    Ok(roots)
}

/// The error names its file.
fn unusable(error: impl std::error::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
