//! Certificates of a database and of those that come to it; of no use outside of a test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// An authority of certificates, which signs for a server's names and for users.
pub struct Certificates {
    authority: String,
    issuer: Issuer<'static, KeyPair>,
    names: Vec<String>,
}

impl Certificates {
    /// Its servers have these names.
    pub fn new(names: &[&str]) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        wanted
            .distinguished_name
            .push(DnType::CommonName, "Database authority of a test");
        let authority = wanted.self_signed(&key).unwrap().pem();
        Self {
            authority,
            issuer: Issuer::new(wanted, key),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Writes the certificate that others are checked by.
    pub fn write_authority(&self, directory: &Path) -> PathBuf {
        let file = directory.join("ca.pem");
        fs::write(&file, &self.authority).unwrap();
        file
    }

    /// Writes what a server needs.
    pub fn write_server(&self, directory: &Path) {
        self.write_authority(directory);
        let wanted = CertificateParams::new(self.names.clone()).unwrap();
        self.write(wanted, directory, "server");
    }

    /// Writes a certificate and a key by which a server knows this user.
    pub fn write_user(&self, directory: &Path, user: &str) -> (PathBuf, PathBuf) {
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.distinguished_name.push(DnType::CommonName, user);
        self.write(wanted, directory, user)
    }

    fn write(&self, wanted: CertificateParams, directory: &Path, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let certificate = wanted.signed_by(&key, &self.issuer).unwrap().pem();
        let files = (
            directory.join(format!("{name}.pem")),
            directory.join(format!("{name}.key")),
        );
        fs::write(&files.0, certificate).unwrap();
        fs::write(&files.1, key.serialize_pem()).unwrap();
        fs::set_permissions(&files.1, fs::Permissions::from_mode(0o600)).unwrap();
        files
    }
}
