//! PEM files of certificates and keys, with a sentence for each way in which they can be wrong.

use std::fs;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a file, or a pair of them, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read.
    #[error("{file} cannot be read: {1}", file = .0.display())]
    Io(PathBuf, std::io::Error),
    /// It is something else.
    #[error("{file} holds no certificate: it must have a block `BEGIN CERTIFICATE` (PEM)", file = .0.display())]
    NoCertificate(PathBuf),
    /// It is something else, or what it holds wants a passphrase.
    #[error("{file} holds no private key that can be used: it must have a block `BEGIN PRIVATE KEY` (PEM), not under a passphrase", file = .0.display())]
    NoKey(PathBuf),
    /// A block is cut off, or was changed.
    #[error("{file} is damaged: {1}", file = .0.display())]
    Damaged(PathBuf, String),
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
    let text = read(path)?;
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| damaged(path, &error))?;
    if found.is_empty() {
        return Err(Unusable::NoCertificate(path.to_owned()));
    }
    Ok(found)
}

/// The first private key of a file.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Unusable> {
    let text = zeroize::Zeroizing::new(read(path)?);
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => Unusable::NoKey(path.to_owned()),
        error => damaged(path, &error),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    fs::read(path).map_err(|error| Unusable::Io(path.to_owned(), error))
}

fn damaged(path: &Path, error: &pem::Error) -> Unusable {
    let why = match error {
        pem::Error::MissingSectionEnd { .. } => "a block has no end; was it copied whole?".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a line with `BEGIN` is not as it must be".to_owned(),
        pem::Error::Base64Decode(_) => "a block is not base64".to_owned(),
        other => other.to_string(),
    };
    Unusable::Damaged(path.to_owned(), why)
}

#[cfg(test)]
mod tests {
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
        for text in ["", "no PEM", &locked] {
            let (of_certificate, of_key) = told(text);
            assert!(
                of_certificate.contains("holds no certificate"),
                "{text}: {of_certificate}"
            );
            assert!(of_key.contains("not under a passphrase"), "{text}: {of_key}");
        }
        assert!(told(&certificate[..certificate.len() / 2]).0.contains("has no end"));
        assert!(told(&certificate.replace('a', "!")).0.contains("not base64"));
        // The controls.
        assert_eq!(told(&(certificate + &key)), (String::new(), String::new()));
        fs::remove_file(&path).unwrap();
        assert!(
            certificates(&path)
                .unwrap_err()
                .to_string()
                .contains("cannot be read: No such file")
        );
    }
}
