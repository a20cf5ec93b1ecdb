//! The document within a mail, decrypted by the library alone: what was sealed, before the post room makes anything of it.

use openpgp::crypto::SessionKey;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::Parse;
use openpgp::parse::stream::{DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper};
use openpgp::policy::StandardPolicy;
use openpgp::types::SymmetricAlgorithm;
use openpgp::{Cert, KeyHandle};
use postrom::Keys;
use sequoia_openpgp as openpgp;

/// Decrypts the one sealed part of a mail, and holds it against the relay's certificate.
pub fn plain(mail: &[u8], keys: &Keys, relay: &Cert) -> Vec<u8> {
    let text = std::str::from_utf8(mail).unwrap();
    let sealed = &text[text.find("-----BEGIN PGP MESSAGE-----").unwrap()..];
    let policy = StandardPolicy::new();
    let helper = Reader { keys, relay };
    let builder = DecryptorBuilder::from_bytes(sealed.as_bytes()).unwrap();
    let mut decryptor = builder.with_policy(&policy, None, helper).unwrap();
    let mut document = Vec::new();
    std::io::copy(&mut decryptor, &mut document).unwrap();
    document
}

struct Reader<'a> {
    keys: &'a Keys,
    relay: &'a Cert,
}

impl VerificationHelper for Reader<'_> {
    fn get_certs(&mut self, _: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        // The recipients' are asked for too, to see whom the letter was made for.
        Ok([std::slice::from_ref(self.relay), self.keys.certs()].concat())
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        let mut signed = structure.into_iter().filter_map(|layer| match layer {
            MessageLayer::SignatureGroup { results } => Some(results),
            _ => None,
        });
        let good = signed
            .next()
            .is_some_and(|results| !results.is_empty() && results.iter().all(Result::is_ok));
        assert!(good, "not signed by the relay");
        Ok(())
    }
}

impl DecryptionHelper for Reader<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        for (cert, mut pair) in self.keys.pairs() {
            for pkesk in pkesks {
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, key)| decrypt(algorithm, &key)) {
                    return Ok(Some(cert.clone()));
                }
            }
        }
        Err(openpgp::Error::InvalidOperation("no key".into()).into())
    }
}
