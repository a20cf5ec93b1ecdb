//! Certificates and keys in PEM, and what is in the file instead.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::{Explained, cannot_read};

/// Every certificate in a file, at least one. Blocks on the disk.
///
/// # Errors
/// What is wrong with the file.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Explained> {
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(none_of("certificate", path, &bytes)),
        Err(_) => Err(damaged(path)),
    }
}

/// The private key in a file. Blocks on the disk.
///
/// # Errors
/// What is wrong with the file.
pub fn read_private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Explained> {
    let bytes = fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| cannot_read(path, &error))?;
    match PrivateKeyDer::from_pem_slice(&bytes) {
        Ok(key) => Ok(key),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => Err(none_of("private key", path, &bytes)),
        Err(_) => Err(damaged(path)),
    }
}

fn damaged(path: &Path) -> Explained {
    Explained::new(
        format!(
            "{} is damaged: what stands between its BEGIN and END lines is cut or changed",
            path.display()
        ),
        "copy it again, whole and as plain text",
    )
}

fn none_of(wanted: &str, path: &Path, bytes: &[u8]) -> Explained {
    let file = path.display();
    let holds = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Explained::new(format!("{file} is empty"), format!("put the {wanted} there, in PEM"));
    }
    if wanted == "private key" && holds("ENCRYPTED PRIVATE KEY") {
        return Explained::new(
            format!("the key in {file} is protected by a passphrase, which nobody is there to type"),
            format!(
                "take it off (`openssl pkey -in {file} -out NEW`), and keep the file readable for the service alone"
            ),
        );
    }
    // ASN.1: a sequence with a long length.
    if bytes.starts_with(&[0x30, 0x82]) {
        return Explained::new(
            format!("{file} is in DER, not in PEM"),
            "convert it (`openssl x509 -inform der` for a certificate, `openssl pkey -inform der` for a key)",
        );
    }
    let instead = ["PRIVATE KEY", "CERTIFICATE REQUEST", "CERTIFICATE", "PUBLIC KEY"];
    let found = instead.into_iter().find(|mark| holds(&format!("{mark}-----")));
    let found = found.map_or(String::new(), |mark| format!(" but a {}", mark.to_lowercase()));
    Explained::new(
        format!("{file} holds no {wanted}{found}"),
        format!("name the file that holds the {wanted}, in PEM"),
    )
}
