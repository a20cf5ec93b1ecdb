//! Letters that no form sends: what somebody who has the post room's public key can make.

use std::io::Write;

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Armorer, Compressor, Encryptor, LiteralWriter, Message, Recipient, Signer};
use openpgp::types::{CompressionAlgorithm, Features};

/// A forged letter under construction.
pub struct Forge<'a> {
    pub to: &'a Cert,
    /// Signed by this secret key, for this recipient.
    pub signer: Option<(&'a Cert, &'a Cert)>,
    pub compress: bool,
}

impl Forge<'_> {
    /// Seals a document that is written piece by piece.
    pub fn seal(&self, write: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
        let policy = StandardPolicy::new();
        let mut out = Vec::new();
        let message = Armorer::new(Message::new(&mut out)).build().unwrap();
        let keys = self.to.keys().with_policy(&policy, None).for_storage_encryption();
        let features = Features::empty().set_seipdv1();
        let recipients = keys.map(|key| Recipient::new(features.clone(), key.key().key_handle(), key.key()));
        let mut message = Encryptor::for_recipients(message, recipients).build().unwrap();
        if self.compress {
            message = Compressor::new(message)
                .algo(CompressionAlgorithm::Zip)
                .build()
                .unwrap();
        }
        if let Some((signer, recipient)) = self.signer {
            let key = signer.primary_key().key().clone().parts_into_secret().unwrap();
            let signer = Signer::new(message, key.into_keypair().unwrap()).unwrap();
            message = signer.add_intended_recipient(recipient).build().unwrap();
        }
        let mut message = LiteralWriter::new(message).build().unwrap();
        write(&mut message);
        message.finalize().unwrap();
        out
    }

    pub fn seal_bytes(&self, document: &[u8]) -> Vec<u8> {
        self.seal(|out| out.write_all(document).unwrap())
    }
}

/// A secret key from a file.
pub fn secret(path: &std::path::Path) -> Cert {
    Cert::from_file(path).unwrap()
}

/// A document in the shape of our letters, with this text.
pub fn document(text: &str) -> Vec<u8> {
    format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\nSubject: x\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b--\r\n"
    )
    .into_bytes()
}
