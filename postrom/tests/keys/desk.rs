//! What the tests of this folder have in common: a desk with the program, a form that seals, and a reader.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use postrom::find::find;
use postrom::found::Found;
use postrom::open::open;
use postrom::source::{Body, Input};
use postrom::{Ask, KeyProfile, Keys, KeysError, NewKey, Trust, generate};
use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::CertBuilder;
use openpgp::crypto::Password;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Armorer, Encryptor, LiteralWriter, Message, Signer};

pub(super) const YEAR: Duration = Duration::from_secs(365 * 86_400);
pub(super) const WORDS: &str = "Kjære postmottak";

/// A file under `tests/`.
pub(super) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

pub(super) fn postrom(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postrom"))
        .args(words)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("LANGUAGE")
        .output()
        .unwrap()
}

/// What a program said on both of its streams.
pub(super) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

pub(super) fn made(profile: KeyProfile, passphrase: Option<&str>) -> NewKey {
    generate(
        profile,
        "Postmottak",
        "post@authority.example",
        YEAR,
        passphrase.map(Password::from),
    )
    .unwrap()
}

/// A form's certificate with its secret half.
pub(super) fn relay() -> Cert {
    let form = CertBuilder::new().add_userid("Sikkert skjema <skjema@authority.example>");
    form.add_signing_subkey().generate().unwrap().0
}

/// Loads a file of bytes with one passphrase, or none.
pub(super) fn load(bytes: &[u8], passphrase: Option<&str>) -> Result<Keys, KeysError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("k.key.asc");
    fs::write(&path, bytes).unwrap();
    let mut keys = Keys::default();
    let mut ask = |asked: &Ask<'_>| passphrase.filter(|_| asked.refused == 0).map(Password::from);
    keys.add(&path, &mut ask).map(|_| keys)
}

/// Seals as a form does: signed for its recipient.
pub(super) fn seal(to: &Cert, relay: &Cert) -> Vec<u8> {
    let policy = StandardPolicy::new();
    let mut out = Vec::new();
    let message = Armorer::new(Message::new(&mut out)).build().unwrap();
    let recipients = to.keys().with_policy(&policy, None).for_transport_encryption();
    let message = Encryptor::for_recipients(message, recipients).build().unwrap();
    let mut signing = relay
        .keys()
        .unencrypted_secret()
        .with_policy(&policy, None)
        .for_signing();
    let pair = signing.next().unwrap().key().clone().into_keypair().unwrap();
    let signer = Signer::new(message, pair).unwrap().add_intended_recipient(to);
    let mut message = LiteralWriter::new(signer.build().unwrap()).build().unwrap();
    message.write_all(WORDS.as_bytes()).unwrap();
    message.finalize().unwrap();
    out
}

/// What the keys make of a sealed message; `None` when none of them opens it.
pub(super) fn opened(keys: &Keys, sealed: &[u8]) -> Option<String> {
    let input = Input {
        name: String::new(),
        named: true,
        body: Body::Bytes(sealed.to_vec()),
    };
    let mut found = Vec::new();
    find(&input, &mut |one| found.push(one));
    let [Found::Sealed(sealed)] = found.as_slice() else {
        panic!("not one sealed message");
    };
    let opened = open(&sealed.data, keys, &Trust::default(), &|| false).ok()?;
    let mut text = Vec::new();
    opened.whole(&mut text).unwrap();
    Some(String::from_utf8(text).unwrap())
}
