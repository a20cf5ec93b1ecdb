//! Keys, seals and mails.

use std::io::Write;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::CertBuilder;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient, Signer};
use openpgp::types::{Features, KeyFlags};
use postrom::KeyProfile;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A post room's key, without a passphrase.
pub fn room(name: &str) -> (Cert, Vec<u8>) {
    let new = postrom::generate(KeyProfile::Compat, name, "post@x.example", YEAR, None).unwrap();
    (new.cert, new.key)
}

/// A relay's signing key, made at this time.
pub fn relay(address: &str, made: SystemTime) -> Cert {
    let (cert, _) = CertBuilder::new()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(made)
        .add_userid(format!("Sikkert skjema <{address}>"))
        .generate()
        .unwrap();
    cert
}

/// How a letter is sealed.
pub struct Seal<'a> {
    pub to: Vec<&'a Cert>,
    pub by: Option<&'a Cert>,
    /// Whom the signature names.
    pub intended: Vec<&'a Cert>,
    pub made: Option<SystemTime>,
}

impl<'a> Seal<'a> {
    /// As a relay does it.
    pub fn by_relay(relay: &'a Cert, to: &'a Cert) -> Self {
        Self {
            to: vec![to],
            by: Some(relay),
            intended: vec![to],
            made: None,
        }
    }

    pub fn unsigned(to: &'a Cert) -> Self {
        Self {
            to: vec![to],
            by: None,
            intended: Vec::new(),
            made: None,
        }
    }

    fn encryptor<'b>(&'b self, out: &'b mut Vec<u8>) -> Message<'b> {
        static POLICY: LazyLock<StandardPolicy<'static>> = LazyLock::new(StandardPolicy::new);
        let keys = self
            .to
            .iter()
            .flat_map(|cert| cert.keys().with_policy(&*POLICY, None).for_storage_encryption());
        let features = Features::empty().set_seipdv1();
        let recipients = keys.map(|key| Recipient::new(features.clone(), key.key().key_handle(), key.key()));
        Encryptor::for_recipients(Message::new(out), recipients)
            .build()
            .unwrap()
    }

    /// The OpenPGP message, without armor.
    pub fn packets(&self, document: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut message = self.encryptor(&mut out);
        if let Some(by) = self.by {
            let key = by.primary_key().key().clone().parts_into_secret().unwrap();
            let mut signer = Signer::new(message, key.into_keypair().unwrap()).unwrap();
            for cert in &self.intended {
                signer = signer.add_intended_recipient(cert);
            }
            if let Some(made) = self.made {
                signer = signer.creation_time(made);
            }
            message = signer.build().unwrap();
        }
        let mut message = LiteralWriter::new(message).build().unwrap();
        message.write_all(document).unwrap();
        message.finalize().unwrap();
        out
    }

    /// A seal around packets that are one themselves.
    pub fn around(&self, packets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut message = self.encryptor(&mut out);
        message.write_all(packets).unwrap();
        message.finalize().unwrap();
        out
    }

    /// The same, as every program reads it.
    pub fn armored(&self, document: &[u8]) -> Vec<u8> {
        armored(&self.packets(document))
    }
}

/// Signed and nothing else.
pub fn signed(by: &Cert, document: &[u8]) -> Vec<u8> {
    let key = by.primary_key().key().clone().parts_into_secret().unwrap();
    let mut out = Vec::new();
    let signer = Signer::new(Message::new(&mut out), key.into_keypair().unwrap()).unwrap();
    let mut message = LiteralWriter::new(signer.build().unwrap()).build().unwrap();
    message.write_all(document).unwrap();
    message.finalize().unwrap();
    out
}

fn armored(packets: &[u8]) -> Vec<u8> {
    let mut writer = openpgp::armor::Writer::new(Vec::new(), openpgp::armor::Kind::Message).unwrap();
    writer.write_all(packets).unwrap();
    writer.finalize().unwrap()
}

/// A mail in the shape of the form's.
pub fn mail(reference: &str, armored: &[u8]) -> Vec<u8> {
    let mut mail = format!(
        "From: Sikkert skjema <skjema@x.example>\r\nTo: post@x.example\r\nSubject: Ny melding {reference}\r\n\
         Date: Sat, 28 Nov 2026 15:00:00 +0100\r\nMessage-ID: <{reference}@x.example>\r\n\
         X-Konvolutt-Reference: {reference}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"grense\"\r\n\r\n\
         --grense\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n\
         --grense\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n"
    )
    .into_bytes();
    let armored = String::from_utf8_lossy(armored)
        .replace("\r\n", "\n")
        .replace('\n', "\r\n");
    mail.extend_from_slice(armored.as_bytes());
    mail.extend_from_slice(b"\r\n--grense--\r\n");
    mail
}
