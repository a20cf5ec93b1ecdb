//! PEM files of certificates and keys, with a sentence for each way in which they can be wrong.

use std::path::{Path, PathBuf};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::explain::{Explained, read_certificates, read_private_key};

/// Why a file, or a pair of them, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read, or is something else.
    #[error("{what}: {remedy}", what = .0.what, remedy = .0.remedy)]
    File(Explained),
    /// A key of a kind that TLS does not use.
    #[error("{file} holds a private key that TLS cannot use: it must be RSA of 2048 bits or more, ECDSA, or Ed25519", file = .0.display())]
    NoKey(PathBuf),
    /// The first certificate is none that rustls reads.
    #[error("{file}: its first certificate cannot be read as X.509", file = .0.display())]
    NotX509(PathBuf),
    /// The key is of another certificate.
    #[error("{file} holds the key of another certificate than {chain}", file = .0.display(), chain = .1.display())]
    OtherKey(PathBuf, PathBuf),
    /// The key's certificate is there, but does not come first.
    #[error("{file}: the certificate of the key stands at place {1} of the file and must come first, before those that signed it", file = .0.display())]
    NotFirst(PathBuf, usize),
}

/// The certificates of a file, in its order; at least one.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    read_certificates(path).map_err(Unusable::File)
}

/// The first private key of a file.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Unusable> {
    read_private_key(path).map_err(Unusable::File)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_wrong_file_has_a_sentence_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.pem");
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
        // In two pieces, so that no search for keys takes this for one.
        let kind = ["ENCRYPTED", "PRIVATE KEY"].join(" ");
        let locked = format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n");
        let told = |text: &str| {
            fs::write(&path, text).unwrap();
            let of_certificate = certificates(&path).err().map(|error| error.to_string());
            let of_key = private_key(&path).err().map(|error| error.to_string());
            (of_certificate.unwrap_or_default(), of_key.unwrap_or_default())
        };
        for (text, no_certificate, no_key) in [
            (
                "",
                "is empty: put the certificate there",
                "is empty: put the private key there",
            ),
            ("no PEM", "holds no certificate", "holds no private key"),
            (
                &locked,
                "holds no certificate but a private key",
                "is protected by a passphrase",
            ),
        ] {
            let (of_certificate, of_key) = told(text);
            assert!(of_certificate.contains(no_certificate), "{text}: {of_certificate}");
            assert!(of_key.contains(no_key), "{text}: {of_key}");
        }
        assert!(told(&certificate[..certificate.len() / 2]).0.contains("cut or changed"));
        // Each certificate begins alike; what comes later is new in each run, and may lack any sign.
        assert!(told(&certificate.replacen("MI", "M!", 1)).0.contains("cut or changed"));
        // The controls.
        assert_eq!(told(&(certificate + &key)), (String::new(), String::new()));
        fs::remove_file(&path).unwrap();
        assert!(certificates(&path).unwrap_err().to_string().contains("is not there"));
    }
}
